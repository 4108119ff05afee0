import type { Role } from "../../src/auth/roles.ts";
import { Badge, FormToken, type Look, Money, More, telephone } from "../ui.tsx";

type ListedAccount = {
  number: string;
  name: string;
  role: Role;
  /** Null where the role does not show money. */
  dueCents: number | null;
  pastDueCents: number | null;
  masterName: string | null;
  isInView: boolean;
};

export type AccountsProps = Look & {
  phone: string;
  isStaff: boolean;
  formToken: string;
  /** The page that one comes from, and goes back to. */
  back: string;
  accounts: ListedAccount[];
  total: { count: number; withMoney: number; dueCents: number; pastDueCents: number };
  more: string | null;
};

/** Every account that one sign-in sees, with what is due on each, and a button to look at it. */
export const AccountsPage = (props: AccountsProps) => {
  const { t, accounts, total } = props;
  const words = t.people.accounts;
  if (total.count === 0) return <NoAccount {...props} />;
  return (
    <>
      <h1>{words.title}</h1>
      {total.count > 1 && <p class="soft">{words.lead}</p>}
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{words.account}</th>
            <th scope="col">{t.people.role}</th>
            <th scope="col" class="amount">
              {words.due}
            </th>
            <th scope="col" class="amount">
              {words.pastDue}
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {accounts.map((account) => (
            <AccountRow {...props} account={account} />
          ))}
          {total.withMoney > 1 && (
            <tr>
              <th scope="row">
                <b>{words.total(total.count)}</b>
              </th>
              <td />
              <td class="amount w" data-label={words.due}>
                <b>
                  <Money cents={total.dueCents} />
                </b>
              </td>
              <td class="amount sw" data-label={words.pastDue}>
                <b>
                  <Money cents={total.pastDueCents} />
                </b>
              </td>
              <td />
            </tr>
          )}
        </tbody>
      </table>
      {props.more && <More href={props.more}>{words.more}</More>}
    </>
  );
};

const AccountRow = ({ t, formToken, back, account }: AccountsProps & { account: ListedAccount }) => {
  const words = t.people.accounts;
  return (
    <tr>
      <th scope="row">
        <b>{account.name}</b> <small class="whole">{account.number}</small>{" "}
        {account.masterName && <small>{words.partOf(account.masterName)}</small>}
      </th>
      <td class="e">{t.people.roles[account.role]}</td>
      {account.dueCents === null ? (
        <td class="amount w" colspan={2}>
          <small>{words.noMoney}</small>
        </td>
      ) : (
        <>
          <td class="amount w" data-label={words.due}>
            <Money cents={account.dueCents} />
          </td>
          <td class="amount sw" data-label={words.pastDue}>
            {account.pastDueCents ? (
              <span class="bad">
                <Money cents={account.pastDueCents} />
              </span>
            ) : (
              <Money cents={0} />
            )}
          </td>
        </>
      )}
      <td class="se">
        {account.isInView ? (
          <Badge kind="good">{words.inView}</Badge>
        ) : (
          <form method="post" action="/accounts/in-view">
            <FormToken token={formToken} />
            <input type="hidden" name="account" value={account.number} />
            <input type="hidden" name="back" value={back} />
            <button type="submit" class="second" aria-label={words.openWords(account.name)}>
              {words.open}
            </button>
          </form>
        )}
      </td>
    </tr>
  );
};

const NoAccount = ({ t, phone, isStaff }: AccountsProps) => (
  <div class="narrow">
    <h1>{t.people.accounts.title}</h1>
    <p>{t.people.accounts.none}</p>
    <p>{t.people.accounts.noneNote}</p>
    <p>
      {isStaff ? (
        <a class="button" href="/office">
          {t.nav.office}
        </a>
      ) : (
        <a class="button" href={telephone(phone)}>
          {t.footer.help(phone)}
        </a>
      )}
    </p>
  </div>
);
