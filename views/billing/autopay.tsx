import type { LatestDraft } from "../../src/billing/autopay.ts";
import type { AfterFailure, StopReason } from "../../src/billing/autopay-rules.ts";
import type { Forecast } from "../../src/billing/forecast.ts";
import { dollars } from "../../src/money.ts";
import { dateText } from "../text/dates.ts";
import { DateOf, Fact, FormToken, type Look, methodText, Notice, type Said, SaidNotice } from "../ui.tsx";

type ShownDraft = LatestDraft & {
  /** The last day on which a change counts for it, and whether that has passed. */
  changeUntilOn: string;
  tooNear: boolean;
  /** It has not gone through, and some of it is still open. */
  next: AfterFailure["next"] | null;
};

export type AutopayProps = Look & {
  formToken: string;
  mayPay: boolean;
  /** Null while autopay is off. */
  on: {
    kind: string;
    brand: string;
    lastFour: string;
    draftDay: number;
    monitoring: boolean;
    othersUpToCents: number;
    askAboveCents: number | null;
    stopRequestedOn: string | null;
  } | null;
  /** What ended it, where nobody wished for that. */
  ended: { reason: StopReason; kind: string; brand: string; lastFour: string } | null;
  hasAgreed: boolean;
  hasMethod: boolean;
  stopping: "switch" | "request";
  openCents: number;
  drafts: ShownDraft[];
  forecast: Forecast[];
  /** For the button that tries a draft again, so that pressing it twice is once. */
  paymentId: string;
  said: Said | null;
};

/** Autopay: what it is set to, what needs the customer, and what comes. */
export const AutopayPage = (p: AutopayProps) => {
  const { t } = p;
  const words = t.autopay;
  return (
    <>
      <h1>
        {words.title}{" "}
        <span class={`badge ${p.on ? "good" : ""}`}>
          {p.on ? (p.on.stopRequestedOn ? words.stopping : words.on) : words.off}
        </span>
      </h1>
      <SaidNotice said={p.said} />
      {p.on?.stopRequestedOn && (
        <Notice kind="note">{words.askedOff(dateText(p.on.stopRequestedOn, p.language))}</Notice>
      )}
      {!p.mayPay && <Notice kind="note">{words.readOnly}</Notice>}
      {p.drafts.map((draft) => (
        <DraftNeeds {...p} draft={draft} />
      ))}
      {p.ended && (
        <Notice kind="note">
          {words.ended(words.letters.autopay_stopped[p.ended.reason](methodText(p.ended, t)))}
        </Notice>
      )}
      {p.on ? <Arrangement {...p} on={p.on} /> : <p>{words.leadOff}</p>}
      {p.mayPay && <Ways {...p} />}
      {p.mayPay && !p.on && <Now {...p} />}
      {p.mayPay && p.on && p.openCents > 0 && (
        <p>
          {words.openNow(dollars(p.openCents))} <a href="/invoices">{words.payNow}</a>
        </p>
      )}
      {(p.drafts.length > 0 || p.on) && <Coming {...p} />}
      {p.on && p.mayPay && !p.on.stopRequestedOn && <Stop {...p} />}
    </>
  );
};

const Arrangement = ({ t, on, hasAgreed }: AutopayProps & { on: NonNullable<AutopayProps["on"]> }) => {
  const words = t.autopay;
  const covers = [
    ...(on.monitoring ? [words.coversMonitoring] : []),
    ...(on.othersUpToCents > 0 ? [words.coversOthers(dollars(on.othersUpToCents))] : []),
  ];
  return (
    <dl class="card facts">
      <Fact name={words.method}>{methodText(on, t)}</Fact>
      <Fact name={words.day}>{words.dayOf(on.draftDay)}</Fact>
      <Fact name={words.covers}>{covers.join(" · ")}</Fact>
      <Fact name={words.asks}>
        {on.askAboveCents === null ? words.asksNever : words.asksAbove(dollars(on.askAboveCents))}
      </Fact>
      {hasAgreed && (
        <Fact name={words.authorization}>
          <a href="/autopay/authorization">{words.readAuthorization}</a>
        </Fact>
      )}
    </dl>
  );
};

const Ways = ({ t, on, hasMethod }: AutopayProps) => (
  <p class="actions">
    {hasMethod && (
      <a class={on ? "button second" : "button"} href="/autopay/enrolment">
        {on ? t.autopay.change : t.autopay.turnOn}
      </a>
    )}{" "}
    {!hasMethod && <span>{t.autopay.noMethod}</span>} <a href="/payment-methods">{t.autopay.addMethod}</a>
  </p>
);

/** Today's balance is the customer's own business: autopay takes nothing of it by being turned on. */
export const Now = ({ t, openCents }: Look & { openCents: number }) =>
  openCents > 0 ? (
    <p>
      {t.autopay.payNowNote(dollars(openCents))} <a href="/invoices">{t.autopay.payNow}</a>
    </p>
  ) : (
    <p>{t.autopay.nothingOpen}</p>
  );

export type Asked = {
  id: string;
  draftOn: string;
  maxCents: number;
  kind: string;
  brand: string;
  lastFour: string;
  invoices: number;
};

/** A draft above the customer's ceiling: how much, from what, by when, and the button to say yes. */
export const Question = (p: Look & { mayPay: boolean; formToken: string; draft: Asked }) => {
  const { t, draft } = p;
  const amount = dollars(draft.maxCents);
  const note = t.autopay.askingNote(amount, dateText(draft.draftOn, p.language), methodText(draft, t), draft.invoices);
  return (
    <Notice kind="note">
      {p.mayPay ? (
        <form method="post" action={`/autopay/drafts/${draft.id.slice(-7)}/agreement`}>
          <FormToken token={p.formToken} />
          <p>{note}</p>
          <button type="submit">{t.autopay.yes(amount)}</button>
        </form>
      ) : (
        note
      )}
    </Notice>
  );
};

