import type { ChangeProblem } from "../../src/auth/change-user.ts";
import type { InviteProblem } from "../../src/auth/invite-user.ts";
import type { Role } from "../../src/auth/roles.ts";
import { dateText } from "../text/dates.ts";
import { Badge, FormToken, type Look, Notice } from "../ui.tsx";

/** Somebody on an account as those who manage it see them; no name before they have accepted. */
export type ListedUser = {
  id: string;
  name: string | null;
  email: string;
  role: Role;
  isYou: boolean;
  standing:
    | { is: "active"; lastSignInOn: string | null }
    | { is: "invited"; on: string }
    | { is: "waiting" }
    | { is: "lapsed" };
};

export type UserProblem = InviteProblem | ChangeProblem | "unsure";

export type UsersProps = Look & {
  account: string;
  hasMaster: boolean;
  formToken: string;
  users: ListedUser[];
  typed: { email: string; name: string; role: string };
  problem: UserProblem | null;
  said: string | null;
};

/** Everybody on the account, and a form for one more. */
export const UsersPage = (props: UsersProps) => {
  const { t, formToken, users, typed, problem, said } = props;
  const words = t.people.users;
  return (
    <>
      <h1>{words.title}</h1>
      <p class="soft">{words.lead(props.account)}</p>
      {said && (
        <Notice kind="good" answers>
          {said}
        </Notice>
      )}
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{words.person}</th>
            <th scope="col">{t.people.role}</th>
            <th scope="col">{words.status}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr>
              <th scope="row">
                <b>{user.name ?? user.email}</b> {user.isYou && <small>({words.you})</small>}{" "}
                {user.name && <small>{user.email}</small>}
              </th>
              <td class="w">{t.people.roles[user.role]}</td>
              <td class="sw">
                <Standing {...props} user={user} />
              </td>
              <td class="e">
                <a href={`/users/${user.id}`} aria-label={`${words.change}: ${user.name ?? user.email}`}>
                  {words.change}
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {props.hasMaster && <p class="soft">{words.alsoMaster}</p>}
      <section aria-labelledby="add">
        <h2 id="add">{words.addTitle}</h2>
        <p>{words.addLead}</p>
        {problem && (
          <Notice kind="problem" answers>
            {words.problems[problem]}
          </Notice>
        )}
        <form method="post" action="/users" class="card stack">
          <FormToken token={formToken} />
          <p>
            <label>
              {t.people.email}{" "}
              <input type="email" name="email" value={typed.email} autocomplete="off" required maxlength={254} />
            </label>
          </p>
          <p>
            <label>
              {t.people.name} <input name="name" value={typed.name} autocomplete="off" required maxlength={80} />
            </label>
          </p>
          <Roles t={t} role={typed.role} name={t.people.role} />
          <p>
            <button type="submit">{words.add}</button>
          </p>
        </form>
      </section>
    </>
  );
};

const Standing = ({ t, language, user }: Look & { user: ListedUser }) => {
  const words = t.people.users;
  const { standing } = user;
  if (standing.is === "invited") return <Badge kind="note">{words.invited(dateText(standing.on, language))}</Badge>;
  if (standing.is === "waiting") return <Badge kind="note">{words.waiting}</Badge>;
  if (standing.is === "lapsed") return <Badge kind="problem">{words.lapsed}</Badge>;
  return (
    <>
      <Badge kind="good">{words.active}</Badge>{" "}
      <small>{standing.lastSignInOn ? words.lastSignIn(dateText(standing.lastSignInOn, language)) : words.never}</small>
    </>
  );
};

const ROLES: Role[] = ["owner", "billing", "service", "viewer"];

/** The roles to choose from, each with what it may do. */
const Roles = ({ t, role, name }: Pick<Look, "t"> & { role: string; name: string }) => (
  <fieldset>
    <legend>{name}</legend>
    {ROLES.map((one) => (
      <p>
        <label class="tick">
          <input type="radio" name="role" value={one} checked={one === role} required />{" "}
          <span>
            {t.people.roles[one]} <small>{t.people.roleNotes[one]}</small>
          </span>
        </label>
      </p>
    ))}
  </fieldset>
);

/** One user: role, invitation, removal. */
export const UserPage = (props: Look & { formToken: string; user: ListedUser; problem: UserProblem | null }) => {
  const { t, formToken, user, problem } = props;
  const words = t.people.users;
  const active = user.standing.is === "active";
  return (
    <div class="narrow">
      <p>
        <a href="/users">← {words.back}</a>
      </p>
      <h1>{user.name ?? user.email}</h1>
      <p>
        {user.name && <span class="soft">{user.email} </span>}
        <Standing {...props} />
      </p>
      {problem && (
        <Notice kind="problem" answers>
          {words.problems[problem]}
        </Notice>
      )}
      <form method="post" action={`/users/${user.id}/role`} class="card stack">
        <FormToken token={formToken} />
        <Roles t={t} role={user.role} name={words.roleTitle} />
        <p>
          <button type="submit">{words.save}</button>
        </p>
      </form>
      {!active && (
        <form method="post" action={`/users/${user.id}/invitation`} class="card stack">
          <h2>{words.invitationTitle}</h2>
          <FormToken token={formToken} />
          <p>
            {words.invitedNote} {words.againNote}
          </p>
          <p>
            <button type="submit">{words.again}</button>
          </p>
        </form>
      )}
      <form method="post" action={`/users/${user.id}/removal`} class="card stack">
        <FormToken token={formToken} />
        {active ? (
          <>
            <h2>{words.removeTitle}</h2>
            <p>{words.removeNote}</p>
            <label class="tick">
              <input type="checkbox" name="sure" value="yes" required /> {words.sure(user.name ?? user.email)}
            </label>
          </>
        ) : (
          <input type="hidden" name="sure" value="yes" />
        )}
        <p>
          <button type="submit" class="second">
            {active ? words.remove : words.withdraw}
          </button>
        </p>
      </form>
    </div>
  );
};
