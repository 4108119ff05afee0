import { type ListedUser, UserPage, type UserProblem, UsersPage } from "../../views/auth/users.tsx";
import { loadForAccount, type Viewer } from "../batch.ts";
import { localDate } from "../calendar.ts";
import type { Context, Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, look, page, saidIn } from "../http.ts";
import { changeRole, removeUser } from "./change-user.ts";
import { inviteUser } from "./invite-user.ts";
import { masterOf, userOf, usersOf } from "./users.ts";

export const userRoutes = new Hono<Env>();

const NOTHING_TYPED = { email: "", name: "", role: "" };

userRoutes.get("/", (c) => usersPage(c, NOTHING_TYPED, null));

userRoutes.post("/", async (c) => {
  const form = await fields(c);
  const typed = {
    email: (form.get("email") ?? "").slice(0, 254),
    name: (form.get("name") ?? "").slice(0, 200),
    role: form.get("role") ?? "",
  };
  const { viewer } = await loadForAccount(c, "manage", () => ({}));
  const { language } = c.var;
  const invited = await inviteUser(c.var.deps, {
    ...typed,
    accountId: viewer.account.id,
    by: viewer.user.id,
    language,
  });
  if (!invited.ok) return usersPage(c, typed, invited.problem);
  c.executionCtx.waitUntil(invited.announce());
  return goTo(c, "/users?said=invited");
});

userRoutes.get("/:id", async (c) => {
  const { viewer, user } = await userNamed(c);
  return userPage(c, viewer, user, null);
});

userRoutes.post("/:id/role", async (c) => {
  const { viewer, user } = await userNamed(c);
  const role = (await fields(c)).get("role") ?? "";
  const changed = await changeRole(c.var.deps, { ...whom(viewer, user), role });
  if (!changed.ok) return userPage(c, viewer, user, changed.problem);
  // Whoever is no owner any more does not manage users either.
  return goTo(c, user.isYou && role !== "owner" ? "/" : "/users?said=changed");
});

userRoutes.post("/:id/invitation", async (c) => {
  const { viewer, user } = await userNamed(c);
  const invited = await inviteUser(c.var.deps, {
    accountId: viewer.account.id,
    email: user.email,
    // They exist, and keep the name they have.
    name: "-",
    role: user.role,
    by: viewer.user.id,
  });
  if (!invited.ok) return userPage(c, viewer, user, invited.problem);
  c.executionCtx.waitUntil(invited.announce());
  return goTo(c, "/users?said=invited");
});

userRoutes.post("/:id/removal", async (c) => {
  const { viewer, user } = await userNamed(c);
  if ((await fields(c)).get("sure") !== "yes") return userPage(c, viewer, user, "unsure");
  const removed = await removeUser(c.var.deps, whom(viewer, user));
  if (!removed.ok) return userPage(c, viewer, user, removed.problem);
  return goTo(c, user.isYou ? "/accounts" : "/users?said=removed");
});

const whom = (viewer: Viewer, user: ListedUser) => ({
  accountId: viewer.account.id,
  userId: user.id,
  by: viewer.user.id,
});

/** The user that an address names, and whoever manages them; one of another account is not there. */
async function userNamed(c: Context): Promise<{ viewer: Viewer; user: ListedUser }> {
  const id = c.req.param("id") ?? "";
  const { viewer, found } = await loadForAccount(c, "manage", (account) => ({
    found: userOf(account, id, c.var.deps.now),
  }));
  const user = found[0];
  if (!user) throw new NotFound();
  return { viewer, user: listedUser(c, viewer, user) };
}

type Found = {
  id: string;
  name: string;
  email: string;
  role: ListedUser["role"];
  activeSince: number | null;
  lastSignInAt: number | null;
  invitedAt: number | null;
  isRegistering: boolean;
};

function listedUser(c: Context, viewer: Viewer, found: Found): ListedUser {
  const { id, email, role, activeSince, lastSignInAt, invitedAt, isRegistering } = found;
  const on = (at: number) => localDate(at, c.var.deps.dealer.timeZone);
  const isActive = activeSince !== null;
  return {
    id,
    email,
    role,
    // Whoever is only invited may be anybody: to type an address must not tell whose it is.
    name: isActive ? found.name : null,
    isYou: id === viewer.user.id,
    standing: isActive
      ? { is: "active", lastSignInOn: lastSignInAt === null ? null : on(lastSignInAt) }
      : invitedAt === null
        ? { is: isRegistering ? "waiting" : "lapsed" }
        : { is: "invited", on: on(invitedAt) },
  };
}

async function usersPage(
  c: Context,
  typed: { email: string; name: string; role: string },
  problem: UserProblem | null,
): Promise<Response> {
  const { viewer, users, master } = await loadForAccount(c, "manage", (account) => ({
    users: usersOf(account, c.var.deps.now),
    master: masterOf(account),
  }));
  return page(
    c,
    viewer,
    { title: look(c).t.people.users.title, status: problem ? 422 : 200 },
    <UsersPage
      {...look(c)}
      account={viewer.account.name}
      hasMaster={master[0]?.id != null}
      formToken={viewer.formToken}
      users={users.map((user) => listedUser(c, viewer, user))}
      typed={typed}
      problem={problem}
      said={saidIn(c, look(c).t.people.users.said)}
    />,
  );
}

const userPage = (c: Context, viewer: Viewer, user: ListedUser, problem: UserProblem | null) =>
  page(
    c,
    viewer,
    { title: user.name ?? user.email, status: problem ? 422 : 200 },
    <UserPage {...look(c)} formToken={viewer.formToken} user={user} problem={problem} />,
  );
