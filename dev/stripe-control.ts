import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type Stripe from "stripe";
import { bounce, endDebit, totals } from "./stripe-bank-debits.ts";
import { failRefund } from "./stripe-charges.ts";
import { decide } from "./stripe-disputes.ts";
import { redeliver } from "./stripe-events.ts";
import { StripeFailure } from "./stripe-failure.ts";
import { FAULT_KINDS, type FaultKind, type Faults } from "./stripe-faults.ts";
import { renewCard } from "./stripe-methods.ts";
import { document, inDollars } from "./stripe-pages.ts";
import { type Bank, type DeliveryMode, idOf } from "./stripe-state.ts";
import { testMethod } from "./stripe-test-methods.ts";

/** What the control page works on. */
type ControlEnv = {
  banks: Bank[];
  faults: Faults;
  setDelivery: (mode: DeliveryMode) => void;
  drainWebhooks: () => Promise<number>;
};

const MODES = ["normal", "late", "twice", "out_of_order", "dropped"] as const;
const LATE_SECONDS = 600;
/** How many payments and events the page shows. */
const SHOWN = 50;

/**
 * The developer's side of the bank: JSON for scripts, forms for people. A form gets a redirect back to the page, a
 * script gets JSON.
 */
export const control = new Hono<{ Bindings: ControlEnv }>().basePath("/_bank");

control.onError((error, c) => {
  if (!(error instanceof StripeFailure)) throw error;
  return c.json({ error: error.body }, 409);
});

control.notFound((c) => c.json({ error: { message: "The bank's control has no such address." } }, 404));

const fromPage = (c: Context): boolean => (c.req.header("accept") ?? "").includes("text/html");
const answer = (c: Context, value: object) => (fromPage(c) ? c.redirect("/_bank", 303) : c.json(value));

/** Form fields or a JSON body, whichever came. */
async function given(c: Context): Promise<Record<string, unknown>> {
  if ((c.req.header("content-type") ?? "").includes("json")) return c.req.json();
  return c.req.parseBody();
}

function summary(bank: Bank, intent: Stripe.PaymentIntent) {
  const charge = bank.book.charges[idOf(intent.latest_charge) ?? ""];
  const methodId = charge?.payment_method ?? idOf(intent.payment_method) ?? "";
  return {
    account: bank.name,
    id: intent.id,
    amount: intent.amount,
    status: intent.status,
    disputed: charge?.disputed ?? false,
    refunded: charge?.amount_refunded ?? 0,
    open_dispute:
      Object.values(bank.book.disputes).find(
        (one) => idOf(one.charge) === charge?.id && !["won", "lost"].includes(one.status),
      )?.id ?? null,
    last_refund:
      Object.values(bank.book.refunds).findLast((one) => idOf(one.charge) === charge?.id && one.status !== "failed")
        ?.id ?? null,
    kind: bank.book.methods[methodId]?.type ?? null,
    method: testMethod(bank.book.traits[methodId]?.token ?? "")?.label ?? null,
    problem: intent.last_payment_error?.message ?? null,
    description: intent.description,
    payment_id: intent.metadata.payment_id ?? null,
    customer: bank.book.customers[idOf(intent.customer) ?? ""]?.name ?? null,
    created: intent.created,
  };
}

type Summary = ReturnType<typeof summary>;

const payments = (banks: Bank[]): Summary[] =>
  banks
    .flatMap((bank) => Object.values(bank.book.intents).map((intent) => summary(bank, intent)))
    .reverse()
    .sort((a, b) => b.created - a.created);

function events(banks: Bank[]) {
  return banks
    .flatMap((bank) =>
      Object.values(bank.book.events).map((event) => ({
        account: bank.name,
        id: event.id,
        type: event.type,
        object: "id" in event.data.object ? event.data.object.id : null,
        created: event.created,
        deliveries: bank.book.deliveries.filter((one) => one.eventId === event.id),
      })),
    )
    .reverse()
    .sort((a, b) => b.created - a.created);
}

const sums = (banks: Bank[]) => banks.map((bank) => ({ account: bank.name, ...totals(bank) }));

control.get("/payments", (c) => c.json(payments(c.env.banks)));
control.get("/events", (c) => c.json(events(c.env.banks)));
control.get("/totals", (c) => c.json(sums(c.env.banks)));
control.get("/faults", (c) => c.json(c.env.faults.list()));
control.get("/delivery", (c) => c.json(c.env.banks[0]?.delivery ?? { mode: "normal" }));

