import type { How } from "../../src/auth/start-session.ts";
import { timeText } from "../text/dates.ts";
import { FormToken, type Look, Notice } from "../ui.tsx";

export type SessionsProps = Look & {
  formToken: string;
  timeZone: string;
  /** `handle` is how the form names it; null for the browser that looks. */
  sessions: { handle: string | null; device: string; createdAt: number }[];
  signIns: { at: number; how: How; device: string }[];
  notice: string | null;
};

/** Where a user is signed in, with a way to end each, and how they came in lately. */
export const SessionsPage = ({ t, language, formToken, timeZone, sessions, signIns, notice }: SessionsProps) => {
  const words = t.profile.sessions;
  const time = (at: number) => timeText(at, timeZone, language);
  return (
    <div class="profile">
      <h1>{words.title}</h1>
      {notice && (
        <Notice kind="good" answers>
          {notice}
        </Notice>
      )}
      <section>
        <h2>{words.signedIn}</h2>
        <form method="post" action="/profile/sessions">
          <FormToken token={formToken} />
          <ul class="rows">
            {sessions.map(({ handle, device, createdAt }) => (
              <li>
                <b>{device || words.unknown}</b> <span class="soft">{words.since(time(createdAt))}</span>{" "}
                {handle ? (
                  <button
                    type="submit"
                    class="plain"
                    name="end"
                    value={handle}
                    aria-label={words.endNamed(device || words.unknown, time(createdAt))}
                  >
                    {words.end}
                  </button>
                ) : (
                  <span class="badge good">{words.here}</span>
                )}
              </li>
            ))}
          </ul>
          {sessions.length > 1 && (
            <p>
              <button type="submit" class="second" name="end" value="others">
                {words.others}
              </button>
            </p>
          )}
        </form>
      </section>
      <section>
        <h2>{words.activity}</h2>
        <table class="list lines">
          <thead>
            <tr>
              <th scope="col">{words.when}</th>
              <th scope="col">{words.how}</th>
              <th scope="col">{words.device}</th>
            </tr>
          </thead>
          <tbody>
            {signIns.map((one) => (
              <tr>
                <th scope="row">{time(one.at)}</th>
                <td>
                  {one.how === "password" || one.how === "link" ? words.ways[one.how] : t.ways.providers[one.how]}
                </td>
                <td>{one.device || words.unknown}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p>
          {words.notYou} <a href="/profile/password">{t.profile.password.title}</a>
        </p>
      </section>
      <p>
        <a href="/profile">{t.profile.back}</a>
      </p>
    </div>
  );
};
