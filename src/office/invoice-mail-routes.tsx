import { Hono } from "hono";
import { OfficeInvoiceMailsPage } from "../../views/office/invoice-mails.tsx";
import type { Said } from "../../views/ui.tsx";
import { loadForStaff } from "../batch.ts";
import type { Env } from "../context.ts";
import { fields, goTo, page, saidIn } from "../http.ts";
import { changeInvoiceMails, invoiceMailRule } from "./invoice-mails.ts";

/** Whether customers get a mail about each new invoice. */
export const officeInvoiceMails = new Hono<Env>();

officeInvoiceMails.get("/invoice-mails", async (c) => {
  const { viewer, rule } = await loadForStaff(c, (staff) => ({ rule: invoiceMailRule(staff) }));
  return page(
    c,
    viewer,
    { title: "Invoice mails" },
    <OfficeInvoiceMailsPage
      formToken={viewer.formToken}
      on={rule[0]!.mailInvoices}
      mayChange={viewer.staffRole === "owner"}
      said={saidIn(c, SAID)}
    />,
  );
});

const SAID: Record<string, Said> = { saved: { kind: "good", words: "Saved." } };

officeInvoiceMails.post("/invoice-mails", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  // The page tells the others so, and has no button for them.
  if (viewer.staffRole !== "owner") return goTo(c, "/office/invoice-mails");
  await changeInvoiceMails(c.var.deps, (await fields(c)).get("mail") === "1", viewer.user.id);
  return goTo(c, "/office/invoice-mails?said=saved");
});
