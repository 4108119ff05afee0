import { describe, expect, test } from "vitest";
import { formOn, portal, type TestPortal } from "../setup.ts";
import { bankTotals, expectBankAndBooksAgree } from "./aftermath.ts";
import {
  fillIn,
  follow,
  invoiceRow,
  meetAtTheBank,
  openInvoicesOf,
  pay,
  paymentRow,
  paymentsOf,
  readyToPay,
} from "./customer.ts";

// Priya owes 42.65 (oldest), 27.65 of 42.65, 42.65, and 42.65 that is not due yet: 155.60 in all.
const OLDEST = "INV-40022";
const PARTLY = "INV-40023";

const set = (t: TestPortal, columns: string) => t.db.$client.execute(`update settings set ${columns}`);
const chargedNow = (t: TestPortal) => bankTotals(t).captured;

describe("a customer pays invoices", () => {
  test("one in full and another in part, with the card on file, and has a receipt by mail", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const before = chargedNow(t);
    const page = await priya.get("/invoices");
    const check = await priya.post("/payments", fillIn(page.html, { invoices: { [OLDEST]: null, [PARTLY]: "10.00" } }));
    expect(check.status).toBe(200);
    expect(check.html).toContain("Your total is $52.65. Nothing has been charged yet.");
    expect(chargedNow(t)).toBe(before);
    expect(await paymentsOf(t, "CR-10052")).toEqual([]);

    const paid = await priya.post("/payments", formOn(check.html, "/payments"));
    expect(paid.status).toBe(303);
    const payment = await priya.get(paid.headers.get("Location")!);
    expect(payment.html).toContain("Thank you. We received $52.65.");
    expect(chargedNow(t)).toBe(before + 5265);
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265, held_cents: 0 });
    expect(await invoiceRow(t, PARTLY)).toMatchObject({ allocated_cents: 2500, held_cents: 0 });
    await t.runJobs();
    expect(t.outbox.map((mail) => mail.subject)).toEqual(["Receipt: $52.65 received"]);
    await t.webhooks();
    await expectBankAndBooksAgree(t);
    expect(t.outbox).toHaveLength(1);
  });

  test("everything, with one button", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { answer, paymentId } = await pay(priya, { everything: true });
    expect((await follow(priya, answer.headers.get("Location"))).html).toContain("We received $155.60.");
    expect(await openInvoicesOf(t, "CR-10052")).toEqual([]);
    expect(await t.rows("select invoice_id from holds where payment_id = ?", paymentId)).toHaveLength(4);
    expect((await priya.get("/invoices")).html).toContain("No invoice is due.");
  });

  test("by one total, which fills the oldest first", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    await pay(priya, { total: "50.00" });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265 });
    expect(await invoiceRow(t, PARTLY)).toMatchObject({ allocated_cents: 1500 + 735 });
  });

  test("shows a typed total as amounts before it takes it", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const page = await priya.get("/invoices");
    const check = await priya.post("/payments", fillIn(page.html, { total: "50.00" }));
    const form = formOn(check.html, "/payments");
    expect(form.getAll("pay")).toEqual([OLDEST, PARTLY]);
    expect(form.get(`amount_${PARTLY}`)).toBe("7.35");
    expect(form.get("total")).toBe("");
    expect(form.get("shown_total")).toBe("50.00");
  });

  test("with the bank account on file, which holds the invoice and promises nothing yet", async () => {
    const t = await portal();
    const northgate = await t.as("office@northgatestorage.example.com");
    const { answer, paymentId } = await pay(northgate, { invoices: { "INV-70024": null } });
    const page = await follow(northgate, answer.headers.get("Location"));
    expect(page.html).toContain("We have your bank payment of $201.76.");
    expect(page.html).toContain("usually clears in 4 business days");
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "processing", kind: "bank" });
    expect(await invoiceRow(t, "INV-70024")).toMatchObject({ allocated_cents: 0, held_cents: 20176 });
    await t.runJobs();
    expect(t.outbox.map((mail) => mail.subject)).toEqual(["We have your bank payment of $201.76"]);
  });

  test("in Spanish, if that is their language", async () => {
    const t = await portal();
    await t.db.$client.execute(
      "insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents) select 'inv_extra', id, 'EXTRA-1', 'service', 'sent', '2026-11-01', '2026-11-21', 2000 from accounts where number = 'CR-10034'",
    );
    const maya = await t.as("maya@example.com");
    const { answer } = await pay(maya, { invoices: { "EXTRA-1": "20.00" } });
    const page = await follow(maya, answer.headers.get("Location"));
    expect(page.html).toContain('<html lang="es"');
    expect(page.html).toContain("$20.00");
    expect(page.html).not.toMatch(/We have your|business days/);
    await t.runJobs();
    expect(t.outbox.at(-1)!.html).toContain('<html lang="es"');
  });

  test("of which there are more than one page, from its second page", async () => {
    const t = await portal();
    for (let i = 10; i < 40; i++) {
      await t.db.$client.execute(
        `insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents) select 'inv_more${i}', id, 'MORE-${i}', 'service', 'sent', '2027-01-01', '2027-02-${i - 9 < 10 ? `0${i - 9}` : Math.min(i - 9, 28)}', 1000 from accounts where number = 'CR-10052'`,
      );
    }
    const priya = await t.as("priya@example.com");
    const first = await priya.get("/invoices");
    const next = /href="(\/invoices\?after=[^"]+)"/.exec(first.html)![1]!;
    const second = await priya.get(next.replaceAll("&amp;", "&"));
    expect(second.html).toContain("MORE-38");
    expect(second.html).toContain("Back to the first");
    const check = await priya.post("/payments", fillIn(second.html, { invoices: { "MORE-38": null } }));
    expect(check.html).toContain("MORE-38");
    const paid = await priya.post("/payments", formOn(check.html, "/payments"));
    expect((await follow(priya, paid.headers.get("Location"))).html).toContain("We received $10.00.");
    expect(await invoiceRow(t, "MORE-38")).toMatchObject({ allocated_cents: 1000 });

    const all = await pay(priya, { everything: true });
    expect((await follow(priya, all.answer.headers.get("Location"))).html).toContain("We received $445.60.");
    expect(await openInvoicesOf(t, "CR-10052")).toEqual([]);
  });

  test("and more than is owed only where the dealer keeps it as credit", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const form = fillIn((await priya.get("/invoices")).html, { total: "195.00" });
    const refused = await priya.post("/payments", form);
    expect(refused.status).toBe(422);
    expect(refused.html).toContain("The most you can pay now is $155.60.");
    expect(refused.html).toContain('value="195.00"');

    await set(t, "overpayment = 1");
    const check = await priya.post("/payments", form);
    expect(check.html).toContain("$39.40 of this stays on your account as credit.");
    const paid = await priya.post("/payments", formOn(check.html, "/payments"));
    const page = await follow(priya, paid.headers.get("Location"));
    expect(page.html).toContain("We received $195.00.");
    expect(page.html).toContain("$39.40");
    // 25.00 of courtesy was there before.
    expect((await priya.get("/")).html).toContain("$64.40");
  });
});

