import { dateText, timeText } from "../text/dates.ts";
import { FormToken, type Look, Money, Notice, type Said } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";

type Props = Look & {
  timeZone: string;
  formToken: string;
  account: { number: string; name: string; email: string | null };
  /** The id of the link that the next press makes. */
  linkId: string;
  open: { number: string; dueOn: string; owedCents: number }[];
  links: { id: string; number: string; createdAt: number; expiresAt: number; text: LastText | null }[];
  /** The number that links are texted to, and what is said before; null where none is on file. */
  phone: { number: string; optedOut: boolean; words: string } | null;
  said: Said | null;
  /** A link that was just made; its address is shown this once. */
  made: { number: string; address: string } | null;
};

/** The last text of a link. `problem` says why it did not arrive, or may not have. */
type LastText = {
  state: "waiting" | "sending" | "sent" | "failed" | "unclear";
  at: number;
  problem: string | null;
};

const becameOf = ({ state, at, problem }: LastText, { timeZone, language }: Props): string => {
  const when = timeText(at, timeZone, language);
  switch (state) {
    case "waiting":
    case "sending":
      return "The text is on its way.";
    case "sent":
      return `Texted ${when}.`;
    case "failed":
      return `The text of ${when} was not sent: ${problem}.`;
    case "unclear":
      return `The text of ${when}: ${problem}.`;
  }
};

/** Links through which one invoice of a customer is paid without signing in. */
export const OfficePayLinksPage = (p: Props) => {
  const customer = `/office/accounts/${encodeURIComponent(p.account.number)}`;
  return (
    <OfficeFrame title={`Pay links: ${p.account.name}`} here="/office/accounts" said={p.said}>
      {p.made && (
        <Notice kind="good" answers>
          <p>This link pays invoice {p.made.number}. Copy it now: it is not shown again.</p>
          <code>{p.made.address}</code>
        </Notice>
      )}
      <p>
        Whoever has such a link sees one invoice and can pay it, without signing in; nothing else. It works for 60 days
        or until the invoice is paid. <a href={customer}>Back to the customer</a>
      </p>
      <h2>Make a link</h2>
      {p.open.length === 0 ? (
        <p class="card">Nothing is open.</p>
      ) : (
        <form method="post" action={`${customer}/pay-links`} class="card stack">
          <FormToken token={p.formToken} />
          <input type="hidden" name="link_id" value={p.linkId} />
          <p>
            <label>
              Invoice{" "}
              <select name="invoice">
                {p.open.map((invoice) => (
                  <option value={invoice.number}>
                    {invoice.number}, due {dateText(invoice.dueOn, p.language)}
                  </option>
                ))}
              </select>
            </label>
          </p>
          <p>
            In all to pay: <Money cents={p.open.reduce((total, one) => total + one.owedCents, 0)} />
          </p>
          <p>
            <button type="submit">Make a pay link</button>
          </p>
        </form>
      )}
      <h2>Links that work</h2>
      {p.phone === null && <p>There is no telephone on file that a link could be texted to.</p>}
      {p.phone?.optedOut && (
        <p>The telephone on file ({p.phone.number}) has opted out of texts. E-mail the link, or read it to them.</p>
      )}
      {p.links.length === 0 ? (
        <p class="card">None.</p>
      ) : (
        <table class="list lines">
          <thead>
            <tr>
              <th scope="col">Invoice</th>
              <th scope="col">Made</th>
              <th scope="col">Works until</th>
              <th scope="col">What to do</th>
            </tr>
          </thead>
          <tbody>
            {p.links.map((link) => (
              <tr>
                <th scope="row">{link.number}</th>
                <td data-label="Made">{timeText(link.createdAt, p.timeZone, p.language)}</td>
                <td data-label="Works until">{timeText(link.expiresAt, p.timeZone, p.language)}</td>
                <td>
                  <form method="post" action={`${customer}/pay-links/withdrawal`} class="actions">
                    <FormToken token={p.formToken} />
                    <input type="hidden" name="link" value={link.id} />
                    {p.account.email && (
                      <button type="submit" class="plain" formaction={`${customer}/pay-links/letter`}>
                        E-mail it
                      </button>
                    )}{" "}
                    <button type="submit" class="plain">
                      Withdraw
                    </button>
                  </form>
                  {p.phone && !p.phone.optedOut && (
                    <form method="post" action={`${customer}/pay-links/text`} class="actions">
                      <FormToken token={p.formToken} />
                      <input type="hidden" name="link" value={link.id} />
                      <input type="hidden" name="number" value={p.phone.number} />
                      <label class="tick">
                        <input type="checkbox" name="asked" value="1" required /> {p.phone.words}
                      </label>{" "}
                      <button type="submit" class="plain">
                        Text the link
                      </button>
                    </form>
                  )}
                  {link.text && <p>{becameOf(link.text, p)}</p>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </OfficeFrame>
  );
};
