import type { Right } from "../../src/auth/roles.ts";
import type { Purpose } from "../../src/auth/tokens.ts";

/**
 * Every address of the portal and who may use it. `test/house.test.ts` holds this table against the router's own, so a
 * new route must say here who it is for before any test passes; everybody in `people.ts` then knocks at it, and what
 * they must be answered follows from `who`, `answers` and the table of rights in src/auth/roles.ts.
 *
 * A new door is one line: `"POST /users/:id/role": { who: "manage", answers: 422, names: "user" }`.
 * - An address is knocked at with `form` (or nothing) by everybody, many times: what is answered then must change
 *   nothing that the next one needs, so send what is refused (422) or leads back (303).
 * - `:parameter` becomes what `names` says, of the account of whoever knocks; another account's, another dealer's and
 *   nobody's must be answered alike, by 404. It becomes `given` where it is no account's, and `x` otherwise.
 * - The parameter of a link in a mail is `:token`, and `link` says for which purposes: links of other purposes,
 *   altered, used, old and other dealers' ones must be answered 410, and looking must change nothing.
 */

/**
 * `public`: anybody. A right (`enter see pay edit manage`): signed in with it on the account in view. `user`: whoever is
 * signed in, staff as well. `staff`: the office. `machine`: no session counts.
 */
type Who = "public" | Right | "user" | "staff" | "machine";

export type Door = {
  who: Who;
  /** What it answers to those it is for: a page, a PDF, or a status; a machine's door, to those without its secret. */
  answers: "page" | "pdf" | 200 | 303 | 400 | 401 | 404 | 410 | 422;
  /** What its parameter names; one more is added to `samplesOf` in people.ts. */
  names?: "account" | "invoice" | "payment" | "user";
  /** What stands for its parameter where that names nothing of an account: `google`. */
  given?: string;
  /** Which links its `:token` may be. */
  link?: Purpose[];
  /** It shows all accounts of whoever looks, not only the one in view. */
  showsAllAccounts?: boolean;
  /** Queries that a page must survive and that must not open anything. */
  queries?: string[];
  /** Its form is sent from another site's page, a provider's; what proves it is not ours to give out. */
  fromElsewhere?: true;
  /** What a form must hold to be read at all. */
  form?: Record<string, string>;
};

const AFTER_ALL = ["?after=0000-01-01~", "?after=9999-12-31~zzzz", "?after=%27%20or%201%3D1--", "?after=%00"];
const BEFORE_ALL = ["?before=9999-12-31~zzzz", "?before=0000-01-01~a", "?before=%27%20or%201%3D1--", "?before=%25"];

