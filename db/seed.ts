import { and, asc, eq, sql } from "drizzle-orm";
import { hashPassword, STANDARD_COST } from "../src/auth/passwords.ts";
import { commit, readAll, type Write } from "../src/batch.ts";
import { applyOutcome, paymentUnderWay } from "../src/billing/close-payment.ts";
import { firstDraftOn } from "../src/billing/draft-day-rules.ts";
import { payInvoices } from "../src/billing/pay-invoices.ts";
import { returnPayment } from "../src/billing/return-payment.ts";
import { DAY, daysBetween, type LocalDate, plusDays } from "../src/calendar.ts";
import { type Deps, depsAt } from "../src/dealer.ts";
import { newId, sha256 } from "../src/ids.ts";
import { cents } from "../src/money.ts";
import { CAST_PASSWORD, type CastAccount, type CastDealer } from "./cast.ts";
import * as schema from "./schema.ts";

/** What the seed needs of the vendor beside the portal's own ports: a customer who has typed in a test card or account. */
export type SeedVendor = {
  savedMethod(p: { accountId: string; name: string; email: string | null; token: string }): Promise<SeededMethod>;
  /** Lets a bank debit clear now; null where the vendor is real and cannot be hurried. */
  clear: ((intentId: string) => Promise<void>) | null;
};

type SeededMethod = {
  customerId: string;
  paymentMethodId: string;
  kind: "card" | "bank";
  brand: string;
  lastFour: string;
  expiresMonth: number | null;
  expiresYear: number | null;
  mandateId: string | null;
};

const MONTHS = 24;
/** Net 20, as the cast's dealers print it. */
const TERMS_DAYS = 20;
const SEED = "seed";

/**
 * Writes a dealer's settings, staff and cast into an empty database, as of `deps.today`: two years of invoices, paid as
 * each customer pays, and the few that each one is there for. The last payments are made with the portal's own verbs.
 */
export async function seedDealer(
  deps: Deps,
  dealer: CastDealer,
  vendor: SeedVendor,
  cost: typeof STANDARD_COST = STANDARD_COST,
): Promise<void> {
  const { db, now } = deps;
  const passwordHash = await hashPassword(CAST_PASSWORD, cost);
  const people: Write[] = [
    db.insert(schema.settings).values({ id: 1, ...dealer.settings }),
    db
      .insert(schema.apiKeys)
      .values({ id: newId("key", now), name: "Back office", hash: await sha256(dealer.apiKey), createdAt: now }),
  ];
  for (const person of dealer.staff) {
    const id = newId("usr", now);
    people.push(
      db.insert(schema.users).values({ id, email: person.email, name: person.name, passwordHash, createdAt: now }),
    );
    people.push(db.insert(schema.staff).values({ userId: id, role: person.role }));
  }
  const seeded: Seeded[] = [];
  for (const [index, account] of dealer.accounts.entries()) {
    const one = await seedAccount(deps, account, vendor, passwordHash, 10_000 * (index + 1));
    people.push(...one.writes);
    seeded.push(one);
  }
  const result = await commit(db, now, { key: SEED, action: SEED, accountId: null, by: SEED }, people);
  if (result.result === "refused") throw new Error(`the cast breaks ${result.constraint}`);
  for (const one of seeded) await tellStory(deps, one, vendor);
}

type Seeded = {
  account: CastAccount;
  accountId: string;
  userId: string | null;
  methodId: string | null;
  customerId: string | null;
  writes: Write[];
};

