import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { APART } from "../src/app.tsx";
import { may } from "../src/auth/roles.ts";
import type { Env } from "../src/context.ts";
import { newId } from "../src/ids.ts";
import { readPdf } from "./documents/read-pdf.ts";
import { addressOf, DOORS, type Door, methodOf, namedBy, rightOf } from "./house/doors.ts";
import {
  addPeople,
  asDrawn,
  DANA,
  everythingIn,
  knock,
  NOBODYS,
  PEOPLE,
  type Person,
  type Samples,
  samplesAcross,
  samplesOf,
  signedIn,
} from "./house/people.ts";
import { aloneInTheWorld, found, strangersTo } from "./house/strangers.ts";
import { portal, type TestBrowser, type TestPortal } from "./setup.ts";

/** The house tests itself: every address the router knows, knocked at by everybody. */

const doors = Object.entries(DOORS);
const pages = doors.filter(([, door]) => door.answers === "page" || door.answers === "pdf");
const private_ = doors.filter(([, door]) => door.who !== "public" && door.who !== "machine");
const named = doors.filter(([, door]) => door.names);
const changing = doors.filter(
  ([name, door]) => methodOf(name) !== "GET" && door.who !== "machine" && !door.fromElsewhere,
);

/** What a door answers to somebody who is signed in, and where it leads those whom it sends elsewhere. */
function answerFor(person: Person, door: Door): { status: number; leadsTo: string | null } {
  const ok = typeof door.answers === "number" ? door.answers : 200;
  const right = rightOf(door);
  const answer = (status: number, leadsTo: string | null = null) => ({ status, leadsTo });
  if (door.who === "staff") return answer(person.isStaff ? ok : 404);
  if (!right) return answer(ok);
  // Whoever has no part in the account is shown to where they belong.
  if (!person.role) return answer(303, person.isStaff ? "/office" : "/accounts");
  return answer(may(person.role, right) ? ok : 403);
}

/** Where an address names something of an account, whoever has none tries Dana's. */
const ownSamples = (t: TestPortal, person: Person): Promise<Samples> => samplesOf(t, person.account ?? DANA.account!);

describe("the table of doors", () => {
  test("names every route, and nothing else", async () => {
    const t = await portal();
    const apart = new Hono<Env>();
    for (const enter of Object.values(APART)) await enter(apart);
    const routes = [...t.app.routes, ...apart.routes]
      .filter(({ method, path }) => !(method === "ALL" && path.endsWith("/*")))
      .map(({ method, path }) => `${method} ${path}`);
    expect(routes.length).toBeGreaterThan(15);
    expect(new Set(routes).size, "a route stands twice").toBe(routes.length);
    expect(routes.sort()).toEqual(Object.keys(DOORS).sort());
  });

  test.each(PEOPLE)("lets in whom it names, and nobody else: $is", async (person) => {
    const t = await portal();
    await addPeople(t);
    const samples = await ownSamples(t, person);
    const browser = await signedIn(t, person);
    for (const [name, door] of doors) {
      // Signing out ends the session that the next doors need.
      const knocking = name === "POST /sign-out" ? await t.as(person.email) : browser;
      const answer = await knock(knocking, name, door, samples);
      const { status, leadsTo } = answerFor(person, door);
      const told = `${name} for ${person.is}:`;
      expect(`${told} ${answer.status}`).toBe(`${told} ${status}`);
      if (leadsTo) expect(`${told} ${answer.headers.get("Location")}`).toBe(`${told} ${leadsTo}`);
    }
  });

  test("sends everybody else to sign in, at the cost of no trip", async () => {
    const t = await portal();
    const samples = await samplesOf(t, DANA.account!);
    for (const [name, door] of private_) {
      for (const cookie of ["", "__Host-session=abc", "session=abc; __Host-session="]) {
        const browser = t.browser("cedar-ridge", { Cookie: cookie });
        t.trips.count = 0;
        const answer = await knock(browser, name, door, samples);
        const here = addressOf(name, namedBy(door, samples));
        const next = methodOf(name) === "GET" && here !== "/" ? `?next=${encodeURIComponent(here)}` : "";
        expect(`${name}: ${answer.status} ${answer.headers.get("Location")}`).toBe(`${name}: 303 /sign-in${next}`);
        expect(answer.html).toBe("");
        expect(`${name} asked ${t.trips.count} times`).toBe(`${name} asked 0 times`);
      }
    }
  });

  test("keeps the office's doors unseen: to a customer they are pages that do not exist", async () => {
    const t = await portal();
    const dana = await t.as(DANA.email);
    const nowhere = await dana.get("/office/there-is-no-such-page");
    for (const [name, door] of doors.filter(([, door]) => door.who === "staff")) {
      const answer = await knock(dana, name, door, NOBODYS);
      expect(answer.status, name).toBe(404);
      expect(asDrawn(answer.html), name).toBe(asDrawn(nowhere.html));
    }
  });

  test("lets no machine's door be opened with a cookie", async () => {
    const t = await portal();
    const dana = await t.as(DANA.email);
    const ruth = await t.as("ruth@cedarridge.example.com");
    const before = await everythingIn(t);
    for (const [name, door] of doors.filter(([, door]) => door.who === "machine")) {
      for (const browser of [dana, ruth, t.browser()]) {
        const answer = await knock(browser, name, door, NOBODYS);
        expect(answer.status, name).toBe(door.answers);
      }
    }
    expect(await everythingIn(t)).toBe(before);
  });
});

