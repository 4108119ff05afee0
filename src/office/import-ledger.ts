import { eq, sql } from "drizzle-orm";
import {
  allocations,
  credits as creditsTable,
  invoices as invoicesTable,
  payments as paymentsTable,
} from "../../db/schema.ts";
import { readAll, type Write } from "../batch.ts";
import { dollars } from "../money.ts";
import { type Credit, creditWrites, prepareCredits } from "./import-credits.ts";
import { coverOf, type FundsChange, type PreparedFunds } from "./import-funds.ts";
import { type InvoiceChange, invoiceWrites, type PreparedInvoices, prepareInvoices } from "./import-invoice-changes.ts";
import type { Invoice } from "./import-invoices.ts";
import { type InvoiceState, type Item, oneOf, type Refused, type Run, type Verdict } from "./import-kind.ts";
import { type Payment, paymentWrites, preparePayments } from "./import-payments.ts";

/** Items whose rows move money between invoices and what pays for them. */
export type LedgerItems = { invoices: Invoice[]; payments: Payment[]; credits: Credit[] };

export type LedgerSettled = { verdicts: Map<Item, Verdict>; writes: Write[] };

/**
 * Settles invoices, payments and credits together: all that change first let go of what they covered, then each is
 * taken if the invoices still owe it. So a correction that lowers an invoice and its payment, or swaps two payments, is
 * one change. What does not fit is refused with `mayPass`, because rows still to come may make room.
 */
export async function settleLedger(items: LedgerItems, run: Run): Promise<LedgerSettled> {
  const invoices: PreparedInvoices = items.invoices.length > 0 ? await prepareInvoices(items.invoices, run) : nothing;
  const payments: PreparedFunds<Payment> =
    items.payments.length > 0 ? await preparePayments(items.payments, run) : nothing;
  const credits: PreparedFunds<Credit> = items.credits.length > 0 ? await prepareCredits(items.credits, run) : nothing;
  const states = new Map<string, InvoiceState>();
  for (const state of [...payments.invoices, ...credits.invoices]) states.set(state.number, state);
  for (const { was } of invoices.changes) if (was) states.set(was.number, was);
  for (const number of [...states.keys(), ...numbersIn(items)]) {
    const planned = run.world?.invoices.get(number);
    if (planned) states.set(number, planned);
  }
  const fitted = fitting(invoices.changes, [...payments.changes, ...credits.changes], states);
  const verdicts = new Map<Item, Verdict>([
    ...invoices.verdicts,
    ...payments.verdicts,
    ...credits.verdicts,
    ...fitted.refused,
  ]);
  const kept = {
    invoices: invoices.changes.filter((change) => !fitted.refused.has(change.item)),
    payments: payments.changes.filter((change) => !fitted.refused.has(change.item)),
    credits: credits.changes.filter((change) => !fitted.refused.has(change.item)),
  };
  if (run.world) await remember(kept.invoices, fitted.after, run);
  return { verdicts, writes: run.world ? [] : ledgerWrites(kept, fitted.after, run) };
}

const nothing = { verdicts: new Map<never, Verdict>(), changes: [], invoices: [] };

const numbersIn = (items: LedgerItems): string[] => [
  ...items.invoices.map((item) => item.number),
  ...[...items.payments, ...items.credits].flatMap((item) => item.applied.map((cover) => cover.invoice)),
];

type Fitted = { refused: Map<Item, Refused>; after: Map<string, InvoiceState> };

/**
 * Which changes can all stand at once. Whoever is refused keeps what it had, which may take room from another; so it is
 * tried again without them until nobody is refused.
 */
