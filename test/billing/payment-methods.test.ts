import { describe, expect, test } from "vitest";
import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";
import {
  addMethod,
  atBank,
  later,
  type MethodRow,
  methodRows,
  onFile,
  readyToAdd,
  removalForm,
  startAdding,
  subjects,
  typeDeposits,
  typeNewAccount,
  typeNewCard,
} from "./adding.ts";
import { bankTotals, runJobsOnce } from "./aftermath.ts";
import { atTheBank, follow, pay, readyToPay, typeAccount } from "./customer.ts";

// Harbor Street Dental has nothing on file; Dana's card backs autopay; Priya's card does not.
const DENTAL = "amara@harborstreetdental.example.com";
const PRIYA = "priya@example.com";
const DANA = "dana@example.com";

const setupRow = (t: TestPortal, id: string) =>
  t.row<{ state: string; failure_code: string | null; payment_method_id: string | null; check_at: number | null }>(
    "select * from setups where id = ?",
    id,
  );

/** Turns autopay on, drawing on one method. */
async function enrolWith(browser: TestBrowser, method: string): Promise<void> {
  const choices = new URLSearchParams({ method, day: "5", monitoring: "1", others: "", ask: "" });
  const form = formOn((await browser.get(`/autopay/enrolment?${choices}`)).html, "/autopay");
  form.set("agree", "yes");
  form.set("name", "Amara Diallo");
  expect((await browser.post("/autopay", form)).status).toBe(303);
}

/** The mandate under which the bank lets an account be debited. */
const mandateAtBank = (t: TestPortal, method: MethodRow): string =>
  JSON.parse(t.bank.saveState()).books["cedar-ridge"].mandateOf[method.stripe_payment_method_id];

