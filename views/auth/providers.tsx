import type { ProviderName } from "../../src/ports.ts";
import { dateText } from "../text/dates.ts";
import { FormToken, type Look, Notice, Stuck } from "../ui.tsx";

/** Buttons of the providers that are configured, for the sign-in page. Plain links: they change nothing yet. */
export const ProviderButtons = ({
  t,
  providers,
  next,
}: Pick<Look, "t"> & { providers: ProviderName[]; next: string }) =>
  providers.length > 0 && (
    <ul class="ways">
      {providers.map((provider) => (
        <li>
          <a class="button second" href={`/${provider}?next=${encodeURIComponent(next)}`}>
            {t.ways.signInWith(t.ways.providers[provider])}
          </a>
        </li>
      ))}
    </ul>
  );

export type ProviderTrouble = "unknown" | "cancelled" | "stale" | "refused" | "noAnswer" | "taken";

/** What somebody reads whom a provider did not bring in, and where to go now. `linking`: they are signed in already. */
export const ProviderTroublePage = ({
  t,
  dealer,
  provider,
  trouble,
  email,
  next,
  linking,
}: Look & {
  dealer: { phone: string };
  provider: ProviderName;
  trouble: ProviderTrouble;
  email: string;
  next: string;
  linking: boolean;
}) => {
  const name = t.ways.providers[provider];
  const words = t.ways.trouble;
  const again = linking ? `/${provider}?link` : `/${provider}?next=${encodeURIComponent(next)}`;
  return (
    <div class="narrow">
      <h1>{trouble === "unknown" ? words.unknownTitle : words.title(name)}</h1>
      <Notice kind={trouble === "cancelled" ? "note" : "problem"}>
        {trouble === "unknown" ? words.unknown(name, email) : trouble === "stale" ? words.stale : words[trouble](name)}
      </Notice>
      {trouble === "unknown" && <p>{words.unknownNote(name)}</p>}
      <p>
        {trouble === "unknown" ? (
          <a class="button" href="/register">
            {words.register}
          </a>
        ) : (
          <a class="button" href={again}>
            {words.again}
          </a>
        )}
      </p>
      <p>
        {linking ? (
          <a href="/profile/identities">{words.back}</a>
        ) : (
          <a href={`/sign-in?next=${encodeURIComponent(next)}`}>{words.password}</a>
        )}
      </p>
      <Stuck t={t} phone={dealer.phone} />
    </div>
  );
};

/** A user's ways in beside the password: each provider linked or not, and the way to change that. */
export const IdentitiesPage = ({
  t,
  language,
  formToken,
  providers,
  identities,
  hasPassword,
  notice,
  problem,
}: Look & {
  formToken: string;
  providers: ProviderName[];
  identities: { provider: ProviderName; email: string; linkedOn: string }[];
  hasPassword: boolean;
  notice: string | null;
  problem: string | null;
}) => {
  const words = t.ways.identities;
  const linked = new Map(identities.map((identity) => [identity.provider, identity]));
  const shown = [...new Set([...providers, ...linked.keys()])];
  return (
    <div class="narrow">
      <h1>{words.title}</h1>
      <p>{shown.length > 0 ? words.lead : words.none}</p>
      {notice && <Notice kind="good">{notice}</Notice>}
      {problem && (
        <Notice kind="problem">
          <p>{problem}</p>
          {!hasPassword && <a href="/profile/password">{words.choosePassword}</a>}
        </Notice>
      )}
      {shown.map((provider) => {
        const identity = linked.get(provider);
        const name = t.ways.providers[provider];
        return (
          <section class="card">
            <h2>{name}</h2>
            <p>
              {identity ? (
                <>
                  {words.linked(identity.email)} <small>{dateText(identity.linkedOn, language)}</small>
                </>
              ) : (
                words.notLinked
              )}
            </p>
            {identity ? (
              <form method="post" action={`/profile/identities/${provider}/removal`}>
                <FormToken token={formToken} />
                <button type="submit" class="second">
                  {words.remove(name)}
                </button>
              </form>
            ) : (
              <p>
                <a class="button second" href={`/${provider}?link`}>
                  {words.link(name)}
                </a>
              </p>
            )}
          </section>
        );
      })}
      <p>
        <a href="/profile/two-step">{words.twoStep}</a> · <a href="/profile">{t.ways.twoStep.profile}</a>
      </p>
    </div>
  );
};
