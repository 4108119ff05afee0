import { OfficePayLinksPage } from "../../views/office/pay-links.tsx";
import type { Said } from "../../views/ui.tsx";
import { loadForStaff } from "../batch.ts";
import { payLinkAddress } from "../billing/pay-links.ts";
import type { Context, Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { fields, look, page, saidIn } from "../http.ts";
import { isId, newId } from "../ids.ts";
import { accountNamed, backToAccount } from "./account-routes.tsx";
import { accountForOffice } from "./accounts.ts";
import { mailPayLink, makePayLink, textPayLink, withdrawPayLink } from "./change-pay-links.ts";
import { askedForIt, payableForOffice, payLinksForOffice, phoneForOffice } from "./pay-links.ts";

/** Links for customers who want to pay one invoice without signing in. */
export const officePayLinks = new Hono<Env>();

const backTo = backToAccount("/pay-links");

officePayLinks.get("/accounts/:number/pay-links", async (c) => {
  return payLinksPage(c, saidIn(c, SAID), null);
});

/** The address is shown with this answer and never again: it is kept nowhere. Pressing twice shows the same. */
officePayLinks.post("/accounts/:number/pay-links", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const form = await fields(c);
  const id = form.get("link_id") ?? "";
  const invoice = (form.get("invoice") ?? "").slice(0, 60);
  const link = { id, accountId: account.id, invoice, by: viewer.user.id };
  if (!isId("plk", id) || !(await makePayLink(c.var.deps, link))) return backTo(c, account.number, "no-invoice");
  return payLinksPage(c, null, { number: invoice, address: payLinkAddress(c.var.deps, id) });
});

officePayLinks.post("/accounts/:number/pay-links/withdrawal", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const id = ((await fields(c)).get("link") ?? "").slice(0, 60);
  await withdrawPayLink(c.var.deps, { id, accountId: account.id, by: viewer.user.id });
  return backTo(c, account.number, "withdrawn");
});

officePayLinks.post("/accounts/:number/pay-links/letter", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const id = ((await fields(c)).get("link") ?? "").slice(0, 60);
  const mailed = await mailPayLink(c.var.deps, { id, accountId: account.id, by: viewer.user.id });
  return backTo(c, account.number, mailed ? "mailed" : "not-mailed");
});

officePayLinks.post("/accounts/:number/pay-links/text", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const form = await fields(c);
  const number = (form.get("number") ?? "").slice(0, 20);
  if (form.get("asked") !== "1") return backTo(c, account.number, "not-asked");
  const came = await textPayLink(c.var.deps, {
    id: (form.get("link") ?? "").slice(0, 60),
    accountId: account.id,
    number,
    words: askedForIt(number),
    by: viewer.user.id,
  });
  return backTo(c, account.number, `text-${came}`);
});

const SAID: Record<string, Said> = {
  withdrawn: { kind: "good", words: "That link does not work any more." },
  mailed: { kind: "good", words: "The link is on its way to the customer's e-mail on file." },
  "not-mailed": {
    kind: "problem",
    words: "Nothing was sent: there is no e-mail on file, or the link no longer works.",
  },
  "not-asked": {
    kind: "problem",
    words: "Nothing was sent. Tick the box first: a text may only go to somebody who has just asked for it.",
  },
  "text-promised": { kind: "good", words: "The text is on its way. Below it says what became of it." },
  "text-today_already": { kind: "problem", words: "This link was texted today already. It can be texted once a day." },
  "text-quiet_hours": {
    kind: "problem",
    words: "Nothing was sent: it is night. Texts go out from 8 in the morning until 9 in the evening.",
  },
  "text-refused": {
    kind: "problem",
    words: "Nothing was sent: that is not their number on file, it wants no texts, or the link no longer works.",
  },
  "no-invoice": { kind: "problem", words: "This customer has no such invoice to pay. No link was made." },
};

async function payLinksPage(c: Context, said: Said | null, made: { number: string; address: string } | null) {
  const number = c.req.param("number") ?? "";
  const { now, dealer } = c.var.deps;
  const { viewer, found, open, links, phone } = await loadForStaff(c, (staff) => ({
    found: accountForOffice(staff, number),
    open: payableForOffice(staff, number),
    links: payLinksForOffice(staff, number, now),
    phone: phoneForOffice(staff, number),
  }));
  const account = found[0];
  if (!account) throw new NotFound();
  return page(
    c,
    viewer,
    { title: "Pay links" },
    <OfficePayLinksPage
      {...look(c)}
      timeZone={dealer.timeZone}
      formToken={viewer.formToken}
      account={account}
      linkId={newId("plk", now)}
      open={open}
      links={links}
      phone={phone[0]?.number ? { ...phone[0], number: phone[0].number, words: askedForIt(phone[0].number) } : null}
      said={said}
      made={made}
    />,
  );
}
