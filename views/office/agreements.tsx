import { timeText } from "../text/dates.ts";
import { Fact, type Look, More, methodText } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";

type Agreement = {
  id: string;
  kind: "method" | "autopay" | "scheduled";
  text: string;
  textHash: string;
  language: "en" | "es";
  name: string;
  address: string;
  userAgent: string;
  mandateId: string | null;
  at: number;
  /** The same moment in UTC, as a bank reads it. */
  atUtc: string;
  userName: string;
  userEmail: string;
  method: { kind: string; brand: string; lastFour: string; token: string; removedAt: number | null } | null;
  isCurrent: boolean;
  stoppedAt: number | null;
  scheduled: "waiting" | "started" | "canceled" | "failed" | null;
  copy: {
    id: string;
    state: "waiting" | "sending" | "sent" | "failed" | "unclear";
    address: string;
    sentAt: number | null;
    vendorId: string | null;
  } | null;
};

type Props = Look & {
  timeZone: string;
  account: { number: string; name: string };
  agreements: Agreement[];
  /** Where the next page begins; null on the last. */
  before: string | null;
};

const KINDS: Record<Agreement["kind"], string> = {
  method: "To keep a card or bank account on file",
  autopay: "To autopay",
  scheduled: "To one payment on a later day",
};

const LANGUAGES: Record<Agreement["language"], string> = { en: "English", es: "Spanish" };

const SCHEDULED: Record<NonNullable<Agreement["scheduled"]>, string> = {
  waiting: "Holds: the day has not come",
  started: "Used: the payment was made",
  canceled: "Canceled, or nothing was left to pay",
  failed: "Not used: the payment could not be made",
};

/** All that a customer has agreed to, as it is kept: the words, and how we know that they were agreed to. */
export const OfficeAgreementsPage = (p: Props) => {
  const customer = `/office/accounts/${encodeURIComponent(p.account.number)}`;
  return (
    <OfficeFrame title={`Agreements: ${p.account.name}`} here="/office/accounts">
      <p>
        Customer number <a href={customer}>{p.account.number}</a>. What was agreed to, word for word, the newest first.
        Print this page when a bank asks for proof of an authorization.
      </p>
      {p.agreements.length === 0 && <p class="card">Nothing yet.</p>}
      {p.agreements.map((agreement) => (
        <OneAgreement {...p} agreement={agreement} />
      ))}
      {p.before && <More href={`${customer}/agreements?before=${encodeURIComponent(p.before)}`}>Earlier ones</More>}
    </OfficeFrame>
  );
};

const OneAgreement = (p: Props & { agreement: Agreement }) => {
  const { agreement } = p;
  const { method } = agreement;
  const when = (at: number) => timeText(at, p.timeZone, p.language);
  return (
    <section class="card stack" aria-labelledby={agreement.id}>
      <h2 id={agreement.id}>
        {KINDS[agreement.kind]}, {when(agreement.at)}
      </h2>
      <div class="stack" lang={agreement.language}>
        {agreement.text.split("\n").map((paragraph) => (
          <p>{paragraph}</p>
        ))}
      </div>
      <dl class="stack">
        <Fact name="Standing">{standingOf(agreement, when)}</Fact>
        <Fact name="Agreed by">
          {agreement.userName}, {agreement.userEmail}
        </Fact>
        {agreement.kind === "autopay" && <Fact name="Name typed">{agreement.name || "none"}</Fact>}
        <Fact name="At">
          {when(agreement.at)} ({agreement.atUtc})
        </Fact>
        <Fact name="From the address">{agreement.address}</Fact>
        <Fact name="With the browser">{agreement.userAgent || "not said"}</Fact>
        <Fact name="In">{LANGUAGES[agreement.language]}</Fact>
        <Fact name="Card or bank account">
          {method ? `${methodText(method, p.t)} (${method.token})` : "none came of it"}
        </Fact>
        <Fact name="Mandate">{agreement.mandateId ?? (method?.kind === "bank" ? "not known" : "none")}</Fact>
        <Fact name="Copy to the customer">{copyOf(agreement, when)}</Fact>
        <Fact name="Agreement">{agreement.id}</Fact>
        <Fact name="SHA-256 of the words">{agreement.textHash}</Fact>
      </dl>
    </section>
  );
};

/** Whether it holds, and if not, since when. */
function standingOf(agreement: Agreement, when: (at: number) => string): string {
  const { method } = agreement;
  if (agreement.kind === "scheduled") return agreement.scheduled ? SCHEDULED[agreement.scheduled] : "Never used";
  if (agreement.kind === "autopay") {
    if (!agreement.isCurrent) return "Replaced by a later one";
    return agreement.stoppedAt === null ? "Holds" : `Ended ${when(agreement.stoppedAt)}`;
  }
  if (!method) return "Nothing is on file from it";
  return method.removedAt === null ? "Holds" : `Ended ${when(method.removedAt)}, when it was removed`;
}

function copyOf({ copy }: Agreement, when: (at: number) => string): string {
  if (!copy) return "none was sent";
  const vendor = copy.vendorId ? `, mail ${copy.vendorId}` : "";
  const which = `to ${copy.address} (message ${copy.id}${vendor})`;
  switch (copy.state) {
    case "sent":
      return `sent ${copy.sentAt === null ? "" : `${when(copy.sentAt)} `}${which}`;
    case "waiting":
    case "sending":
      return `on its way ${which}`;
    case "failed":
      return `could not be delivered ${which}`;
    case "unclear":
      return `may not have arrived ${which}`;
  }
}
