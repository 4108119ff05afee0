import type { Child } from "hono/jsx";
import { FormToken, type Look, Notice, Stuck } from "../ui.tsx";

/** One code to type: the app's, or one off the paper. */
const CodeBox = ({ t, children }: Pick<Look, "t"> & { children?: Child }) => (
  <p>
    <label>
      {children ?? t.ways.secondStep.code}{" "}
      <input
        name="code"
        inputmode="text"
        autocomplete="one-time-code"
        autocapitalize="off"
        spellcheck={false}
        required
        maxlength={30}
      />
    </label>
  </p>
);

/** Where somebody who has proven the first step types a code. There is no session yet. */
export const SecondStepPage = ({
  t,
  dealer,
  formToken,
  problem,
}: Look & { dealer: { phone: string }; formToken: string; problem: string | null }) => {
  const words = t.ways.secondStep;
  return (
    <div class="narrow">
      <h1>{words.title}</h1>
      <p>{words.lead}</p>
      {problem && <Notice kind="problem">{problem}</Notice>}
      <form method="post" action="/sign-in/second-step" class="card stack">
        <FormToken token={formToken} />
        <CodeBox t={t} />
        <small>{words.hint}</small>
        <p>
          <button type="submit">{words.button}</button>
        </p>
      </form>
      <p>
        <a href="/sign-in">{words.back}</a>
      </p>
      <Stuck t={t} phone={dealer.phone} />
    </div>
  );
};

/** A QR code as one path on a square of `size` modules. */
type QrPath = { size: number; path: string };

/** How the second step of a user stands. `secret` is in groups of four. */
export type TwoStepState =
  | { state: "off" }
  | { state: "starting"; secret: string; address: string; qr: QrPath }
  | { state: "on"; codesLeft: number };

type Props = Look & {
  formToken: string;
  now: TwoStepState;
  staffMust: boolean;
  isStaff: boolean;
  notice: string | null;
  problem: string | null;
};

/** A user's second step: set it up, get new recovery codes, turn it off. */
export const TwoStepPage = ({ t, formToken, now, staffMust, isStaff, notice, problem }: Props) => {
  const words = t.ways.twoStep;
  return (
    <div class="narrow">
      <h1>{words.title}</h1>
      {staffMust && now.state !== "on" && <Notice kind="note">{words.staffMust}</Notice>}
      {notice && <Notice kind="good">{notice}</Notice>}
      {problem && <Notice kind="problem">{problem}</Notice>}
      {now.state === "off" && <Off t={t} formToken={formToken} />}
      {now.state === "starting" && <Starting t={t} formToken={formToken} {...now} />}
      {now.state === "on" && <On t={t} formToken={formToken} codesLeft={now.codesLeft} />}
      <p>
        <a href="/profile">{words.profile}</a>
        {isStaff && (
          <>
            {" "}
            · <a href="/office">{words.office}</a>
          </>
        )}
      </p>
    </div>
  );
};

type Part = Pick<Look, "t"> & { formToken: string };

const Off = ({ t, formToken }: Part) => (
  <form method="post" action="/profile/two-step" class="card stack">
    <FormToken token={formToken} />
    <p>{t.ways.twoStep.lead}</p>
    <p>
      <b>{t.ways.twoStep.isOff}</b>
    </p>
    <p>
      <button type="submit">{t.ways.twoStep.start}</button>
    </p>
  </form>
);

const Starting = ({ t, formToken, secret, address, qr }: Part & { secret: string; address: string; qr: QrPath }) => {
  const words = t.ways.twoStep;
  return (
    <>
      <section class="card">
        <h2>{words.scanTitle}</h2>
        <p>{words.scan}</p>
        <p>
          <svg
            class="qr"
            viewBox={`0 0 ${qr.size} ${qr.size}`}
            width="244"
            height="244"
            role="img"
            aria-label={words.qr}
          >
            <path fill="#fff" d={`M0 0h${qr.size}v${qr.size}H0z`} />
            <path d={qr.path} />
          </svg>
        </p>
        <p>
          {words.orType}{" "}
          <b>
            <code>{secret}</code>
          </b>
        </p>
        <p>
          <a href={address}>{words.openApp}</a>
        </p>
      </section>
      <form method="post" action="/profile/two-step/confirmation" class="card stack">
        <FormToken token={formToken} />
        <h2>{words.confirmTitle}</h2>
        <CodeBox t={t} />
        <p>
          <button type="submit">{words.confirm}</button>
        </p>
      </form>
      <form method="post" action="/profile/two-step">
        <FormToken token={formToken} />
        <button type="submit" class="plain">
          {words.other}
        </button>
      </form>
    </>
  );
};

const On = ({ t, formToken, codesLeft }: Part & { codesLeft: number }) => {
  const words = t.ways.twoStep;
  return (
    <>
      <Notice kind="good">
        <p>{words.isOn}</p>
        <p>{words.left(codesLeft)}</p>
      </Notice>
      <form method="post" action="/profile/two-step/recovery-codes" class="card stack">
        <FormToken token={formToken} />
        <h2>{words.changeTitle}</h2>
        <CodeBox t={t}>{words.codeNow}</CodeBox>
        <p>
          <button type="submit">{words.renew}</button>
        </p>
        <p>
          <button type="submit" class="second" formaction="/profile/two-step/removal">
            {words.off}
          </button>
        </p>
      </form>
    </>
  );
};

/** The recovery codes, which nobody can read again. */
export const RecoveryCodesPage = ({ t, codes, isStaff }: Look & { codes: string[]; isStaff: boolean }) => {
  const words = t.ways.twoStep;
  return (
    <div class="narrow">
      <h1>{words.codesTitle}</h1>
      <Notice kind="good">{words.isOn}</Notice>
      <p>{words.codes}</p>
      <ul class="card codes">
        {codes.map((code) => (
          <li>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <p>
        <a class="button" href={isStaff ? "/office" : "/profile/two-step"}>
          {words.codesKept}
        </a>
      </p>
    </div>
  );
};
