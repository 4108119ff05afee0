import type { Db } from "../db/client.ts";
import { type Instant, type LocalDate, localDate } from "./calendar.ts";
import type { Config, DealerConfig } from "./config.ts";
import type { Ports } from "./ports.ts";

/** One alarm company: a host name and a database. Everything below knows one dealer only. */
export type Dealer = {
  slug: string;
  origin: string;
  timeZone: string;
  mailFrom: string;
  smsNumber: string;
  /** The only form the session cookie may take here: `__Host-` needs https. */
  secure: boolean;
};

/** What every verb is given: the dealer, its database, the world, a secret to make links with, and the time. */
export type Deps = { dealer: Dealer; db: Db; ports: Ports; signingSecret: string; now: Instant; today: LocalDate };

/** The dealer a host name belongs to (port and case aside), or null. */
export function dealerFor(config: Config, hostname: string): DealerConfig | null {
  const host = hostname.toLowerCase();
  return config.dealers.find((dealer) => dealer.hosts.includes(host)) ?? null;
}

/** The dealer a job names, or null when it has left. */
export const dealerBySlug = (config: Config, slug: string): DealerConfig | null =>
  config.dealers.find((dealer) => dealer.slug === slug) ?? null;

export const dealerOf = (config: DealerConfig): Dealer => ({
  slug: config.slug,
  origin: config.origin.replace(/\/$/, ""),
  timeZone: config.time_zone,
  mailFrom: config.mail_from,
  smsNumber: config.sms_number,
  secure: config.origin.startsWith("https://"),
});

/** Puts together what a verb needs at one instant. */
export const depsFor = (dealer: Dealer, db: Db, ports: Ports, signingSecret: string, now: Instant): Deps => ({
  dealer,
  db,
  ports,
  // Two dealers' tokens with one id must not make one link.
  signingSecret: `${dealer.slug} ${signingSecret}`,
  now,
  today: localDate(now, dealer.timeZone),
});

/** The same at another time. */
export const depsAt = (deps: Deps, now: Instant): Deps => ({
  ...deps,
  now,
  today: localDate(now, deps.dealer.timeZone),
});
