import { and, eq, gt } from "drizzle-orm";
import { getCookie, setCookie } from "hono/cookie";
import { type Adapter, type DatabaseSession, Lucia, TimeSpan } from "lucia";
import { sessions } from "../../db/schema.ts";
import { DAY, type Instant } from "../calendar.ts";
import type { Context } from "../context.ts";
import type { Dealer } from "../dealer.ts";
import { newSecret, sha256 } from "../ids.ts";

/** A session ends after this long without use; in the second half of it, use extends it. */
const SESSION_DAYS = 30;

type SessionRow = { id: string; userId: string; expiresAt: Instant };

/** The cookie's name: `__Host-` wherever there is https; text browsers on a developer's machine get the plain one. */
const cookieName = (dealer: Dealer): string => (dealer.secure ? "__Host-session" : "session");

/** The secret the browser holds; the database knows only its hash. Null when there is none worth asking about. */
export function sessionToken(c: Context): string | null {
  const token = getCookie(c, cookieName(c.var.deps.dealer));
  return token && /^[\w-]{43}$/.test(token) ? token : null;
}

/**
 * Lucia's judgement on the row that arrived with the page. Past half its life a session is extended after the answer
 * has gone out, by an UPDATE that a revoked session survives as gone.
 */
export async function validSession(c: Context, row: SessionRow): Promise<boolean> {
  const { db, now } = c.var.deps;
  const skew = realNow() - now;
  const { session } = await lucia(c.var.deps.dealer, {
    getSessionAndUser: async () => [toLucia(row, skew), { id: row.userId, attributes: {} }],
    updateSessionExpiration: async (id, expiresAt) => {
      const until = Math.floor(expiresAt.getTime() / 1000) - skew;
      const extend = db
        .update(sessions)
        .set({ expiresAt: until })
        .where(and(eq(sessions.id, id), gt(sessions.expiresAt, now)));
      afterwards(c, extend);
    },
    deleteSession: async (id) => afterwards(c, db.delete(sessions).where(eq(sessions.id, id))),
  }).validateSession(row.id);
  if (session?.fresh) setSessionCookie(c, sessionToken(c)!);
  return session !== null;
}

/** A new session: the token for the cookie, and the row to insert with the sign-in's own commit. */
export async function newSession(
  dealer: Dealer,
  now: Instant,
  userId: string,
  accountId: string | null,
): Promise<{ token: string; row: typeof sessions.$inferInsert }> {
  const token = newSecret();
  const skew = realNow() - now;
  const session = await lucia(dealer, { setSession: async () => {} }).createSession(
    userId,
    {},
    { sessionId: await sha256(token) },
  );
  const expiresAt = Math.floor(session.expiresAt.getTime() / 1000) - skew;
  return { token, row: { id: session.id, userId, accountId, createdAt: now, expiresAt } };
}

export function setSessionCookie(c: Context, token: string): void {
  const { dealer } = c.var.deps;
  const { attributes } = lucia(dealer, {}).createSessionCookie(token);
  setCookie(c, cookieName(dealer), token, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: attributes.secure,
    maxAge: SESSION_DAYS * DAY,
  });
}

export function clearSessionCookie(c: Context): void {
  const { dealer } = c.var.deps;
  setCookie(c, cookieName(dealer), "", {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: dealer.secure,
    maxAge: 0,
  });
}

/** Lucia over whichever of its adapter's questions can come up here; any other is a bug. */
function lucia(dealer: Dealer, answers: Partial<Adapter>): Lucia {
  const never = async (): Promise<never> => {
    throw new Error("lucia asked something this call does not answer");
  };
  return new Lucia(
    {
      getSessionAndUser: never,
      getUserSessions: never,
      setSession: never,
      updateSessionExpiration: never,
      deleteSession: never,
      deleteUserSessions: never,
      deleteExpiredSessions: never,
      ...answers,
    },
    {
      sessionExpiresIn: new TimeSpan(SESSION_DAYS, "d"),
      sessionCookie: { name: cookieName(dealer), attributes: { secure: dealer.secure, sameSite: "lax", path: "/" } },
    },
  );
}

/** Lucia reads the machine's clock; shifting by the difference makes it live in the request's time. */
const realNow = (): Instant => Math.floor(Date.now() / 1000);
const toLucia = (row: SessionRow, skew: number): DatabaseSession => ({
  id: row.id,
  userId: row.userId,
  expiresAt: new Date((row.expiresAt + skew) * 1000),
  attributes: {},
});

/** After the answer: tidying that no page waits for. Losing it is harmless, so a failure is only logged. */
function afterwards(c: Context, write: PromiseLike<unknown>): void {
  const quiet = Promise.resolve(write).then(
    () => {},
    () => {},
  );
  c.executionCtx.waitUntil(quiet);
}
