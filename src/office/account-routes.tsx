import { OfficeAccountPage } from "../../views/office/account.tsx";
import { OfficeAccountsPage } from "../../views/office/accounts.tsx";
import type { Said } from "../../views/ui.tsx";
import { type InviteProblem, inviteUser } from "../auth/invite-user.ts";
import { liftTwoStep } from "../auth/two-step.ts";
import { loadForStaff } from "../batch.ts";
import { lastDay } from "../billing/method-rules.ts";
import { type RemovalResult, removeMethod } from "../billing/remove-method.ts";
import { cancelScheduled } from "../billing/schedule-payment.ts";
import type { Context, Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, look, page, saidIn } from "../http.ts";
import { accountForOffice, accountsFound, eventsOf, FOUND_AT_MOST, subAccounts, usersForOffice } from "./accounts.ts";
import { reissueKey, setMaster } from "./change-account.ts";
import {
  bankOnlyInvoices,
  methodsForOffice,
  scheduledForOffice,
  setupsForOffice,
  switchCards,
  switchCardsForInvoice,
} from "./payment-methods.ts";

export const officeAccounts = new Hono<Env>();

officeAccounts.get("/", async (c) => {
  const words = (c.req.query("q") ?? "").trim().slice(0, 100);
  const { viewer, found } = await loadForStaff(c, (staff) => ({ found: accountsFound(staff, words) }));
  return page(
    c,
    viewer,
    { title: "Customers" },
    <OfficeAccountsPage
      {...look(c)}
      formToken={viewer.formToken}
      words={words}
      found={words ? found.slice(0, FOUND_AT_MOST) : null}
      more={words !== "" && found.length > FOUND_AT_MOST}
      inviting={c.req.query("inviting") !== undefined}
    />,
  );
});

officeAccounts.get("/:number", async (c) => {
  const number = c.req.param("number");
  const { viewer, found, users, subs, methods, setups, scheduled, bankOnly, events } = await loadForStaff(
    c,
    (staff) => ({
      found: accountForOffice(staff, number),
      users: usersForOffice(staff, number),
      subs: subAccounts(staff, number),
      methods: methodsForOffice(staff, number),
      setups: setupsForOffice(staff, number),
      scheduled: scheduledForOffice(staff, number),
      bankOnly: bankOnlyInvoices(staff, number),
      events: eventsOf(staff, number, c.var.deps.now),
    }),
  );
  const account = found[0];
  if (!account) throw new NotFound();
  return page(
    c,
    viewer,
    { title: account.name },
    <OfficeAccountPage
      {...look(c)}
      timeZone={c.var.deps.dealer.timeZone}
      formToken={viewer.formToken}
      account={account}
      users={users}
      subs={subs}
      today={c.var.deps.today}
      methods={methods.map((method) => ({ ...method, lastDay: lastDay(method) }))}
      setups={setups}
      scheduled={scheduled}
      bankOnly={bankOnly}
      events={events}
      said={saidIn(c, SAID)}
    />,
  );
});

officeAccounts.post("/:number/registration-key", async (c) => {
  const { viewer, account } = await accountNamed(c);
  await reissueKey(c.var.deps, account.id, viewer.user.id);
  return backTo(c, account.number, "key");
});

officeAccounts.post("/:number/master", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const master = ((await fields(c)).get("master") ?? "").slice(0, 60);
  const { ok } = await setMaster(c.var.deps, account.id, master, viewer.user.id);
  return backTo(c, account.number, ok ? "master" : "no-master");
});

officeAccounts.post("/:number/card-payments", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const form = await fields(c);
  const on = form.get("cards") === "on";
  if (!on && form.get("cards") !== "off") return backTo(c, account.number, "");
  const by = viewer.user.id;
  const number = form.get("invoice")?.trim().slice(0, 60);
  if (number === undefined) {
    await switchCards(c.var.deps, account.id, on, by);
    return backTo(c, account.number, on ? "cards-on" : "cards-off");
  }
  const done = await switchCardsForInvoice(c.var.deps, { accountId: account.id, number, on, by });
  return backTo(c, account.number, done ? (on ? "invoice-cards" : "invoice-bank") : "no-invoice");
});

/** A customer telephones and wants a card or bank account off. */
officeAccounts.post("/:number/payment-methods/removal", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const form = await fields(c);
  const reason = reasonIn(form);
  if (!reason) return backTo(c, account.number, "no-reason");
  const methodId = (form.get("method") ?? "").slice(0, 60);
  const which = { methodId, accountId: account.id, by: viewer.user.id, reason };
  const result = await removeMethod(c.var.deps, which);
  return backTo(c, account.number, result.ok ? "removed" : `not-removed-${result.problem}`);
});

/** A customer telephones and wants a payment on a later day canceled. */
officeAccounts.post("/:number/scheduled-payments/cancellation", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const form = await fields(c);
  const reason = reasonIn(form);
  if (!reason) return backTo(c, account.number, "no-reason");
  const id = (form.get("scheduled") ?? "").slice(0, 60);
  const canceled = await cancelScheduled(c.var.deps, { id, accountId: account.id, by: viewer.user.id, reason });
  return backTo(c, account.number, canceled ? "canceled" : "too-late");
});