describe("every page", () => {
  test.each(PEOPLE)("asks the database exactly once for $is", async (person) => {
    const t = await portal();
    await addPeople(t);
    const samples = await ownSamples(t, person);
    const browser = await signedIn(t, person);
    for (const [name, door] of pages) {
      for (const query of ["", ...(door.queries ?? [])]) {
        t.trips.count = 0;
        const answer = await knock(browser, name, door, samples, query);
        expect(answer.status, `${name}${query} for ${person.is}`).toBe(answerFor(person, door).status);
        expect(`${name}${query} for ${person.is}: ${t.trips.count} trips`).toBe(
          `${name}${query} for ${person.is}: 1 trips`,
        );
      }
    }
  });

  test.each(PEOPLE)("names nobody and nothing of another account to $is", async (person) => {
    const t = await portal();
    await addPeople(t);
    const samples = await ownSamples(t, person);
    const browser = await signedIn(t, person);
    // Whoever is signed in reads their own name and address, also where that is all they have here.
    const self = await t.row<{ name: string }>("select name from users where email = ?", person.email);
    const to = async (accounts: string[] | "all") => {
      const strangers = await strangersTo(t, accounts);
      for (const word of [self.name, person.email]) strangers.delete(word);
      return strangers;
    };
    const [toOne, toAll, toOffice] = [
      await to(person.accounts.slice(0, 1)),
      await to(person.accounts),
      await to("all"),
    ];
    expect(toAll.size).toBeGreaterThan(200);
    for (const [name, door] of pages) {
      const strangers = door.who === "staff" && person.isStaff ? toOffice : door.showsAllAccounts ? toAll : toOne;
      for (const query of ["", ...(door.queries ?? [])]) {
        const answer = await knock(browser, name, door, samples, query);
        const text = await readable(answer);
        // What an address says may stand on its page: whoever came with it knows it.
        const named = found(strangers, text).filter((word) => !query.includes(word));
        expect(named, `${name}${query} for ${person.is}`).toEqual([]);
        for (const [header, value] of answer.headers)
          expect(found(strangers, value), `${header} of ${name} for ${person.is}`).toEqual([]);
        // That something is found at all: a page of Dana's names Dana.
        if (person === DANA && answer.status === 200 && door.who === "see") expect(text, name).toMatch(/Dana Okafor/);
      }
    }
  });

  test("would be caught naming somebody", async () => {
    const t = await portal();
    const strangers = await strangersTo(t, DANA.accounts);
    const priya = await t.as("priya@example.com");
    const page = await priya.get("/invoices");
    const words = found(strangers, page.html);
    expect(words).toContain("Priya Raman");
    expect(words.filter((word) => /^INV-\d+$/.test(word)).length).toBeGreaterThan(3);
    // A page names invoices by their numbers; ids stand in the addresses of payments.
    expect(
      found(strangers, (await priya.get("/payments")).html).filter((word) => /^pay_\w{20}$/.test(word)),
    ).not.toEqual([]);
  });

  test("reads the same when every other customer of the dealer is gone", async () => {
    const t = await portal();
    for (const person of PEOPLE.slice(0, 2)) {
      const alone = await portal();
      await aloneInTheWorld(alone, person.account!);
      const samples = await samplesOf(t, person.account!);
      const [browser, browserAlone] = [await t.as(person.email), await alone.as(person.email)];
      for (const [name, door] of pages.filter(([, door]) => rightOf(door) || door.who === "user")) {
        for (const query of ["", ...(door.queries ?? [])]) {
          const among = await readable(await knock(browser, name, door, samples, query));
          const by = await readable(await knock(browserAlone, name, door, samples, query));
          expect(asDrawn(among), `${name}${query} for ${person.is}`).toBe(asDrawn(by));
        }
      }
    }
  });
});

