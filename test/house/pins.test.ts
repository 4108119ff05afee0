import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from "drizzle-kit/api";
import { getTableName, is } from "drizzle-orm";
import { SQLiteTable } from "drizzle-orm/sqlite-core/table";
import { getTableConfig } from "drizzle-orm/sqlite-core/utils";
import { describe, expect, test } from "vitest";
import * as schema from "../../db/schema.ts";
import { cronLines } from "../../dev/portal-worker.ts";
import { type FailureReason, failureReason } from "../../src/billing/failure-reasons.ts";
import { problemText } from "../../src/billing/pay-form.ts";
import type { PayResult } from "../../src/billing/pay-invoices.ts";
import { type PaymentRefusal, type PlanProblem, refusalOf } from "../../src/billing/rules.ts";
import { CRON, jobsOf } from "../../src/jobs.ts";
import { cents } from "../../src/money.ts";
import { en } from "../../views/text/en.ts";
import { es } from "../../views/text/es.ts";
import { type Text, textIn } from "../../views/text/language.ts";

const root = resolve(import.meta.dirname, "../..");

test("the cron lines of wrangler.toml are the ones that jobs.ts knows, and each starts something for every dealer", () => {
  expect(cronLines(root).sort()).toEqual(Object.keys(CRON).sort());
  for (const line of Object.keys(CRON)) {
    const jobs = jobsOf(line, ["one", "two"]);
    expect(jobs.length, line).toBeGreaterThan(1);
    expect(jobs.filter((job) => job.dealer === "one").length).toBe(jobs.length / 2);
  }
  expect(jobsOf("* * * * *", ["one"])).toEqual([]);
});

test("what wrangler.toml binds is what the Worker reads", () => {
  const toml = readFileSync(join(root, "wrangler.toml"), "utf8");
  const bound = [...toml.matchAll(/^(?:binding|name) = "([A-Z_]+)"/gm)].map((match) => match[1]!);
  const config = readFileSync(join(root, "src/config.ts"), "utf8");
  const type = /type Bindings = \{([\s\S]*?)\n\};/.exec(config)![1]!;
  const read = [...type.matchAll(/^ {2}([A-Z_]+)\??: (?!string)/gm)].map((match) => match[1]!);
  expect(bound.sort()).toEqual(read.sort());
});

