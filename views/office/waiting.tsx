export type WaitingCounts = { stops: number; removals: number; questions: number; deposits: number };

const PLACES: [of: keyof WaitingCounts, href: string, one: string, more: string][] = [
  ["stops", "/office/autopay", "customer wants to stop autopay", "customers want to stop autopay"],
  ["removals", "/office/payment-methods", "card or account is to be removed", "cards or accounts are to be removed"],
  ["questions", "/office/autopay#questions", "draft waits for a customer's yes", "drafts wait for a customer's yes"],
  [
    "deposits",
    "/office/payment-methods#deposits",
    "bank account waits for its small deposits",
    "bank accounts wait for their small deposits",
  ],
];

/** What waits on pages of its own, each with the way there. */
export const Waiting = ({ counts }: { counts: WaitingCounts }) => {
  const waiting = PLACES.filter(([of]) => counts[of] > 0);
  return waiting.length === 0 ? null : (
    <ul class="rows">
      {waiting.map(([of, href, one, more]) => (
        <li>
          <a href={href}>
            {counts[of]} {counts[of] === 1 ? one : more}
          </a>
        </li>
      ))}
    </ul>
  );
};
