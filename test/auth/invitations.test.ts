import { describe, expect, test } from "vitest";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { acceptInvitation } from "../../src/auth/accept-invitation.ts";
import { inviteUser } from "../../src/auth/invite-user.ts";
import { setPassword } from "../../src/auth/set-password.ts";
import { LIFETIME_SECONDS, type LinkInHand, linkInHand, linkSecret } from "../../src/auth/tokens.ts";
import { readAll } from "../../src/batch.ts";
import { sha256 } from "../../src/ids.ts";
import { everythingIn } from "../house/people.ts";
import { formOn, portal, type TestPortal } from "../setup.ts";

const AMARA = "amara@harborstreetdental.example.com";
const PRIYA = "priya@example.com";
const GINA = "gina@harborstreetdental.example.com";
const PASSWORD = { password: "a lamp, a desk, a window", again: "a lamp, a desk, a window" };

/** Amara invites somebody to Harbor Street Dental; where the letter leads. */
async function invited(t: TestPortal, email: string, role = "billing", language: "en" | "es" | null = null) {
  const { id } = await t.row<{ id: string }>("select id from accounts where number = 'CR-10047'");
  const by = (await t.row<{ id: string }>("select id from users where email = ?", AMARA)).id;
  const done = await inviteUser(t.deps(), { accountId: id, email, name: "Gina Solano", role, by, language });
  expect(done.ok).toBe(true);
  if (done.ok) await done.announce();
  await t.runJobs();
  const letter = t.outbox.at(-1)!;
  expect(letter.to).toBe(email);
  return { address: /\/invitations\/[\w-]{43}/.exec(letter.text)![0], letter };
}

const activeSince = async (t: TestPortal, email: string) =>
  (
    await t.row<{ at: number | null }>(
      `select active_since at from memberships where account_id = (select id from accounts where number = 'CR-10047')
       and user_id = (select id from users where email = ?)`,
      email,
    )
  ).at;