function intentCalled(banks: Bank[], id: string): { bank: Bank; intent: Stripe.PaymentIntent } {
  for (const bank of banks) {
    const intent = bank.book.intents[id];
    if (intent) return { bank, intent };
  }
  throw new StripeFailure(404, { type: "invalid_request_error", message: `No such payment: ${id}` }, false);
}

/** Settles a bank debit that is on its way, now. */
control.post("/payments/:id/settle", (c) => {
  const { bank, intent } = intentCalled(c.env.banks, c.req.param("id"));
  endDebit(bank, intent, null);
  return answer(c, summary(bank, intent));
});

/** Fails a bank debit that is on its way, now; `code` is one of Stripe's failure codes. */
control.post("/payments/:id/fail", async (c) => {
  const { code } = await given(c);
  const { bank, intent } = intentCalled(c.env.banks, c.req.param("id"));
  endDebit(bank, intent, typeof code === "string" && code ? code : "insufficient_funds");
  return answer(c, summary(bank, intent));
});

/** The customer's bank takes a settled payment back, now; `amount` in cents where not all of it. */
control.post("/payments/:id/bounce", async (c) => {
  const { reason, amount } = await given(c);
  const { bank, intent } = intentCalled(c.env.banks, c.req.param("id"));
  const cents = amount ? Number(amount) : undefined;
  bounce(bank, intent, typeof reason === "string" && reason ? reason : "insufficient_funds", cents);
  return answer(c, summary(bank, intent));
});

function bankWith(banks: Bank[], of: "refunds" | "disputes", id: string): Bank {
  const bank = banks.find((one) => one.book[of][id]);
  if (bank) return bank;
  throw new StripeFailure(404, { type: "invalid_request_error", message: `No such object: ${id}` }, false);
}

/** A refund comes back, now; `reason` is one of Stripe's. */
control.post("/refunds/:id/fail", async (c) => {
  const { reason } = await given(c);
  const id = c.req.param("id");
  const bank = bankWith(c.env.banks, "refunds", id);
  return answer(c, failRefund(bank, id, typeof reason === "string" && reason ? reason : "lost_or_stolen_card"));
});

/** A card's dispute ends, now, for the dealer or against. */
for (const verdict of ["won", "lost"] as const) {
  control.post(`/disputes/:id/${verdict}`, (c) => {
    const id = c.req.param("id");
    return answer(c, decide(bankWith(c.env.banks, "disputes", id), id, verdict));
  });
}

/** The bank of a saved card issues a new one, now. */
control.post("/methods/:id/renewal", (c) => {
  for (const bank of c.env.banks) {
    const method = bank.book.methods[c.req.param("id")];
    if (method) return answer(c, renewCard(bank, method));
  }
  return c.json({ error: { message: "No such method." } }, 404);
});

/** Plans a fault: `match`, `kind`, `times` (empty: until cleared), `seconds`. */
control.post("/faults", async (c) => {
  const { match, kind, times, seconds } = await given(c);
  const known = FAULT_KINDS.find((one) => one === kind);
  if (!known) return c.json({ error: { message: `kind is one of ${FAULT_KINDS.join(", ")}` } }, 400);
  const fault: { match: string; kind: FaultKind; times: number | null } = {
    match: typeof match === "string" && match ? match : "*",
    kind: known,
    times: times === "" || times === null ? null : Number(times ?? 1),
  };
  c.env.faults.add(seconds ? { ...fault, seconds: Number(seconds) } : fault);
  return answer(c, c.env.faults.list());
});

const clearFaults = (c: Context<{ Bindings: ControlEnv }>) => {
  c.env.faults.clear();
  return answer(c, []);
};
control.delete("/faults", clearFaults);
control.post("/faults/clear", clearFaults);

/** Sets how events travel: `mode`, and `seconds` when late. */
control.post("/delivery", async (c) => {
  const { mode, seconds } = await given(c);
  const known = MODES.find((one) => one === mode);
  if (!known) return c.json({ error: { message: `mode is one of ${MODES.join(", ")}` } }, 400);
  const chosen: DeliveryMode =
    known === "late" ? { mode: "late", seconds: Number(seconds || LATE_SECONDS) } : { mode: known };
  c.env.setDelivery(chosen);
  return answer(c, chosen);
});

/** Delivers what is due, now. */
control.post("/deliver", async (c) => answer(c, { delivered: await c.env.drainWebhooks() }));

/** Delivers one event again. */
control.post("/events/:id/deliver", async (c) => {
  const id = c.req.param("id");
  if (!c.env.banks.some((bank) => redeliver(bank, id))) return c.json({ error: { message: "No such event." } }, 404);
  return answer(c, { delivered: await c.env.drainWebhooks() });
});

