import { FormToken } from "../ui.tsx";

type Props = {
  formToken: string;
  accountNumber: string;
  /** `credit:crd_…` or `payment:pay_…`. */
  source: string;
  invoiceId: string;
  invoice: string;
  /** The amount that is seen: another one by then, and nothing is done. */
  cents: number;
};

/** The button that takes what a credit or a payment covers off an invoice again. */
export const TakeOff = ({ formToken, accountNumber, source, invoiceId, invoice, cents }: Props) => (
  <form method="post" action={`/office/accounts/${encodeURIComponent(accountNumber)}/credit-uses/removal`}>
    <FormToken token={formToken} />
    <input type="hidden" name="source" value={source} />
    <input type="hidden" name="invoice" value={invoiceId} />
    <input type="hidden" name="cents" value={String(cents)} />
    <button type="submit" class="plain">
      Take off {invoice}
    </button>
  </form>
);
