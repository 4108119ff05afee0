import type { PasswordProblem } from "../../src/auth/password-rules.ts";
import { FormToken, type Look, Notice, Stuck } from "../ui.tsx";

type Props = Look & { dealer: { phone: string }; formToken: string };

/** Where somebody who forgot their password asks for a link. */
export const ForgotPasswordPage = ({
  t,
  dealer,
  formToken,
  email,
  problem,
}: Props & { email: string; problem: string | null }) => (
  <div class="narrow">
    <h1>{t.access.forgot.title}</h1>
    <p>{t.access.forgot.lead}</p>
    {problem && <Notice kind="problem">{problem}</Notice>}
    <AskForLink t={t} formToken={formToken} email={email} />
    <Stuck t={t} phone={dealer.phone} />
  </div>
);

const AskForLink = ({ t, formToken, email }: Pick<Props, "t" | "formToken"> & { email: string }) => (
  <form method="post" action="/forgot-password" class="card stack">
    <FormToken token={formToken} />
    <p>
      <label>
        {t.signIn.email}{" "}
        <input type="email" name="email" value={email} autocomplete="username" required maxlength={254} />
      </label>
    </p>
    <p>
      <button type="submit">{t.access.forgot.button}</button>
    </p>
  </form>
);

/** What everybody reads who asked for a link, whether there is such a sign-in or not. */
export const LinkSentPage = ({ t, dealer }: Look & { dealer: { phone: string } }) => (
  <div class="narrow">
    <h1>{t.access.forgot.sentTitle}</h1>
    <Notice kind="good">{t.access.forgot.sent}</Notice>
    <p>{t.access.forgot.sentNote}</p>
    <p>
      <a href="/forgot-password">{t.access.forgot.again}</a> · <a href="/sign-in">{t.signIn.title}</a>
    </p>
    <Stuck t={t} phone={dealer.phone} />
  </div>
);

/** Where a link in a mail leads: to look at it changes nothing, only the button does. */
export const SetPasswordPage = ({
  t,
  dealer,
  formToken,
  action,
  email,
  problem,
}: Props & { action: string; email: string; problem: PasswordProblem | null }) => (
  <div class="narrow">
    <h1>{t.access.password.title}</h1>
    <p>{t.access.password.leadFor(email)}</p>
    {problem && <Notice kind="problem">{t.access.password.problems[problem]}</Notice>}
    <form method="post" action={action} class="card stack">
      <FormToken token={formToken} />
      <input type="hidden" name="email" value={email} autocomplete="username" />
      <NewPassword t={t} />
      <p>
        <button type="submit">{t.access.password.button}</button>
      </p>
    </form>
    <Stuck t={t} phone={dealer.phone} />
  </div>
);

/** Where a registration's link leads whoever signs in here already: their password stays as it is. */
export const AddAccountPage = ({
  t,
  dealer,
  formToken,
  action,
  userEmail,
  accountName,
  accountNumber,
}: Props & { action: string; userEmail: string; accountName: string | null; accountNumber: string | null }) => (
  <div class="narrow">
    <h1>{t.register.add.title}</h1>
    <form method="post" action={action} class="card stack">
      <FormToken token={formToken} />
      <p>{t.register.add.lead(userEmail, `${accountName} (${accountNumber})`)}</p>
      <p>
        <button type="submit">{t.register.add.button}</button>
      </p>
    </form>
    <Stuck t={t} phone={dealer.phone} />
  </div>
);

/** The two boxes of a new password, and what it must be. Never filled in, also not when it is asked for again. */
export const NewPassword = ({ t }: Pick<Look, "t">) => (
  <>
    <p>
      <label>
        {t.access.password.new}{" "}
        <input
          type="password"
          name="password"
          autocomplete="new-password"
          required
          maxlength={256}
          aria-describedby="password-rules"
        />
      </label>{" "}
      <small id="password-rules">{t.access.password.rules}</small>
    </p>
    <p>
      <label>
        {t.access.password.again}{" "}
        <input type="password" name="again" autocomplete="new-password" required maxlength={256} />
      </label>
    </p>
  </>
);

/** A link that was used, replaced or is too old, and the way to a new one. */
export const DeadLinkPage = ({ t, dealer, formToken }: Props) => (
  <div class="narrow">
    <h1>{t.access.password.deadTitle}</h1>
    <p>{t.access.password.dead}</p>
    <p>{t.access.password.deadNote}</p>
    <AskForLink t={t} formToken={formToken} email="" />
    <p>
      <a href="/register">{t.register.link}</a>
    </p>
    <Stuck t={t} phone={dealer.phone} />
  </div>
);
