import { eq, sql } from "drizzle-orm";
import { accounts, invoices as invoicesTable, sites } from "../../db/schema.ts";
import { readAll, type Write } from "../batch.ts";
import type { Invoice } from "./import-invoices.ts";
import { type InvoiceState, oneOf, type Run, touched, type Verdict } from "./import-kind.ts";
import type { Problem } from "./import-row.ts";
import { notKnown } from "./import-sites.ts";
import type { Telling } from "./import-telling.ts";

/** An invoice that is new or changed: what stood there, and what it becomes. */
export type InvoiceChange = {
  item: Invoice;
  id: string;
  was: (InvoiceState & { importHash: string | null }) | null;
  status: InvoiceState["status"];
  accountId: string;
  siteId: string | null;
};

export type PreparedInvoices = { verdicts: Map<Invoice, Verdict>; changes: InvoiceChange[] };

/** Compares a batch with the database, without asking yet whether the money on the invoices allows it. */
export async function prepareInvoices(items: Invoice[], run: Run): Promise<PreparedInvoices> {
  const { owners, places, found } = await readAll(run.db, {
    owners: run.db
      .select({ id: accounts.id, number: accounts.number })
      .from(accounts)
      .where(
        oneOf(
          accounts.number,
          items.map((item) => item.customer),
        ),
      ),
    places: run.db
      .select({ id: sites.id, number: sites.number, customer: accounts.number })
      .from(sites)
      .innerJoin(accounts, eq(accounts.id, sites.accountId))
      .where(
        oneOf(
          sites.number,
          items.map((item) => item.site).filter((site) => site !== ""),
        ),
      ),
    found: run.db
      .select({ ...invoiceState, importHash: invoicesTable.importHash })
      .from(invoicesTable)
      .innerJoin(accounts, eq(accounts.id, invoicesTable.accountId))
      .where(
        oneOf(
          invoicesTable.number,
          items.map((item) => item.number),
        ),
      ),
  });
  const accountId = new Map(owners.map((account) => [account.number, account.id]));
  const site = new Map(places.map((place) => [place.number, place]));
  const byNumber = new Map(found.map((invoice) => [invoice.number, invoice]));
  const changes: InvoiceChange[] = [];
  const verdicts = new Map<Invoice, Verdict>();
  for (const item of items) {
    const was = byNumber.get(item.number) ?? null;
    const refused = reference(
      item,
      (number) => accountId.has(number) || Boolean(run.world?.accounts.has(number)),
      (number) => run.world?.sites.get(number) ?? site.get(number)?.customer,
    );
    if (refused) verdicts.set(item, refused);
    else if (was?.importHash === item.hash) verdicts.set(item, "unchanged");
    else {
      verdicts.set(item, was ? "changed" : "new");
      changes.push({
        item,
        id: was?.id ?? run.newId("inv"),
        was,
        status: item.status ?? was?.status ?? run.importStatus,
        accountId: accountId.get(item.customer) ?? "",
        siteId: site.get(item.site)?.id ?? null,
      });
    }
  }
  return { verdicts, changes };
}

/** The columns of an InvoiceState; the query joins `accounts`. */
export const invoiceState = {
  id: invoicesTable.id,
  number: invoicesTable.number,
  customer: accounts.number,
  status: invoicesTable.status,
  totalCents: invoicesTable.totalCents,
  allocatedCents: invoicesTable.allocatedCents,
  heldCents: invoicesTable.heldCents,
};

function reference(
  item: Invoice,
  knows: (customer: string) => boolean,
  ownerOf: (site: string) => string | undefined,
): Problem | null {
  if (!knows(item.customer)) return notKnown("customer", "Customer", item.customer);
  if (item.site === "") return null;
  const owner = ownerOf(item.site);
  if (owner === undefined) return notKnown("site", "Site", item.site);
  return owner === item.customer ? null : { field: "site", reason: `site ${item.site} belongs to customer ${owner}` };
}