describe("adding a method", () => {
  test("a card: agreed to, typed at the vendor's page with its address, and on file as the usual one", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    expect((await amara.get("/payment-methods")).html).toContain("No card or bank account is on file yet.");
    const { setupId, url } = await startAdding(amara);
    expect(url).toMatch(/^https:\/\/bank\.test\/c\/pay\//);
    const page = await follow(amara, await typeNewCard(t, url));
    expect(page.html).toContain("Your new payment method is on file.");
    expect(page.html).toContain("Visa ending 4242");
    const [card, ...more] = await methodRows(t, "CR-10047");
    expect(more).toEqual([]);
    expect(card).toMatchObject({ kind: "card", brand: "visa", last_four: "4242", is_default: 1, blocked: null });
    expect(await setupRow(t, setupId)).toMatchObject({ state: "done", payment_method_id: card!.id, check_at: null });
    const kept = atBank(t, card!.stripe_payment_method_id);
    expect(kept.customer).toMatch(/^cus_/);
    expect(kept.billing_details).toMatchObject({ address: { line1: "1 Demonstration Way", postal_code: "45000" } });
    const intents = Object.values(JSON.parse(t.bank.saveState()).books["cedar-ridge"].setupIntents) as {
      metadata: { setup_id?: string };
      usage: string;
    }[];
    expect(intents.find((one) => one.metadata.setup_id === setupId)).toMatchObject({ usage: "off_session" });
  });

  test("keeps what was agreed to word for word, with its hash, language, address and browser", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const shown = await amara.get("/payment-methods/new");
    const form = await readyToAdd(amara, "card");
    const answer = await amara.post("/payment-methods", form, {
      "CF-Connecting-IP": "203.0.113.7",
      "User-Agent": `Lynx/2.9 ${"x".repeat(500)}`,
    });
    await follow(amara, await typeNewCard(t, answer.headers.get("Location")!));
    const agreement = await t.row<Record<string, string | null>>("select * from agreements where kind = 'method'");
    expect(agreement).toMatchObject({ kind: "method", language: "en", address: "203.0.113.7", name: "" });
    expect(agreement.user_agent).toHaveLength(300);
    const paragraphs = agreement.text!.split("\n");
    expect(paragraphs).toHaveLength(4);
    for (const paragraph of paragraphs) expect(shown.html).toContain(paragraph.replaceAll("&", "&amp;"));
    expect(agreement.text_hash).toBe(form.get("terms"));
    expect(agreement.text_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(agreement.payment_method_id).toBe((await onFile(t, "CR-10047"))[0]!.id);
    await t.runJobs();
    const letter = t.outbox.find((mail) => mail.subject === "Visa ending 4242 is on file")!;
    expect(letter.to).toBe(DENTAL);
    for (const paragraph of paragraphs) expect(letter.text).toContain(paragraph);
    expect(letter.text).toContain(
      "You agreed to this on Dec 1, 2026, 10:00 AM, for the account of Harbor Street Dental",
    );
  });

  test("a bank account that is verified at once has its mandate, and pays by itself", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    await addMethod(t, amara, "bank");
    const [bank] = await onFile(t, "CR-10047");
    expect(bank).toMatchObject({ kind: "bank", last_four: "6789", is_default: 1 });
    expect(
      (await t.row<{ mandate_id: string }>("select mandate_id from agreements where kind = 'method'")).mandate_id,
    ).toMatch(/^mandate_/);
    const { answer } = await pay(amara, { invoices: { "INV-30003": null }, method: bank!.id });
    expect((await follow(amara, answer.headers.get("Location"))).html).toContain("We have your bank payment");
    expect(bankTotals(t).processing).toBeGreaterThan(0);
  });

  test("its mandate stands with whatever is agreed to later: a payment on a later day, autopay", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    await addMethod(t, amara, "bank");
    const [bank] = await onFile(t, "CR-10047");
    const later = await readyToPay(amara, { invoices: { "INV-30003": null }, method: bank!.id });
    later.set("pay_on", "2026-12-10");
    const words = await amara.get((await amara.post("/payments", later)).headers.get("Location")!);
    await amara.post("/scheduled-payments", formOn(words.html, "/scheduled-payments"));
    await enrolWith(amara, bank!.id);
    const agreed = await t.rows<{ kind: string; mandate_id: string }>(
      "select kind, mandate_id from agreements where payment_method_id = ? order by rowid",
      bank!.id,
    );
    expect(agreed.map(({ kind }) => kind)).toEqual(["method", "scheduled", "autopay"]);
    expect(new Set(agreed.map((one) => one.mandate_id))).toEqual(new Set([mandateAtBank(t, bank!)]));
  });

  test("so does that of an account which was kept while paying", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const { answer } = await pay(amara, { invoices: { "INV-30003": null }, method: "new_bank", save: true });
    await follow(amara, await typeAccount(t, answer.headers.get("Location")!));
    const [bank] = await onFile(t, "CR-10047");
    await enrolWith(amara, bank!.id);
    const { mandate_id } = await t.row<{ mandate_id: string }>(
      "select mandate_id from agreements where kind = 'autopay' and payment_method_id = ?",
      bank!.id,
    );
    expect(mandate_id).toMatch(/^mandate_/);
    expect(mandate_id).toBe(mandateAtBank(t, bank!));
  });

  test("a card that wants 3-D Secure is confirmed there first", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const { url } = await startAdding(amara);
    const bank = await typeNewCard(t, url, "pm_card_authenticationRequiredOnSetup");
    expect(bank).toMatch(/\/3ds\//);
    await t.webhooks();
    expect(await onFile(t, "CR-10047")).toEqual([]);
    await follow(amara, await atTheBank(t, bank, { result: "complete" }));
    expect(await onFile(t, "CR-10047")).toHaveLength(1);
  });

  test("a declined card leaves the page open for another, and nothing on file till then", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const { url } = await startAdding(amara);
    expect(await typeNewCard(t, url, "pm_card_chargeDeclined")).toBe(url);
    await t.webhooks();
    expect(await onFile(t, "CR-10047")).toEqual([]);
    await follow(amara, await typeNewCard(t, url));
    expect(await onFile(t, "CR-10047")).toHaveLength(1);
  });

  test("an incomplete address is asked for again", async () => {
    const t = await portal();
    const { url } = await startAdding(await t.as(DENTAL));
    const body = new URLSearchParams({ kind: "card", card_case: "pm_card_visa", line1: "1 Elm St" });
    const answer = await t.bank.fetch(new Request(url, { method: "POST", body }));
    expect(answer.status).toBe(422);
  });

  test("without script, and in Spanish where that is the reader's", async () => {
    const t = await portal();
    await t.rows("update users set language = 'es' where email = ?", DENTAL);
    const amara = await t.as(DENTAL);
    const { url } = await startAdding(amara, "bank");
    expect(await (await t.bank.fetch(new Request(url))).text()).toContain('<html lang="es">');
    const page = await follow(amara, await typeNewAccount(t, url));
    expect(page.html).toContain("Su nueva forma de pago está guardada.");
    const agreement = await t.row<{ language: string; text: string }>(
      "select language, text from agreements where kind = 'method'",
    );
    expect(agreement.language).toBe("es");
    expect(agreement.text).toContain("autorizo a Cedar Ridge");
    await t.runJobs();
    expect(subjects(t)).toEqual([expect.stringMatching(/6789: está guardada$/)]);
  });

  test("a second one is the usual one only where that is said", async () => {
    const t = await portal();
    const priya = await t.as(PRIYA);
    const usual = async () => (await onFile(t, "CR-10052")).filter((one) => one.is_default).map((one) => one.brand);
    const [before] = await usual();
    await addMethod(t, priya, "card", "pm_card_amex");
    expect(await usual()).toEqual([before]);
    const { url } = await startAdding(priya, "card", { usual: true });
    await follow(priya, await typeNewCard(t, url, "pm_card_discover"));
    expect(await usual()).toEqual(["discover"]);
  });

  test("to replace the usual one offers to be that, and says what autopay does", async () => {
    const t = await portal();
    const [card] = await onFile(t, "CR-10021");
    const dana = await t.as(DANA);
    const page = await dana.get(`/payment-methods/new?instead=${card!.id}`);
    expect(formOn(page.html, "/payment-methods").get("usual")).toBe("1");
    expect(page.html).toContain("Autopay keeps drawing on the old one until you change it there.");
    const priya = await t.as(PRIYA);
    expect((await priya.get(`/payment-methods/new?instead=${card!.id}`)).html).not.toContain("Autopay keeps");
  });
});

