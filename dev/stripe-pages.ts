import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type Stripe from "stripe";
import { completeSession, submit } from "./stripe-checkout.ts";
import { StripeFailure } from "./stripe-failure.ts";
import { authenticated } from "./stripe-intents.ts";
import { awaitsDeposits, setupAuthenticated, typeDeposits } from "./stripe-setups.ts";
import { type Bank, idOf } from "./stripe-state.ts";
import { TEST_METHODS, TEST_ROUTING_NUMBER, type TestMethod, testMethodNumbered } from "./stripe-test-methods.ts";

/** What the hosted pages need: the accounts whose sessions they show. */
type PagesEnv = { banks: Bank[] };

type Html = ReturnType<typeof html>;

/** `1234` as `$12.34`. */
export const inDollars = (amount: number): string =>
  new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" }).format(amount / 100);

/** A whole page of the stand-in: plain, no script, readable on a phone, and clear that no money moves. */
export function document(title: string, body: Html, lang = "en"): Html {
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Stripe stand-in</title>
<style>
:root { color-scheme: light; --line: #cfd4dc; --ink: #1a1f36; --soft: #4f566b; --go: #4b45d1; }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: #f6f8fb; }
.notice { background: #ffe08a; padding: .5rem 1rem; text-align: center; font-weight: 600; }
main { max-width: 28rem; margin: 0 auto; padding: 1rem; }
main.wide { max-width: 72rem; }
h1 { font-size: 1.15rem; margin: .5rem 0 0; font-weight: 600; }
h2 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
.amount { font-size: 2.25rem; font-weight: 700; margin: 0 0 .5rem; letter-spacing: -.02em; }
.soft { color: var(--soft); font-size: .9rem; margin: .25rem 0; }
.card { background: #fff; border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin: 1rem 0; }
.problem { background: #fdecea; border: 1px solid #d1483b; color: #8c1d13; border-radius: .5rem; padding: .6rem .8rem; }
fieldset { border: 0; margin: 0; padding: 0; }
.kind { display: flex; gap: .6rem; align-items: center; font-weight: 600; min-height: 2.75rem; }
.kind input { width: 1.2rem; height: 1.2rem; margin: 0; }
label.field { display: block; margin: .6rem 0; font-size: .9rem; color: var(--soft); }
.field input, .field select { display: block; width: 100%; min-height: 2.75rem; padding: .5rem .6rem; margin-top: .2rem;
  font: inherit; color: var(--ink); background: #fff; border: 1px solid var(--line); border-radius: .4rem; }
button, .button { display: block; width: 100%; min-height: 3rem; padding: .6rem 1rem; margin: .6rem 0; font: inherit; font-weight: 600;
  border: 1px solid var(--go); border-radius: .5rem; background: var(--go); color: #fff; text-align: center; text-decoration: none; cursor: pointer; }
button.plain, .button.plain { background: #fff; color: var(--ink); border-color: var(--line); }
button:focus-visible, a:focus-visible, input:focus-visible, select:focus-visible { outline: 3px solid #9a95ff; outline-offset: 2px; }
hr { border: 0; border-top: 1px solid var(--line); margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.number { text-align: right !important; font-variant-numeric: tabular-nums; }
td form { display: inline-block; margin: 0 .3rem .3rem 0; }
td button, .row button { width: auto; display: inline-block; min-height: 2.2rem; margin: 0; padding: .25rem .7rem; font-size: .85rem; }
.row { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; }
.row .field { margin: 0; flex: 1 1 9rem; }
.scroll { overflow-x: auto; }
@media (max-width: 48rem) {
  .stacked thead { display: none; }
  .stacked tr { display: block; background: #fff; border: 1px solid var(--line); border-radius: .5rem; padding: .4rem .8rem; margin: .5rem 0; }
  .stacked td { display: inline-block; border: 0; padding: .15rem .8rem .15rem 0; overflow-wrap: anywhere; }
  .stacked td:empty { display: none; }
}
</style>
</head>
<body>
<header class="notice">Stripe stand-in — no real money</header>
${body}
</body>
</html>`;
}

/** Checkout and 3-D Secure as a customer meets them, without JavaScript. */
export const pages = new Hono<{ Bindings: PagesEnv }>();

const gone = (c: Context, sentence: string) =>
  c.html(document("Not here", html`<main><h1>${sentence}</h1></main>`), 404);

pages.notFound((c) => gone(c, "The stand-in has no such page."));

type Open = { bank: Bank; session: Stripe.Checkout.Session };

function sessionCalled(banks: Bank[], id: string): Open | null {
  for (const bank of banks) {
    const session = bank.book.sessions[id];
    if (session) return { bank, session };
  }
  return null;
}

const successOf = (session: Stripe.Checkout.Session): string =>
  session.success_url?.replaceAll("{CHECKOUT_SESSION_ID}", session.id) ?? "/";

pages.get("/c/pay/:id", (c) => {
  const open = sessionCalled(c.env.banks, c.req.param("id"));
  if (!open) return gone(c, "There is no such checkout.");
  const { session } = open;
  const lang = session.locale === "es" ? "es" : "en";
  if (session.status !== "open") {
    const done = session.status === "complete";
    const back = done ? successOf(session) : session.cancel_url;
    return c.html(
      document(
        "Checkout",
        html`<main><h1>${done ? "This checkout is finished." : "This checkout has expired."}</h1>
<p>${done ? "Nothing more is charged here." : "Nothing was charged. Go back to start again."}</p>
${back ? html`<a class="button" href="${back}">Back to the portal</a>` : ""}</main>`,
        lang,
      ),
    );
  }
  return c.html(document("Checkout", checkout(open), lang));
});

function checkout({ bank, session }: Open): Html {
  const plan = bank.book.sessionPlans[session.id]!;
  const intent = bank.book.intents[idOf(session.payment_intent) ?? ""];
  const setup = bank.book.setupIntents[idOf(session.setup_intent) ?? ""];
  const problem = (intent?.last_payment_error ?? setup?.last_setup_error)?.message;
  const saving = session.mode === "setup" || plan.save;
  const both = session.payment_method_types.length > 1;
  const email = bank.book.customers[idOf(session.customer) ?? ""]?.email;
  return html`<main>
<h1>${plan.itemName}</h1>
${session.amount_total === null ? "" : html`<p class="amount">${inDollars(session.amount_total)}</p>`}
<p class="soft">Paid to ${bank.name}${email ? html` by ${email}` : ""}</p>
${problem ? html`<p class="problem" role="alert">${problem}</p>` : ""}
<form method="post" class="card">
${session.payment_method_types.includes("card") ? methodFields("card", true, both) : ""}
${both ? html`<hr>` : ""}
${
  session.payment_method_types.includes("us_bank_account")
    ? methodFields("us_bank_account", !session.payment_method_types.includes("card"), both, session.mode === "setup")
    : ""
}
${session.billing_address_collection === "required" ? billingAddress() : ""}
${saving ? html`<p class="soft">It will be saved for later payments.</p>` : ""}
<button>${session.amount_total === null ? "Save" : `Pay ${inDollars(session.amount_total)}`}</button>
${session.cancel_url ? html`<a class="button plain" href="${session.cancel_url}">Cancel</a>` : ""}
</form>
<p class="soft">Every number here is one of Stripe's test numbers.</p>
</main>`;
}

const billingAddress = (): Html => html`<fieldset><hr><strong>Billing address</strong>
<label class="field">Street <input name="line1" autocomplete="off" value="1 Demonstration Way"></label>
<label class="field">City <input name="city" autocomplete="off" value="Springvale"></label>
<label class="field">State <input name="state" autocomplete="off" value="OH" size="2"></label>
<label class="field">ZIP <input name="postal_code" autocomplete="off" inputmode="numeric" value="45000"></label></fieldset>`;

function methodFields(kind: TestMethod["kind"], chosen: boolean, both: boolean, verifies = false): Html {
  const card = kind === "card";
  const name = card ? "card" : "account";
  const checked = chosen ? "checked" : "";
  return html`<fieldset>
${
  both
    ? html`<label class="kind"><input type="radio" name="kind" value="${kind}" ${checked}> ${card ? "Card" : "US bank account"}</label>`
    : html`<input type="hidden" name="kind" value="${kind}"><strong>${card ? "Card" : "US bank account"}</strong>`
}
${
  card
    ? html`<label class="field">Card number <input name="card_number" inputmode="numeric" autocomplete="off" value="4242 4242 4242 4242"></label>
<label class="field">Expires (MM/YY, empty: in three years) <input name="expires" inputmode="numeric" autocomplete="off" size="5"></label>`
    : html`<label class="field">Routing number <input name="routing_number" inputmode="numeric" autocomplete="off" value="${TEST_ROUTING_NUMBER}"></label>
<label class="field">Account number <input name="account_number" inputmode="numeric" autocomplete="off" value="000123456789"></label>`
}
<label class="field">Or a test case <select name="${name}_case"><option value="">the number above</option>
${TEST_METHODS.filter((one) => one.kind === kind).map(
  (one) => html`<option value="${one.token}">${one.label} (…${one.number.slice(-4)})</option>`,
)}</select></label>
${
  verifies && !card
    ? html`<label class="field">Verify <select name="verify"><option value="">now, with your bank</option>
<option value="deposits">with two small deposits, in a day or two</option></select></label>`
    : ""
}
</fieldset>`;
}

/** The test card or account that a submitted form means. */
function chosenMethod(form: Record<string, unknown>, types: readonly string[]): TestMethod | null {
  const kind = form.kind === "us_bank_account" ? "us_bank_account" : "card";
  if (!types.includes(kind)) return null;
  const token = kind === "card" ? form.card_case : form.account_case;
  const typed = kind === "card" ? form.card_number : form.account_number;
  if (token) return TEST_METHODS.find((one) => one.kind === kind && one.token === token) ?? null;
  if (kind === "us_bank_account" && form.routing_number !== TEST_ROUTING_NUMBER) return null;
  return testMethodNumbered(kind, String(typed ?? "")) ?? null;
}

/** What a submitted form says beside the number: a card's date, the billing address, how to verify a bank account. */
function typedBeside(form: Record<string, unknown>): NonNullable<Parameters<typeof submit>[3]> {
  const text = (name: string) => String(form[name] ?? "").trim();
  const date = /^(\d{1,2})\s*\/\s*(\d{2})$/.exec(text("expires"));
  const [line1, city, state, postal_code] = [text("line1"), text("city"), text("state"), text("postal_code")];
  return {
    ...(date ? { expiry: { month: Number(date[1]), year: 2000 + Number(date[2]) } } : {}),
    ...(line1 && city && state && postal_code
      ? { address: { line1, line2: null, city, state, postal_code, country: "US" } }
      : {}),
    deposits: form.verify === "deposits",
  };
}

pages.post("/c/pay/:id", async (c) => {
  const form = await c.req.parseBody();
  const open = sessionCalled(c.env.banks, c.req.param("id"));
  if (!open) return gone(c, "There is no such checkout.");
  const { bank, session } = open;
  const here = `/c/pay/${session.id}`;
  const test = chosenMethod(form, session.payment_method_types);
  const typed = typedBeside(form);
  if (!test || (session.billing_address_collection === "required" && !typed.address)) {
    const again = html`<main><p class="problem" role="alert">${
      test ? "The billing address is incomplete." : "That is not one of Stripe's test numbers."
    }</p>
<a class="button" href="${here}">Try again</a></main>`;
    return c.html(document("Checkout", again), 422);
  }
  try {
    if (session.status === "open") submit(bank, session, test, typed);
  } catch (problem) {
    // The reason is shown on the page, which reads it from the intent; the checkout stays open for another try.
    if (!(problem instanceof StripeFailure)) throw problem;
    return c.redirect(here, 303);
  }
  const waiting = idOf(session.payment_intent) ?? idOf(session.setup_intent);
  if (session.status === "open") return c.redirect(`/3ds/${waiting}`, 303);
  return c.redirect(session.status === "complete" ? successOf(session) : here, 303);
});

type Waiting = { bank: Bank; intent: Stripe.PaymentIntent | Stripe.SetupIntent };

function intentCalled(banks: Bank[], id: string): Waiting | null {
  for (const bank of banks) {
    const intent = bank.book.intents[id] ?? bank.book.setupIntents[id];
    if (intent) return { bank, intent };
  }
  return null;
}

/** The setup that waits at an address for its small deposits to be typed in. */
function depositsAt(banks: Bank[], id: string): { bank: Bank; setup: Stripe.SetupIntent } | null {
  const waiting = intentCalled(banks, id);
  if (waiting?.intent.object !== "setup_intent" || !awaitsDeposits(waiting.intent)) return null;
  return { bank: waiting.bank, setup: waiting.intent };
}

pages.get("/deposits/:id", (c) => {
  const waiting = depositsAt(c.env.banks, c.req.param("id"));
  if (!waiting) return gone(c, "No deposits are waiting to be typed in here.");
  const problem = c.req.query("wrong") !== undefined;
  return c.html(
    document(
      "Verify your bank account",
      html`<main><h1>Verify your bank account</h1>
${problem ? html`<p class="problem" role="alert">Those are not the amounts. Look at your statement again.</p>` : ""}
<p>${waiting.bank.name} has sent two small deposits, called ACCTVERIFY on your statement.</p>
<form method="post" class="card">
<label class="field">First amount in cents <input name="first" inputmode="numeric" autocomplete="off" value="32"></label>
<label class="field">Second amount in cents <input name="second" inputmode="numeric" autocomplete="off" value="45"></label>
<button>Verify</button></form>
<p class="soft">In the town 32 and 45 are right, and 10 and 11 are the end of it.</p></main>`,
    ),
  );
});

pages.post("/deposits/:id", async (c) => {
  const form = await c.req.parseBody();
  const waiting = depositsAt(c.env.banks, c.req.param("id"));
  if (!waiting) return gone(c, "No deposits are waiting to be typed in here.");
  const { bank, setup } = waiting;
  if (typeDeposits(bank, setup, [Number(form.first), Number(form.second)]))
    return c.html(
      document("Verified", html`<main><h1>Your bank account is verified.</h1><p>You may close this page.</p></main>`),
    );
  if (awaitsDeposits(setup)) return c.redirect(`/deposits/${setup.id}?wrong`, 303);
  return c.html(document("Not verified", html`<main><h1>Your bank account could not be verified.</h1></main>`));
});

pages.get("/3ds/:id", (c) => {
  const waiting = intentCalled(c.env.banks, c.req.param("id"));
  if (waiting?.intent.status !== "requires_action") return gone(c, "Your bank is not waiting for you here.");
  const { bank, intent } = waiting;
  const amount = intent.object === "payment_intent" ? ` a payment of ${inDollars(intent.amount)}` : " saving this card";
  return c.html(
    document(
      "3-D Secure",
      html`<main><h1>Your bank asks: is this you?</h1>
<p>${bank.name} asks for${amount}. A real bank would send a code or open its app.</p>
<form method="post">
<button name="result" value="complete">Complete</button>
<button class="plain" name="result" value="fail">Fail</button>
</form></main>`,
    ),
  );
});

pages.post("/3ds/:id", async (c) => {
  const passed = (await c.req.parseBody()).result === "complete";
  const waiting = intentCalled(c.env.banks, c.req.param("id"));
  if (waiting?.intent.status !== "requires_action") return gone(c, "Your bank is not waiting for you here.");
  const { bank, intent } = waiting;
  const back = intent.next_action?.redirect_to_url?.return_url;
  const session = bank.book.sessions[bank.book.sessionOf[intent.id] ?? ""];
  const went = cameBack(bank, intent, passed);
  if (session) {
    if (went && session.status === "open") completeSession(bank, session);
    return c.redirect(went ? successOf(session) : `/c/pay/${session.id}`, 303);
  }
  if (!back)
    return c.html(document("3-D Secure", html`<main><h1>${went ? "Done." : "Not authenticated."}</h1></main>`));
  const url = new URL(back);
  url.searchParams.set(intent.object, intent.id);
  url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret ?? "");
  url.searchParams.set("redirect_status", went ? "succeeded" : "failed");
  return c.redirect(url.toString(), 303);
});

function cameBack(bank: Bank, intent: Waiting["intent"], passed: boolean): boolean {
  try {
    if (intent.object === "payment_intent") authenticated(bank, intent, passed);
    else setupAuthenticated(bank, intent, passed);
    return true;
  } catch (problem) {
    if (problem instanceof StripeFailure) return false;
    throw problem;
  }
}