async function seedAccount(
  deps: Deps,
  account: CastAccount,
  vendor: SeedVendor,
  passwordHash: string,
  firstNumber: number,
): Promise<Seeded> {
  const { db, now } = deps;
  const writes: Write[] = [];
  const accountId = newId("acc", now);
  const method = account.method
    ? await vendor.savedMethod({ accountId, name: account.name, email: account.email, token: account.method.token })
    : null;
  const { number, name, firstName, lastName, email, phone, line1, city, state, zip, status, registrationKey } = account;
  writes.push(
    db.insert(schema.accounts).values({
      id: accountId,
      number,
      name,
      firstName,
      lastName,
      email,
      phone,
      line1,
      city,
      state,
      zip,
      status,
      registrationKey,
      stripeCustomerId: method?.customerId ?? null,
      createdAt: now,
    }),
  );
  const signIns = [
    ...(email
      ? [
          {
            name: `${firstName} ${lastName}`,
            email,
            role: "owner" as const,
            passwordHash: account.registered ? passwordHash : null,
          },
        ]
      : []),
    ...(account.others ?? []).map((other) => ({ ...other, passwordHash })),
  ];
  let userId: string | null = null;
  for (const person of signIns) {
    const id = newId("usr", now);
    userId ??= id;
    writes.push(
      db.insert(schema.users).values({
        id,
        email: person.email,
        name: person.name,
        passwordHash: person.passwordHash,
        language: account.language ?? null,
        createdAt: now,
      }),
      db.insert(schema.memberships).values({
        userId: id,
        accountId,
        role: person.role,
        createdAt: now,
        activeSince: person.passwordHash ? now : null,
      }),
    );
  }
  const siteIds = account.sites.map((site) => {
    const id = newId("site", now);
    const systemId = newId("sys", now);
    writes.push(
      db
        .insert(schema.sites)
        .values({ id, accountId, number: site.number, name: site.name, line1: site.line1, city, state, zip, phone }),
      db.insert(schema.systems).values({
        id: systemId,
        siteId: id,
        csNumber: site.csNumber,
        kind: site.kind,
        panel: site.panel,
        services: site.services,
      }),
      db
        .insert(schema.zones)
        .values(site.zones.map((zone, i) => ({ systemId, number: String(i + 1).padStart(3, "0"), name: zone }))),
    );
    return id;
  });
  let methodId: string | null = null;
  if (method) {
    methodId = newId("pm", now);
    const { customerId: _, paymentMethodId, ...shown } = method;
    writes.push(
      db.insert(schema.paymentMethods).values({
        id: methodId,
        accountId,
        ...shown,
        stripePaymentMethodId: paymentMethodId,
        isDefault: true,
        savedAt: now,
      }),
    );
    const day = account.method?.draftDay;
    if (day && userId)
      writes.push(
        ...(await enrolled(deps, account, { accountId, userId, methodId, mandateId: method.mandateId, day })),
      );
  }
  writes.push(...history(deps, account, accountId, siteIds, firstNumber));
  return { account, accountId, userId, methodId, customerId: method?.customerId ?? null, writes };
}

/** How long ago those of the cast who have autopay agreed to it. */
const ENROLLED_DAYS_AGO = 400;

/** Autopay that was agreed to long ago, with the words of then. */
async function enrolled(
  { db, now, today }: Deps,
  account: CastAccount,
  {
    accountId,
    userId,
    methodId,
    mandateId,
    day,
  }: { accountId: string; userId: string; methodId: string; mandateId: string | null; day: number },
): Promise<Write[]> {
  const at = now - ENROLLED_DAYS_AGO * DAY;
  const agreementId = newId("agr", at);
  const language = account.language ?? "en";
  const text =
    language === "es"
      ? `Autorizo que se cobren de mi método de pago guardado, el día ${day} de cada mes, los cargos recurrentes de monitoreo pendientes en mi cuenta. Me avisarán por correo al menos 10 días antes de cada cobro. Esta autorización vale hasta que yo la cancele.`
      : `I authorize charging my payment method on file on day ${day} of each month for the recurring monitoring charges due on my account. I will get an e-mail at least 10 days before each charge. This authorization stays in effect until I cancel it.`;
  return [
    db.insert(schema.agreements).values({
      id: agreementId,
      accountId,
      userId,
      kind: "autopay",
      text,
      textHash: await sha256(text),
      language,
      name: `${account.firstName} ${account.lastName}`,
      address: "192.0.2.10",
      userAgent: "Mozilla/5.0",
      paymentMethodId: methodId,
      mandateId,
      at,
    }),
    db.insert(schema.autopay).values({
      accountId,
      paymentMethodId: methodId,
      draftDay: day,
      agreementId,
      startedAt: at,
      firstDraftOn: firstDraftOn(plusDays(today, -ENROLLED_DAYS_AGO), day),
    }),
  ];
}