describe("what cannot be paid comes back with its reason, and nothing is charged", () => {
  const refusedWith = async (sentence: string, wish: Parameters<typeof fillIn>[1], columns?: string) => {
    const t = await portal();
    if (columns) await set(t, columns);
    const before = chargedNow(t);
    const priya = await t.as("priya@example.com");
    const answer = await priya.post("/payments", fillIn((await priya.get("/invoices")).html, wish));
    expect(answer.status).toBe(422);
    expect(answer.html).toContain(sentence);
    expect(answer.html).toContain('role="alert"');
    expect(await paymentsOf(t, "CR-10052")).toEqual([]);
    expect(chargedNow(t)).toBe(before);
    return answer;
  };

  test("nothing ticked", () => refusedWith("Tick at least one invoice, or type a total.", {}));

  test("more than an invoice's balance, by a cent", async () => {
    const answer = await refusedWith(`${OLDEST} has only $42.65 to pay.`, { invoices: { [OLDEST]: "42.66" } });
    expect(answer.html).toContain('value="42.66"');
    expect(answer.html).toContain('aria-invalid="true"');
  });

  test("an amount nobody can read", async () => {
    const answer = await refusedWith(`The amount for ${OLDEST} is not one we can read.`, {
      invoices: { [OLDEST]: "forty" },
    });
    expect(answer.html).toContain('value="forty"');
  });

  test("a tick without an amount", () =>
    refusedWith(`Type how much to pay on ${OLDEST}.`, { invoices: { [OLDEST]: "" } }));

  test("a total nobody can read", () => refusedWith("The total is not one we can read.", { total: "12.345" }));

  test("less than the minimum", () => refusedWith("The smallest payment is $1.00.", { total: "0.99" }));

  test("less than the dealer's own minimum", () =>
    refusedWith(
      "The smallest payment is $20.00.",
      { invoices: { [OLDEST]: "19.99" } },
      "minimum_payment_cents = 2000",
    ));

  test("a part, where the dealer takes whole invoices only", () =>
    refusedWith(
      `${OLDEST} can only be paid whole: $42.65.`,
      { invoices: { [OLDEST]: "40.00" } },
      "partial_payments = 0",
    ));
});

