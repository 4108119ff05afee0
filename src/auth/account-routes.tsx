import { AccountsPage } from "../../views/auth/accounts.tsx";
import { loadForUser } from "../batch.ts";
import type { Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, look, page, safeNext } from "../http.ts";
import { ACCOUNTS_PER_PAGE, accountsSeen, accountsTotal } from "./accounts.ts";
import { may, type Right, type Role } from "./roles.ts";
import { viewAccount } from "./view-account.ts";

export const accountRoutes = new Hono<Env>();

accountRoutes.get("/", async (c) => {
  const { today } = c.var.deps;
  const after = (c.req.query("after") ?? "").slice(0, 60);
  const back = safeNext(c.req.query("back"));
  const { viewer, seen, total } = await loadForUser(c, "enter", (user) => ({
    seen: accountsSeen(user, today, after, ACCOUNTS_PER_PAGE + 1),
    total: accountsTotal(user, today),
  }));
  const shown = seen.slice(0, ACCOUNTS_PER_PAGE);
  const more = new URLSearchParams({ back, after: shown.at(-1)?.number ?? "" });
  return page(
    c,
    viewer,
    { title: look(c).t.people.accounts.title },
    <AccountsPage
      {...look(c)}
      phone={viewer.settings.phone}
      isStaff={viewer.staffRole !== null}
      formToken={viewer.formToken}
      back={back}
      accounts={shown.map((account) => ({ ...account, isInView: account.id === viewer.account?.id }))}
      total={total[0]!}
      more={seen.length > shown.length ? `/accounts?${more}` : null}
    />,
  );
});

accountRoutes.post("/in-view", async (c) => {
  const form = await fields(c);
  const { viewer } = await loadForUser(c, "enter", () => ({}));
  const session = { id: viewer.sessionId, userId: viewer.user.id };
  const viewed = await viewAccount(c.var.deps, session, form.get("account") ?? "");
  if (!viewed) throw new NotFound();
  return goTo(c, pageKept(safeNext(form.get("back") ?? undefined), viewed.role));
});

/** What one must be allowed on an account to see its pages, by how their addresses begin. */
const SECTIONS: Record<string, Right> = { invoices: "see", payments: "see", receipts: "see", users: "manage" };

/** Lists that every account has; below them stands what only one account has. */
const LISTS = ["/invoices/paid", "/invoices/all"];

/** The page to go on with: the same, or the nearest that the other account has too. */
function pageKept(back: string, role: Role): string {
  const [path = "/"] = back.split("?");
  const section = path.split("/")[1]!;
  if (!Object.hasOwn(SECTIONS, section)) return path;
  if (!may(role, SECTIONS[section]!)) return "/";
  return LISTS.includes(path) ? path : `/${section}`;
}