describe("the schema", () => {
  const tables = Object.values(schema).filter((value) => is(value, SQLiteTable));

  test("is what the last migration made: nothing is left to generate", async () => {
    const journal = JSON.parse(readFileSync(join(root, "db/migrations/meta/_journal.json"), "utf8")) as {
      entries: { idx: number; tag: string }[];
    };
    const last = journal.entries.at(-1)!;
    const file = `db/migrations/meta/${String(last.idx).padStart(4, "0")}_snapshot.json`;
    const migrated = JSON.parse(readFileSync(join(root, file), "utf8"));
    const now = await generateSQLiteDrizzleJson(schema, migrated.id);
    expect(Object.keys(now.tables).length).toBe(tables.length);
    expect(await generateSQLiteMigration(migrated, now)).toEqual([]);
  });

  /** A customer cannot bring these about; when one refuses, it is our bug, and an error says so. */
  const AGAINST_BUGS = [
    "access_settings_first_password_known",
    "access_settings_one_row",
    "account_status_known",
    "agreement_kind_known",
    "allocation_has_one_source",
    "allocation_not_zero",
    "autopay_ceiling_positive",
    "autopay_covers_something",
    "autopay_draft_day",
    "credit_not_overallocated",
    "credit_positive",
    "draft_item_positive",
    "draft_positive",
    "draft_state_known",
    "hold_positive",
    "identity_provider_known",
    "invoice_kind_known",
    "invoice_line_whole_cents",
    "invoice_status_known",
    "invoice_unsent_is_empty",
    "invoice_void_is_empty",
    "invoice_whole_cents",
    "ledger_line_kind_known",
    "membership_role_known",
    "message_channel_known",
    "message_state_known",
    "money_settings_apply_credit_known",
    "money_settings_draft_day",
    "money_settings_draft_day_rule_known",
    "money_settings_one_row",
    "money_settings_pace",
    "money_settings_statement_kind_known",
    "money_settings_stopping_known",
    "payment_kind_known",
    "payment_method_kind_known",
    "payment_moves_money_once_settled",
    "payment_not_overallocated",
    "payment_positive",
    "payment_state_known",
    "refund_positive",
    "refund_state_known",
    "registration_state_known",
    "return_positive",
    "return_state_known",
    "return_takes_no_more_than_itself",
    "return_won_is_back",
    "rows_matched",
    "scheduled_item_positive",
    "scheduled_payment_state_known",
    "settings_accent_hex",
    "settings_minimum_payment",
    "settings_one_row",
    "setup_state_known",
    "sign_in_how_known",
    "staff_role_known",
    "token_purpose_known",
    "user_email_lower",
    "user_language_known",
    "webhook_delivery_state_known",
    "worklist_kind_known",
  ];

  /** Those that a verb outside of billing answers in its own words. */
  const SPOKEN_FOR: Record<string, string> = {
    tries_left: en.signIn.tooMany(15),
    link_usable: en.access.password.dead,
    owner_left: en.people.users.problems.last_owner,
  };

  test("names every CHECK for people: each has a sentence for the customer, or guards against a bug", () => {
    const checks = tables.flatMap((table) => getTableConfig(table).checks.map((one) => one.name));
    expect(new Set(checks).size).toBe(checks.length);
    const silent = checks.filter((name) => refusalOf(name) === null && !(name in SPOKEN_FOR));
    expect(silent.sort()).toEqual(AGAINST_BUGS);
    expect(checks.length).toBeGreaterThan(silent.length);
  });

  test("lets a customer's rows be deleted by nobody", () => {
    const cascades = tables.flatMap((table) =>
      getTableConfig(table)
        .foreignKeys.filter((key) => (key.onDelete ?? "no action") !== "no action" && key.onDelete !== "restrict")
        .map((key) => `${getTableName(table)}: ${key.getName()}`),
    );
    expect(cascades).toEqual([]);
  });
});

describe("what a customer is told", () => {
  const languages = [en, es] as Text[];

  // A code that is added to the type without a line here does not compile.
  const REFUSALS: Record<PaymentRefusal | Extract<PayResult, { result: "refused" }>["refusal"] | "unclear", true> = {
    invoice_changed: true,
    method_gone: true,
    payment_over: true,
    vendor_away: true,
    records_away: true,
    unclear: true,
  };
  const number = "INV-1";
  const owed = cents(1234);
  const PROBLEMS: Record<PlanProblem["code"], PlanProblem> = {
    nothing_chosen: { code: "nothing_chosen" },
    amount_missing: { code: "amount_missing", number },
    amount_unreadable: { code: "amount_unreadable", number },
    total_unreadable: { code: "total_unreadable" },
    more_than_owed: { code: "more_than_owed", number, cents: owed },
    more_than_all: { code: "more_than_all", cents: owed },
    too_far_ahead: { code: "too_far_ahead", cents: owed },
    partial_not_allowed: { code: "partial_not_allowed", number, cents: owed },
    below_minimum: { code: "below_minimum", cents: owed },
  };
  const REASONS: Record<FailureReason, string> = {
    card_declined: "generic_decline",
    insufficient_funds: "insufficient_funds",
    expired_card: "expired_card",
    incorrect_cvc: "incorrect_cvc",
    incorrect_number: "incorrect_number",
    lost_or_stolen: "stolen_card",
    authentication_failed: "authentication_required",
    not_finished: "checkout_expired",
    no_account: "no_account",
    account_closed: "account_closed",
    debit_not_authorized: "debit_not_authorized",
    limit: "card_velocity_exceeded",
    try_later: "processing_error",
    other: "a code of next year's",
  };

  test("about a refusal is a sentence in every language", () => {
    for (const t of languages) {
      expect(Object.keys(t.pay.refusals).sort()).toEqual(Object.keys(REFUSALS).sort());
      for (const sentence of Object.values(t.pay.refusals)) expect(sentence).toMatch(/^\p{Lu}.{10,}\.$/u);
    }
  });

  test("about a form that cannot be paid names the invoice and the amount", () => {
    for (const t of languages) {
      expect(Object.keys(t.pay.problems).sort()).toEqual([...Object.keys(PROBLEMS), "choose_method"].sort());
      for (const problem of Object.values(PROBLEMS)) {
        const sentence = problemText(problem, t);
        expect(sentence).toMatch(/^\p{Lu}.{10,}\.$|^INV-1 .{10,}\.$/u);
        if ("number" in problem && problem.number) expect(sentence).toContain(problem.number);
        if ("cents" in problem) expect(sentence).toContain("$12.34");
      }
    }
  });

  test("about a payment that failed says why, whatever the vendor calls it", () => {
    for (const [reason, code] of Object.entries(REASONS)) expect(failureReason(code)).toBe(reason);
    expect(failureReason(null)).toBe("other");
    for (const t of languages) {
      expect(Object.keys(t.payment.reasons).sort()).toEqual(Object.keys(REASONS).sort());
      for (const sentence of Object.values(t.payment.reasons)) expect(sentence).toMatch(/^\p{Lu}.{10,}\.$/u);
    }
  });
});