const LONGEST_REASON = 200;
const reasonIn = (form: URLSearchParams): string => (form.get("reason") ?? "").trim().slice(0, LONGEST_REASON);

officeAccounts.post("/:number/invitations", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const form = await fields(c);
  const invited = await inviteUser(c.var.deps, {
    accountId: account.id,
    email: form.get("email") ?? "",
    name: form.get("name") ?? "",
    role: form.get("role") ?? "",
    by: viewer.user.id,
  });
  if (invited.ok) await invited.announce();
  return backTo(c, account.number, invited.ok ? "invited" : `not-${invited.problem}`);
});

officeAccounts.post("/:number/two-step-removal", async (c) => {
  const { viewer, found, users } = await loadForStaff(c, (staff) => ({
    found: accountForOffice(staff, c.req.param("number")),
    users: usersForOffice(staff, c.req.param("number")),
  }));
  const account = found[0];
  if (!account) throw new NotFound();
  const asked = (await fields(c)).get("user");
  const user = users.find(({ id }) => id === asked);
  const lifted =
    user &&
    (await liftTwoStep(c.var.deps, {
      userId: user.id,
      email: user.email,
      accountId: account.id,
      by: viewer.user.id,
    }));
  return backTo(c, account.number, lifted?.ok ? "two-step" : "no-two-step");
});

/** What a form came to, by the word that the address carries. */
const SAID: Record<string, Said> &
  Record<`not-${InviteProblem}` | `not-removed-${Extract<RemovalResult, { ok: false }>["problem"]}`, Said> = {
  "no-reason": { kind: "problem", words: "Say why, for the audit trail. Nothing has changed." },
  removed: { kind: "good", words: "It is removed, and the customer is written to." },
  "not-removed-autopay": {
    kind: "problem",
    words: "Autopay draws on it, so it stays. Stop autopay first, or have the customer give it another one.",
  },
  "not-removed-payment": {
    kind: "problem",
    words: "A payment from it is on its way or announced, so it stays until that is over.",
  },
  "not-removed-scheduled": {
    kind: "problem",
    words: "A payment on a later day draws on it, so it stays. Cancel that first.",
  },
  "not-removed-asked": { kind: "problem", words: "Something was in its way a moment ago. Try once more." },
  "not-removed-gone": { kind: "problem", words: "That is not on file any more. Nothing has changed." },
  canceled: { kind: "good", words: "It is canceled, nothing is taken, and the customer is written to." },
  "too-late": {
    kind: "problem",
    words: "That is over already, or its day has come: it can be canceled until the day before. Nothing has changed.",
  },
  key: { kind: "good", words: "There is a new registration key. The old one no longer works." },
  master: { kind: "good", words: "The master account is saved." },
  "two-step": { kind: "good", words: "Their two-step sign-in is off. They are signed out, and a letter tells them." },
  "no-two-step": {
    kind: "problem",
    words: "That has not changed: it is off already, or they work here and turn it off themselves.",
  },
  "cards-on": { kind: "good", words: "This customer may pay by card again." },
  "cards-off": { kind: "good", words: "This customer pays from a bank account only from now on." },
  "invoice-cards": { kind: "good", words: "That invoice may be paid by card too." },
  "invoice-bank": { kind: "good", words: "That invoice is paid from a bank account only." },
  "no-invoice": { kind: "problem", words: "This customer has no such invoice. Nothing has changed." },
  invited: { kind: "good", words: "The invitation is on its way." },
  "not-email": { kind: "problem", words: "That is not an e-mail address. Nobody was invited." },
  "not-name": { kind: "problem", words: "Type a name of at most 80 letters. Nobody was invited." },
  "not-web_address": { kind: "problem", words: "A name cannot hold a web address. Nobody was invited." },
  "not-role": { kind: "problem", words: "Choose a role. Nobody was invited." },
  "not-self": { kind: "problem", words: "That is your own address. Nobody was invited." },
  "not-active": { kind: "problem", words: "They already may sign in to this account." },
  "not-full": { kind: "problem", words: "This account has as many users as it can have." },
  "not-too_many": { kind: "problem", words: "That is enough invitations for today. Try again tomorrow." },
  "not-changed": { kind: "problem", words: "Somebody else was just doing that. Try once more." },
  "no-master": {
    kind: "problem",
    words:
      "That cannot be the master. It must be another customer's number, and neither of the two may be master and sub-account at once.",
  },
};

/** The account that a form's address names, and who on staff has sent the form. */
export async function accountNamed(c: Context) {
  const number = c.req.param("number") ?? "";
  const { viewer, found } = await loadForStaff(c, (staff) => ({ found: accountForOffice(staff, number) }));
  const account = found[0];
  if (!account) throw new NotFound();
  return { viewer, account };
}

/** The way from a form back to the account's page, or to one below it, with the name of what it came to. */
export const backToAccount =
  (below: "" | "/money" | "/autopay" | "/pay-links") =>
  (c: Context, number: string, said: string): Response =>
    goTo(c, `/office/accounts/${encodeURIComponent(number)}${below}?said=${said}`);

const backTo = backToAccount("");
