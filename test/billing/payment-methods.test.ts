import { describe, expect, test } from "vitest";
import { portal } from "../setup.ts";
import { addMethod, atBank, methodRows, startAdding, typeDeposits, typeNewAccount } from "./adding.ts";

const DENTAL = "amara@harborstreetdental.example.com";

describe("adding a method", () => {
  test("a card", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    await addMethod(t, amara);
    const [card, ...more] = await methodRows(t, "CR-10047");
    expect(more).toEqual([]);
    expect(card).toMatchObject({ kind: "card", brand: "visa", last_four: "4242", is_default: 1 });
    expect(atBank(t, card!.stripe_payment_method_id)).toMatchObject({
      billing_details: { address: { city: "Springvale" } },
    });
    await t.runJobs();
    await t.webhooks();
  });
  test("a bank account by deposits", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const { url, setupId } = await startAdding(amara, "bank");
    const back = await typeNewAccount(t, url, "deposits");
    const answer = await amara.get(back);
    expect(answer.headers.get("Location")).toBe("/payment-methods?said=verifying");
    expect((await amara.get("/payment-methods")).html).toContain("waits for verification");
    const on = await amara.get(`/payment-methods/${setupId}/continuation`);
    await typeDeposits(t, on.headers.get("Location")!, 32, 45);
    await t.webhooks();
    expect(await methodRows(t, "CR-10047")).toHaveLength(1);
  });
});