describe("the form", () => {
  test("has no tick beside the terms, at first and after every refusal", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const page = await amara.get("/payment-methods/new");
    expect(formOn(page.html, "/payment-methods").has("agree")).toBe(false);
    for (const [change, sentence] of [
      [{ agree: "" }, "Tick the box under the terms"],
      [{ agree: "no" }, "Tick the box under the terms"],
      [{ kind: "" }, "Choose what you want to add."],
      [{ kind: "cheque" }, "Choose what you want to add."],
      [{ terms: "0".repeat(64) }, "The terms have just changed."],
      [{ terms: "" }, "The terms have just changed."],
    ] as const) {
      const form = await readyToAdd(amara, "bank", { usual: true });
      for (const [name, value] of Object.entries(change)) form.set(name, value);
      const answer = await amara.post("/payment-methods", form);
      expect(answer.status).toBe(422);
      expect(answer.html).toContain(sentence);
      const again = formOn(answer.html, "/payment-methods");
      expect(again.has("agree")).toBe(false);
      expect(again.get("usual")).toBe("1");
      if (!("kind" in change)) expect(again.get("kind")).toBe("bank");
    }
    expect(await t.rows("select id from setups")).toEqual([]);
    expect(await t.rows("select id from agreements where kind = 'method'")).toEqual([]);
  });

  test("that was open while the dealer's name changed is agreed to anew", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const form = await readyToAdd(amara, "card");
    await t.rows("update settings set name = 'Cedar Ridge <b>& Sons</b>'");
    const answer = await amara.post("/payment-methods", form);
    expect(answer.status).toBe(422);
    expect(answer.html).toContain("The terms have just changed.");
    expect(answer.html).not.toContain("<b>& Sons");
  });

  test("with somebody else's idea of a setup starts nothing", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    for (const id of ["", "set_1", "pay_01kb3x9q0e4m8n2t7w5z", "set_01kb3x9q0e4m8n2t7w5z'--"]) {
      const form = await readyToAdd(amara, "card");
      form.set("setup_id", id);
      expect((await amara.post("/payment-methods", form)).status).toBe(404);
    }
    const priya = await t.as(PRIYA);
    const { setupId } = await startAdding(priya);
    const form = await readyToAdd(amara, "card");
    form.set("setup_id", setupId);
    const answer = await amara.post("/payment-methods", form);
    expect(answer.status).toBe(503);
    expect(answer.html).toContain("Nothing was added.");
    expect(await t.rows("select id from setups")).toEqual([{ id: setupId }]);
  });

  test("while the vendor is away says so, and the next one works", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const form = await readyToAdd(amara, "card");
    t.bank.faults.add({ match: "*", kind: "down", times: null });
    const answer = await amara.post("/payment-methods", form);
    expect(answer.status).toBe(503);
    expect(answer.html).toContain("We could not reach the card company. Nothing was added.");
    t.bank.faults.clear();
    const again = formOn(answer.html, "/payment-methods");
    expect(again.get("setup_id")).not.toBe(form.get("setup_id"));
    again.set("agree", "yes");
    expect((await amara.post("/payment-methods", again)).status).toBe(303);
  });

  test("of a viewer is not there", async () => {
    const t = await portal();
    const ines = await t.as("ines@harborstreetdental.example.com");
    expect((await ines.get("/payment-methods")).status).toBe(403);
    expect((await ines.get("/")).html).not.toContain('href="/payment-methods"');
    const theo = await t.as("theo@harborstreetdental.example.com");
    expect((await theo.get("/")).html).toContain('href="/payment-methods"');
  });
});