function fitting(invoices: InvoiceChange[], funds: FundsChange[], states: Map<string, InvoiceState>): Fitted {
  const refused: Fitted["refused"] = new Map();
  for (;;) {
    const before = refused.size;
    const after = new Map<string, InvoiceState>();
    const at = (number: string): InvoiceState | undefined => {
      const known = states.get(number);
      if (known && !after.has(number)) after.set(number, { ...known });
      return after.get(number);
    };
    const standing = funds.filter((change) => !refused.has(change.item));
    for (const { covered } of standing)
      for (const { invoice, cents } of covered) at(invoice.number)!.allocatedCents -= cents;
    for (const change of invoices) {
      if (refused.has(change.item)) continue;
      const state = at(change.item.number);
      const no = state ? (invoiceRefusal(change, state) ?? lowered(change, state)) : null;
      if (no) refused.set(change.item, no);
      else after.set(change.item.number, becomes(change, state));
    }
    for (const change of standing) {
      const no = fundsRefusal(change, at);
      if (no) refused.set(change.item, no);
      else for (const [number, cents] of coverOf(change.item)) at(number)!.allocatedCents += cents;
    }
    if (refused.size === before) return { refused, after };
  }
}

const becomes = ({ item, id, status }: InvoiceChange, state: InvoiceState | undefined): InvoiceState => ({
  id,
  number: item.number,
  customer: item.customer,
  status,
  totalCents: item.totalCents,
  allocatedCents: status === "void" ? 0 : (state?.allocatedCents ?? 0),
  heldCents: state?.heldCents ?? 0,
});

/** Why an invoice that is here already cannot become what the file says; `state` is without the money that moves too. */
function invoiceRefusal({ item, status }: InvoiceChange, state: InvoiceState): Refused | null {
  const held = state.heldCents > 0;
  const paying = `a payment of ${dollars(state.heldCents)} made in the portal is on its way`;
  if (held && status === "void")
    return { field: "status", reason: `cannot be void while ${paying}; import it again when that has settled` };
  if (held && status === "unsent")
    return { field: "status", reason: `cannot be unsent while ${paying}; import it again when that has settled` };
  if (held && state.customer !== item.customer) return { field: "customer", reason: `cannot change while ${paying}` };
  if (state.customer !== item.customer && state.allocatedCents > 0 && status !== "void") {
    return {
      field: "customer",
      reason: `was ${state.customer}, whose money (${dollars(state.allocatedCents)}) is on this invoice; take it off first`,
      mayPass: true,
    };
  }
  return null;
}

function lowered({ item, status }: InvoiceChange, { allocatedCents, heldCents }: InvoiceState): Refused | null {
  if (status === "void" || allocatedCents + heldCents <= item.totalCents) return null;
  const way = heldCents > 0 ? ` and ${dollars(heldCents)} is on its way` : "";
  return {
    field: "amount",
    reason: `this would bring invoice ${item.number} down to ${dollars(item.totalCents)}, but ${dollars(allocatedCents)} has been paid on it${way}; an import never takes paid money off an invoice`,
    mayPass: true,
  };
}

function fundsRefusal({ item, was }: FundsChange, at: (number: string) => InvoiceState | undefined): Refused | null {
  let applied = 0;
  for (const [number, cents] of coverOf(item)) {
    applied += cents;
    const { row } = item.applied.find((cover) => cover.invoice === number)!;
    const no = coverRefusal(item.customer, number, cents, at(number));
    if (no) return { ...no, row };
  }
  if (was && applied + was.goneCents > item.amountCents) {
    return {
      field: "amount",
      reason: `leaves too little: ${dollars(was.goneCents)} of this payment has been refunded or returned here`,
    };
  }
  return null;
}

function coverRefusal(
  customer: string,
  number: string,
  cents: number,
  invoice: InvoiceState | undefined,
): Refused | null {
  if (!invoice) {
    return {
      field: "invoice",
      reason: `invoice ${number} is not known: it is neither in the portal nor among the good rows of this import`,
      mayPass: true,
    };
  }
  if (invoice.customer !== customer)
    return { field: "invoice", reason: `invoice ${number} is of customer ${invoice.customer}`, mayPass: true };
  if (invoice.status === "void") return { field: "invoice", reason: `invoice ${number} is void`, mayPass: true };
  const owed = invoice.totalCents - invoice.allocatedCents - invoice.heldCents;
  if (cents <= owed) return null;
  const way =
    invoice.heldCents > 0
      ? `, besides ${dollars(invoice.heldCents)} that a customer is paying in the portal at this moment`
      : "";
  return {
    field: "applied",
    reason: `${dollars(cents)} is more than is owed on invoice ${number} (${dollars(owed)}${way})`,
    mayPass: true,
  };
}

