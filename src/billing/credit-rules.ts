/** Money that no invoice has used: a credit, or what a payment has left over. `on` is the day it came. */
export type CreditSource = { kind: "credit" | "payment"; id: string; on: string; restCents: number };

/** An invoice that can take money, oldest due first. */
export type CreditTarget = { invoiceId: string; payableCents: number };

/** Spreads the oldest money over the oldest invoices, each to its end. */
export function spreadCredits(
  sources: readonly CreditSource[],
  targets: readonly CreditTarget[],
): { source: CreditSource; invoiceId: string; cents: number }[] {
  const lines: { source: CreditSource; invoiceId: string; cents: number }[] = [];
  const oldest = [...sources].sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : a.id < b.id ? -1 : 1));
  const rests = oldest.map((source) => source.restCents);
  let at = 0;
  for (const { invoiceId, payableCents } of targets) {
    let open = payableCents;
    while (open > 0 && at < oldest.length) {
      const cents = Math.min(open, rests[at]!);
      if (cents > 0) lines.push({ source: oldest[at]!, invoiceId, cents });
      open -= cents;
      rests[at]! -= cents;
      if (rests[at] === 0) at++;
    }
  }
  return lines;
}
