import type { PasswordProblem } from "../../src/auth/password-rules.ts";
import type { Role } from "../../src/auth/roles.ts";
import { FormToken, type Look, Notice, Stuck } from "../ui.tsx";
import { NewPassword } from "./passwords.tsx";

type Props = Look & { dealer: { phone: string } };

/** Where an invitation's link leads: who asks, to what, and one button. */
export const InvitationPage = ({
  t,
  dealer,
  formToken,
  action,
  inviter,
  account,
  email,
  role,
  hasPassword,
  problem,
}: Props & {
  formToken: string;
  action: string;
  inviter: string;
  account: string;
  email: string;
  role: Role;
  hasPassword: boolean;
  problem: PasswordProblem | null;
}) => (
  <div class="narrow">
    <h1>{t.people.invitation.title}</h1>
    <p>{t.people.invitation.lead(inviter, account)}</p>
    <p>
      {t.people.invitation.as(t.people.roles[role])} <small>{t.people.roleNotes[role]}</small>
    </p>
    <p>{t.people.invitation.leadFor(email)}</p>
    {problem && <Notice kind="problem">{t.access.password.problems[problem]}</Notice>}
    <form method="post" action={action} class="card stack">
      <FormToken token={formToken} />
      {hasPassword ? (
        <p>{t.people.invitation.acceptNote}</p>
      ) : (
        <>
          <p>{t.people.invitation.choose}</p>
          <input type="hidden" name="email" value={email} autocomplete="username" />
          <NewPassword t={t} />
        </>
      )}
      <p>
        <button type="submit">{hasPassword ? t.people.invitation.accept : t.people.invitation.passwordButton}</button>
      </p>
    </form>
    <Stuck t={t} phone={dealer.phone} />
  </div>
);

/** An invitation that was used, withdrawn, replaced or is too old, and whom to ask for another. */
export const DeadInvitationPage = ({ t, dealer }: Props) => (
  <div class="narrow">
    <h1>{t.people.invitation.deadTitle}</h1>
    <p>{t.people.invitation.dead}</p>
    <p>{t.people.invitation.deadNote}</p>
    <p>
      <a class="button" href="/sign-in">
        {t.signIn.title}
      </a>
    </p>
    <Stuck t={t} phone={dealer.phone} />
  </div>
);
