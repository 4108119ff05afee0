import { timeText } from "../text/dates.ts";
import { Fact, FormToken, type Look, type Said } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";
import { decidedAt, WORK_KINDS } from "./worklist.tsx";

type Props = Look & {
  timeZone: string;
  formToken: string;
  item: {
    id: string;
    kind: keyof typeof WORK_KINDS;
    subjectId: string;
    detail: string;
    openedAt: number;
    closedAt: number | null;
    mayClose: boolean;
    accountNumber: string | null;
    paymentId: string | null;
  };
  figures: { bank: string; books: string } | null;
  mayAskBank: boolean;
  said: Said | null;
};

/** One thing that a person must look at, with both figures where bank and books differ, and what can be done about it. */
export const WorkItemPage = ({ item, figures, mayAskBank, said, timeZone, language, formToken }: Props) => {
  const account = item.accountNumber && `/office/accounts/${encodeURIComponent(item.accountNumber)}`;
  return (
    <OfficeFrame title={WORK_KINDS[item.kind]} here="/office" said={said}>
      <dl class="card stack">
        {figures ? (
          <>
            <Fact name="The card company says">{figures.bank}</Fact>
            <Fact name="Our books say">{figures.books}</Fact>
          </>
        ) : (
          <Fact name="What">{item.detail || item.subjectId}</Fact>
        )}
        <Fact name="Since">{timeText(item.openedAt, timeZone, language)}</Fact>
        {account && (
          <Fact name="Customer">
            <a href={account}>{item.accountNumber}</a>, <a href={`${account}/money`}>their money</a>
          </Fact>
        )}
        {item.paymentId && (
          <Fact name="Payment">
            <a href={`/office/payments/${item.paymentId}`}>See the payment</a>
          </Fact>
        )}
        {item.kind === "drafts_halted" && (
          <Fact name="Drafts">
            <a href={`/office/draft-days/${item.subjectId}`}>See the day, and let its drafts go</a>
          </Fact>
        )}
        {item.closedAt !== null && <Fact name="Closed">{timeText(item.closedAt, timeZone, language)}</Fact>}
      </dl>
      {mayAskBank && (
        <form method="post" action={`/office/worklist/${encodeURIComponent(item.id)}/bank`} class="card stack">
          <FormToken token={formToken} />
          <p>
            Asks the card company once more and records what it says, where that takes nothing away from anybody. If
            both then say the same, this is closed.
          </p>
          <p>
            <button type="submit">Take the card company's word</button>
          </p>
        </form>
      )}
      {item.closedAt === null && !item.mayClose && (
        <p>
          <a class="button" href={decidedAt(item)}>
            Decide it
          </a>
        </p>
      )}
      {item.closedAt === null && item.mayClose && (
        <form method="post" action="/office/worklist/closing">
          <FormToken token={formToken} />
          <input type="hidden" name="id" value={item.id} />
          <p>
            <button type="submit" class="second">
              Close: it is seen to
            </button>
          </p>
        </form>
      )}
    </OfficeFrame>
  );
};