describe("pressed twice, or in two tabs", () => {
  test("the same button opens the same page once", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const form = await readyToAdd(amara, "card");
    const [one, two] = await Promise.all([amara.post("/payment-methods", form), amara.post("/payment-methods", form)]);
    const three = await amara.post("/payment-methods", form);
    const url = one!.headers.get("Location")!;
    expect(url).toMatch(/^https:\/\/bank\.test\/c\/pay\//);
    expect([two!.headers.get("Location"), three.headers.get("Location")]).toEqual([url, url]);
    expect(await t.rows("select id from setups")).toHaveLength(1);
    expect(await t.rows("select id from agreements where kind = 'method'")).toHaveLength(1);
    await follow(amara, await typeNewCard(t, url));
    const after = await amara.post("/payment-methods", form);
    expect(after.headers.get("Location")).toBe("/payment-methods?said=over");
    expect(await onFile(t, "CR-10047")).toHaveLength(1);
  });

  test("the same card from two tabs is on file once, and the vendor forgets the other token", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const [one, two] = [await startAdding(amara), await startAdding(amara)];
    const backs = [await typeNewCard(t, one.url), await typeNewCard(t, two.url)];
    await Promise.all([...backs.map((back) => amara.get(back)), t.bank.drainWebhooks()]);
    await t.webhooks();
    const rows = await methodRows(t, "CR-10047");
    expect(rows.filter((row) => row.removed_at === null)).toHaveLength(1);
    const [dropped] = rows.filter((row) => row.removed_at !== null);
    expect(dropped!.detached_at).not.toBeNull();
    expect(atBank(t, dropped!.stripe_payment_method_id).customer).toBeNull();
    const [kept] = await onFile(t, "CR-10047");
    expect(atBank(t, kept!.stripe_payment_method_id).customer).not.toBeNull();
    for (const { setupId } of [one, two])
      expect(await setupRow(t, setupId)).toMatchObject({ state: "done", payment_method_id: kept!.id });
  });

  test("the same card with a new date stands beside the old one", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    await addMethod(t, amara);
    const { url } = await startAdding(amara);
    await follow(amara, await typeNewCard(t, url, "pm_card_visa", { expires: "01/31" }));
    expect((await onFile(t, "CR-10047")).map((one) => [one.expires_month, one.expires_year])).toEqual([
      [12, 2029],
      [1, 2031],
    ]);
  });

  test("one that is blocked, or that its owner wanted off, is no reason to refuse it anew", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    for (const why of ["blocked = 'account_closed'", "removal_requested_at = 1"]) {
      await addMethod(t, amara, "bank");
      const before = await onFile(t, "CR-10047");
      await t.rows(`update payment_methods set ${why} where id = ?`, before.at(-1)!.id);
      await addMethod(t, amara, "bank");
      expect(await onFile(t, "CR-10047")).toHaveLength(before.length + 1);
    }
  });

  test("webhooks that come twice, backwards and months later change nothing", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    for (const mode of ["twice", "out_of_order"] as const) {
      t.bank.setDelivery({ mode });
      await addMethod(t, amara, "card", mode === "twice" ? "pm_card_visa" : "pm_card_amex");
      await t.webhooks();
    }
    const before = await methodRows(t, "CR-10047");
    expect(before).toHaveLength(2);
    const letters = subjects(t).length;
    const { id } = before[0]!;
    await t.rows("update money_settings set customers_remove_methods = 1");
    const form = removalForm((await amara.get("/payment-methods")).html, id);
    form.set("sure", "yes");
    await amara.post(`/payment-methods/${id}/removal`, form);
    t.clock.now += 200 * DAY;
    const events = Object.keys(JSON.parse(t.bank.saveState()).books["cedar-ridge"].events);
    await t.rows("update stripe_events set applied_at = null");
    for (const event of events) t.jobs.push({ type: "stripe.event", dealer: "cedar-ridge", eventId: event });
    await runJobsOnce(t);
    expect((await onFile(t, "CR-10047")).map((one) => one.brand)).toEqual(["amex"]);
    expect(subjects(t).length).toBe(letters + 1);
  });
});

