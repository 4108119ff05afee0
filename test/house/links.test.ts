import { describe, expect, test } from "vitest";
import { LIFETIME_SECONDS, type Purpose } from "../../src/auth/tokens.ts";
import { portal } from "../setup.ts";
import { addressOf, DOORS, type Door, methodOf } from "./doors.ts";
import { DANA, everythingIn, liveLink } from "./people.ts";

const doors = Object.entries(DOORS);
const PURPOSES = Object.keys(LIFETIME_SECONDS) as Purpose[];

describe("a link in a mail", () => {
  const linked = doors.filter(([name]) => name.includes(":token"));

  test("leads to a door that says what kinds of link it takes", () => {
    expect(linked.length).toBeGreaterThan(1);
    for (const [name, door] of linked) expect(door.link?.length ?? 0, name).toBeGreaterThan(0);
    expect(doors.filter(([name, door]) => door.link && !name.includes(":token"))).toEqual([]);
  });

  test("changes nothing when it is looked at, also three times by a scanner", async () => {
    const t = await portal();
    for (const [name, door] of linked.filter(([name]) => methodOf(name) === "GET")) {
      for (const purpose of door.link!) {
        const address = addressOf(name, await liveLink(t, purpose));
        const before = await everythingIn(t);
        for (const browser of [t.browser(), await t.as("priya@example.com"), await t.as(DANA.email)]) {
          const signedIn = await everythingIn(t);
          for (const method of ["GET", "HEAD", "GET", "HEAD", "GET"])
            expect((await browser.send(address, { method })).status, `${method} ${name} for ${purpose}`).toBe(200);
          expect(await everythingIn(t), `${name} for ${purpose}`).toBe(signedIn);
        }
        expect(before).toContain("test:tok_");
      }
    }
  });

  test("is dead when it is altered, for something else, another dealer's, replaced or old: looked at and used", async () => {
    const t = await portal();
    const browsers = [t.browser(), await t.as(DANA.email)];
    const refused = async (name: string, door: Door, links: Record<string, string>) => {
      const before = await everythingIn(t);
      for (const browser of browsers) {
        for (const [why, secret] of Object.entries(links)) {
          const answer = await browser.send(addressOf(name, secret), {
            method: methodOf(name),
            headers: { Origin: browser.origin, "Content-Type": "application/x-www-form-urlencoded" },
            ...(methodOf(name) === "GET" ? {} : { body: new URLSearchParams(door.form).toString() }),
          });
          expect(answer.status, `${name} with a link that is ${why}`).toBe(410);
          expect(answer.html).not.toMatch(/Dana|dana@|CR-10021/);
        }
      }
      expect(await everythingIn(t), name).toBe(before);
    };
    for (const [name, door] of linked) {
      const links: Record<string, string> = {};
      for (const purpose of PURPOSES.filter((one) => !door.link!.includes(one)))
        links[`for ${purpose}`] = await liveLink(t, purpose);
      const live: Record<string, string> = {};
      for (const purpose of door.link!) {
        links[`another dealer's, ${purpose}`] = await liveLink(t, purpose, "bluebonnet");
        links[`replaced, ${purpose}`] = await liveLink(t, purpose);
        const link = await liveLink(t, purpose);
        live[`old, ${purpose}`] = link;
        for (const at of [0, 20, 41])
          links[`altered at ${at}, ${purpose}`] =
            link.slice(0, at) + (link[at] === "A" ? "B" : "A") + link.slice(at + 1);
        for (const altered of [link.slice(1), `${link}A`, `${link} `, `\0${link}`, link.toUpperCase()])
          links[`altered to ${altered}`] = altered;
      }
      await refused(name, door, links);
      t.clock.now += Math.max(...door.link!.map((purpose) => LIFETIME_SECONDS[purpose]));
      await refused(name, door, live);
    }
  });
});
