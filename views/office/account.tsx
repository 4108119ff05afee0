import { timeText } from "../text/dates.ts";
import { Badge, Fact, FormToken, Money, type Said } from "../ui.tsx";
import { AccountMethods, type AccountMethodsProps } from "./account-methods.tsx";
import { CardPayments } from "./card-payments.tsx";
import { actionText, type Detail, detailText, whoText } from "./event-words.ts";
import { OfficeFrame } from "./frame.tsx";

const ROLES = { owner: "Owner", billing: "Billing", service: "Service", viewer: "Viewer" } as const;
type Role = keyof typeof ROLES;

type User = {
  id: string;
  name: string;
  email: string;
  role: Role;
  activeSince: number | null;
  hasPassword: boolean;
  twoStep: boolean;
  lastSignInAt: number | null;
  invitedAt: number | null;
};

type OfficeAccount = {
  number: string;
  name: string;
  status: "active" | "inactive";
  email: string | null;
  phone: string | null;
  line1: string;
  line2: string;
  city: string;
  state: string;
  zip: string;
  paperless: boolean;
  registrationKey: string | null;
  masterNumber: string | null;
  cardPayments: boolean;
};

type Props = AccountMethodsProps & {
  timeZone: string;
  formToken: string;
  account: OfficeAccount;
  users: User[];
  subs: { number: string; name: string }[];
  /** Open invoices that are paid from a bank account only. */
  bankOnly: { number: string }[];
  events: {
    action: string;
    at: number;
    by: string;
    byName: string | null;
    detail: Detail | null;
    aboutUser: string | null;
  }[];
  /** What the last form came to. */
  said: Said | null;
};