describe("a paying form that was tampered with", () => {
  test("cannot pay another account's invoice", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const [danas] = await openInvoicesOf(t, "CR-10021");
    const form = await readyToPay(priya, { invoices: { [OLDEST]: null } });
    form.append("pay", danas!.number);
    form.set(`amount_${danas!.number}`, "1.00");
    const answer = await priya.post("/payments", form);
    expect(answer.status).toBe(200);
    expect(answer.html).toContain("Nothing has been charged yet");
    expect(answer.html).not.toContain(danas!.number);

    const alone = formOn((await priya.get("/invoices")).html, "/payments");
    alone.set("pay", danas!.number);
    alone.set(`amount_${danas!.number}`, "1.00");
    alone.set("shown_total", "1.00");
    expect((await priya.post("/payments", alone)).status).toBe(422);
    expect(await paymentsOf(t, "CR-10052")).toEqual([]);
  });

  test.for(["void", "unsent"])("cannot pay an invoice that is %s", async (status) => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const form = await readyToPay(priya, { invoices: { [OLDEST]: null } });
    await t.db.$client.execute({ sql: "update invoices set status = ? where number = ?", args: [status, OLDEST] });
    const answer = await priya.post("/payments", form);
    expect(answer.status).toBe(422);
    expect(answer.html).not.toContain(OLDEST);
    expect(await paymentsOf(t, "CR-10052")).toEqual([]);
  });

  test("cannot charge another account's card, nor one that is no card at all", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { id } = await t.row<{ id: string }>(
      "select m.id from payment_methods m join accounts a on a.id = m.account_id where a.number = 'CR-10021'",
    );
    const form = await readyToPay(priya, { invoices: { [OLDEST]: null } });
    for (const method of [id, "pm_card_visa", "new_cheque", ""]) {
      form.set("method", method);
      const answer = await priya.post("/payments", form);
      expect(answer.status).toBe(422);
      expect(answer.html).toContain("Choose how you want to pay.");
    }
    expect(await paymentsOf(t, "CR-10052")).toEqual([]);
  });

  test("cannot use a kind of method that the dealer does not take", async () => {
    const t = await portal();
    await set(t, "bank_payments = 0");
    const priya = await t.as("priya@example.com");
    const form = await readyToPay(priya, { invoices: { [OLDEST]: null } });
    form.set("method", "new_bank");
    expect((await priya.post("/payments", form)).status).toBe(422);
    expect((await priya.get("/invoices")).html).not.toContain("new_bank");
  });

  test("charges the amounts that the books allow, not the ones that were sent", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const form = await readyToPay(priya, { invoices: { [OLDEST]: "10.00" } });
    form.set("shown_total", "0.01");
    expect((await priya.post("/payments", form)).status).toBe(200);
    expect(await paymentsOf(t, "CR-10052")).toEqual([]);
  });

  test.for(["", "pay_1", "pay_' or 1=1 --", "inv_00000000000000000000"])(
    "needs a payment id of ours, not %j",
    async (paymentId) => {
      const t = await portal();
      const priya = await t.as("priya@example.com");
      const form = await readyToPay(priya, { invoices: { [OLDEST]: null } });
      form.set("payment_id", paymentId);
      expect((await priya.post("/payments", form)).status).toBe(404);
      expect(await paymentsOf(t, "CR-10052")).toEqual([]);
    },
  );

  test("cannot take over another account's payment", async () => {
    const t = await portal();
    const dana = await t.as("dana@example.com");
    const { paymentId } = await pay(dana, { invoices: { "INV-10025": null } });
    const priya = await t.as("priya@example.com");
    const form = await readyToPay(priya, { invoices: { [OLDEST]: null } });
    form.set("payment_id", paymentId);
    const before = chargedNow(t);
    const answer = await priya.post("/payments", form);
    expect(answer.html).not.toContain("Okafor");
    expect(chargedNow(t)).toBe(before);
    expect(await paymentsOf(t, "CR-10052")).toEqual([]);
    for (const path of ["", "/return", "/continuation"]) {
      expect((await priya.get(`/payments/${paymentId}${path}`)).status).toBe(404);
    }
    expect((await priya.post(`/payments/${paymentId}/cancellation`, { form_token: "x" })).status).toBe(404);
  });
});

