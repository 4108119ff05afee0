import { getCookie, setCookie } from "hono/cookie";
import { MINUTE } from "../calendar.ts";
import type { Context } from "../context.ts";
import { base64url, fromBase64url, hmac, newId, sameText } from "../ids.ts";

/** What a browser carries for us from one page of a sign-in to the next: signed, for ten minutes, and no session. */

const LIFETIME_SECONDS = 10 * MINUTE;

/** `provider`: on the way to Google and back. `second_step`: who has proven the first step. */
type Purpose = "provider" | "second_step";

/** `id` is for the commit that the ticket leads to: it can be made once. */
export type Ticket<Content> = Content & { id: string };

const cookieName = (c: Context, purpose: Purpose): string =>
  `${c.var.deps.dealer.secure ? "__Host-" : ""}${purpose.replace("_", "-")}`;

/** Hands the browser a ticket, in place of any that it has for this purpose. */
export async function giveTicket<Content extends object>(
  c: Context,
  purpose: Purpose,
  content: Content,
): Promise<void> {
  const { now, signingSecret, dealer } = c.var.deps;
  const ticket = { ...content, id: newId("tkt", now), until: now + LIFETIME_SECONDS };
  const said = base64url(new TextEncoder().encode(JSON.stringify(ticket)));
  setCookie(c, cookieName(c, purpose), `${said}.${hmac(signingSecret, `${purpose} ticket ${said}`)}`, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: dealer.secure,
    maxAge: LIFETIME_SECONDS,
  });
}

/** The ticket that this browser has for a purpose; null when it has none of ours, or one that has run out. */
export async function ticketInHand<Content>(c: Context, purpose: Purpose): Promise<Ticket<Content> | null> {
  const { now, signingSecret } = c.var.deps;
  const [said = "", mac = ""] = (getCookie(c, cookieName(c, purpose)) ?? "").split(".");
  if (!sameText(mac, hmac(signingSecret, `${purpose} ticket ${said}`))) return null;
  const ticket = JSON.parse(new TextDecoder().decode(fromBase64url(said)!)) as Ticket<Content> & { until: number };
  return ticket.until > now ? ticket : null;
}

/** Takes the ticket back: it was used, or leads nowhere. */
export function takeTicket(c: Context, purpose: Purpose): void {
  const { secure } = c.var.deps.dealer;
  setCookie(c, cookieName(c, purpose), "", { path: "/", httpOnly: true, sameSite: "Lax", secure, maxAge: 0 });
}