describe("adding that is left", () => {
  test("is on nobody's file, and can be gone on with", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const { setupId, url } = await startAdding(amara);
    const page = await follow(amara, `/payment-methods/${setupId}/return`);
    expect(page.html).toContain("Nothing was added.");
    expect(page.html).toContain("You started to add a card or bank account and did not finish.");
    const on = await amara.get(`/payment-methods/${setupId}/continuation`);
    expect(on.headers.get("Location")).toBe(url);
    expect(await onFile(t, "CR-10047")).toEqual([]);
  });

  test("is over with its page, by webhook or, without one, by the sweep, and nobody is written to", async () => {
    for (const webhooks of [true, false]) {
      const t = await portal();
      const amara = await t.as(DENTAL);
      const { setupId } = await startAdding(amara);
      await later(t, 50 * MINUTE, webhooks);
      expect(await setupRow(t, setupId)).toMatchObject({
        state: "failed",
        failure_code: expect.stringMatching(/^(checkout_expired|canceled)$/),
        check_at: null,
      });
      const page = await follow(amara, `/payment-methods/${setupId}/continuation`);
      expect(page.html).toContain("Nothing was added.");
      expect(page.html).not.toContain("did not finish. Nothing is on file");
      expect(subjects(t)).toEqual([]);
    }
  });

  test("and finished without coming back is on file all the same, by webhook or sweep", async () => {
    for (const webhooks of [true, false]) {
      const t = await portal();
      const { setupId, url } = await startAdding(await t.as(DENTAL));
      await typeNewCard(t, url);
      await later(t, 50 * MINUTE, webhooks);
      expect(await setupRow(t, setupId)).toMatchObject({ state: "done" });
      expect(await onFile(t, "CR-10047")).toHaveLength(1);
    }
  });

  test("whose outcome nobody can tell is being checked, then given up; the truth still wins later", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const { setupId, url } = await startAdding(amara);
    const back = await typeNewCard(t, url);
    t.bank.setDelivery({ mode: "dropped" });
    t.bank.faults.add({ match: "GET /v1/checkout/sessions/*", kind: "down", times: null });
    expect((await follow(amara, back)).html).toContain("We are checking what came of that.");
    expect(await setupRow(t, setupId)).toMatchObject({ state: "open" });
    for (let i = 0; i < 12; i++) await later(t, DAY, false);
    expect(await setupRow(t, setupId)).toMatchObject({ state: "failed", failure_code: "unclear" });
    t.bank.faults.clear();
    t.bank.setDelivery({ mode: "normal" });
    const events = JSON.parse(t.bank.saveState()).books["cedar-ridge"].events as Record<string, { type: string }>;
    const last = Object.entries(events)
      .filter(([, event]) => event.type === "setup_intent.succeeded")
      .at(-1)!;
    await t.bank.fetch(new Request(`https://bank.test/_bank/events/${last[0]}/deliver`, { method: "POST" }));
    await t.webhooks();
    expect(await setupRow(t, setupId)).toMatchObject({ state: "done" });
    expect(await onFile(t, "CR-10047")).toHaveLength(1);
  });
});

