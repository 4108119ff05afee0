import promiseLimit from "promise-limit";
import { expect, test } from "vitest";
import { inTurn } from "../../src/adapters/in-turn.ts";
import type { Ports } from "../../src/ports.ts";

/** A vendor that answers when it is told to. */
function slow() {
  const asked: (() => void)[] = [];
  const answer = (what: string) => new Promise<string>((tell) => asked.push(() => tell(what)));
  return { asked, answer };
}
const settled = () => new Promise((later) => setImmediate(later));

test("vendors are asked by so many at once and no more, each gets its own answer, and a failure frees its place", async () => {
  const vendor = slow();
  const ports = inTurn(
    {
      payments: { createCustomer: ({ name }: { name: string }) => vendor.answer(`customer ${name}`) },
      email: { send: async () => Promise.reject(new Error("no post today")) },
      sms: { send: ({ text }: { text: string }) => vendor.answer(`text ${text}`) },
      outgoing: { mayReach: (url: string) => url.startsWith("https:"), post: () => vendor.answer("posted") },
    } as unknown as Ports,
    promiseLimit(2),
  );
  const mail = ports.email.send({} as never).catch((error: Error) => error.message);
  const answers = Promise.all([
    ports.payments.createCustomer({ accountId: "acc_1", name: "Dana", email: null }),
    ports.sms.send({ id: "msg_1", to: "+15125550100", text: "hello", statusTo: null }),
    ports.outgoing.post({} as never),
  ]);
  await settled();
  expect(await mail).toBe("no post today");
  expect(vendor.asked).toHaveLength(2);
  vendor.asked[0]!();
  await settled();
  expect(vendor.asked).toHaveLength(3);
  vendor.asked[1]!();
  vendor.asked[2]!();
  expect(await answers).toEqual(["customer Dana", "text hello", "posted"]);
});

test("what a port answers at once, it answers at once", () => {
  const outgoing = { mayReach: (url: string) => url.startsWith("https:"), post: async () => {} };
  const ports = inTurn({ outgoing, payments: {}, email: {}, sms: {} } as unknown as Ports, promiseLimit(1));
  expect([ports.outgoing.mayReach("https://a.test"), ports.outgoing.mayReach("http://a.test")]).toEqual([true, false]);
});
