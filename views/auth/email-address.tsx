import { FormToken, type Look, Notice, Stuck } from "../ui.tsx";

type Props = Look & { dealer: { phone: string } };

/** Where the link to a new e-mail address leads: to look changes nothing, only the button does. */
export const ConfirmAddressPage = (
  p: Props & { formToken: string; action: string; email: string; problem: string | null },
) => {
  const words = p.t.profile.email;
  return (
    <div class="narrow">
      <h1>{words.confirmTitle}</h1>
      {p.problem && (
        <Notice kind="problem" answers>
          {p.problem}
        </Notice>
      )}
      <p>{words.confirmLead(p.email)}</p>
      <form method="post" action={p.action} class="card stack">
        <FormToken token={p.formToken} />
        <p>
          <button type="submit">{words.confirmButton}</button>
        </p>
      </form>
      <Stuck t={p.t} phone={p.dealer.phone} />
    </div>
  );
};

export const AddressChangedPage = ({ t, dealer, email }: Props & { email: string }) => (
  <div class="narrow">
    <h1>{t.profile.email.doneTitle}</h1>
    <Notice kind="good">{t.profile.email.done(email)}</Notice>
    <p>
      <a class="button" href="/profile">
        {t.profile.title}
      </a>
    </p>
    <Stuck t={t} phone={dealer.phone} />
  </div>
);

/** A link to a new address that was used, replaced or is too old. */
export const DeadAddressLinkPage = ({ t, dealer }: Props) => (
  <div class="narrow">
    <h1>{t.access.password.deadTitle}</h1>
    <p>{t.access.password.dead}</p>
    <p>{t.profile.email.deadNote}</p>
    <p>
      <a class="button" href="/profile/email">
        {t.profile.email.title}
      </a>
    </p>
    <Stuck t={t} phone={dealer.phone} />
  </div>
);
