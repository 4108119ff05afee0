import { sql } from "drizzle-orm";
import { lastDay } from "../billing/method-rules.ts";
import type { LocalDate } from "../calendar.ts";
import { type Given, read } from "../reads.ts";

/** What a letter about adding or keeping a method names; `terms` and `agreedAt` are of the agreement to it. */
export type LetterMethod = {
  id: string | null;
  kind: "card" | "bank";
  brand: string;
  lastFour: string;
  /** The last day on which a card can be charged, a local date. */
  lastDay: LocalDate | null;
  terms: string;
  agreedAt: number;
  /** The language that the agreement was given in. */
  language: "en" | "es";
  holder: string;
};

/** A row of `methodOfMessage` as its letter needs it. */
export const letterMethod = ({
  expiresMonth,
  expiresYear,
  ...method
}: Omit<LetterMethod, "lastDay"> & Parameters<typeof lastDay>[0]): LetterMethod => ({
  ...method,
  lastDay: lastDay({ expiresMonth, expiresYear }),
});

/** The method that a message is about, or that the setup it is about was for. No row for other messages. */
export const methodOfMessage = read((db, _: null, messageId: Given<string>) =>
  db
    .select({
      id: sql<string | null>`p.id`,
      kind: sql<"card" | "bank">`coalesce(p.kind, 'bank')`,
      brand: sql<string>`coalesce(p.brand, s.brand)`,
      lastFour: sql<string>`coalesce(p.last_four, s.last_four)`,
      expiresMonth: sql<number | null>`p.expires_month`,
      expiresYear: sql<number | null>`p.expires_year`,
      terms: sql<string>`coalesce(g.text, '')`,
      agreedAt: sql<number>`coalesce(g.at, 0)`,
      language: sql<"en" | "es">`coalesce(g.language, 'en')`,
      holder: sql<string>`a.name`,
    })
    .from(
      sql`messages m left join setups s on s.id = m.subject_id
          left join payment_methods p on p.id = coalesce(s.payment_method_id, m.subject_id)
          left join agreements g on g.id = s.agreement_id
          left join accounts a on a.id = m.account_id`,
    )
    .where(sql`m.id = ${messageId} and coalesce(p.id, s.id) is not null`),
);
