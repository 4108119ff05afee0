import { dateText, timeText } from "../text/dates.ts";
import { Badge, DateOf, FormToken, type Look, Money, methodText } from "../ui.tsx";

type Method = {
  id: string;
  kind: string;
  brand: string;
  lastFour: string;
  /** The last day of a card. */
  lastDay: string | null;
  isDefault: boolean;
  blocked: string | null;
  removalRequestedAt: number | null;
  inAutopay: boolean;
  inPayment: boolean;
  inScheduled: boolean;
};

type Scheduled = { id: string; payOn: string; kind: string; brand: string; lastFour: string; amountCents: number };

export type AccountMethodsProps = Look & {
  timeZone: string;
  formToken: string;
  today: string;
  methods: Method[];
  /** What is begun and not on file yet. */
  setups: { state: string; brand: string; lastFour: string; startedAt: number }[];
  /** Payments that wait for their day. */
  scheduled: Scheduled[];
};

type Props = AccountMethodsProps & { here: string };

/** What a customer pays with and when: cards and bank accounts, and payments on a later day, for one who telephones. */
export const AccountMethods = (p: Props) => (
  <>
    <h2 id="methods">Cards and bank accounts</h2>
    {p.methods.length + p.setups.length === 0 && <p class="card">None on file.</p>}
    {p.methods.map((method) => (
      <OneMethod {...p} method={method} />
    ))}
    {p.setups.map((setup) => (
      <div class="card stack">
        {setup.state === "verifying" ? (
          <>
            <h3>
              {methodText({ ...setup, kind: "bank" }, p.t)} <Badge kind="note">Waits for small deposits</Badge>
            </h3>
            <p>
              Begun {timeText(setup.startedAt, p.timeZone, p.language)}. It cannot be charged until the customer has
              typed the amounts in, under Payment methods. Without that it ends by itself after 10 days.
            </p>
          </>
        ) : (
          <>
            <h3>
              A card or bank account <Badge kind="note">Not finished</Badge>
            </h3>
            <p>
              Begun {timeText(setup.startedAt, p.timeZone, p.language)}. Nothing is on file from that, and it ends by
              itself.
            </p>
          </>
        )}
      </div>
    ))}
    <h2 id="scheduled">Payments on a later day</h2>
    {p.scheduled.length === 0 && <p class="card">None.</p>}
    {p.scheduled.map((one) => (
      <div class="card stack">
        <h3>
          <DateOf on={one.payOn} language={p.language} />: <Money cents={one.amountCents} />
        </h3>
        <p>From {methodText(one, p.t)}</p>
        {one.payOn > p.today ? (
          <form method="post" action={`${p.here}/scheduled-payments/cancellation`} class="stack">
            <FormToken token={p.formToken} />
            <input type="hidden" name="scheduled" value={one.id} />
            <Why />
            <p>
              <button type="submit" class="second">
                Cancel it
              </button>
            </p>
          </form>
        ) : (
          <p>Its day has come: it cannot be canceled any more.</p>
        )}
      </div>
    ))}
  </>
);

const OneMethod = (p: Props & { method: Method }) => {
  const { method } = p;
  return (
    <div class="card stack">
      <h3>
        {methodText(method, p.t)} {method.isDefault && <Badge kind="good">Usual one</Badge>}{" "}
        {method.removalRequestedAt !== null ? (
          <Badge kind="note">Removal requested</Badge>
        ) : method.blocked ? (
          <Badge kind="problem">Cannot be charged</Badge>
        ) : method.lastDay && method.lastDay < p.today ? (
          <Badge kind="problem">Expired</Badge>
        ) : (
          <Badge kind="good">Works</Badge>
        )}
      </h3>
      {method.lastDay && <p>Good through {dateText(method.lastDay, p.language)}</p>}
      {method.blocked && <p>Its bank says: {method.blocked.replaceAll("_", " ")}.</p>}
      {method.removalRequestedAt !== null && (
        <p>The customer asked for its removal on {timeText(method.removalRequestedAt, p.timeZone, p.language)}.</p>
      )}
      {method.inAutopay ? (
        <p>
          Autopay draws on it, so it cannot be removed. <a href={`${p.here}/autopay`}>Stop autopay</a> first, or have
          the customer give autopay another one.
        </p>
      ) : method.inPayment ? (
        <p>A payment from it is on its way or announced, so it cannot be removed until that is over.</p>
      ) : method.inScheduled ? (
        <p>A payment on a later day draws on it, so it cannot be removed. Cancel that below first.</p>
      ) : (
        <form method="post" action={`${p.here}/payment-methods/removal`} class="stack">
          <FormToken token={p.formToken} />
          <input type="hidden" name="method" value={method.id} />
          <Why />
          <p>
            <button type="submit" class="second">
              Remove it
            </button>{" "}
            <small>For good. The customer is written to.</small>
          </p>
        </form>
      )}
    </div>
  );
};

const Why = () => (
  <p>
    <label>
      Why <input name="reason" maxlength={200} required />
    </label>{" "}
    <small>For the audit trail; the customer does not see it.</small>
  </p>
);
