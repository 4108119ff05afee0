import type { MoneySettings } from "../../src/office/money-settings.ts";
import { FormToken, Notice, type Said } from "../ui.tsx";
import { Choice } from "./choice.tsx";
import { OfficeFrame } from "./frame.tsx";

type Props = {
  formToken: string;
  settings: Pick<MoneySettings, "applyCredit" | "statementKind" | "bankRequestsPerSecond">;
  mayChange: boolean;
  said: Said | null;
};

/** How credit is used, how a statement begins, and how fast drafts are made. */
export const OfficeMoneySettingsPage = ({ formToken, settings, mayChange, said }: Props) => (
  <OfficeFrame title="Money settings" here="/office/money-settings" said={said}>
    {!mayChange && <Notice kind="note">Only the owner can change these.</Notice>}
    <form method="post" action="/office/money-settings" class="card stack">
      <FormToken token={formToken} />
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
      <small>That is how it opens; on the page a customer can choose the other.</small>
      <label>
        Requests a second to the card company
        <input
          name="pace"
          value={String(settings.bankRequestsPerSecond)}
          inputmode="numeric"
          size={3}
          maxlength={3}
          disabled={!mayChange}
          aria-describedby="pace"
        />
      </label>
      <small id="pace">
        From 1 to 100. More makes a large draft day shorter; more than the card company allows you (25, unless they
        raised it) makes it longer, because they turn requests away.
      </small>
      {mayChange && (
        <p>
          <button type="submit">Save</button>
        </p>
      )}
    </form>
    <p>
      The rules for autopay are under <a href="/office/autopay">Autopay</a>, and who takes cards off under{" "}
      <a href="/office/payment-methods">Cards and accounts</a>.
    </p>
  </OfficeFrame>
);
