import { plusDays } from "../../src/calendar.ts";
import { formOn } from "../setup.ts";
import type { Deed } from "./town.ts";

/** The dealer's back office sends an invoice: most for monitoring, some for work, now and then a large one. */
const invoiceArrives: Deed = {
  name: "an invoice arrives",
  often: 16,
  async does({ t, chance, customers }) {
    const { account } = chance.one(customers);
    const today = t.deps().today;
    const number = `SIM-${t.clock.now}-${chance.below(1e9)}`;
    await t.rows(
      `insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents)
       select ?, id, ?, ?, 'sent', ?, ?, ? from accounts where number = ?`,
      `inv_${number}`,
      number,
      chance.one(["recurring", "recurring", "recurring", "service"]),
      today,
      plusDays(today, chance.one([0, 10, 20])),
      chance.one([4495, 4798, 13_485, 100, 25_000]),
      account,
    );
  },
};

/** The office gives money back, to where it came from or as credit; sometimes two people do, for the same payment. */
const refunds: Deed = {
  name: "the office gives money back",
  often: 8,
  async does({ t, chance, office }) {
    const settled = await t.rows<{ id: string; cents: number }>(
      `select id, amount_cents cents from payments where state = 'settled' and origin = 'portal' order by id`,
    );
    if (settled.length === 0) return;
    const { id, cents } = chance.one(settled);
    const page = await office.get(`/office/payments/${id}`);
    const address = `/office/payments/${id}/refunds`;
    if (!page.html.includes(`action="${address}"`)) return;
    const give = () => {
      const form = formOn(page.html, address);
      form.set("amount", ((chance.percent(40) ? cents : 1 + chance.below(cents)) / 100).toFixed(2));
      form.set("reason", "Charged for a visit that did not happen");
      form.set("to", chance.one(["method", "method", "credit"]));
      return office.post(address, form);
    };
    if (chance.percent(20)) await Promise.all([give(), give()]);
    else await give();
  },
};

/** The office gives a credit. */
const credits: Deed = {
  name: "the office gives a credit",
  often: 4,
  async does({ chance, customers, office }) {
    const { account } = chance.one(customers);
    const page = await office.get(`/office/accounts/${account}/money`);
    const address = `/office/accounts/${account}/credits`;
    if (!page.html.includes(`action="${address}"`)) return;
    const form = formOn(page.html, address);
    form.set("amount", chance.one(["5.00", "25.00", "500.00"]));
    form.set("reason", "For the trouble");
    await office.post(address, form);
    if (chance.percent(30)) await office.post(address, form);
  },
};

/** What the dealer's people and their back office do. */
export const OFFICE_DOES: Deed[] = [invoiceArrives, refunds, credits];