/** An account that is not in view: another of theirs where they have one. */
const strangerTo = (person: Person): string =>
  person.accounts[1] === "CR-10073" ? "CR-10073" : person.account === "CR-10052" ? "CR-10021" : "CR-10052";

describe("what an address names", () => {
  test.each(PEOPLE.filter(({ role }) => role !== null))(
    "is not there when it is another account's, or another dealer's, as if it never was: $is",
    async (person) => {
      const t = await portal();
      await addPeople(t);
      const across = await samplesAcross(t);
      // Whoever sees several accounts has one in view, and the others are as far away as a stranger's.
      const theirs = { "another dealer's": across, "another account's": await samplesOf(t, strangerTo(person)) };
      const browser = await signedIn(t, person);
      const before = await everythingIn(t);
      for (const [name, door] of named) {
        const { status } = answerFor(person, door);
        const never = await knock(browser, name, door, NOBODYS);
        expect(never.status, `${name} for ${person.is}`).toBe(status === 403 ? 403 : 404);
        for (const [whose, samples] of Object.entries(theirs)) {
          const answer = await knock(browser, name, door, samples);
          const told = `${name} with ${whose} for ${person.is}`;
          expect(answer.status, told).toBe(never.status);
          expect(asDrawn(answer.html), told).toBe(asDrawn(never.html));
          expect([...answer.headers], told).toEqual([...never.headers]);
        }
      }
      expect(await everythingIn(t), person.is).toBe(before);
    },
  );

  test("cannot be reached by another spelling of the address or the method", async () => {
    const t = await portal();
    const dana = await t.as(DANA.email);
    const { invoice, payment } = await samplesOf(t, "CR-10052");
    const own = await samplesOf(t, DANA.account!);
    const before = await everythingIn(t);
    for (const address of [
      `/invoices/${invoice}/`,
      `//invoices/${invoice}`,
      `/INVOICES/${invoice}`,
      `/invoices/${own.invoice}%2F..%2F${invoice}`,
      `/invoices/${own.invoice}/../${invoice}`,
      `/invoices/./${invoice}.pdf`,
      `/invoices/${invoice}.pdf.pdf`,
      `/invoices/${encodeURIComponent(`${own.invoice}' or '1'='1`)}`,
      `/invoices/${invoice}%00`,
      `/receipts/${payment}.PDF`,
      `/payments/${payment}%20`,
    ]) {
      const url = `${dana.origin}${address}`;
      for (const method of ["GET", "HEAD"]) {
        const answer = await dana.send(url, { method, headers: { "X-HTTP-Method-Override": "POST" } });
        expect(answer.status, `${method} ${address}`).toBe(404);
        expect(answer.html).not.toContain("Priya");
      }
    }
    for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const ours = { Origin: dana.origin, "Sec-Fetch-Site": "same-origin" };
      const answer = await dana.send(`/invoices/${own.invoice}`, { method, headers: ours });
      expect(answer.status, method).toBe(404);
    }
    expect(await everythingIn(t)).toBe(before);
  });

  test("is not reached through a form either: a stranger's invoice, method or payment is not there to pay", async () => {
    const t = await portal();
    const dana = await t.as(DANA.email);
    const [priya] = await t.rows<{ invoice: string; method: string; payment: string }>(
      `select i.number invoice, m.id method, (select id from payments where account_id = a.id limit 1) payment from accounts a
       join invoices i on i.account_id = a.id and i.allocated_cents = 0 join payment_methods m on m.account_id = a.id
       where a.number = 'CR-10052' limit 1`,
    );
    const [own] = await t.rows<{ invoice: string; method: string; cents: number }>(
      `select i.number invoice, m.id method, total_cents - allocated_cents cents from accounts a
       join invoices i on i.account_id = a.id and allocated_cents < total_cents
       join payment_methods m on m.account_id = a.id where a.number = 'CR-10021' limit 1`,
    );
    const before = await everythingIn(t);
    const banked = t.bank.totals("sk_test_cedar_ridge");
    const amount = (own!.cents / 100).toFixed(2);
    const whole = { pay: own!.invoice, [`amount_${own!.invoice}`]: amount, shown_total: amount };
    const fresh = () => newId("pay", t.clock.now);
    for (const form of [
      { pay: priya!.invoice, [`amount_${priya!.invoice}`]: "1.00", shown_total: "1.00", method: own!.method },
      { ...whole, method: priya!.method },
      { ...whole, pay: [own!.invoice, priya!.invoice], [`amount_${priya!.invoice}`]: "1.00", method: priya!.method },
    ]) {
      const answer = await dana.post("/payments", { ...form, payment_id: fresh() });
      expect([200, 422]).toContain(answer.status);
      expect(answer.html).not.toContain(priya!.invoice);
    }
    const taken = await dana.post("/payments", { ...whole, method: own!.method, payment_id: priya!.payment });
    expect([303, 422, 500, 503]).toContain(taken.status);
    expect(await everythingIn(t)).toBe(before);
    expect(t.bank.totals("sk_test_cedar_ridge")).toEqual(banked);
    // The same form with a payment of her own goes through, so it was the strangers' that did not.
    expect((await dana.post("/payments", { ...whole, method: own!.method, payment_id: fresh() })).status).toBe(303);
    expect(t.bank.totals("sk_test_cedar_ridge").captured).toBe(banked.captured + own!.cents);
  });
});

