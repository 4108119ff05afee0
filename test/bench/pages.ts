import Stripe from "stripe";
import { type Asked, openConnection } from "./connection.ts";
import { MEASURED, measured } from "./customers.ts";
import { behind, type Rig, withRig } from "./rig.ts";

/** How often each page and each payment asks the database: counted on the line between the built Worker and sqld. */
await withRig({ delaysMs: [0] }, async (rig) => {
  const link = rig.links[0]!;
  const browser = await openConnection(rig.portal.url, behind(0));
  const { token, number } = measured(240, 240);
  const cookie = `session=${token}`;
  const ask = async (path: string, body?: string) => {
    link.trips();
    const answer = await browser.ask({
      path,
      ...(body === undefined ? { headers: { Cookie: cookie } } : posted(cookie, body)),
    });
    return { ...answer, trips: link.trips() };
  };

  const paid = `pay_${`00000000000000${number}-24`.slice(-20)}`;
  const history = measured(2400, 3);
  const pages: [string, string?][] = [
    ["/sign-in", ""],
    ["/contact-us", ""],
    ["/"],
    ["/invoices"],
    ["/invoices?after=2026-01-01~A"],
    ["/invoices/paid"],
    ["/invoices/all"],
    [`/invoices/${number}-1`],
    [`/invoices/${number}-1.pdf`],
    ["/payments"],
    ["/receipts"],
    [`/receipts/${paid.replace(number, history.number)}`, `session=${history.token}`],
    [`/receipts/${paid.replace(number, history.number)}.pdf`, `session=${history.token}`],
    [`/payments/${paid.replace(number, history.number)}`, `session=${history.token}`],
  ];
  let wrong = 0;
  for (const [path, session = cookie] of pages) {
    link.trips();
    const { status } = await browser.ask({ path, headers: session ? { Cookie: session } : {} });
    const trips = link.trips();
    if (status !== 200 || trips !== 1) wrong++;
    console.log(`${String(trips).padStart(2)}  ${status}  ${path}`);
  }

  await saveCard(rig, number);
  const due = await ask("/invoices");
  const form = paymentForm(due.body.toString(), 2);
  const payment = await ask("/payments", form);
  const place = payment.headers.get("location") ?? "";
  const page = await ask(place);
  const settled = /class="badge settled"/.test(page.body.toString());
  // Read, hold; then close what the bank has said.
  if (payment.status !== 303 || payment.trips !== 3 || page.trips !== 1 || !settled) wrong++;
  console.log(`${String(payment.trips).padStart(2)}  ${payment.status}  POST /payments, settled: ${settled}`);
  console.log(`targets: 1 a page, 2 a payment and 1 to close it; ${wrong === 0 ? "all met" : `${wrong} missed`}`);
  console.log(`again: node test/bench/pages.ts (${MEASURED.length} measured customers among 1,000)`);
  browser.close();
  if (wrong > 0) process.exitCode = 1;
});

function posted(cookie: string, body: string): Partial<Asked> {
  const headers = {
    Cookie: cookie,
    Origin: `http://${behind(0)}`,
    "Content-Type": "application/x-www-form-urlencoded",
  };
  return { method: "POST", headers, body };
}

/** Gives a customer a card that the bank's stand-in really knows. */
async function saveCard({ db, bank }: Rig, number: string): Promise<void> {
  const { hostname, port } = new URL(bank.url);
  const stripe = new Stripe(bank.secretKey, { host: hostname, port, protocol: "http", telemetry: false });
  const customer = await stripe.customers.create({ metadata: { account_id: `acc_${number}` } });
  const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
  await db.$client.batch(
    [
      { sql: "update accounts set stripe_customer_id = ? where number = ?", args: [customer.id, number] },
      { sql: "update payment_methods set stripe_payment_method_id = ? where id = ?", args: [card.id, `pm_${number}`] },
    ],
    "write",
  );
}

/** The form of invoices due as somebody sends it who has ticked the first few and agrees to the total. */
function paymentForm(html: string, count: number): string {
  const value = (name: string) => new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(html)?.[1] ?? "";
  const ticks = [...html.matchAll(/name="pay" value="([^"]+)"/g)].slice(0, count).map((match) => match[1]!);
  const amounts = ticks.map((id) => value(`amount_${id}`));
  const cents = amounts.reduce((total, amount) => total + Math.round(Number(amount) * 100), 0);
  return new URLSearchParams([
    ["payment_id", value("payment_id")],
    ["shown_total", (cents / 100).toFixed(2)],
    ["method", value("method")],
    ...ticks.flatMap((id, i): [string, string][] => [
      ["pay", id],
      [`amount_${id}`, amounts[i]!],
    ]),
  ]).toString();
}
