/** What a database client asks of a Hrana stream, as far as it is looked at here. https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_2_SPEC.md */
type Statement = { sql?: string; sql_id?: number; want_rows?: boolean };
export type Condition =
  | { type: "ok"; step: number }
  | { type: "not"; cond: Condition }
  | { type: "or"; conds: Condition[] };
export type Step = { stmt: Statement; condition?: Condition };
export type Question =
  | { type: "store_sql"; sql_id: number; sql: string }
  | { type: "execute"; stmt: Statement }
  | { type: "batch"; batch: { steps: Step[] } }
  | { type: "close_sql" | "close" };
export type Asked = { requests: Question[] };
export type StepResults = { step_results: (object | null)[]; step_errors: (object | null)[] };
export type Result = { type: "error"; error: object } | { type: "ok"; response: { type: string; result?: unknown } };
export type Answered = { baton: string | null; base_url: string | null; results: Result[] };

/** What there is nothing to do about, when a stream ends with its trip and texts stand where they are used. */
export const LEFT_OUT = new Set(["store_sql", "close_sql", "close"]);

/** Texts that were stored under a number are put where they are used: on a shared stream the numbers would meet. */
export function withTexts(questions: Question[]): Question[] {
  const texts = new Map<number, string>();
  for (const asked of questions) if (asked.type === "store_sql") texts.set(asked.sql_id, asked.sql);
  const withText = ({ sql_id, ...statement }: Statement): Statement =>
    sql_id === undefined ? statement : { ...statement, sql: texts.get(sql_id) };
  return questions.map((asked) => {
    if (asked.type === "execute") return { ...asked, stmt: withText(asked.stmt) };
    if (asked.type !== "batch") return asked;
    return { ...asked, batch: { steps: asked.batch.steps.map((step) => ({ ...step, stmt: withText(step.stmt) })) } };
  });
}