type Line = typeof schema.invoiceLines.$inferInsert;

/** Two years of invoices. How many of the last stay open is what makes each member of the cast. */
function history(deps: Deps, account: CastAccount, accountId: string, siteIds: string[], firstNumber: number): Write[] {
  const { db, today, now } = deps;
  const writes: Write[] = [];
  const { billing } = account;
  const newcomer = account.number === "CR-10105";
  const gone = account.status === "inactive";
  let number = firstNumber;
  for (let back = newcomer ? 0 : MONTHS; back >= (gone ? 4 : 0); back--) {
    if (back % billing.everyMonths !== 0) continue;
    const dueOn = plusDays(today, dueDaysFromNow(account, today, back));
    const issuedOn = plusDays(dueOn, -TERMS_DAYS);
    const invoiceId = newId("inv", now);
    const lines: Line[] = siteIds.map((_, i) => {
      const amountCents = i === 0 ? Math.floor(billing.centsPerSite) : Math.ceil(billing.centsPerSite);
      return {
        invoiceId,
        position: i + 1,
        description: siteIds.length > 1 ? `Monitoring, ${account.sites[i]!.name}` : "Monitoring",
        serviceFromOn: issuedOn,
        serviceToOn: plusDays(monthsBack(today, back - billing.everyMonths), -1),
        quantityThousandths: 1000,
        unitCents: amountCents,
        amountCents,
        taxName: billing.taxName,
        taxCents: Math.round((amountCents * billing.taxThousandths) / 1000),
      };
    });
    if (account.number === "CR-10047" && back === 0) {
      lines.push({
        ...lines[0]!,
        position: 2,
        description: "Service call: replace keypad in reception, 1.5 hours",
        serviceFromOn: null,
        serviceToOn: null,
        quantityThousandths: 1500,
        unitCents: 9500,
        amountCents: 14250,
      });
    }
    const totalCents = lines.reduce((total, line) => total + line.amountCents + (line.taxCents ?? 0), 0);
    const paidCents = paidOf(account, back, totalCents);
    writes.push(
      db.insert(schema.invoices).values({
        id: invoiceId,
        accountId,
        siteId: siteIds.length === 1 ? siteIds[0] : null,
        number: `INV-${++number}`,
        kind: "recurring",
        status: "sent",
        issuedOn,
        dueOn,
        totalCents,
        allocatedCents: paidCents,
      }),
      db.insert(schema.invoiceLines).values(lines),
    );
    if (paidCents > 0) {
      const paymentId = newId("pay", now - back * 30 * DAY);
      const paidOn = plusDays(issuedOn, 9);
      writes.push(
        db.insert(schema.payments).values({
          id: paymentId,
          accountId,
          origin: "import",
          number: `PAY-${number}`,
          ...billing.paidBy,
          amountCents: paidCents,
          allocatedCents: paidCents,
          state: "settled",
          startedAt: noonOf(paidOn),
          paidOn,
          closedAt: noonOf(paidOn),
        }),
        db
          .insert(schema.allocations)
          .values({ invoiceId, paymentId, amountCents: paidCents, at: noonOf(paidOn), eventKey: SEED }),
      );
    }
  }
  const credit = account.number === "CR-10052" ? 2500 : account.number === "CR-10090" ? 1820 : 0;
  if (credit > 0) {
    const reason = gone ? "Unused service after cancellation" : "Courtesy for a missed appointment";
    writes.push(
      db.insert(schema.credits).values({
        id: newId("crd", now),
        accountId,
        number: `CM-${number}`,
        reason,
        issuedOn: plusDays(today, -20),
        amountCents: credit,
      }),
    );
  }
  return writes;
}