describe("an invitation", () => {
  test("shows who invites to what, as which role, and takes a first password: then one is in", async () => {
    const t = await portal();
    const { address } = await invited(t, GINA);
    const browser = t.browser();
    const page = await browser.get(address);
    expect(page.status).toBe(200);
    for (const words of ["Amara", "invites you to see the account of Harbor Street Dental", "Your role: Billing", GINA])
      expect(page.html).toContain(words);
    expect(page.headers.get("Cache-Control")).toContain("no-store");
    const form = formOn(page.html, address);
    form.set("password", PASSWORD.password);
    form.set("again", PASSWORD.again);
    const answer = await browser.post(address, form);
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/"]);
    const home = await browser.get("/");
    expect(home.html).toContain("Gina Solano");
    expect(home.html).toContain("CR-10047");
    expect((await browser.get("/users")).status).toBe(403);
    expect(await activeSince(t, GINA)).toBe(t.clock.now);
    expect((await t.browser().post("/sign-in", { email: GINA, ...PASSWORD })).status).toBe(303);
    // Now her name stands in the list, too.
    expect((await (await t.as(AMARA)).get("/users")).html).toContain("Gina Solano");
  });

  test("leaves the registration key as it is, also where a registration uses it up", async () => {
    const t = await portal();
    await t.rows("update access_settings set key_used_once = 1");
    const key = () => t.row("select registration_key from accounts where number = 'CR-10047'");
    const before = await key();
    const { address } = await invited(t, GINA);
    expect((await t.browser().post(address, PASSWORD)).status).toBe(303);
    expect(await key()).toEqual(before);
  });

  test("refuses a poor password with one sentence, and is still good after", async () => {
    const t = await portal();
    const { address } = await invited(t, GINA);
    const said: [Record<string, string>, string][] = [
      [{}, "too short"],
      [{ password: "short", again: "short" }, "too short"],
      [{ password: "password1234", again: "password1234" }, "among the first"],
      [{ password: `${GINA}!`, again: `${GINA}!` }, "e-mail address"],
      [{ ...PASSWORD, again: "something else" }, "not the same"],
    ];
    for (const [form, words] of said) {
      const answer = await t.browser().post(address, form);
      expect(answer.status, words).toBe(422);
      expect(answer.html).toContain(words);
      expect(answer.html).not.toContain("something else");
    }
    expect(await activeSince(t, GINA)).toBeNull();
    expect((await t.browser().post(address, PASSWORD)).status).toBe(303);
  });

  test("for somebody with a password is one press, and never a new password", async () => {
    const t = await portal();
    const { address } = await invited(t, PRIYA);
    const page = await t.browser().get(address);
    expect(page.html).not.toContain('type="password"');
    expect(page.html).not.toContain("Raman");
    const before = await t.row("select password_hash from users where email = ?", PRIYA);
    const answer = await t.browser().post(address, { ...PASSWORD });
    expect(answer.headers.get("Location")).toBe("/sign-in?accepted&next=%2Faccounts");
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await t.browser().get("/sign-in?accepted&next=%2Faccounts")).html).toContain("You have accepted.");
    expect(await t.row("select password_hash from users where email = ?", PRIYA)).toEqual(before);
    expect(await activeSince(t, PRIYA)).toBe(t.clock.now);
    const priya = await t.as(PRIYA);
    const accounts = await priya.get("/accounts");
    expect(accounts.html).toContain("CR-10047");
    expect(accounts.html).toContain("CR-10052");
    expect(await t.rows("select by from events where action = 'invitation.accepted'")).toHaveLength(1);
  });

  test("puts the account in view of a browser that is signed in as that user, and of no other", async () => {
    const t = await portal();
    const [dana, priya] = [await t.as("dana@example.com"), await t.as(PRIYA)];
    const first = await invited(t, PRIYA);
    expect((await dana.post(first.address, {})).headers.get("Location")).toBe("/sign-in?accepted&next=%2Faccounts");
    expect((await dana.get("/")).html).toContain("CR-10021");
    expect((await priya.get("/")).html).toContain("CR-10052");
    await t.rows(
      "update memberships set active_since = null where role = 'billing' and user_id = (select id from users where email = ?)",
      PRIYA,
    );
    const second = await invited(t, PRIYA);
    expect((await priya.post(second.address, {})).headers.get("Location")).toBe("/");
    expect((await priya.get("/")).html).toContain("CR-10047");
  });

  test("cannot change the password of somebody who chose one meanwhile, by another link or in another tab", async () => {
    const t = await portal();
    const { address } = await invited(t, GINA);
    const deps = t.deps();
    const secret = address.split("/").at(-1)!;
    const { found } = await readAll(deps.db, { found: linkInHand(null, await sha256(secret), deps.now) });
    const link = found[0] as LinkInHand & { accountId: string };
    expect(link.hasPassword).toBe(false);
    await t.rows("update users set password_hash = 'theirs' where email = ?", GINA);
    const input = { ...PASSWORD, common: new Set<string>(), device: "", oldToken: null };
    expect(await setPassword(deps, link, input)).toEqual({ ok: false, problem: "dead" });
    expect(await t.row("select password_hash from users where email = ?", GINA)).toEqual({ password_hash: "theirs" });
    expect(await activeSince(t, GINA)).toBeNull();
    // The link is not used up by that: she accepts with what she has.
    expect(await acceptInvitation(deps, link, null)).toBe("accepted");
    expect(await acceptInvitation(deps, link, null)).toBe("dead");
  });

  test("works once, also when it is pressed twice at once", async () => {
    const t = await portal();
    const { address } = await invited(t, GINA);
    const [one, two] = await Promise.all([t.browser().post(address, PASSWORD), t.browser().post(address, PASSWORD)]);
    expect([one.status, two.status].sort()).toEqual([303, 410]);
    const again = await t.browser().post(address, PASSWORD);
    expect(again.status).toBe(410);
    expect(again.html).toContain("Ask the person who invited you");
    expect(
      (await t.rows("select 1 from sessions where user_id = (select id from users where email = ?)", GINA)).length,
    ).toBe(1);
  });

  test("is dead when it is withdrawn, replaced, old, or its account's user was taken off", async () => {
    const t = await portal();
    const first = await invited(t, GINA);
    const second = await invited(t, GINA, "viewer");
    expect((await t.browser().get(first.address)).status).toBe(410);
    expect((await t.browser().post(first.address, PASSWORD)).status).toBe(410);
    t.clock.now += LIFETIME_SECONDS.invitation - 1;
    expect((await t.browser().get(second.address)).status).toBe(200);
    t.clock.now += 1;
    expect((await t.browser().get(second.address)).status).toBe(410);
    expect((await (await t.as(AMARA)).get("/users")).html).toContain("Invitation has run out");
    const third = await invited(t, GINA);
    await t.rows("delete from memberships where user_id = (select id from users where email = ?)", GINA);
    expect((await t.browser().get(third.address)).status).toBe(410);
    expect((await t.browser().post(third.address, PASSWORD)).status).toBe(410);
    expect(await t.rows("select 1 from users where email = ? and password_hash is not null", GINA)).toEqual([]);
  });

  test("is not used up by a scanner that gets every link of the letter three times", async () => {
    const t = await portal();
    const { letter } = await invited(t, GINA);
    const links = [...letter.html.matchAll(/href="([^"]+)"/g), ...letter.text.matchAll(/(https:\S+)/g)].map(
      (match) => match[1]!,
    );
    expect(links.length).toBeGreaterThan(1);
    const before = await everythingIn(t);
    for (let n = 0; n < 3; n++) {
      for (const link of links) {
        for (const method of ["GET", "HEAD"]) {
          const answer = await t.fetch(new Request(link, { method, redirect: "manual" }));
          expect(answer.status).toBe(200);
        }
      }
    }
    expect(await everythingIn(t)).toBe(before);
  });

  test("opens nothing with another letter's secret: one for a password is not one for an account", async () => {
    const t = await portal();
    await t.browser().post("/forgot-password", { email: PRIYA });
    const { id } = await t.row<{ id: string }>("select id from tokens where purpose = 'password'");
    const secret = linkSecret(t.deps().signingSecret, id);
    expect((await t.browser().get(`/invitations/${secret}`)).status).toBe(410);
    const { address } = await invited(t, GINA);
    expect((await t.browser().get(address.replace("invitations", "passwords"))).status).toBe(410);
    expect((await t.browser().post(address.replace("invitations", "passwords"), PASSWORD)).status).toBe(410);
  });

  test("speaks the reader's language: the letter the inviter's, the page the browser's", async () => {
    const t = await portal();
    const { letter, address } = await invited(t, GINA, "viewer", "es");
    expect(letter.text).toContain("Le invitan a ver en línea la cuenta de Harbor Street Dental");
    const page = await t.browser("cedar-ridge", { "Accept-Language": "es" }).get(address);
    expect(page.html).toContain("Tiene una invitación");
    const english = t.browser();
    expect((await english.get(address)).html).toContain("You are invited");
    // She reads English, whatever was written to her.
    await english.post(address, PASSWORD);
    expect((await english.get("/")).html).toContain('<html lang="en"');
  });

  test("is not lost when the database does not answer", async () => {
    const t = await portal();
    const { address } = await invited(t, PRIYA);
    t.trouble.database = (sql) => (sql.includes("update memberships") ? "before" : null);
    expect((await t.browser().post(address, {})).status).toBe(503);
    t.trouble.database = null;
    expect((await t.browser().post(address, {})).status).toBe(303);
    expect((await t.browser().post("/sign-in", { email: PRIYA, password: CAST_PASSWORD })).status).toBe(303);
  });
});
