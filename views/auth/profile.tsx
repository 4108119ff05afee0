import type { Child } from "hono/jsx";
import type { Contact } from "../../src/auth/contact-rules.ts";
import type { ProviderName } from "../../src/ports.ts";
import { type Language, type Text, textIn } from "../text/language.ts";
import { type Look, Notice, phoneText } from "../ui.tsx";

export type ProfileProps = Look & {
  user: { name: string; email: string; language: Language | null; hasPassword: boolean };
  sessionCount: number;
  twoStep: boolean;
  /** The providers that sign the user in beside the password. */
  linked: ProviderName[];
  /** What the user may see of the account in view; null for staff, and for a role that sees nothing of it. */
  account: { name: string; mayEdit: boolean; contact: Contact } | null;
  saved: string | null;
};

/** Everything that is a user's own, and the way to change each. */
export const ProfilePage = ({ t, user, sessionCount, twoStep, linked, account, saved }: ProfileProps) => (
  <div class="profile">
    <h1>{t.profile.title}</h1>
    {saved && (
      <Notice kind="good" answers>
        {saved}
      </Notice>
    )}
    <section>
      <h2>{t.profile.you}</h2>
      <ul class="rows">
        <Line t={t} name={t.profile.name.label} href="/profile/name">
          {user.name}
        </Line>
        <Line t={t} name={t.profile.email.label} href="/profile/email">
          {user.email}
        </Line>
        <Line t={t} name={t.profile.password.label} href="/profile/password">
          {user.hasPassword ? t.profile.password.hidden : t.profile.none}
        </Line>
        <Line t={t} name={t.ways.twoStep.title} href="/profile/two-step">
          {twoStep ? t.profile.on : t.profile.off}
        </Line>
        <Line t={t} name={t.ways.identities.title} href="/profile/identities">
          {[
            ...(user.hasPassword ? [t.profile.password.label] : []),
            ...linked.map((one) => t.ways.providers[one]),
          ].join(", ")}
        </Line>
        <Line t={t} name={t.profile.language.label} href="/profile/language">
          {user.language ? textIn(user.language).language : t.profile.language.browser}
        </Line>
        <Line t={t} name={t.profile.sessions.label} href="/profile/sessions" words={t.profile.see}>
          {t.profile.sessions.count(sessionCount)}
        </Line>
      </ul>
    </section>
    {account && <AccountContact t={t} {...account} />}
  </div>
);

/** One thing of the user's: what it is called, what it is, and where it is changed. */
const Line = (p: { t: Text; name: string; href: string | null; words?: string; children: Child }) => {
  const words = p.words ?? p.t.profile.change;
  return (
    <li>
      <span class="soft">{p.name}</span> <span>{p.children}</span>{" "}
      {p.href && (
        <a href={p.href} aria-label={`${words}: ${p.name}`}>
          {words}
        </a>
      )}
    </li>
  );
};

const AccountContact = ({ t, name, mayEdit, contact }: { t: Text } & NonNullable<ProfileProps["account"]>) => {
  const { none } = t.profile;
  const words = t.profile.contact;
  const town = [contact.city, `${contact.state} ${contact.zip}`.trim()].filter((part) => part !== "").join(", ");
  const address = [contact.line1, contact.line2, town].filter((line) => line !== "");
  return (
    <section>
      <h2>{words.of(name)}</h2>
      <ul class="rows">
        <Line t={t} name={words.phone} href={null}>
          {phoneText(contact.phone) || none}
        </Line>
        <Line t={t} name={words.mobile} href={null}>
          {phoneText(contact.mobile) || none}
        </Line>
        <Line t={t} name={words.email} href={null}>
          {contact.email || none}
        </Line>
        <Line t={t} name={words.address} href={null}>
          {address.length === 0 ? none : address.map((line, i) => (i === 0 ? line : [<br />, line]))}
        </Line>
        <Line t={t} name={words.paperless} href={null}>
          {contact.paperless === "yes" ? words.noPaper : words.onPaper}
        </Line>
      </ul>
      {mayEdit ? (
        <p>
          <a class="button second" href="/profile/contact">
            {words.change}
          </a>
        </p>
      ) : (
        <p class="soft">{words.readOnly}</p>
      )}
    </section>
  );
};