/** What has come in on the invoice of so many months ago. */
function paidOf(account: CastAccount, back: number, totalCents: number): number {
  if (back === 0) return 0;
  if (account.number === "CR-10052") return back > 3 ? totalCents : back === 2 ? 1500 : 0;
  if (account.number === "CR-10081" && back === 1) return 0;
  return totalCents;
}

/** Days from today until the invoice of so many months ago is due. Priya's old ones are 12, 41 and 95 days past that. */
function dueDaysFromNow(account: CastAccount, today: LocalDate, back: number): number {
  const late = account.number === "CR-10052" ? [null, 12, 41, 95][back] : null;
  return late ? -late : daysBetween(today, plusDays(monthsBack(today, back), TERMS_DAYS));
}

/** What happened in the portal: a bank payment on its way, and one that its bank took back. */
async function tellStory(deps: Deps, one: Seeded, vendor: SeedVendor): Promise<void> {
  if (one.account.number === "CR-10034") await payOldest(deps, one);
  if (one.account.number === "CR-10081" && vendor.clear) {
    const then = depsAt(deps, deps.now - 20 * DAY);
    const paymentId = await payOldest(then, one);
    const { found } = await readAll(deps.db, { found: paymentUnderWay(deps.db, paymentId) });
    await vendor.clear(found[0]!.stripePaymentIntentId!);
    const outcome = await deps.ports.payments.outcome({
      paymentId,
      intentId: found[0]!.stripePaymentIntentId,
      checkoutId: null,
    });
    await applyOutcome(depsAt(deps, deps.now - 14 * DAY), found[0]!, outcome, "stripe");
    await returnPayment(depsAt(deps, deps.now - 11 * DAY), {
      paymentId,
      returnId: `dp_seed_${one.account.number}`,
      state: "lost",
      cents: cents(found[0]!.amountCents),
      code: "insufficient_funds",
    });
    // The office has seen to it.
    await deps.db.delete(schema.worklist);
  }
}

async function payOldest(deps: Deps, one: Seeded): Promise<string> {
  const { db } = deps;
  const { invoice, method } = await readAll(db, {
    invoice: db
      .select()
      .from(schema.invoices)
      .where(and(eq(schema.invoices.accountId, one.accountId), sql`allocated_cents < total_cents`))
      .orderBy(asc(schema.invoices.dueOn))
      .limit(1),
    method: db.select().from(schema.paymentMethods).where(eq(schema.paymentMethods.id, one.methodId!)),
  });
  const due = invoice[0]!;
  const paymentId = newId("pay", deps.now);
  const result = await payInvoices(deps, {
    paymentId,
    plan: {
      lines: [{ invoiceId: due.id, number: due.number, amountCents: cents(due.totalCents) }],
      extraCents: cents(0),
      totalCents: cents(due.totalCents),
    },
    method: { saved: method[0]! },
    account: { id: one.accountId, name: one.account.name, email: one.account.email, stripeCustomerId: one.customerId },
    userId: one.userId!,
    language: "en",
    unfinished: [],
  });
  if (result.result !== "started") throw new Error(`the cast could not pay: ${JSON.stringify(result)}`);
  return paymentId;
}

function monthsBack(today: LocalDate, back: number): LocalDate {
  const [year, month] = today.split("-").map(Number) as [number, number];
  const first = new Date(Date.UTC(year, month - 1 - back, 1));
  return first.toISOString().slice(0, 10) as LocalDate;
}

const noonOf = (date: LocalDate): number => Date.parse(`${date}T17:00:00Z`) / 1000;