describe("a form that time has overtaken", () => {
  test("is refused when its invoice was paid in another tab", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const [one, two] = [
      await readyToPay(priya, { invoices: { [OLDEST]: null } }),
      await readyToPay(priya, { invoices: { [OLDEST]: null } }),
    ];
    const before = chargedNow(t);
    expect((await priya.post("/payments", one)).status).toBe(303);
    const late = await priya.post("/payments", two);
    expect(late.status).toBe(422);
    expect(chargedNow(t)).toBe(before + 4265);
    expect(await paymentsOf(t, "CR-10052")).toHaveLength(1);
  });

  test("comes back with the new amounts when part was paid by somebody else", async () => {
    const t = await portal();
    const amara = await t.as("amara@harborstreetdental.example.com");
    const theo = await t.as("theo@harborstreetdental.example.com");
    const amaras = await readyToPay(amara, { everything: true, method: "new_card" });
    await t.db.$client.execute("update invoices set total_cents = 128350 where number = 'INV-30003'");
    await t.db.$client.execute(
      "update invoice_lines set amount_cents = amount_cents + 100 where invoice_id = (select id from invoices where number = 'INV-30003') and position = 1",
    );
    const answer = await amara.post("/payments", amaras);
    expect(answer.status).toBe(200);
    expect(answer.html).toContain("Your total is $1,283.50. Nothing has been charged yet.");
    expect((await theo.get("/invoices")).html).toContain("$1,283.50");
  });

  test("is refused before the card is touched when two people pay at the same moment", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const twin = await t.as("priya@example.com");
    const forms = [
      await readyToPay(priya, { invoices: { [OLDEST]: "30.00" } }),
      await readyToPay(twin, { invoices: { [OLDEST]: "30.00" } }),
    ];
    const before = chargedNow(t);
    meetAtTheBank(t, 2);
    const answers = await Promise.all([priya.post("/payments", forms[0]!), twin.post("/payments", forms[1]!)]);
    const loser = answers.find((answer) => answer.headers.get("Location")?.startsWith("/invoices?said="));
    expect(loser?.headers.get("Location")).toBe("/invoices?said=invoice_changed");
    expect((await priya.get("/invoices?said=invoice_changed")).html).toContain("Nothing was charged.");
    expect(chargedNow(t)).toBe(before + 3000);
  });

  test("is refused when its card has been removed meanwhile", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const form = await readyToPay(priya, { invoices: { [OLDEST]: null } });
    const remove = () =>
      t.db.$client.execute(
        "update payment_methods set removed_at = 1, is_default = 0 where account_id = (select id from accounts where number = 'CR-10052')",
      );
    // Between the page's read and the hold: the commit itself looks once more.
    const bank = t.bank.client;
    t.bank.client = async (input, init) => {
      await remove();
      return bank(input, init);
    };
    const answer = await priya.post("/payments", form);
    expect(answer.headers.get("Location")).toBe("/invoices?said=method_gone");
    expect((await priya.get("/invoices?said=method_gone")).html).toContain("no longer on file. Nothing was charged.");
    expect(await paymentsOf(t, "CR-10052")).toEqual([]);
    expect((await priya.post("/payments", form)).html).toContain("Choose how you want to pay.");
  });

  test("says what the vendor's detached card came to", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { token } = await t.row<{ token: string }>(
      "select stripe_payment_method_id token from payment_methods m join accounts a on a.id = m.account_id where a.number = 'CR-10052'",
    );
    await t.bank.fetch(
      new Request(`https://bank.test/v1/payment_methods/${token}/detach`, {
        method: "POST",
        headers: { Authorization: "Bearer sk_test_cedar_ridge" },
      }),
    );
    const { answer } = await pay(priya, { invoices: { [OLDEST]: null } });
    const page = await follow(priya, answer.headers.get("Location"));
    expect(page.html).toContain("This payment did not go through.");
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 0, held_cents: 0 });
  });
});

