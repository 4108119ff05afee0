import { dollars } from "../../src/money.ts";
import type { MoneySettings } from "../../src/office/money-settings.ts";
import { dateText, timeText } from "../text/dates.ts";
import { DateOf, Fact, FormToken, type Look, methodText, Notice, type Said } from "../ui.tsx";
import { Choice } from "./choice.tsx";
import { OfficeFrame } from "./frame.tsx";

type State = "announced" | "asking" | "charging" | "settled" | "failed" | "empty" | "canceled";

const STATES: Record<State, string> = {
  announced: "Announced",
  asking: "Waits for the customer's yes",
  charging: "On its way",
  settled: "Paid",
  failed: "Not paid",
  empty: "Nothing was left to draw",
  canceled: "Called off",
};

/** A draft that was to come when its customer asked to stop; `heldUntil` null: it was too near for that. */
type Undecided = { draftOn: string; maxCents: number; nextTryOn: string; heldUntil: string | null };

function becomes({ draftOn, nextTryOn, heldUntil }: Undecided, language: Look["language"]): string {
  if (heldUntil !== null)
    return `waits for you until ${dateText(heldUntil, language)}. After that it is not made, and the customer is told.`;
  return draftOn === nextTryOn
    ? "still goes out: they asked less than 3 business days before it."
    : `was tried before they asked, and is tried again on ${dateText(nextTryOn, language)}.`;
}

/** What happens to each of them, and to everything else, while the wish waits. */
const Meanwhile = ({ coming, language }: { coming: Undecided[]; language: Look["language"] }) => (
  <>
    {coming.map((draft) => {
      const which = `The draft of ${dateText(draft.draftOn, language)} (up to ${dollars(draft.maxCents)})`;
      return <p>{`${which} ${becomes(draft, language)}`}</p>;
    })}
    <p>{coming.length === 0 ? "Nothing" : "Nothing else"} is announced or drafted until you decide.</p>
  </>
);

type Whose = { accountNumber: string; accountName: string };

const pathOf = (number: string): string => `/office/accounts/${encodeURIComponent(number)}/autopay`;

const Customer = ({ accountNumber, accountName }: Whose) => (
  <a href={pathOf(accountNumber)}>
    {accountName} ({accountNumber})
  </a>
);

type Props = Look & {
  timeZone: string;
  formToken: string;
  requests: (Whose & { requestedAt: number; coming: Undecided[] })[];
  /** Drafts above their customers' ceilings. */
  asked: (Whose & { on: string; maxCents: number })[];
  coming: (Whose & { on: string; maxCents: number; state: State; tries: number; failureCode: string | null })[];
  rules: Pick<MoneySettings, "draftDayRule" | "draftDay" | "stoppingAutopay">;
  mayChange: boolean;
  said: Said | null;
};