describe("the catalogues", () => {
  /** What is the same in both languages because it is a name, a number or the same word. */
  const THE_SAME = new Set([
    "pay.brands.visa",
    "pay.brands.mastercard",
    "pay.brands.amex",
    "pay.brands.discover",
    "pay.brands.diners",
    "pay.brands.jcb",
    "pay.brands.unionpay",
    "invoice.subtotal",
    "invoice.total",
    "invoices.total",
    "mail.total",
    "mail.sign",
    "ways.providers.google",
    "ways.providers.microsoft",
    "ways.providers.apple",
  ]);

  /** Every sentence by its path; those with something to fill in are filled with marks. */
  function sentences(text: object, path = ""): [string, string][] {
    return Object.entries(text).flatMap(([name, value]): [string, string][] => {
      const at = path ? `${path}.${name}` : name;
      if (typeof value === "string") return [[at, value]];
      if (typeof value !== "function") return sentences(value as object, at);
      // Numbers count as several: the singular differs less between languages.
      return [[at, String(value(...Array.from({ length: value.length }, (_, i) => 41 + i)))]];
    });
  }

  test("have the same sentences, each saying what it is given", () => {
    const [english, spanish] = [sentences(en), sentences(es)];
    expect(spanish.map(([path]) => path).sort()).toEqual(english.map(([path]) => path).sort());
    const spanishAt = new Map(spanish);
    for (const [path, sentence] of [...english, ...spanish]) expect(sentence.trim().length, path).toBeGreaterThan(0);
    for (const [path, sentence] of english) {
      const marks = (text: string) => [...new Set(text.match(/\b4[1-9]\b/g))].sort();
      expect(marks(spanishAt.get(path)!), path).toEqual(marks(sentence));
    }
  });

  test("leave nothing in English", () => {
    const english = new Map(sentences(en));
    const left = sentences(es).filter(([path, sentence]) => english.get(path) === sentence && !THE_SAME.has(path));
    expect(left).toEqual([]);
    const known = new Map(sentences(es));
    expect([...THE_SAME].filter((path) => known.get(path) !== english.get(path))).toEqual([]);
  });

  test("are chosen by their language's name", () => {
    expect(textIn("en").signIn.title).toBe("Sign in");
    expect(textIn("es").signIn.title).toBe(es.signIn.title);
  });
});