/** The statements that write a batch's invoices and their lines. Money on an invoice that becomes void goes back first. */
export function invoiceWrites(changes: InvoiceChange[], run: Run): Write[] {
  const fresh = changes.filter((change) => change.was === null);
  const changed = changes.filter((change) => change.was !== null);
  const writes: Write[] = [];
  if (fresh.length > 0) {
    writes.push(
      sql`insert into invoices (id, account_id, site_id, number, kind, status, issued_on, due_on, total_cents, memo, announce_at, import_hash)
        select value ->> 'id', value ->> 'accountId', value ->> 'siteId', value ->> 'number', value ->> 'kind', value ->> 'status',
          value ->> 'issuedOn', value ->> 'dueOn', value ->> 'totalCents', value ->> 'memo', value ->> 'announceAt', value ->> 'hash'
        from json_each(${rows(fresh, run)})`,
    );
  }
  const voided = changed.filter(({ status, was }) => status === "void" && was!.status !== "void");
  if (voided.length > 0) writes.push(...giveBack(JSON.stringify(voided.map((change) => change.id)), run));
  const revived = changed.filter(({ status, was }) => status !== "void" && was!.status === "void");
  if (revived.length > 0) writes.push(...applyAgain(JSON.stringify(revived.map((change) => change.id))));
  if (changed.length > 0) {
    writes.push(
      sql`update invoices set account_id = value ->> 'accountId', site_id = value ->> 'siteId', kind = value ->> 'kind',
          status = value ->> 'status', issued_on = value ->> 'issuedOn', due_on = value ->> 'dueOn', total_cents = value ->> 'totalCents',
          memo = value ->> 'memo', announce_at = coalesce(value ->> 'announceAt', announce_at), import_hash = value ->> 'hash'
        from json_each(${rows(changed, run)}) where invoices.id = value ->> 'id' and invoices.import_hash is (value ->> 'was')`,
      touched(changed.length),
      sql`delete from invoice_lines where invoice_id in (select value from json_each(${JSON.stringify(changed.map((change) => change.id))}))`,
    );
  }
  const lines = changes.flatMap(({ id, item }) => item.lines.map((line) => ({ ...line, id })));
  if (lines.length > 0) {
    writes.push(
      sql`insert into invoice_lines (invoice_id, position, description, service_from_on, service_to_on, quantity_thousandths,
          unit_cents, amount_cents, tax_name, tax_cents)
        select value ->> 'id', value ->> 'position', value ->> 'description', value ->> 'serviceFromOn', value ->> 'serviceToOn',
          value ->> 'quantityThousandths', value ->> 'unitCents', value ->> 'amountCents', value ->> 'taxName', value ->> 'taxCents'
        from json_each(${JSON.stringify(lines)})`,
    );
  }
  return writes;
}

const rows = (changes: InvoiceChange[], { telling }: Run): string =>
  JSON.stringify(
    changes.map(({ item: { lines, rows, ...item }, id, was, status, accountId, siteId }) => ({
      ...item,
      id,
      was: was?.importHash ?? null,
      status,
      accountId,
      siteId,
      announceAt: telling && isNews(status, was, item.issuedOn, telling) ? telling.at : null,
    })),
  );

/** It was not sent before, and now it is. */
const isNews = (
  status: InvoiceChange["status"],
  was: InvoiceChange["was"],
  issuedOn: string,
  { issuedFrom }: Telling,
): boolean => status === "sent" && was?.status !== "sent" && issuedOn >= issuedFrom;

/** Takes all money off invoices again, whatever it came from; it becomes credit of the accounts it came from. */
const giveBack = (ids: string, run: Run): Write[] => [
  sql`update payments set allocated_cents = allocated_cents - covered.cents
    from (select payment_id, sum(amount_cents) cents from allocations
      where invoice_id in (select value from json_each(${ids})) and payment_id is not null group by payment_id) covered
    where payments.id = covered.payment_id`,
  sql`update credits set allocated_cents = allocated_cents - covered.cents
    from (select credit_id, sum(amount_cents) cents from allocations
      where invoice_id in (select value from json_each(${ids})) and credit_id is not null group by credit_id) covered
    where credits.id = covered.credit_id`,
  sql`insert into allocations (invoice_id, payment_id, credit_id, amount_cents, at, event_key)
    select invoice_id, payment_id, credit_id, -sum(amount_cents), ${run.now}, ${run.eventKey} from allocations
    where invoice_id in (select value from json_each(${ids})) group by invoice_id, payment_id, credit_id having sum(amount_cents) <> 0`,
  sql`update invoices set allocated_cents = 0 where id in (select value from json_each(${ids}))`,
];

/** An invoice that comes back from void takes back what the file says of it: its payments count as changed next. */
const applyAgain = (ids: string): Write[] => [
  sql`update payments set import_hash = null where origin = 'import' and id in
    (select payment_id from allocations where invoice_id in (select value from json_each(${ids})))`,
  sql`update credits set import_hash = null where id in
    (select credit_id from allocations where invoice_id in (select value from json_each(${ids})))`,
];
