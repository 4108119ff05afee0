import type { Child } from "hono/jsx";
import { Links, type Said, SaidNotice } from "../ui.tsx";

// The office reads English; its sentences stand in its own views, not in the customers' catalogue.
const PLACES: [href: string, words: string][] = [
  ["/office", "Worklist"],
  ["/office/accounts", "Customers"],
  ["/office/registrations", "Registrations"],
  ["/office/lockouts", "Lockouts"],
  ["/office/contact-changes", "Contact changes"],
  ["/office/payment-methods", "Cards and accounts"],
  ["/office/autopay", "Autopay"],
  ["/office/money-settings", "Money settings"],
  ["/office/export", "Export"],
  ["/office/access", "Ways in"],
  ["/office/audit", "Audit trail"],
];

type Props = { title: string; here: string; said?: Said | null; children: Child };

/** An office page: the ways round the office, a heading, what the form before it came to, and the page. */
export const OfficeFrame = ({ title, here, said, children }: Props) => (
  <>
    <div class="tabs">
      <Links name="Office" links={PLACES} here={here} />
    </div>
    <h1>{title}</h1>
    <SaidNotice said={said} />
    {children}
  </>
);
