import { DateOf, Fact, type Look, Money, methodText } from "../ui.tsx";
import { invoicePath } from "./invoices.tsx";

type Entry = {
  id: string;
  on: string;
  amountCents: number;
  restCents: number;
  /** Why it was given; null for what a payment left over. */
  reason: string | null;
  method: { kind: string; brand: string; lastFour: string } | null;
  uses: { invoice: string; cents: number }[];
};

type Props = Look & { leftCents: number; rule: "automatic" | "by_hand"; entries: Entry[] };

/** Money on the account that came otherwise than for an invoice, and what it was used for. */
export const CreditsPage = ({ t, language, leftCents, rule, entries }: Props) => {
  const words = t.refunds.credits;
  return (
    <>
      <h1>{words.title}</h1>
      <p>{words.lead}</p>
      <dl class="card facts">
        <Fact name={words.left}>
          <Money cents={leftCents} />
        </Fact>
      </dl>
      {leftCents > 0 && <p>{words[rule]}</p>}
      {entries.length === 0 ? (
        <p class="card">{words.none}</p>
      ) : (
        entries.map((entry) => (
          <section class="card stack">
            <h2>{entry.reason ?? words.payment(entry.method ? methodText(entry.method, t) : "")}</h2>
            <p>
              {entry.method ? (
                <a href={`/payments/${entry.id}`}>
                  <DateOf on={entry.on} language={language} />
                </a>
              ) : (
                <DateOf on={entry.on} language={language} />
              )}{" "}
              · {words.amount} <Money cents={entry.amountCents} /> · {words.rest} <Money cents={entry.restCents} />
            </p>
            {entry.uses.length === 0 ? (
              <p>{words.unused}</p>
            ) : (
              <p>
                {words.usedFor}{" "}
                {entry.uses.map((use, i) => (
                  <>
                    {i > 0 && ", "}
                    <a href={invoicePath(use.invoice)}>{use.invoice}</a> <Money cents={use.cents} />
                  </>
                ))}
              </p>
            )}
          </section>
        ))
      )}
    </>
  );
};