/** What a draft asks of its customer: a yes, their bank's confirmation, another method; or what can no longer be changed. */
const DraftNeeds = ({ t, language, draft, mayPay, formToken, paymentId }: AutopayProps & { draft: ShownDraft }) => {
  const words = t.autopay;
  const on = dateText(draft.draftOn, language);
  const here = `/autopay/drafts/${draft.id.slice(-7)}`;
  if (draft.state === "asking") {
    return <Question t={t} language={language} mayPay={mayPay} formToken={formToken} draft={draft} />;
  }
  if (draft.next && mayPay) {
    return (
      <Notice kind="problem">
        <form method="post" action={`${here}/payment`}>
          <FormToken token={formToken} />
          <input type="hidden" name="payment_id" value={paymentId} />
          <p>{words.failedNote(on)}</p>
          <p>{draft.next === "confirm" && draft.usable ? words.confirmNote : words.offNote}</p>
          <p class="actions">
            {draft.usable && (
              <button type="submit">{draft.next === "confirm" ? words.confirmNow : words.tryNow}</button>
            )}{" "}
            <a class="button second" href="/autopay/enrolment">
              {words.again}
            </a>{" "}
            <a href="/invoices">{words.payNow}</a>
          </p>
        </form>
      </Notice>
    );
  }
  if (draft.state !== "announced") return null;
  const until = dateText(draft.changeUntilOn, language);
  return <p>{draft.tooNear ? words.tooNear(on, until) : words.changeUntil(on, until)}</p>;
};

const Coming = ({ t, language, drafts, forecast }: AutopayProps) => (
  <section aria-labelledby="coming">
    <h2 id="coming">{t.autopay.next}</h2>
    <p class="soft">{t.autopay.nextNote}</p>
    <ul class="rows">
      {drafts.map((draft) => (
        <li>
          <DateOf on={draft.draftOn} language={language} /> <span>{stateWords(draft, t, language)}</span>
        </li>
      ))}
      {forecast.map((one) => (
        <li>
          <DateOf on={one.on} language={language} /> <span>{forecastWords(one, t)}</span>
        </li>
      ))}
    </ul>
  </section>
);

function stateWords(draft: ShownDraft, t: Look["t"], language: Look["language"]): string {
  const words = t.autopay;
  const amount = dollars(draft.maxCents);
  switch (draft.state) {
    case "announced":
      return words.announced(amount);
    case "asking":
      return words.asking(amount);
    case "charging":
      return words.charging(amount);
    default:
      return draft.nextTryOn ? words.failedTry(amount, dateText(draft.nextTryOn, language)) : words.failed(amount);
  }
}

function forecastWords({ from, cents }: Forecast, t: Look["t"]): string {
  if (from === "nothing") return t.autopay.nothing;
  return from === "open" ? t.autopay.fromOpen(dollars(cents)) : t.autopay.estimated(dollars(cents));
}

const Stop = ({ t, formToken, stopping, drafts, language }: AutopayProps) => {
  const near = drafts.find((draft) => draft.state === "announced" && draft.tooNear);
  return (
    <form method="post" action="/autopay/stopping" class="card stack">
      <FormToken token={formToken} />
      <h2>{stopping === "switch" ? t.autopay.turnOff : t.autopay.askOff}</h2>
      <p>{t.autopay.offNote}</p>
      {near && <p>{t.autopay.tooNear(dateText(near.draftOn, language), dateText(near.changeUntilOn, language))}</p>}
      <p>
        <label class="tick">
          <input type="checkbox" name="sure" value="yes" required /> {t.autopay.sure}
        </label>
      </p>
      <p>
        <button type="submit" class="second">
          {stopping === "switch" ? t.autopay.turnOff : t.autopay.askOff}
        </button>
      </p>
    </form>
  );
};

export type AuthorizationProps = Look & {
  agreements: {
    text: string;
    language: "en" | "es";
    name: string;
    at: string;
    kind: string | null;
    brand: string | null;
    lastFour: string | null;
  }[];
};

/** What was agreed to, word for word, in the language it was agreed to in; earlier ones below. */
export const AuthorizationPage = ({ t, agreements }: AuthorizationProps) => {
  const { copy } = t.autopay;
  const [latest, ...earlier] = agreements;
  return (
    <>
      <h1>{copy.title}</h1>
      {latest ? <Agreement t={t} agreement={latest} /> : <p class="card">{copy.none}</p>}
      {latest && <p>{copy.keep}</p>}
      {earlier.length > 0 && <h2>{copy.earlier}</h2>}
      {earlier.map((agreement) => (
        <Agreement t={t} agreement={agreement} />
      ))}
      <p>
        <a href="/autopay">{t.autopay.title}</a>
      </p>
    </>
  );
};

const Agreement = ({ t, agreement }: { t: Look["t"]; agreement: AuthorizationProps["agreements"][number] }) => (
  <div class="card">
    <p lang={agreement.language}>{agreement.text}</p>
    <dl class="facts">
      <Fact name={t.autopay.copy.agreedOn}>{agreement.at}</Fact>
      {agreement.name && <Fact name={t.autopay.copy.name}>{agreement.name}</Fact>}
      {agreement.kind && (
        <Fact name={t.autopay.copy.method}>
          {methodText({ kind: agreement.kind, brand: agreement.brand ?? "", lastFour: agreement.lastFour ?? "" }, t)}
        </Fact>
      )}
    </dl>
  </div>
);
