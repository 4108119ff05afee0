import { describe, expect, test, vi } from "vitest";
import { outgoingWebhooks } from "../../src/adapters/outgoing.ts";

const message = {
  url: "https://accounting.cedarridge.example.com/hooks",
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  at: 1614265330,
  body: '{"test": 2432232314}',
};

const answering = (answer: Response | Error) => {
  const sent: { url: string; init: RequestInit }[] = [];
  const port = outgoingWebhooks(async (url, init) => {
    sent.push({ url: String(url), init: init! });
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return { port, sent };
};

describe("a message to the dealer's software", () => {
  test("is signed as the specification's own example is", async () => {
    const { port, sent } = answering(new Response("ok"));
    expect(await port.post(message)).toEqual({ result: "taken" });
    const headers = new Headers(sent[0]!.init.headers);
    expect(headers.get("webhook-id")).toBe(message.id);
    expect(headers.get("webhook-timestamp")).toBe("1614265330");
    expect(headers.get("webhook-signature")).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    expect(sent[0]!.init.body).toBe(message.body);
  });

  test("is not taken unless the answer says so, and no redirect is followed", async () => {
    for (const status of [301, 302, 307, 400, 401, 404, 410, 429, 500, 503]) {
      const { port, sent } = answering(new Response(null, { status }));
      expect(await port.post(message), String(status)).toEqual({ result: "refused", reason: `answered ${status}` });
      expect(sent[0]!.init.redirect).toBe("manual");
    }
    for (const status of [200, 201, 202, 204])
      expect(await answering(new Response(null, { status })).port.post(message)).toEqual({ result: "taken" });
  });

  test("is given up after ten seconds, and never throws", async () => {
    const late = vi.spyOn(AbortSignal, "timeout");
    const timeout = Object.assign(new Error("timed out"), { name: "TimeoutError" });
    expect(await answering(timeout).port.post(message)).toEqual({
      result: "refused",
      reason: "no answer within 10 seconds",
    });
    expect(late).toHaveBeenCalledWith(10_000);
    late.mockRestore();
    expect(await answering(new TypeError("fetch failed")).port.post(message)).toEqual({
      result: "refused",
      reason: "could not be reached",
    });
  });

  test.for([
    "http://accounting.example.com/",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://224.0.0.1/",
    "https://[::1]/",
    "https://[fd00::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://intranet/",
    "https://router.local/",
    "https://db.internal./",
    "https://user:word@accounting.example.com/",
    "https://accounting.example.com:22/",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "nonsense",
    "",
  ])("never goes to %s", async (url) => {
    const { port, sent } = answering(new Response("ok"));
    expect(port.mayReach(url)).toBe(false);
    expect((await port.post({ ...message, url })).result).toBe("refused");
    expect(sent).toEqual([]);
  });

  test("may go to what is open to all", () => {
    const { port } = answering(new Response());
    for (const url of ["https://accounting.example.com/hooks?x=1", "https://8.8.8.8:8443/", "https://172.32.0.1/"])
      expect(port.mayReach(url), url).toBe(true);
  });
});