/** Everything of a batch, in the order in which no CHECK is broken on the way: invoices go down, change, go up. */
function ledgerWrites(
  kept: { invoices: InvoiceChange[]; payments: FundsChange<Payment>[]; credits: FundsChange<Credit>[] },
  after: Map<string, InvoiceState>,
  run: Run,
): Write[] {
  const deltas = [...kept.payments, ...kept.credits].flatMap((change) => coverDeltas(change, after));
  const net = new Map<string, number>();
  for (const { invoiceId, cents } of deltas) net.set(invoiceId, (net.get(invoiceId) ?? 0) + cents);
  const steps = [...net].map(([invoiceId, cents]) => ({ invoiceId, cents }));
  return [
    ...paymentWrites(kept.payments, run),
    ...creditWrites(kept.credits),
    ...(deltas.length === 0
      ? []
      : [
          sql`insert into allocations (invoice_id, payment_id, credit_id, amount_cents, at, event_key)
            select value ->> 'invoiceId', value ->> 'paymentId', value ->> 'creditId', value ->> 'cents', ${run.now}, ${run.eventKey}
            from json_each(${JSON.stringify(deltas)})`,
        ]),
    ...moved(steps.filter((step) => step.cents < 0)),
    ...invoiceWrites(kept.invoices, run),
    ...moved(steps.filter((step) => step.cents > 0)),
  ];
}

const moved = (steps: { invoiceId: string; cents: number }[]): Write[] =>
  steps.length === 0
    ? []
    : [
        sql`update invoices set allocated_cents = allocated_cents + (value ->> 'cents')
          from json_each(${JSON.stringify(steps)}) where invoices.id = value ->> 'invoiceId'`,
      ];

/** The rows that bring what a payment or credit covers from what it was to what the file says. */
function coverDeltas({ item, id, kind, covered }: FundsChange, after: Map<string, InvoiceState>) {
  const cents = new Map<string, number>();
  for (const [number, applied] of coverOf(item)) cents.set(after.get(number)!.id, applied);
  for (const was of covered) cents.set(was.invoice.id, (cents.get(was.invoice.id) ?? 0) - was.cents);
  const source = kind === "payments" ? { paymentId: id } : { creditId: id };
  return [...cents]
    .filter(([, delta]) => delta !== 0)
    .map(([invoiceId, delta]) => ({ ...source, invoiceId, cents: delta }));
}

/** Keeps for later rows of a dry run what a real run would have left in the database. */
async function remember(changes: InvoiceChange[], after: Map<string, InvoiceState>, { db, world }: Run): Promise<void> {
  for (const [number, state] of after) world!.invoices.set(number, state);
  for (const { item, status, was } of changes) if (was && status === "void") world!.voided.add(item.number);
  const revived = changes
    .filter(({ status, was }) => was?.status === "void" && status !== "void")
    .map((change) => change.item.number);
  if (revived.length === 0) return;
  const { paid, credited } = await readAll(db, {
    paid: db
      .select({ number: paymentsTable.number })
      .from(paymentsTable)
      .innerJoin(allocations, eq(allocations.paymentId, paymentsTable.id))
      .innerJoin(invoicesTable, eq(invoicesTable.id, allocations.invoiceId))
      .where(oneOf(invoicesTable.number, revived)),
    credited: db
      .select({ number: creditsTable.number })
      .from(creditsTable)
      .innerJoin(allocations, eq(allocations.creditId, creditsTable.id))
      .innerJoin(invoicesTable, eq(invoicesTable.id, allocations.invoiceId))
      .where(oneOf(invoicesTable.number, revived)),
  });
  for (const { number } of paid) world!.reapplied.add(`payments ${number}`);
  for (const { number } of credited) world!.reapplied.add(`credits ${number}`);
}
