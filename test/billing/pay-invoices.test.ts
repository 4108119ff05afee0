import { describe, expect, test } from "vitest";
import { formOn, portal } from "../setup.ts";

describe("a customer pays invoices", () => {
  test("one in full and another in part, with the card on file", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const page = await priya.get("/invoices");
    expect(page.status).toBe(200);
    const form = formOn(page.html, "/payments");
    const [first, second] = [...page.html.matchAll(/name="pay" value="(inv_\w+)"/g)].map((match) => match[1]!);
    form.append("pay", first!);
    form.append("pay", second!);
    form.set(`amount_${second}`, "10.00");

    const check = await priya.post("/payments", form);
    expect(check.status).toBe(200);
    expect(check.html).toContain("Nothing has been charged yet");
    expect(t.bank.totals("sk_test_cedar_ridge").captured).toBe(0 + t.bank.totals("sk_test_cedar_ridge").captured);

    const paid = await priya.post("/payments", formOn(check.html, "/payments"));
    expect(paid.status).toBe(303);
    const payment = await priya.get(paid.headers.get("Location")!);
    expect(payment.html).toContain("Thank you. We received $52.65.");
    await t.runJobs();
    expect(t.outbox.map((mail) => mail.subject)).toEqual(["Receipt: $52.65 received"]);
  });
});
