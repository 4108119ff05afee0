import { dateText } from "../text/dates.ts";
import { Badge, FormToken, type Look, methodText, Notice, type Said, SaidNotice } from "../ui.tsx";

type Method = {
  id: string;
  kind: "card" | "bank";
  brand: string;
  lastFour: string;
  /** The last day of a card. */
  lastDay: string | null;
  expiry: "fine" | "expiring" | "expired";
  isDefault: boolean;
  blocked: string | null;
  removalRequestedAt: number | null;
  backsAutopay: boolean;
  /** Whether one may pay with this kind now. */
  taken: boolean;
};

type Props = Look & {
  formToken: string;
  methods: Method[];
  /** What is begun and not on file yet: at the vendor's page still, or waiting for small deposits. */
  adding: { id: string; state: string; brand: string; lastFour: string }[];
  cardsOff: boolean;
  mayAdd: boolean;
  removesAtOnce: boolean;
  said: Said | null;
};

/** What is on file, what each can still be used for, and what is missing to use a new one. */
export const PaymentMethodsPage = (props: Props) => {
  const { t, methods, adding } = props;
  const verifying = adding.filter((one) => one.state === "verifying");
  const unfinished = adding.find((one) => one.state === "open");
  return (
    <>
      <h1>{t.methods.title}</h1>
      <SaidNotice said={props.said} />
      {verifying.map((one) => (
        <Notice kind="note">
          <p>{t.methods.verifying(methodText({ ...one, kind: "bank" }, t))}</p>
          <p>{t.methods.verifyingNote}</p>
          <a class="button" href={`/payment-methods/${one.id}/continuation`}>
            {t.methods.verify}
          </a>
        </Notice>
      ))}
      {unfinished && (
        <Notice kind="note">
          {t.methods.unfinished} <a href={`/payment-methods/${unfinished.id}/continuation`}>{t.methods.finish}</a>
        </Notice>
      )}
      {props.cardsOff && <Notice kind="note">{t.methods.cardsOff}</Notice>}
      <p>{methods.length === 0 ? t.methods.none : t.methods.lead}</p>
      {props.mayAdd && (
        <p class="actions">
          <a class="button" href="/payment-methods/new">
            {t.methods.add}
          </a>{" "}
          <a href="/autopay">{t.autopay.title}</a>
        </p>
      )}
      {methods.map((method) => (
        <OneMethod {...props} method={method} />
      ))}
    </>
  );
};

const OneMethod = (props: Props & { method: Method }) => {
  const { t, language, method } = props;
  const { states } = t.methods;
  const date = method.lastDay && dateText(method.lastDay, language);
  const expired = method.expiry === "expired";
  const asked = method.removalRequestedAt !== null;
  return (
    <section class="card" aria-labelledby={method.id}>
      <h2 id={method.id}>
        {methodText(method, t)} {method.isDefault && <Badge kind="good">{t.methods.usual}</Badge>}{" "}
        {asked ? (
          <Badge kind="note">{states.removal_requested}</Badge>
        ) : method.blocked ? (
          <Badge kind="problem">{states.blocked}</Badge>
        ) : (
          method.expiry !== "fine" && <Badge kind={expired ? "problem" : "note"}>{states[method.expiry]}</Badge>
        )}
      </h2>
      {date && <p>{expired ? t.methods.expiredOn(date) : t.methods.expires(date)}</p>}
      {asked ? <p>{t.methods.requested}</p> : method.blocked && <p>{t.methods.blocked}</p>}
      {!method.taken && <p>{t.methods.switchedOff}</p>}
      {method.backsAutopay && <p>{t.methods.backsAutopay}</p>}
      {asked ? <Keep {...props} /> : <Doings {...props} />}
    </section>
  );
};

const Keep = ({ t, formToken, method }: Props & { method: Method }) => (
  <form method="post" action={`/payment-methods/${method.id}/removal/withdrawal`} class="actions">
    <FormToken token={formToken} />
    <button type="submit" class="second" aria-label={`${t.methods.keep}: ${methodText(method, t)}`}>
      {t.methods.keep}
    </button>
  </form>
);

const Doings = ({ t, formToken, method, removesAtOnce, mayAdd }: Props & { method: Method }) => {
  const here = `/payment-methods/${method.id}`;
  const name = methodText(method, t);
  return (
    <div class="actions">
      {!method.isDefault && !method.blocked && (
        <form method="post" action={`${here}/default`}>
          <FormToken token={formToken} />
          <button type="submit" class="second" aria-label={`${t.methods.makeUsual}: ${name}`}>
            {t.methods.makeUsual}
          </button>
        </form>
      )}
      {mayAdd && (
        <a
          class="button second"
          href={`/payment-methods/new?instead=${method.id}`}
          aria-label={`${t.methods.update}: ${name}`}
        >
          {t.methods.update}
        </a>
      )}
      {!method.backsAutopay && (
        <form method="post" action={`${here}/removal`} class="actions">
          <FormToken token={formToken} />
          {removesAtOnce && (
            <label class="tick">
              <input type="checkbox" name="sure" value="yes" /> {t.methods.sure(name)}
            </label>
          )}
          <button
            type="submit"
            class="second"
            aria-label={`${removesAtOnce ? t.methods.remove : t.methods.askRemoval}: ${name}`}
          >
            {removesAtOnce ? t.methods.remove : t.methods.askRemoval}
          </button>
        </form>
      )}
    </div>
  );
};