/** One customer as the office sees them: who may sign in, the registration key, and what was done lately. */
export const OfficeAccountPage = (p: Props) => {
  const { account, formToken } = p;
  const here = `/office/accounts/${encodeURIComponent(account.number)}`;
  return (
    <OfficeFrame title={account.name} here="/office/accounts" said={p.said}>
      <dl class="card stack">
        <Fact name="Customer number">
          {account.number} {account.status === "inactive" && <Badge kind="past_due">Closed</Badge>}
        </Fact>
        <Fact name="Registration key">
          {account.registrationKey ? <strong class="key">{account.registrationKey}</strong> : "none"}
        </Fact>
        <Fact name="E-mail on file">{account.email ?? "none: a registration waits for you"}</Fact>
        <Fact name="Phone">{account.phone ?? "none"}</Fact>
        <Fact name="Address">
          {[account.line1, account.line2, `${account.city}, ${account.state} ${account.zip}`]
            .filter(Boolean)
            .join(", ")}
        </Fact>
        <Fact name="Invoices">{account.paperless ? "Paperless" : "On paper too"}</Fact>
      </dl>
      <form method="post" action={`${here}/registration-key`}>
        <FormToken token={formToken} />
        <p>
          <button type="submit" class="second">
            Make a new registration key
          </button>
          <br />
          <small>The old key stops working. The new one is on the next invoice that is printed.</small>
        </p>
      </form>
      <p>
        <a href={`${here}/money`}>Payments, credits and refunds</a> · <a href={`${here}/pay-links`}>Pay links</a> ·{" "}
        <a href={`${here}/autopay`}>Autopay</a> · <a href={`${here}/agreements`}>Agreements</a>
      </p>
      <h2>Who may sign in</h2>
      {p.users.length === 0 ? <p class="card">Nobody yet.</p> : <Users {...p} here={here} />}
      <Invite
        formToken={formToken}
        here={here}
        email={p.users.length === 0 ? (account.email ?? "") : ""}
        name={account.name}
      />
      <AccountMethods {...p} here={here} />
      <CardPayments here={here} formToken={formToken} cardPayments={account.cardPayments} bankOnly={p.bankOnly} />
      <h2>Master account</h2>
      <form method="post" action={`${here}/master`} class="card stack">
        <FormToken token={formToken} />
        {p.subs.length > 0 && (
          <p>
            Its users also see:{" "}
            {p.subs.map((sub, i) => (
              <>
                {i > 0 && ", "}
                <a href={`/office/accounts/${encodeURIComponent(sub.number)}`}>
                  {sub.name} ({sub.number})
                </a>
              </>
            ))}
          </p>
        )}
        <p>
          <label>
            Customer number of its master <input name="master" value={account.masterNumber ?? ""} maxlength={60} />
          </label>{" "}
          <small>The master's users see this account too. Empty: none.</small>
        </p>
        <p>
          <button type="submit" class="second">
            Save
          </button>
        </p>
      </form>
      <h2>Lately</h2>
      {p.events.length === 0 ? (
        <p class="card">Nothing yet.</p>
      ) : (
        <table class="list lines">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col" class="amount">
                Amount
              </th>
              <th scope="col">Why, and more</th>
            </tr>
          </thead>
          <tbody>
            {p.events.map((event) => {
              const { cents, reason, more } = detailText(event.detail, event.aboutUser);
              return (
                <tr>
                  <th scope="row">{actionText(event.action)}</th>
                  <td data-label="When">{timeText(event.at, p.timeZone, p.language)}</td>
                  <td data-label="Who">{whoText(event.by, event.byName)}</td>
                  <td class="amount">{cents !== null && <Money cents={cents} />}</td>
                  <td>{[reason, more].filter(Boolean).join("; ")}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      <p>
        <a href={`/office/audit?account=${encodeURIComponent(account.number)}`}>All that was done for this customer</a>
      </p>
    </OfficeFrame>
  );
};

const Users = ({ users, timeZone, language, formToken, here }: Props & { here: string }) => (
  <table class="list lines">
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">E-mail</th>
        <th scope="col">Role</th>
        <th scope="col">State</th>
        <th scope="col">
          <span class="soft">Do</span>
        </th>
      </tr>
    </thead>
    <tbody>
      {users.map((user) => (
        <tr>
          <th scope="row">{user.name}</th>
          <td>{user.email}</td>
          <td data-label="Role">{ROLES[user.role]}</td>
          <td data-label="State">{stateOf(user, (at) => timeText(at, timeZone, language))}</td>
          <td>
            {user.activeSince === null && (
              <form method="post" action={`${here}/invitations`}>
                <FormToken token={formToken} />
                <input type="hidden" name="email" value={user.email} />
                <input type="hidden" name="name" value={user.name} />
                <input type="hidden" name="role" value={user.role} />
                <button type="submit" class="plain">
                  Invite{user.invitedAt ? " again" : ""}
                </button>
              </form>
            )}
            {user.twoStep && (
              <form method="post" action={`${here}/two-step-removal`}>
                <FormToken token={formToken} />
                <input type="hidden" name="user" value={user.id} />
                <button type="submit" class="plain">
                  Turn off two-step
                </button>
              </form>
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

function stateOf(user: User, when: (at: number) => string): string {
  const twoStep = user.twoStep ? ", two-step" : "";
  if (user.lastSignInAt) return `Last signed in ${when(user.lastSignInAt)}${twoStep}`;
  if (user.activeSince !== null && user.hasPassword) return `Active, not signed in yet${twoStep}`;
  return user.invitedAt ? `Invited ${when(user.invitedAt)}` : "Not registered";
}

const Invite = ({ formToken, here, email, name }: { formToken: string; here: string; email: string; name: string }) => (
  <form method="post" action={`${here}/invitations`} class="card stack">
    <FormToken token={formToken} />
    <h3>Invite somebody</h3>
    <p>
      <label>
        E-mail <input type="email" name="email" value={email} required maxlength={254} />
      </label>
    </p>
    <p>
      <label>
        Name <input name="name" value={email ? name : ""} required maxlength={100} />
      </label>
    </p>
    <p>
      <label>
        Role{" "}
        <select name="role">
          {Object.entries(ROLES).map(([role, words]) => (
            <option value={role}>{words}</option>
          ))}
        </select>
      </label>
    </p>
    <p>
      <button type="submit" class="second">
        Send invitation
      </button>
    </p>
  </form>
);
