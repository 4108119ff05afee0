import { request as ask } from "node:http";
import { en } from "../../views/text/en.ts";
import { expect, test } from "./town.ts";

/** A client like w3m: no script, no Origin, no Sec-Fetch-Site, cookies kept, redirects followed by hand. */
function textBrowser(origin: string) {
  const jar = new Map<string, string>();
  const send = (path: string, form?: Record<string, string>) =>
    new Promise<{ status: number; location: string; html: string }>((resolve, reject) => {
      const body = form ? new URLSearchParams(form).toString() : null;
      const sent = ask(
        `${origin}${path}`,
        {
          method: body === null ? "GET" : "POST",
          headers: {
            "User-Agent": "w3m/0.5.3",
            Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
            ...(body === null ? {} : { "Content-Type": "application/x-www-form-urlencoded" }),
          },
        },
        (answer) => {
          for (const cookie of answer.headers["set-cookie"] ?? []) {
            const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
            jar.set(name, value);
          }
          let html = "";
          answer.setEncoding("utf8").on("data", (part: string) => {
            html += part;
          });
          answer.on("end", () =>
            resolve({ status: answer.statusCode ?? 0, location: answer.headers.location ?? "", html }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  const field = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? "";
  return { send, field };
}

test("a browser that says nothing of where it comes from can sign in, pay and sign out", async ({ town }) => {
  const dealer = town.cedarRidge;
  const { send, field } = textBrowser(dealer.url);
  const form = await send("/sign-in");
  expect(form.status).toBe(200);
  const signedIn = await send("/sign-in", {
    form_token: field(form.html, "form_token"),
    next: "/",
    email: "tomas@example.com",
    password: "porch-light-42",
  });
  expect([signedIn.status, signedIn.location]).toEqual([303, "/"]);
  const due = await send("/invoices");
  const id = /name="pay" value="([^"]+)"/.exec(due.html)?.[1] ?? "";
  const fields = {
    form_token: field(due.html, "form_token"),
    payment_id: field(due.html, "payment_id"),
    pay: id,
    [`amount_${id}`]: "1.25",
    total: "",
    method: "new_card",
  };
  const check = await send("/payments", { ...fields, shown_total: "0.00" });
  expect(check.status).toBe(200);
  expect(check.html).toContain(en.pay.check("$1.25"));
  const paying = await send("/payments", { ...fields, shown_total: field(check.html, "shown_total") });
  expect(paying.status).toBe(303);
  expect(paying.location.startsWith(`${town.bank}/c/pay/`)).toBe(true);
  const out = await send("/sign-out", { form_token: fields.form_token });
  expect([out.status, out.location]).toEqual([303, "/sign-in?signed-out"]);
  expect((await send("/")).location).toBe("/sign-in");
});

test("without the token of a form that we drew, such a browser is refused", async ({ town }) => {
  const { send } = textBrowser(town.cedarRidge.url);
  const answer = await send("/sign-in", { next: "/", email: "tomas@example.com", password: "porch-light-42" });
  expect(answer.status).toBe(403);
});