describe("a session", () => {
  test("of one dealer opens nothing at another, whatever the request calls its host", async () => {
    const t = await portal();
    const dana = await t.as(DANA.email);
    const next = t.browser("bluebonnet");
    for (const [name, value] of dana.cookies) next.cookies.set(name, value);
    const samples = await samplesOf(t, DANA.account!);
    for (const [name, door] of private_) {
      const answer = await knock(next, name, door, samples);
      expect(`${name}: ${answer.status} ${answer.headers.get("Location")}`).toMatch(/: 303 \/sign-in/);
    }
    const forwarded = await dana.get("/", { "X-Forwarded-Host": "bluebonnet.test", Host: "bluebonnet.test" });
    expect(forwarded.html).toContain("Cedar Ridge Alarm");
    expect(forwarded.html).not.toContain("Bluebonnet");
  });
});

describe("a form that was not sent from our own pages", () => {
  const ours = "https://cedar-ridge.test";
  const CROSS: Record<string, Record<string, string>> = {
    "from another site": { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.test" },
    "from a neighbour": { "Sec-Fetch-Site": "same-site", Origin: "https://evil.cedar-ridge.test" },
    "from nowhere": { Origin: "null" },
    "from a sandbox": { "Sec-Fetch-Site": "cross-site", Origin: "null" },
    "from the address bar": { "Sec-Fetch-Site": "none" },
    "from another site, old browser": { Origin: "https://evil.test" },
    "over http": { Origin: "http://cedar-ridge.test" },
    "from another port": { Origin: "https://cedar-ridge.test:8443" },
    "that contradicts itself about where": { "Sec-Fetch-Site": "same-origin", Origin: "https://evil.test" },
    "that contradicts itself about how": { "Sec-Fetch-Site": "cross-site", Origin: ours },
    "with an empty origin": { Origin: "" },
  };
  const TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/json",
    "application/x-foo",
    null,
  ];

  test("is refused at every door that changes something, whatever it calls its content", async () => {
    const t = await portal();
    const dana = await t.as(DANA.email);
    const { html } = await dana.get("/");
    const samples = await samplesOf(t, DANA.account!);
    const before = await everythingIn(t);
    expect(changing.length).toBeGreaterThan(3);
    for (const [name, door] of changing) {
      for (const [how, headers] of Object.entries(CROSS)) {
        for (const type of TYPES) {
          const answer = await bare(dana, name, door, samples, { headers, type, token: tokenOn(html) });
          expect(answer.status, `${name} ${how} as ${type}`).toBe(403);
        }
      }
    }
    expect(await everythingIn(t)).toBe(before);
  });

  test("and says nothing of where it comes from, needs the token of a form that we drew for this session", async () => {
    const t = await portal();
    const dana = await t.as(DANA.email);
    const again = await t.as(DANA.email);
    const token = tokenOn((await dana.get("/")).html);
    const otherSessions = tokenOn((await again.get("/")).html);
    const ruth = await t.as("ruth@cedarridge.example.com");
    const hers = tokenOn((await ruth.get("/office")).html);
    const samples = await samplesOf(t, DANA.account!);
    const before = await everythingIn(t);
    for (const [name, door] of changing) {
      const wrong = `${token.slice(0, -2)}${token.endsWith("AA") ? "BB" : "AA"}`;
      for (const bad of [null, "", ".", token.split(".")[0]!, wrong, otherSessions]) {
        const answer = await bare(dana, name, door, samples, { headers: {}, type: TYPES[0]!, token: bad });
        expect(answer.status, `${name} with ${bad}`).toBe(403);
      }
      // A form's token counts only in a form: the other types are what a script on another site can send.
      for (const type of TYPES.slice(1)) {
        const answer = await bare(dana, name, door, samples, { headers: {}, type, token });
        expect(answer.status, `${name} as ${type}`).toBe(403);
      }
    }
    expect(await everythingIn(t)).toBe(before);
    for (const [name, door] of changing) {
      const [browser, good] =
        door.who === "staff" ? [ruth, hers] : name === "POST /sign-out" ? [again, otherSessions] : [dana, token];
      const answer = await bare(browser, name, door, samples, { headers: {}, type: TYPES[0]!, token: good });
      expect(answer.status, name).toBe(door.answers);
    }
  });

  test("also before sign-in, where the token goes with a cookie of its own", async () => {
    const t = await portal();
    const [browser, stranger] = [t.browser(), t.browser()];
    const token = tokenOn((await browser.get("/sign-in")).html);
    const door = DOORS["POST /sign-in"]!;
    const send = (from: TestBrowser) =>
      bare(from, "POST /sign-in", door, NOBODYS, { headers: {}, type: TYPES[0]!, token });
    expect((await send(stranger)).status).toBe(403);
    expect((await send(browser)).status).toBe(door.answers);
  });
});

/** Sends a form as no browser of today does: with just these headers. */
function bare(
  browser: TestBrowser,
  name: string,
  door: Door,
  samples: Samples,
  sent: { headers: Record<string, string>; type: string | null; token: string | null },
) {
  const form = new URLSearchParams(door.form);
  if (sent.token !== null) form.set("form_token", sent.token);
  const headers: Record<string, string> = { ...sent.headers };
  if (sent.type !== null) headers["Content-Type"] = sent.type;
  // Bytes have no content type of their own, as a text would.
  const body = new TextEncoder().encode(form.toString());
  return browser.send(addressOf(name, namedBy(door, samples)), {
    method: methodOf(name),
    headers,
    body,
  });
}

const tokenOn = (html: string): string => /name="form_token" value="([^"]+)"/.exec(html)![1]!;

/** What a person reads of an answer: its HTML, or the text of its PDF. */
async function readable(answer: Response & { html: string }): Promise<string> {
  if (answer.headers.get("Content-Type") !== "application/pdf") return answer.html;
  return (await readPdf(new Uint8Array(await answer.arrayBuffer()))).text;
}