describe("who may not pay", () => {
  test("a viewer sees the invoices and is offered no way to pay them", async () => {
    const t = await portal();
    const ines = await t.as("ines@harborstreetdental.example.com");
    const page = await ines.get("/invoices");
    expect(page.html).toContain("Your sign-in can see invoices but not pay them.");
    expect(page.html).not.toMatch(/name="(pay|method|everything|total)"/);
    const amara = await t.as("amara@harborstreetdental.example.com");
    const form = await readyToPay(amara, { everything: true, method: "new_card" });
    form.set("form_token", formOn(page.html, "/payments").get("form_token")!);
    expect((await ines.post("/payments", form)).status).toBe(403);
    expect(await paymentsOf(t, "CR-10047")).toEqual([]);
  });

  test("a viewer can look at a payment under way, but neither finish nor cancel it", async () => {
    const t = await portal();
    const amara = await t.as("amara@harborstreetdental.example.com");
    const { paymentId } = await pay(amara, { everything: true, method: "new_card" });
    expect((await amara.get(`/payments/${paymentId}`)).html).toContain("Cancel this payment");
    const ines = await t.as("ines@harborstreetdental.example.com");
    const page = await ines.get(`/payments/${paymentId}`);
    expect(page.status).toBe(200);
    expect(page.html).not.toMatch(/Cancel this payment|\/continuation/);
    expect((await ines.get(`/payments/${paymentId}/continuation`)).status).toBe(403);
    expect((await ines.post(`/payments/${paymentId}/cancellation`, {})).status).toBe(403);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "pending" });
  });

  test("someone who only sees the alarm sees no money at all", async () => {
    const t = await portal();
    await t.db.$client.execute(
      "update memberships set role = 'service' where user_id = (select id from users where email = 'ines@harborstreetdental.example.com')",
    );
    const ines = await t.as("ines@harborstreetdental.example.com");
    for (const path of ["/invoices", "/invoices/all", "/invoices/INV-30003", "/payments", "/receipts"]) {
      const page = await ines.get(path);
      expect(page.status).toBe(403);
      expect(page.html).not.toContain("1,282.50");
    }
  });
});
