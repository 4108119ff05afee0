import { plainAmount } from "../../src/money.ts";
import type { MoneySettings } from "../../src/office/money-settings.ts";
import { FormToken, Notice, type Said } from "../ui.tsx";
import { Choice } from "./choice.tsx";
import { OfficeFrame } from "./frame.tsx";

type Props = {
  formToken: string;
  settings: Pick<
    MoneySettings,
    "mailInvoices" | "applyCredit" | "statementKind" | "bankRequestsPerSecond" | "ordinaryDayCents"
  >;
  mayChange: boolean;
  said: Said | null;
};

/** Whether invoices are mailed, how credit is used, how a statement begins, how fast drafts are made, and how much of them is usual. */
export const OfficeMoneySettingsPage = ({ formToken, settings, mayChange, said }: Props) => (
  <OfficeFrame title="Money settings" here="/office/money-settings" said={said}>
    {!mayChange && <Notice kind="note">Only the owner can change these.</Notice>}
    <form method="post" action="/office/money-settings" class="card stack">
      <FormToken token={formToken} />
      <p>
        <label class="tick">
          <input type="checkbox" name="mail" value="1" checked={settings.mailInvoices} disabled={!mayChange} /> Mail
          each new invoice, with a link that pays it
        </label>{" "}
        <small>Switch it off if your own software mails your invoices.</small>
      </p>
      <Choice
        legend="Account credit"
        name="credit"
        answers={{
          automatic: "pays the oldest open invoice by itself, so nobody is asked for money that you already have",
          by_hand: "waits until you use it on the customer's money page; until then they are asked for the full amount",
        }}
        chosen={settings.applyCredit}
        mayChange={mayChange}
      />
      <Choice
        legend="A statement"
        name="statement"
        answers={{
          open_item: "lists what is still owed, invoice by invoice",
          balance_forward: "begins with the old balance, lists all that happened since, and ends with the new balance",
        }}
        chosen={settings.statementKind}
        mayChange={mayChange}
      />
      <p>
        <small>That is how it opens; on the page a customer can choose the other.</small>
      </p>
      <p>
        <label>
          Requests a second to the card company{" "}
          <input
            name="pace"
            value={String(settings.bankRequestsPerSecond)}
            inputmode="numeric"
            size={3}
            maxlength={4}
            disabled={!mayChange}
            aria-describedby="pace"
          />
        </label>{" "}
        <small id="pace">
          From 1 to 1,000. More makes a large draft day shorter; more than the card company allows you (25, unless they
          raised it) makes it longer, because they turn requests away.
        </small>
      </p>
      <p>
        <label>
          A day's drafts may always come to{" "}
          <input
            name="ordinary"
            value={plainAmount(settings.ordinaryDayCents)}
            inputmode="decimal"
            size={10}
            maxlength={14}
            disabled={!mayChange}
            aria-describedby="ordinary"
          />{" "}
          dollars
        </label>{" "}
        <small id="ordinary">
          Above that, a day that comes to more than one and a half times the most of the last three months is not drawn
          until somebody here has looked at it: it may be an import that came twice. It is on the worklist then.
        </small>
      </p>
      {mayChange && (
        <p>
          <button type="submit">Save</button>
        </p>
      )}
    </form>
    <h2>Which invoices are mailed</h2>
    <ul>
      <li>
        A mail goes out when your records are imported with an invoice that is newly Sent, dated within the last 14 days
        and still open: once for each, a quarter of an hour later.
      </li>
      <li>
        It goes to everybody who may pay for the customer, or to their e-mail on file if nobody has a sign-in. Where
        autopay draws the invoice, it says when, and that nothing is to do.
      </li>
      <li>Nothing is mailed about the first load of your records.</li>
    </ul>
    <p>
      The rules for autopay are under <a href="/office/autopay">Autopay</a>, and who takes cards off under{" "}
      <a href="/office/payment-methods">Cards and accounts</a>.
    </p>
  </OfficeFrame>
);
