import { sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { commit, readAll } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { dollars } from "../money.ts";
import { openWorklist } from "../office/worklist.ts";
import { type Broken, brokenRows, ROWS_OF_EACH } from "./books.ts";
import { paymentNumber } from "./rules.ts";

/**
 * The nightly look at the books. What does not add up is on the worklist, once for each thing, by the name that people
 * know it by and with both figures; one that was closed and still stands is open again, one that is over is closed.
 */
export async function checkBooks(deps: Deps): Promise<void> {
  const { db, now } = deps;
  const broken = await brokenRows(db);
  const ids = [...new Set(broken.map((one) => one.id))];
  const { things, open } = await readAll(db, {
    things: thingsCalled(db, ids),
    open: db.all<{ id: string }>(sql`select id from worklist where kind = 'books_wrong' and closed_at is null limit 1`),
  });
  if (ids.length === 0 && open.length === 0) return;
  // Where more are broken than are named, one that is not named need not be over.
  const allNamed = broken.every(({ promise }) => broken.filter((one) => one.promise === promise).length < ROWS_OF_EACH);
  const known = new Map(things.map((thing) => [thing.id, thing]));
  const change = { key: `books.wrong:${newId("evt", now)}`, action: "books.wrong", accountId: null, by: "sweep" };
  await commit(db, now, { ...change, detail: { count: ids.length } }, [
    ...ids.flatMap((id) => {
      const thing = known.get(String(id));
      const of = broken.filter((one) => one.id === id);
      const detail = `${thing ? nameOf(thing) : "A row without a number"}${of.map(wordsOf).join("")}`;
      return [
        openWorklist(now, "books_wrong", thing?.accountId ?? null, String(id), detail),
        sql`update worklist set detail = ${detail} where id = ${`books_wrong:${id}`}`,
      ];
    }),
    sql`update worklist set closed_at = ${now} where kind = 'books_wrong' and closed_at is null and ${allNamed ? 1 : 0}
        and subject_id not in (select value || '' from json_each(${JSON.stringify(ids)}))`,
  ]);
}

const money = (cents: number | null): string => (cents === null ? "nothing" : dollars(cents));

/** A promise, and the figures that contradict each other. */
const wordsOf = ({ promise, stored, counted }: Broken): string =>
  `. It should be so that ${promise}${
    stored === undefined || counted === undefined
      ? ""
      : `: here ${money(stored)} is written down, and ${money(counted)} is what it comes to`
  }`;

type Thing = {
  id: string;
  kind:
    | "invoice"
    | "payment"
    | "credit"
    | "refund"
    | "return"
    | "draft"
    | "scheduled"
    | "method"
    | "setup"
    | "customer";
  /** Its number or its day, whatever people know it by; of a refund or return its payment's. */
  number: string | null;
  paymentId: string | null;
  accountId: string;
  customer: string;
};

const NAMES: Record<Exclude<Thing["kind"], "payment" | "refund" | "return">, (number: string) => string> = {
  invoice: (number) => `Invoice ${number}`,
  credit: (number) => `Credit ${number}`,
  draft: (day) => `Autopay draft of ${day}`,
  scheduled: (day) => `Payment put off to ${day}`,
  method: (lastFour) => `Card or bank account ending ${lastFour}`,
  setup: () => "A card or bank account that is being added",
  customer: () => "Cards and bank accounts",
};

function nameOf({ kind, number, paymentId, customer }: Thing): string {
  const payment = `payment ${paymentNumber({ id: paymentId ?? "", number })}`;
  const name =
    kind === "payment"
      ? payment.replace("p", "P")
      : kind === "refund"
        ? `Refund of ${payment}`
        : kind === "return"
          ? `What a bank took back of ${payment}`
          : NAMES[kind](number ?? "");
  return `${name}, customer ${customer}`;
}

/** What rows are about, by their ids, in whichever table they are. */
function thingsCalled(db: Db, ids: readonly string[]) {
  const named = sql`(select value || '' from json_each(${JSON.stringify(ids)}))`;
  return db.all<Thing>(sql`
    select t.id, kind, t.number, payment_id "paymentId", t.account_id "accountId", a.number customer from (
      select id, 'invoice' kind, number, null payment_id, account_id from invoices where id in ${named}
      union all select id, 'payment', number, id, account_id from payments where id in ${named}
      union all select id, 'credit', coalesce(number, 'of ' || issued_on), null, account_id from credits where id in ${named}
      union all select r.id, 'refund', p.number, p.id, p.account_id from refunds r join payments p on p.id = r.payment_id where r.id in ${named}
      union all select r.id, 'return', p.number, p.id, p.account_id from returns r join payments p on p.id = r.payment_id where r.id in ${named}
      union all select id, 'draft', draft_on, null, account_id from drafts where id in ${named}
      union all select id, 'scheduled', pay_on, null, account_id from scheduled_payments where id in ${named}
      union all select id, 'method', last_four, null, account_id from payment_methods where id in ${named}
      union all select id, 'setup', null, null, account_id from setups where id in ${named}
      union all select id, 'customer', number, null, id from accounts where id in ${named}
    ) t join accounts a on a.id = t.account_id`);
}
