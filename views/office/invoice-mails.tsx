import { FormToken, type Said } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";

type Props = { formToken: string; on: boolean; mayChange: boolean; said: Said | null };

/** Whether customers get a mail about each new invoice, and which invoices that means. */
export const OfficeInvoiceMailsPage = ({ formToken, on, mayChange, said }: Props) => (
  <OfficeFrame title="Invoice mails" here="/office/invoice-mails" said={said}>
    <form method="post" action="/office/invoice-mails" class="card stack">
      <FormToken token={formToken} />
      <label class="tick">
        <input type="checkbox" name="mail" value="1" checked={on} disabled={!mayChange} /> Mail each new invoice, with a
        link that pays it
      </label>
      <small>Switch it off if your own software mails your invoices.</small>
      {mayChange ? (
        <p>
          <button type="submit" class="second">
            Save
          </button>
        </p>
      ) : (
        <p>Only the owner changes this.</p>
      )}
    </form>
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
  </OfficeFrame>
);
