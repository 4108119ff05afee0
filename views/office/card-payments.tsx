import { FormToken } from "../ui.tsx";

/** Whether a customer, or one of their invoices, may be paid by card; else from a bank account only. */
export const CardPayments = ({
  here,
  formToken,
  cardPayments,
  bankOnly,
}: {
  here: string;
  formToken: string;
  cardPayments: boolean;
  bankOnly: { number: string }[];
}) => (
  <>
    <h2>Paying by card</h2>
    <form method="post" action={`${here}/card-payments`} class="card stack">
      <FormToken token={formToken} />
      <p>
        {cardPayments
          ? "This customer pays by card or from a bank account."
          : "Cards are switched off: this customer pays from a bank account only."}
      </p>
      <p>
        <button type="submit" name="cards" value={cardPayments ? "off" : "on"} class="second">
          {cardPayments ? "Switch cards off" : "Switch cards on again"}
        </button>
      </p>
    </form>
    <form method="post" action={`${here}/card-payments`} class="card stack">
      <FormToken token={formToken} />
      {bankOnly.length > 0 && (
        <p>From a bank account only, of what is open: {bankOnly.map((invoice) => invoice.number).join(", ")}</p>
      )}
      <p>
        <label>
          One invoice, by its number <input name="invoice" maxlength={60} required />
        </label>
      </p>
      <p class="actions">
        <button type="submit" name="cards" value="off" class="second">
          Bank account only
        </button>{" "}
        <button type="submit" name="cards" value="on" class="second">
          Cards too
        </button>
      </p>
    </form>
  </>
);