control.get("/", (c) => {
  const { banks, faults } = c.env;
  const delivery = banks[0]?.delivery ?? { mode: "normal" };
  return c.html(
    document(
      "The bank",
      html`<main class="wide"><h1>The bank</h1>
<div class="scroll" tabindex="0"><table><thead><tr><th>Account<th class="number">Captured<th class="number">Refunded<th class="number">Taken back<th class="number">On its way</tr></thead><tbody>
${sums(banks).map(
  (one) =>
    html`<tr><td>${one.account}${[one.captured, one.refunded, one.disputed, one.processing].map(
      (amount) => html`<td class="number">${inDollars(amount)}`,
    )}</tr>`,
)}</tbody></table></div>
<h2>Payments</h2>
<div class="scroll stacked" tabindex="0"><table><thead><tr><th>When<th>Account<th>Customer<th class="number">Amount<th>Status<th>Method<th>Do</tr></thead><tbody>
${payments(banks).slice(0, SHOWN).map(paymentRow)}</tbody></table></div>
<h2>Events</h2>
<form method="post" action="/_bank/delivery" class="row card"><label class="field">Events travel <select name="mode">
${MODES.map((mode) => html`<option ${mode === delivery.mode ? "selected" : ""}>${mode}</option>`)}</select></label>
<label class="field">Seconds late <input name="seconds" inputmode="numeric" value="${LATE_SECONDS}"></label><button>Set</button></form>
<div class="scroll stacked" tabindex="0"><table><thead><tr><th>When<th>Account<th>Event<th>Delivery<th>Do</tr></thead><tbody>
${events(banks)
  .slice(0, SHOWN)
  .map(
    (
      event,
    ) => html`<tr><td>${when(event.created)}<td>${event.account}<td>${event.type}<br><span class="soft">${event.id}</span>
<td>${event.deliveries.map((one) => `${one.state} (${one.attempts})`).join(", ") || "delivered"}
<td>${action(`/_bank/events/${event.id}/deliver`, "Deliver again")}</tr>`,
  )}</tbody></table></div>
<h2>Faults</h2>
${faults
  .list()
  .map(
    (fault) =>
      html`<p>${fault.kind} on <code>${fault.match}</code>, ${fault.times === null ? "until cleared" : `${fault.times} more`}</p>`,
  )}
<form method="post" action="/_bank/faults" class="row card">
<label class="field">Request <input name="match" value="POST /v1/payment_intents/*/confirm"></label>
<label class="field">What happens <select name="kind">${FAULT_KINDS.map((kind) => html`<option>${kind}</option>`)}</select></label>
<label class="field">How often (empty: until cleared) <input name="times" inputmode="numeric" value="1"></label>
<label class="field">Seconds, when late <input name="seconds" inputmode="numeric" value="60"></label><button>Plan it</button></form>
<div class="row">${action("/_bank/faults/clear", "Clear all faults")}${action("/_bank/deliver", "Deliver events now")}</div>
</main>`,
    ),
  );
});

const when = (at: number): string => new Date(at * 1000).toISOString().slice(0, 16).replace("T", " ");

const action = (url: string, label: string) =>
  html`<form method="post" action="${url}"><button class="plain">${label}</button></form>`;

function paymentRow(one: Summary) {
  const doings: [path: string, label: string][] = [];
  if (one.status === "processing")
    doings.push([`payments/${one.id}/settle`, "Settle"], [`payments/${one.id}/fail`, "Fail"]);
  if (one.status === "succeeded" && !one.disputed) doings.push([`payments/${one.id}/bounce`, "Bounce"]);
  if (one.open_dispute)
    doings.push(
      [`disputes/${one.open_dispute}/won`, "Dealer wins"],
      [`disputes/${one.open_dispute}/lost`, "Dealer loses"],
    );
  if (one.last_refund) doings.push([`refunds/${one.last_refund}/fail`, "Fail the refund"]);
  return html`<tr><td>${when(one.created)}<td>${one.account}<td>${one.customer ?? ""}<br><span class="soft">${one.description ?? ""}</span>
<td class="number">${inDollars(one.amount)}<td>${one.status.replaceAll("_", " ")}${one.disputed ? ", taken back" : ""}
${one.problem ? html`<br><span class="soft">${one.problem}</span>` : ""}<td>${one.method ?? ""}<td>${doings.map(([path, label]) => action(`/_bank/${path}`, label))}</tr>`;
}
