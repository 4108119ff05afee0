import type { TestPortal } from "../setup.ts";

/** What names somebody or something of theirs, and whose account it belongs to (null: nobody's, such as staff). */
const WORDS = `
  select id owner, id word from accounts
  union all select id, number from accounts
  union all select id, name from accounts
  union all select id, first_name || ' ' || last_name from accounts
  union all select id, email from accounts
  union all select id, phone from accounts
  union all select id, line1 from accounts
  union all select id, registration_key from accounts
  union all select id, stripe_customer_id from accounts
  union all select m.account_id, u.email from users u left join memberships m on m.user_id = u.id
  union all select m.account_id, u.name from users u left join memberships m on m.user_id = u.id
  union all select m.account_id, u.id from users u left join memberships m on m.user_id = u.id
  union all select account_id, id from sites
  union all select account_id, number from sites
  union all select account_id, line1 from sites
  union all select s.account_id, y.cs_number from systems y join sites s on s.id = y.site_id
  union all select account_id, id from invoices
  union all select account_id, number from invoices
  union all select account_id, id from payments
  union all select account_id, number from payments
  union all select account_id, stripe_payment_intent_id from payments
  union all select account_id, id from payment_methods
  union all select account_id, stripe_payment_method_id from payment_methods
  union all select account_id, number from credits
  union all select null, id from sessions`;

/** Every word that must not stand on a page of these accounts (or, for `all`, of the office): others' of both dealers. */
export async function strangersTo(t: TestPortal, accounts: readonly string[] | "all"): Promise<Set<string>> {
  const own = new Set<string>();
  const theirs = new Set<string>();
  for (const [slug, { $client }] of Object.entries(t.databases)) {
    const { rows } = await $client.execute(
      `select word, a.number account from (${WORDS}) w left join accounts a on a.id = w.owner where trim(word) <> ''`,
    );
    for (const { word, account: whose } of rows) {
      const mine = slug === "cedar-ridge" && (accounts === "all" || accounts.includes(String(whose)));
      (mine ? own : theirs).add(String(word));
    }
  }
  return new Set([...theirs].filter((word) => !own.has(word)));
}

/** Which of the words stand in a text, as words of their own. Markup's entities are read as what they stand for. */
export function found(words: ReadonlySet<string>, text: string): string[] {
  const plain = text.replaceAll("&amp;", "&").replaceAll("&#39;", "'").replaceAll("&quot;", '"');
  return [...words].filter((word) => {
    for (let at = plain.indexOf(word); at >= 0; at = plain.indexOf(word, at + 1)) {
      const around = `${plain[at - 1] ?? " "}${plain[at + word.length] ?? " "}`;
      if (!/[\p{L}\p{N}]/u.test(around)) return true;
    }
    return false;
  });
}

/** Takes every other customer out of Cedar Ridge's books, as if they had never been. */
export async function aloneInTheWorld(t: TestPortal, account: string): Promise<void> {
  const others = "(select id from accounts where number <> ?)";
  const of: Record<string, string> = {
    allocations: `invoice_id in (select id from invoices where account_id in ${others})`,
    holds: `invoice_id in (select id from invoices where account_id in ${others})`,
    invoice_lines: `invoice_id in (select id from invoices where account_id in ${others})`,
    returns: `payment_id in (select id from payments where account_id in ${others})`,
    refunds: `payment_id in (select id from payments where account_id in ${others})`,
    payments: `account_id in ${others}`,
    credits: `account_id in ${others}`,
    autopay: `account_id in ${others}`,
    payment_methods: `account_id in ${others}`,
    invoices: `account_id in ${others}`,
    zones: `system_id in (select y.id from systems y join sites s on s.id = y.site_id where s.account_id in ${others})`,
    systems: `site_id in (select id from sites where account_id in ${others})`,
    sites: `account_id in ${others}`,
    messages: `account_id in ${others}`,
    sessions: `account_id in ${others}`,
    memberships: `account_id in ${others}`,
  };
  await t.rows("pragma foreign_keys = off");
  for (const [table, condition] of Object.entries(of)) await t.rows(`delete from ${table} where ${condition}`, account);
  await t.rows("delete from accounts where number <> ?", account);
}