describe("a bank account that is verified by small deposits", () => {
  async function waiting(t: TestPortal) {
    const amara = await t.as(DENTAL);
    const { setupId, url } = await startAdding(amara, "bank");
    const page = await follow(amara, await typeNewAccount(t, url, "deposits"));
    const on = await amara.get(`/payment-methods/${setupId}/continuation`);
    return { amara, setupId, page, deposits: on.headers.get("Location")! };
  }

  test("waits, says so, and leads to where the deposits are typed in", async () => {
    const t = await portal();
    const { amara, setupId, page, deposits } = await waiting(t);
    expect(page.html).toContain("Your bank account is noted.");
    expect(page.html).toContain("STRIPE TEST BANK account ending 6789 waits for verification.");
    expect(deposits).toMatch(/^https:\/\/bank\.test\/deposits\//);
    expect(await setupRow(t, setupId)).toMatchObject({ state: "verifying" });
    await t.webhooks();
    expect(subjects(t)).toEqual(["Please verify your STRIPE TEST BANK account ending 6789"]);
    expect((await amara.get("/payment-methods")).html).toContain("Type the amounts in");
  });

  test("is named on the dashboard, with the way to finish it, for whoever may, until it is done", async () => {
    const t = await portal();
    const { amara, setupId, deposits } = await waiting(t);
    const way = `href="/payment-methods/${setupId}/continuation"`;
    const home = await amara.get("/");
    expect(home.html).toContain("STRIPE TEST BANK account ending 6789 waits for verification.");
    expect(home.html).toContain(way);
    const ines = await t.as("ines@harborstreetdental.example.com");
    expect((await ines.get("/")).html).not.toContain(way);
    await typeDeposits(t, deposits, 32, 45);
    await later(t, MINUTE);
    expect((await amara.get("/")).html).not.toContain(way);
  });

  test("is reminded of once, three days after the first letter, while its amounts are not typed in", async () => {
    const t = await portal();
    const { setupId, deposits } = await waiting(t);
    const said: string[][] = [];
    for (let day = 0; day < 7; day++) {
      await later(t, DAY);
      said.push(subjects(t).slice(1));
    }
    const reminder = "Your STRIPE TEST BANK account ending 6789 still waits to be verified";
    expect(said[1]).toEqual([]);
    expect(said[3]).toEqual([reminder]);
    expect(said.at(-1)).toEqual([reminder]);
    const letter = t.outbox.find((mail) => mail.subject === reminder)!;
    expect(letter.to).toBe(DENTAL);
    expect(letter.text).toContain("by Dec 11, 2026");
    await typeDeposits(t, deposits, 32, 45);
    await later(t, DAY);
    expect(await setupRow(t, setupId)).toMatchObject({ state: "done" });
  });

  test.for(["verified", "not theirs any more"])("is not reminded of when it is %s by then", async (how) => {
    const t = await portal();
    const { deposits } = await waiting(t);
    await later(t, DAY);
    if (how === "verified") await typeDeposits(t, deposits, 32, 45);
    else
      await t.rows(
        "update memberships set active_since = null where user_id = (select id from users where email = ?)",
        DENTAL,
      );
    for (let day = 0; day < 4; day++) await later(t, DAY);
    expect(subjects(t).filter((subject) => subject.includes("still waits"))).toEqual([]);
  });

  test("cannot be charged before that, whatever a form says", async () => {
    const t = await portal();
    const { amara, setupId } = await waiting(t);
    await t.webhooks();
    expect(await methodRows(t, "CR-10047")).toEqual([]);
    expect((await amara.get("/invoices")).html).not.toContain("ending 6789");
    const form = await readyToPay(amara, { invoices: { "INV-30003": null }, method: "new_card" });
    const { token } = await t.row<{ token: string }>("select stripe_setup_intent_id token from setups");
    for (const method of [setupId, token]) {
      form.set("method", method);
      const answer = await amara.post("/payments", form);
      expect(answer.status).toBe(422);
      expect(answer.html).toContain("Choose how you want to pay.");
    }
    expect(
      await t.rows(
        "select id from payments where origin = 'portal' and account_id = (select id from accounts where number = 'CR-10047')",
      ),
    ).toEqual([]);
    for (const path of ["default", "removal"])
      expect((await amara.post(`/payment-methods/${setupId}/${path}`, { sure: "yes" })).status).toBe(404);
  });

  test("is on file with the right amounts, by webhook or, without one, by the sweep within a day", async () => {
    for (const webhooks of [true, false]) {
      const t = await portal();
      const { setupId, deposits } = await waiting(t);
      t.clock.now += 2 * DAY;
      expect(await (await typeDeposits(t, deposits, 45, 32)).text()).toContain("is verified");
      await later(t, webhooks ? 0 : DAY, webhooks);
      expect(await setupRow(t, setupId)).toMatchObject({ state: "done" });
      expect(await onFile(t, "CR-10047")).toMatchObject([{ kind: "bank", last_four: "6789", is_default: 1 }]);
      await runJobsOnce(t);
      expect(subjects(t)).toContain("STRIPE TEST BANK account ending 6789 is on file");
    }
  });

  test("is not, after three wrong tries or ten days, and its owner is told", async () => {
    for (const how of ["wrong", "hopeless", "late"] as const) {
      for (const webhooks of [true, false]) {
        const t = await portal();
        const { amara, setupId, deposits } = await waiting(t);
        if (how === "wrong") for (let i = 0; i < 3; i++) await typeDeposits(t, deposits, 1, 2);
        if (how === "hopeless") await typeDeposits(t, deposits, 10, 11);
        await later(t, how === "late" ? 11 * DAY : webhooks ? 0 : DAY + HOUR, webhooks);
        expect((await setupRow(t, setupId)).failure_code).toMatch(/^payment_method_microdeposit_verification/);
        expect(await methodRows(t, "CR-10047")).toEqual([]);
        await runJobsOnce(t);
        expect(subjects(t).at(-1)).toBe("Your STRIPE TEST BANK account ending 6789 could not be verified");
        expect((await amara.get("/payment-methods")).html).not.toContain("waits for verification");
        expect((await t.bank.fetch(new Request(deposits))).status).toBe(404);
      }
    }
  });
});

describe("the usual one", () => {
  test("is what its owner says, and stands first in the paying form", async () => {
    const t = await portal();
    const priya = await t.as(PRIYA);
    await addMethod(t, priya, "card", "pm_card_amex");
    const amex = (await onFile(t, "CR-10052")).at(-1)!;
    const form = formOn((await priya.get("/payment-methods")).html, `/payment-methods/${amex.id}/default`);
    const answer = await priya.post(`/payment-methods/${amex.id}/default`, form);
    expect((await follow(priya, answer.headers.get("Location"))).html).toContain(
      "That is now your usual payment method.",
    );
    expect(formOn((await priya.get("/invoices")).html, "/payments").get("method")).toBe(amex.id);
  });

  test("cannot be one that is blocked, wanted off, gone or somebody else's", async () => {
    const t = await portal();
    const priya = await t.as(PRIYA);
    await addMethod(t, priya, "card", "pm_card_amex");
    const [first, amex] = await onFile(t, "CR-10052");
    for (const why of ["blocked = 'account_closed'", "blocked = null, removal_requested_at = 1"]) {
      await t.rows(`update payment_methods set ${why} where id = ?`, amex!.id);
      const answer = await priya.post(`/payment-methods/${amex!.id}/default`, {});
      expect(answer.headers.get("Location")).toBe("/payment-methods?said=not_usual");
    }
    await t.rows("update payment_methods set removed_at = 1, detached_at = 1 where id = ?", amex!.id);
    expect((await priya.post(`/payment-methods/${amex!.id}/default`, {})).status).toBe(404);
    const dana = await t.as(DANA);
    const before = await methodRows(t, "CR-10052");
    for (const path of ["default", "removal"])
      expect((await dana.post(`/payment-methods/${first!.id}/${path}`, { sure: "yes" })).status).toBe(404);
    expect(await methodRows(t, "CR-10052")).toEqual(before);
    const { setupId } = await startAdding(priya);
    for (const path of ["return", "continuation"])
      expect((await dana.get(`/payment-methods/${setupId}/${path}`)).status).toBe(404);
  });
});