/** Who wants to stop, which drafts come next, and the rules. */
export const OfficeAutopayPage = (p: Props) => (
  <OfficeFrame title="Autopay" here="/office/autopay" said={p.said}>
    <h2>Want to stop</h2>
    {p.requests.length === 0 ? (
      <p class="card">Nobody has asked.</p>
    ) : (
      p.requests.map((request) => (
        <div class="card">
          <h3>
            <Customer {...request} />
          </h3>
          <p>Asked {timeText(request.requestedAt, p.timeZone, p.language)}.</p>
          <Meanwhile coming={request.coming} language={p.language} />
          <Decide formToken={p.formToken} number={request.accountNumber} />
        </div>
      ))
    )}
    {p.asked.length > 0 && (
      <>
        <h2 id="questions">Wait for the customer's yes</h2>
        <p>
          They come to more than their customers want drafted without being asked. Each has a letter; without a yes by
          its day nothing is drawn.
        </p>
        <table class="list lines">
          <thead>
            <tr>
              <th scope="col">Customer</th>
              <th scope="col">On</th>
              <th scope="col">Up to</th>
            </tr>
          </thead>
          <tbody>
            {p.asked.map((draft) => (
              <tr>
                <th scope="row">
                  <Customer {...draft} />
                </th>
                <td data-label="On">{dateText(draft.on, p.language)}</td>
                <td data-label="Up to">{dollars(draft.maxCents)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </>
    )}
    <h2>Next drafts</h2>
    {p.coming.length === 0 ? (
      <p class="card">None is announced.</p>
    ) : (
      <table class="list lines">
        <thead>
          <tr>
            <th scope="col">Customer</th>
            <th scope="col">On</th>
            <th scope="col">Up to</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {p.coming.map((draft) => (
            <tr>
              <th scope="row">
                <Customer {...draft} />
              </th>
              <td data-label="On">{dateText(draft.on, p.language)}</td>
              <td data-label="Up to">{dollars(draft.maxCents)}</td>
              <td>
                {draft.state === "failed"
                  ? `Tried ${draft.tries} times (${draft.failureCode ?? ""}), tried again then`
                  : STATES[draft.state]}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    <Rules {...p} />
  </OfficeFrame>
);

const Rules = ({ formToken, rules, mayChange }: Props) => (
  <>
    <h2>Rules</h2>
    {!mayChange && <Notice kind="note">Only the owner can change these.</Notice>}
    <form method="post" action="/office/autopay/rules" class="card stack">
      <FormToken token={formToken} />
      <Choice
        legend="The draft day"
        name="rule"
        answers={{
          customer: "is the customer's to choose, from 1 to 28",
          fixed: "is the same for everybody who enrols",
        }}
        chosen={rules.draftDayRule}
        mayChange={mayChange}
      />
      <p>
        <label>
          That day, or the one that is proposed{" "}
          <input name="day" value={String(rules.draftDay)} inputmode="numeric" maxlength={2} disabled={!mayChange} />
        </label>
      </p>
      <Choice
        legend="Stopping"
        name="stopping"
        answers={{ switch: "Customers turn autopay off themselves", request: "They ask, and you decide here" }}
        chosen={rules.stoppingAutopay}
        mayChange={mayChange}
      />
      {mayChange && (
        <p>
          <button type="submit">Save</button>
        </p>
      )}
    </form>
  </>
);

const Decide = ({ formToken, number }: { formToken: string; number: string }) => (
  <form method="post" action={`${pathOf(number)}/stopping`}>
    <FormToken token={formToken} />
    <p>
      <button type="submit" name="decision" value="stop">
        Stop autopay
      </button>
    </p>
    <p>
      <label>
        Or why it stays on <input name="reason" maxlength={300} />{" "}
        <small>The customer reads this in a letter, with your telephone number.</small>
      </label>
    </p>
    <p>
      <button type="submit" name="decision" value="keep" class="second">
        Keep it on and write to them
      </button>
    </p>
  </form>
);

type AccountProps = Look & {
  timeZone: string;
  formToken: string;
  account: {
    number: string;
    name: string;
    officeDay: number | null;
    draftDay: number | null;
    startedAt: number | null;
    stopRequestedAt: number | null;
    stoppedAt: number | null;
    flag: string | null;
    kind: string | null;
    brand: string | null;
    lastFour: string | null;
  };
  drafts: {
    id: string;
    draftOn: string;
    maxCents: number;
    state: State;
    tries: number;
    nextTryOn: string | null;
    failureCode: string | null;
    noticeSentAt: number | null;
  }[];
  /** Those that were to come when they asked to stop. */
  undecided: Undecided[];
  said: Said | null;
};

/** One customer's autopay: what it is set to, their day, and their drafts. */
export const OfficeAccountAutopayPage = (p: AccountProps) => {
  const { account, formToken } = p;
  const when = (at: number) => timeText(at, p.timeZone, p.language);
  const isOn = account.startedAt !== null && account.stoppedAt === null;
  const method = { kind: account.kind ?? "", brand: account.brand ?? "", lastFour: account.lastFour ?? "" };
  return (
    <OfficeFrame title={`Autopay: ${account.name}`} here="/office/autopay" said={p.said}>
      <p>
        <a href={`/office/accounts/${encodeURIComponent(account.number)}`}>{account.number}</a> ·{" "}
        <a href={`/office/accounts/${encodeURIComponent(account.number)}/agreements`}>What they agreed to</a>
      </p>
      <dl class="card facts">
        <Fact name="Autopay">{isOn ? "On" : "Off"}</Fact>
        {account.startedAt !== null && <Fact name="Since">{when(account.startedAt)}</Fact>}
        {account.stoppedAt !== null && <Fact name="Stopped">{when(account.stoppedAt)}</Fact>}
        {isOn && <Fact name="Day">{String(account.draftDay)}</Fact>}
        {isOn && <Fact name="From">{methodText(method, p.t)}</Fact>}
        {account.flag && <Fact name="Trouble">{account.flag.replaceAll("_", " ")}</Fact>}
      </dl>
      {isOn &&
        (account.stopRequestedAt === null ? (
          <form method="post" action={`${pathOf(account.number)}/stopping`}>
            <FormToken token={formToken} />
            <p>
              <button type="submit" name="decision" value="stop" class="second">
                Stop autopay
              </button>
            </p>
          </form>
        ) : (
          <div class="card">
            <p>The customer asked to stop on {when(account.stopRequestedAt)}.</p>
            <Meanwhile coming={p.undecided} language={p.language} />
            <Decide formToken={formToken} number={account.number} />
          </div>
        ))}
      <h2>Draft day</h2>
      <form method="post" action={`${pathOf(account.number)}/day`} class="card stack">
        <FormToken token={formToken} />
        <p>
          <label>
            Day for this customer, above every rule{" "}
            <input
              name="day"
              value={account.officeDay === null ? "" : String(account.officeDay)}
              inputmode="numeric"
              maxlength={2}
            />
          </label>{" "}
          <small>From 1 to 28. Empty: as the rules say.</small>
        </p>
        <p>
          <button type="submit" class="second">
            Save
          </button>
        </p>
      </form>
      <h2>Drafts</h2>
      {p.drafts.length === 0 ? (
        <p class="card">None yet.</p>
      ) : (
        <ul class="rows">
          {p.drafts.map((draft) => (
            <li>
              <DateOf on={draft.draftOn} language={p.language} /> <span>{aboutDraft(draft, p)}</span>{" "}
              {(draft.state === "announced" || draft.state === "asking" || draft.nextTryOn !== null) && (
                <form method="post" action={`${pathOf(account.number)}/draft`}>
                  <FormToken token={formToken} />
                  <input type="hidden" name="draft" value={draft.id} />
                  <button type="submit" class="plain">
                    Call it off
                  </button>
                </form>
              )}
            </li>
          ))}
        </ul>
      )}
    </OfficeFrame>
  );
};

function aboutDraft(draft: AccountProps["drafts"][number], { timeZone, language }: AccountProps): string {
  const parts = [`Up to ${dollars(draft.maxCents)}`, STATES[draft.state]];
  if (draft.tries > 1) parts.push(`tried ${draft.tries} times`);
  if (draft.failureCode) parts.push(draft.failureCode.replaceAll("_", " "));
  if (draft.nextTryOn && draft.state === "failed") parts.push(`again on ${dateText(draft.nextTryOn, language)}`);
  parts.push(
    draft.noticeSentAt === null ? "no notice sent" : `notice sent ${timeText(draft.noticeSentAt, timeZone, language)}`,
  );
  return parts.join(" · ");
}
