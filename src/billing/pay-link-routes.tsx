import { DeadPayLinkPage, LinkedPaymentPage, PayLinkPage } from "../../views/billing/pay-link.tsx";
import { loadPublic, type Settings } from "../batch.ts";
import type { Context, Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { addressOf, fields, goTo, look, page, tokenForForms } from "../http.ts";
import { isId, newId, sha256 } from "../ids.ts";
import { type Cents, cents } from "../money.ts";
import { checkUnderWay } from "./check-payment.ts";
import { failureReason } from "./failure-reasons.ts";
import { kindsTaken } from "./method-rules.ts";
import { payInvoices } from "./pay-invoices.ts";
import { countPress, payLinkInHand, paymentByLink, unfinishedOnLink } from "./pay-links.ts";
import { payableNow, paymentStatus } from "./rules.ts";

/** One invoice, seen and paid without signing in by whoever holds its link. Nothing else is reachable from here. */
export const payLinkRoutes = new Hono<Env>();

payLinkRoutes.use(async (c, next) => {
  c.header("X-Robots-Tag", "noindex, nofollow");
  // Guesses are counted without the database, so that looking changes nothing.
  const { success } = await c.env.SIGN_IN_LIMIT.limit({ key: `pay ${addressOf(c)}` });
  if (success) return next();
  const { settings } = await loadPublic(c, () => ({}));
  return tooMany(c, settings, 60);
});

payLinkRoutes.get("/:secret", async (c) => {
  const { link, settings } = await linkOf(c);
  return link ? linkPage(c, settings, link, null, 200) : deadPage(c, settings);
});

payLinkRoutes.post("/:secret", async (c) => {
  const { deps } = c.var;
  const counted = await countPress(deps, addressOf(c));
  const { link, settings, unfinished } = await linkOf(c);
  if (!counted.ok) return tooMany(c, settings, counted.retryInSeconds);
  if (!link) return deadPage(c, settings);
  const form = await fields(c);
  const paymentId = form.get("payment_id") ?? "";
  if (!isId("pay", paymentId)) throw new NotFound();
  const { t, language } = look(c);
  const kind = kindsOf(settings, link).find((one) => one === form.get("method"));
  if (!kind) return linkPage(c, settings, link, t.pay.problems.choose_method, 422);
  const owed = payableNow(link);
  if (owed <= 0 || form.get("amount") !== String(owed)) return linkPage(c, settings, link, t.payLink.changed, 422);
  const here = `/pay/${c.req.param("secret")}`;
  const result = await payInvoices(deps, {
    paymentId,
    plan: {
      lines: [{ invoiceId: link.invoiceId, number: link.number, amountCents: owed }],
      extraCents: cents(0),
      totalCents: owed,
    },
    method: { new: kind, save: false },
    account: link.account,
    userId: null,
    language,
    link: { id: link.id, returnTo: `${deps.dealer.origin}${here}/payments/${paymentId}/return` },
    unfinished,
  });
  switch (result.result) {
    case "elsewhere":
      return goTo(c, result.url);
    case "started":
    case "at_bank":
    case "already":
      return goTo(c, `${here}/payments/${paymentId}`);
    case "paying":
      return goTo(c, here);
    case "unclear":
      return linkPage(c, settings, link, t.pay.refusals.unclear, 503);
    case "refused": {
      const away = result.refusal === "vendor_away" || result.refusal === "records_away";
      return linkPage(c, settings, link, t.pay.refusals[result.refusal], away ? 503 : 409);
    }
  }
});

/** Where the vendor sends people back to. It only learns the truth, however often it is called, so a GET may do it. */
payLinkRoutes.get("/:secret/payments/:id/return", async (c) => {
  const { payment } = await paymentOf(c);
  await checkUnderWay(c.var.deps, payment, "return");
  return c.redirect(`/pay/${c.req.param("secret")}/payments/${payment.id}`, 303);
});

payLinkRoutes.get("/:secret/payments/:id", async (c) => {
  const { payment, settings } = await paymentOf(c);
  const { t } = look(c);
  const status = paymentStatus(payment);
  const here = `/pay/${c.req.param("secret")}`;
  const again = status === "checking" ? { seconds: 8, href: `${here}/payments/${payment.id}/return` } : undefined;
  return page(
    c,
    settings,
    { title: t.payments.one, again },
    <LinkedPaymentPage
      {...look(c)}
      dealer={settings}
      here={here}
      payment={{
        ...payment,
        status,
        reason: payment.state === "failed" ? t.payment.reasons[failureReason(payment.failureCode)] : null,
      }}
    />,
  );
});

type Link = NonNullable<Awaited<ReturnType<typeof linkOf>>["link"]>;

/** The link that an address names, if it works. */
async function linkOf(c: Context) {
  const hash = await sha256(c.req.param("secret") ?? "");
  const { found, unfinished, settings } = await loadPublic(c, () => ({
    found: payLinkInHand(null, hash, c.var.deps.now),
    unfinished: unfinishedOnLink(null, hash),
  }));
  const link = found[0];
  return { link: link?.works ? link : null, unfinished, settings };
}

async function paymentOf(c: Context) {
  const hash = await sha256(c.req.param("secret") ?? "");
  const { found, settings } = await loadPublic(c, () => ({
    found: paymentByLink(null, hash, (c.req.param("id") ?? "").slice(0, 60)),
  }));
  const payment = found[0];
  if (!payment) throw new NotFound();
  return { payment, settings };
}

const kindsOf = (settings: Settings, { cards }: Link) => kindsTaken(settings, { cardPayments: cards });

async function linkPage(
  c: Context,
  settings: Settings,
  link: Link,
  problem: string | null,
  status: 200 | 409 | 422 | 503,
): Promise<Response> {
  const owedCents: Cents = payableNow(link);
  return page(
    c,
    settings,
    { title: look(c).t.payLink.title(link.number), status },
    <PayLinkPage
      {...look(c)}
      dealer={settings}
      formToken={tokenForForms(c)}
      action={c.req.path}
      paymentId={newId("pay", c.var.deps.now)}
      number={link.number}
      dueOn={link.dueOn}
      owedCents={owedCents}
      underWayCents={link.heldCents}
      kinds={kindsOf(settings, link)}
      problem={problem}
    />,
  );
}

function deadPage(c: Context, settings: Settings): Promise<Response> {
  const title = look(c).t.payLink.deadTitle;
  return page(c, settings, { title, status: 410 }, <DeadPayLinkPage {...look(c)} dealer={settings} problem={null} />);
}

function tooMany(c: Context, settings: Settings, seconds: number): Promise<Response> {
  const { t } = look(c);
  c.header("Retry-After", String(seconds));
  return page(
    c,
    settings,
    { title: t.payLink.deadTitle, status: 429 },
    <DeadPayLinkPage {...look(c)} dealer={settings} problem={t.signIn.tooMany(Math.ceil(seconds / 60))} />,
  );
}
