import type { AutopayChoices } from "../../views/billing/agree-to-autopay.tsx";
import type { LocalDate } from "../calendar.ts";
import { parseCents, plainAmount } from "../money.ts";
import type { AutopayRow, LatestDraft } from "./autopay.ts";
import { firstDraftOn, lastDayToChange, monthOf, nextDraftDays } from "./draft-day-rules.ts";

/** The choices as they were sent, by either step of the form. */
export const readChoices = (form: URLSearchParams): AutopayChoices => ({
  method: form.get("method") ?? "",
  day: form.get("day") ?? "",
  monitoring: form.get("monitoring") === "1",
  others: (form.get("others") ?? "").slice(0, 16),
  ask: (form.get("ask") ?? "").slice(0, 16),
});

/** The choices that an arrangement stands for; without one, what most people want. */
export const choicesOf = (on: AutopayRow | null, usualMethod: string, usualDay: number): AutopayChoices => ({
  method: on?.methodId ?? usualMethod,
  day: String(on?.draftDay ?? usualDay),
  monitoring: on?.monitoring ?? true,
  others: on?.othersUpToCents ? plainAmount(on.othersUpToCents) : "",
  ask: on?.askAboveCents ? plainAmount(on.askAboveCents) : "",
});

export type ChoicesProblem = "method" | "day" | "covers" | "others" | "ask";

/** What the choices come to, or the first thing that is wrong with them. A day that is fixed is not the form's to say. */
export function checkChoices<Method extends { id: string }>(
  choices: AutopayChoices,
  methods: readonly Method[],
  fixedDay: number | null,
) {
  const refuse = (problem: ChoicesProblem) => ({ ok: false as const, problem });
  const method = methods.find((one) => one.id === choices.method);
  if (!method) return refuse("method");
  const draftDay = fixedDay ?? (/^([1-9]|1\d|2[0-8])$/.test(choices.day) ? Number(choices.day) : null);
  if (draftDay === null) return refuse("day");
  const others = choices.others.trim() === "" ? 0 : parseCents(choices.others);
  if (others === null || others < 0) return refuse("others");
  if (!choices.monitoring && others === 0) return refuse("covers");
  const ask = choices.ask.trim() === "" ? null : parseCents(choices.ask);
  if (choices.ask.trim() !== "" && (ask === null || ask <= 0)) return refuse("ask");
  const { monitoring } = choices;
  return { ok: true as const, wish: { method, draftDay, monitoring, othersUpToCents: others, askAboveCents: ask } };
}

/**
 * When an arrangement that is agreed to today begins to draft. `firstDraftOn` is what is kept: drafts before it are not
 * of this arrangement. `nextOn` is what the customer is told: a draft that is announced already counts, where a change
 * still does.
 */
export function beginning(
  today: LocalDate,
  draftDay: number,
  on: AutopayRow | null,
  drafts: readonly Pick<LatestDraft, "draftOn" | "state" | "id">[],
): { firstDraftOn: LocalDate; nextOn: LocalDate } {
  // The name of a draft ends in its month.
  const taken = drafts.map((draft) => draft.id.slice(-7));
  const next = (from: LocalDate | null) => nextDraftDays(today, draftDay, from, taken, 1)[0]!;
  if (!on) {
    const first = next(firstDraftOn(today, draftDay));
    return { firstDraftOn: first, nextOn: first };
  }
  const before = on.firstDraftOn as LocalDate | null;
  const first = on.draftDay === draftDay && before ? before : next(before && (`${monthOf(before)}-01` as LocalDate));
  const announced = drafts.find(
    (draft) =>
      (draft.state === "announced" || draft.state === "asking") && lastDayToChange(draft.draftOn as LocalDate) >= today,
  );
  return { firstDraftOn: first, nextOn: (announced?.draftOn as LocalDate | undefined) ?? next(first) };
}
