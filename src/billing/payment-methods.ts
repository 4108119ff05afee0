import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import { accounts, moneySettings, paymentMethods, setups } from "../../db/schema.ts";
import { type AccountScope, type Given, read } from "../reads.ts";
import { underWay } from "./finish-setup.ts";

/** A method as lists show it: brand and last four, never a number. */
export const listedMethod = {
  id: paymentMethods.id,
  kind: paymentMethods.kind,
  brand: paymentMethods.brand,
  lastFour: paymentMethods.lastFour,
  expiresMonth: paymentMethods.expiresMonth,
  expiresYear: paymentMethods.expiresYear,
  backsAutopay:
    sql<boolean>`exists (select 1 from autopay where payment_method_id = ${paymentMethods.id} and stopped_at is null)`.mapWith(
      Boolean,
    ),
};

/** The same as its owner sees it. */
export const ownersMethod = {
  ...listedMethod,
  isDefault: paymentMethods.isDefault,
  blocked: paymentMethods.blocked,
  removalRequestedAt: paymentMethods.removalRequestedAt,
};

/** What is on file, the usual one first, those that cannot be charged among them. */
export const methodsOnFile = read((db, account: AccountScope) =>
  db
    .select(ownersMethod)
    .from(paymentMethods)
    .where(and(eq(paymentMethods.accountId, account), isNull(paymentMethods.removedAt)))
    .orderBy(desc(paymentMethods.isDefault), desc(paymentMethods.savedAt), asc(paymentMethods.id))
    .limit(30),
);

/** One of them. */
export const methodOnFile = read((db, account: AccountScope, id: Given<string>) =>
  db
    .select(ownersMethod)
    .from(paymentMethods)
    .where(and(eq(paymentMethods.id, id), eq(paymentMethods.accountId, account), isNull(paymentMethods.removedAt))),
);

/** What somebody has begun to add and that is not on file yet, the newest first. */
export const setupsUnderWay = read((db, account: AccountScope) =>
  db
    .select({ id: setups.id, state: setups.state, brand: setups.brand, lastFour: setups.lastFour })
    .from(setups)
    .where(and(eq(setups.accountId, account), sql`${setups.state} in ('open', 'verifying')`))
    .orderBy(desc(setups.startedAt), desc(setups.id))
    .limit(10),
);

/** One setup of the account, as its next step needs it. */
export const setupOf = read((db, account: AccountScope, id: Given<string>) =>
  db
    .select(underWay)
    .from(setups)
    .where(and(eq(setups.id, id), eq(setups.accountId, account))),
);

/** What this customer may do with methods: whether they pay by card, and take one off by themselves. */
export const methodRules = read((db, account: AccountScope) =>
  db
    .select({
      cardPayments: accounts.cardPayments,
      customersRemoveMethods: moneySettings.customersRemoveMethods,
    })
    .from(accounts)
    .innerJoin(moneySettings, eq(moneySettings.id, 1))
    .where(eq(accounts.id, account)),
);
