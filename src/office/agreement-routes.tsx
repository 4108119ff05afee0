import { OfficeAgreementsPage } from "../../views/office/agreements.tsx";
import { loadForStaff } from "../batch.ts";
import { pageOf } from "../billing/pages.ts";
import { isoTime } from "../calendar.ts";
import type { Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { look, page } from "../http.ts";
import { accountForOffice } from "./accounts.ts";
import { AGREEMENTS_PER_PAGE, agreementsForOffice, placeIn } from "./agreements.ts";

/** What a customer has agreed to, word for word, to be read and printed. */
export const officeAgreements = new Hono<Env>();

officeAgreements.get("/:number/agreements", async (c) => {
  const number = c.req.param("number");
  const before = placeIn(c.req.query("before"));
  const { viewer, accounts, found } = await loadForStaff(c, (staff) => ({
    accounts: accountForOffice(staff, number),
    found: agreementsForOffice(staff, number, before.at, before.id, AGREEMENTS_PER_PAGE + 1),
  }));
  const account = accounts[0];
  if (!account) throw new NotFound();
  const { rows, last } = pageOf(found, AGREEMENTS_PER_PAGE);
  return page(
    c,
    viewer,
    { title: `Agreements: ${account.name}` },
    <OfficeAgreementsPage
      {...look(c)}
      timeZone={c.var.deps.dealer.timeZone}
      account={account}
      agreements={rows.map((row) => ({ ...row, atUtc: isoTime(row.at) }))}
      before={last && `${last.at}~${last.id}`}
    />,
  );
});