export const DOORS: Record<string, Door> = {
  "GET /": { who: "enter", answers: "page", queries: ["?account_id=1&q=%27"] },

  "GET /sign-in": { who: "public", answers: "page", queries: ["?signed-out", "?next=%2Finvoices"] },
  "POST /sign-in": { who: "public", answers: 422, form: { email: "nobody@example.com", password: "not this" } },
  "POST /sign-out": { who: "public", answers: 303 },
  "GET /forgot-password": { who: "public", answers: "page" },
  "POST /forgot-password": { who: "public", answers: 200, form: { email: "nobody@example.com" } },
  "GET /passwords/:token": { who: "public", answers: 410, link: ["password", "registration", "temporary"] },
  "POST /passwords/:token": { who: "public", answers: 410, link: ["password", "registration", "temporary"] },
  "GET /register": { who: "public", answers: "page", queries: ["?customer=CR-10105&key=%3Cscript%3E", "?key=%00"] },
  "POST /register": { who: "public", answers: 200, form: { by: "email", email: "nobody@example.com" } },
  "GET /email-addresses/:token": { who: "public", answers: 410, link: ["email"] },
  "POST /email-addresses/:token": { who: "public", answers: 410, link: ["email"] },
  "GET /invitations/:token": { who: "public", answers: 410, link: ["invitation"] },
  "POST /invitations/:token": { who: "public", answers: 410, link: ["invitation"] },
  "GET /users": { who: "manage", answers: "page", queries: ["?said=invited", "?said=constructor"] },
  "POST /users": { who: "manage", answers: 422, form: { email: "nobody", name: "Nobody", role: "viewer" } },
  "GET /users/:id": { who: "manage", answers: "page", names: "user" },
  "POST /users/:id/role": { who: "manage", answers: 422, names: "user", form: { role: "king" } },
  "POST /users/:id/invitation": { who: "manage", answers: 422, names: "user" },
  "POST /users/:id/removal": { who: "manage", answers: 422, names: "user" },
  "GET /accounts": {
    who: "user",
    answers: "page",
    showsAllAccounts: true,
    queries: ["?back=%2Finvoices", "?after=%00"],
  },
  "POST /accounts/in-view": { who: "user", answers: 404, form: { account: "CR-10090", back: "/invoices" } },
  "GET /contact-us": { who: "public", answers: "page" },

  "GET /google": { who: "public", answers: 303, queries: ["?next=%2Finvoices"] },
  "GET /google/callback": { who: "public", answers: 422, queries: ["?state=x&code=y", "?error=access_denied"] },
  "GET /microsoft": { who: "public", answers: 303 },
  "GET /microsoft/callback": { who: "public", answers: 422 },
  "GET /apple": { who: "public", answers: 303 },
  "GET /apple/callback": { who: "public", answers: 422 },
  "POST /apple/callback": { who: "public", answers: 303, fromElsewhere: true, form: { state: "x", code: "y" } },
  "GET /sign-in/second-step": { who: "public", answers: 303 },
  "POST /sign-in/second-step": { who: "public", answers: 303, form: { code: "123456" } },
  "GET /profile/identities": { who: "user", answers: "page", queries: ["?said=linked", "?said=constructor"] },
  "POST /profile/identities/:provider/removal": { who: "user", answers: 303, given: "google" },
  "GET /profile/two-step": { who: "user", answers: "page", queries: ["?off"] },
  "POST /profile/two-step": { who: "user", answers: 303 },
  "POST /profile/two-step/confirmation": { who: "user", answers: 422, form: { code: "no code" } },
  "POST /profile/two-step/recovery-codes": { who: "user", answers: 422, form: { code: "no code" } },
  "POST /profile/two-step/removal": { who: "user", answers: 303 },

  "GET /profile": { who: "user", answers: "page", queries: ["?said=contact", "?said=constructor"] },
  "GET /profile/name": { who: "user", answers: "page" },
  "POST /profile/name": { who: "user", answers: 422, form: { name: " " } },
  "GET /profile/language": { who: "user", answers: "page" },
  "POST /profile/language": { who: "user", answers: 303, form: { language: "none of ours" } },
  "GET /profile/password": { who: "user", answers: "page" },
  "POST /profile/password": { who: "user", answers: 422, form: { current: "not this", password: "short" } },
  "GET /profile/email": { who: "user", answers: "page" },
  "POST /profile/email": { who: "user", answers: 422, form: { current: "not this", email: "no address" } },
  "GET /profile/sessions": { who: "user", answers: "page", queries: ["?ended"] },
  "POST /profile/sessions": { who: "user", answers: 303, form: { end: "0000000000000000" } },
  "GET /profile/contact": { who: "edit", answers: "page" },
  "POST /profile/contact": { who: "edit", answers: 422, form: { zip: "none" } },

  "GET /invoices": { who: "see", answers: "page", queries: [...AFTER_ALL, "?said=unclear", "?said=constructor"] },
  "GET /invoices/paid": { who: "see", answers: "page", queries: BEFORE_ALL },
  "GET /invoices/all": { who: "see", answers: "page", queries: BEFORE_ALL },
  "GET /invoices/:file{.+\\.pdf}": { who: "see", answers: "pdf", names: "invoice" },
  "GET /invoices/:number": { who: "see", answers: "page", names: "invoice" },

  "GET /payments": { who: "see", answers: "page", queries: BEFORE_ALL },
  "POST /payments": { who: "pay", answers: 422, form: { payment_id: "pay_01kb3x9q0e4m8n2t7w5z" } },
  "GET /payments/:id": { who: "see", answers: "page", names: "payment", queries: ["?at=bank"] },
  "GET /payments/:id/return": { who: "see", answers: 303, names: "payment" },
  "GET /payments/:id/continuation": { who: "pay", answers: 303, names: "payment" },
  "POST /payments/:id/cancellation": { who: "pay", answers: 303, names: "payment" },

  "GET /payment-methods": { who: "pay", answers: "page", queries: ["?said=added", "?said=constructor"] },
  "GET /payment-methods/new": { who: "pay", answers: "page", queries: ["?instead=pm_0", "?instead=%27"] },
  "POST /payment-methods": { who: "pay", answers: 422, form: { setup_id: "set_01kb3x9q0e4m8n2t7w5z" } },
  "GET /payment-methods/:id/return": { who: "pay", answers: 404 },
  "GET /payment-methods/:id/continuation": { who: "pay", answers: 404 },
  "POST /payment-methods/:id/default": { who: "pay", answers: 404 },
  "POST /payment-methods/:id/removal": { who: "pay", answers: 404 },
  "POST /payment-methods/:id/removal/withdrawal": { who: "pay", answers: 404 },

  "GET /autopay": { who: "see", answers: "page", queries: ["?said=on", "?said=constructor"] },
  "GET /autopay/enrolment": { who: "pay", answers: "page", queries: ["?back=1&method=%27&others=%3Cscript%3E"] },
  "POST /autopay": { who: "pay", answers: 422, form: { method: "nothing" } },
  "GET /autopay/authorization": { who: "see", answers: "page" },
  "POST /autopay/stopping": { who: "pay", answers: 303 },
  "POST /autopay/drafts/:month/agreement": { who: "pay", answers: 303, given: "2026-12" },
  "POST /autopay/drafts/:month/payment": {
    who: "pay",
    answers: 303,
    given: "2026-12",
    form: { payment_id: "pay_01kb3x9q0e4m8n2t7w5z" },
  },

  "GET /receipts": { who: "see", answers: "page", queries: BEFORE_ALL },
  "GET /receipts/:file{.+\\.pdf}": { who: "see", answers: "pdf", names: "payment" },
  "GET /receipts/:id": { who: "see", answers: "page", names: "payment" },

  "GET /pay/:secret": { who: "public", answers: 410 },
  "POST /pay/:secret": { who: "public", answers: 410 },
  "GET /pay/:secret/payments/:id": { who: "public", answers: 404 },
  "GET /pay/:secret/payments/:id/return": { who: "public", answers: 404 },

  "GET /scheduled-payments/new": { who: "pay", answers: 303 },
  "POST /scheduled-payments": { who: "pay", answers: 303, form: { scheduled_id: "sch_01kb3x9q0e4m8n2t7w5z" } },
  "POST /scheduled-payments/:id/cancellation": { who: "pay", answers: 303 },

  "GET /statement": {
    who: "see",
    answers: "page",
    queries: [
      "?kind=balance_forward",
      "?kind=constructor",
      "?from=2024-01-01&to=2100-01-01&kind=open_item",
      ...AFTER_ALL,
    ],
  },
  "GET /statement.pdf": { who: "see", answers: "pdf" },
  "GET /statement.csv": { who: "see", answers: 200 },

  "GET /credits": { who: "see", answers: "page" },

  "GET /office": { who: "staff", answers: "page" },
  "POST /office/worklist/closing": { who: "staff", answers: 303, form: { id: "nothing" } },
  "GET /office/accounts/:number/pay-links": {
    who: "staff",
    answers: "page",
    names: "account",
    queries: ["?said=mailed", "?said=constructor"],
  },
  "POST /office/accounts/:number/pay-links": { who: "staff", answers: 303, names: "account" },
  "POST /office/accounts/:number/pay-links/withdrawal": { who: "staff", answers: 303, names: "account" },
  "POST /office/accounts/:number/pay-links/letter": { who: "staff", answers: 303, names: "account" },
  "POST /office/accounts/:number/pay-links/text": {
    who: "staff",
    answers: 303,
    names: "account",
    form: { asked: "1" },
  },
  "GET /office/export": { who: "staff", answers: "page", queries: ["?before=1", "?before=%27"] },
  "POST /office/export": { who: "staff", answers: 303 },
  "GET /office/export.csv": { who: "staff", answers: 200, queries: ["?fetch=at_1", "?fetch=%27"] },
  "POST /office/export/deliveries": { who: "staff", answers: 303 },
  "GET /office/webhook": { who: "staff", answers: "page", queries: ["?said=saved", "?said=constructor"] },
  "POST /office/webhook": { who: "staff", answers: 303, form: { url: "" } },
  "POST /office/webhook/secret": { who: "staff", answers: 303 },
  "POST /office/webhook/test": { who: "staff", answers: 303 },

  "GET /office/accounts": { who: "staff", answers: "page", queries: ["?q=%25", "?q=%27%20or%201%3D1--"] },
  "GET /office/accounts/:number": { who: "staff", answers: "page", names: "account", queries: ["?said=constructor"] },
  "POST /office/accounts/:number/registration-key": { who: "staff", answers: 303, names: "account" },
  "POST /office/accounts/:number/master": { who: "staff", answers: 303, names: "account", form: { master: "none" } },
  "POST /office/accounts/:number/two-step-removal": { who: "staff", answers: 303, names: "account" },
  "POST /office/accounts/:number/card-payments": { who: "staff", answers: 303, names: "account" },
  "POST /office/accounts/:number/payment-methods/removal": { who: "staff", answers: 303, names: "account" },
  "POST /office/accounts/:number/scheduled-payments/cancellation": { who: "staff", answers: 303, names: "account" },
  "POST /office/accounts/:number/invitations": { who: "staff", answers: 303, names: "account" },
  "GET /office/accounts/:number/money": {
    who: "staff",
    answers: "page",
    names: "account",
    queries: ["?said=credit_given", "?said=constructor"],
  },
  "POST /office/accounts/:number/credits": { who: "staff", answers: 303, names: "account", form: { amount: "none" } },
  "POST /office/accounts/:number/credit-uses": { who: "staff", answers: 303, names: "account", form: { amount: "0" } },
  "POST /office/accounts/:number/credit-uses/removal": { who: "staff", answers: 303, names: "account" },
  "GET /office/payments/:id": {
    who: "staff",
    answers: "page",
    names: "payment",
    queries: ["?said=refund_made", "?said=constructor"],
  },
  "POST /office/payments/:id/refunds": { who: "staff", answers: 303, names: "payment", form: { amount: "1.00" } },
  "GET /office/worklist/:id": { who: "staff", answers: 404 },
  "POST /office/worklist/:id/bank": { who: "staff", answers: 404 },
  "POST /office/invitations": { who: "staff", answers: 303 },
  "GET /office/registrations": { who: "staff", answers: "page", queries: ["?said=constructor"] },
  "POST /office/registrations/:id/decision": { who: "staff", answers: 303, form: { decision: "refuse" } },
  "GET /office/autopay": { who: "staff", answers: "page", queries: ["?said=rules", "?said=constructor"] },
  "POST /office/autopay/rules": { who: "staff", answers: 303, form: { day: "40" } },
  "GET /office/draft-days/:on": { who: "staff", answers: 404 },
  "POST /office/draft-days/:on/letting-go": { who: "staff", answers: 404 },
  "GET /office/accounts/:number/autopay": {
    who: "staff",
    answers: "page",
    names: "account",
    queries: ["?said=constructor"],
  },
  "GET /office/accounts/:number/agreements": {
    who: "staff",
    answers: "page",
    names: "account",
    queries: ["?before=1796137200~agr_0", "?before=%27"],
  },
  "POST /office/accounts/:number/autopay/day": { who: "staff", answers: 303, names: "account", form: { day: "40" } },
  "POST /office/accounts/:number/autopay/stopping": { who: "staff", answers: 303, names: "account" },
  "POST /office/accounts/:number/autopay/draft": { who: "staff", answers: 303, names: "account" },
  "GET /office/money-settings": { who: "staff", answers: "page", queries: ["?said=saved", "?said=constructor"] },
  "POST /office/money-settings": { who: "staff", answers: 303, form: { pace: "0" } },
  "GET /office/lockouts": { who: "staff", answers: "page" },
  "POST /office/lockouts/lifting": { who: "staff", answers: 303, form: { key: "nothing" } },
  "GET /office/access": { who: "staff", answers: "page", queries: ["?said=saved", "?said=constructor"] },
  "POST /office/access": { who: "staff", answers: 303, form: { registerByKey: "1", registerByEmail: "1" } },

  "GET /office/payment-methods": { who: "staff", answers: "page", queries: ["?said=removed", "?said=constructor"] },
  "POST /office/payment-methods/:id/removal": { who: "staff", answers: 303, form: { decision: "remove" } },
  "POST /office/payment-methods/rule": { who: "staff", answers: 303 },

  "GET /office/audit": {
    who: "staff",
    answers: "page",
    queries: [
      "?account=CR-10052&group=payments&who=staff&before=1796137200~5000",
      "?group=machine&who=machine&before=1796137200~5000",
      "?group=constructor&who=%27&account=%27&before=%27",
    ],
  },
  "GET /office/audit.csv": { who: "staff", answers: 200, queries: ["?account=CR-10052&who=usr_0"] },
  "GET /office/contact-changes": { who: "staff", answers: "page", queries: ["?before=con_0", "?before=%27"] },
  "GET /office/contact-changes.csv": { who: "staff", answers: 200 },

  "POST /api/v1/imports": { who: "machine", answers: 401 },
  "GET /api/v1/imports/:id/wrong-rows.csv": { who: "machine", answers: 401 },
  "GET /api/v1/payments": { who: "machine", answers: 401 },
  "GET /api/v1/contact-changes": { who: "machine", answers: 401 },

  "POST /webhooks/stripe": { who: "machine", answers: 400 },
};

/** A door's address, with what its parameter names in place. */
export const addressOf = (name: string, named: string): string =>
  name
    .slice(name.indexOf(" ") + 1)
    .replace(":file{.+\\.pdf}", `${encodeURIComponent(named)}.pdf`)
    .replace(/:\w+/, encodeURIComponent(named));

export const methodOf = (name: string): string => name.slice(0, name.indexOf(" "));

/** What stands for a door's parameter when somebody of whom these are the samples knocks. */
export const namedBy = (door: Door, samples: Record<NonNullable<Door["names"]>, string>): string =>
  door.names ? samples[door.names] : (door.given ?? "x");

/** Whether a door is for those who have a right on the account in view. */
export const rightOf = ({ who }: Door): Right | null =>
  who === "public" || who === "user" || who === "staff" || who === "machine" ? null : who;
