import { FormToken, type Look, Notice } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";

type Found = { number: string; name: string; email: string | null; status: "active" | "inactive" };

/** Where the office finds a customer. */
export const OfficeAccountsPage = ({
  words,
  found,
  more,
  formToken,
  inviting,
}: Look & { formToken: string; words: string; found: Found[] | null; more: boolean; inviting: boolean }) => (
  <OfficeFrame title="Customers" here="/office/accounts">
    {inviting && (
      <Notice kind="good">
        Invitations are on their way to every customer with an e-mail on file who has not registered.
      </Notice>
    )}
    <form method="get" action="/office/accounts" class="card stack">
      <p>
        <label>
          Name, customer number or e-mail <input type="search" name="q" value={words} maxlength={100} />
        </label>
      </p>
      <p>
        <button type="submit">Find</button>
      </p>
    </form>
    {found &&
      (found.length === 0 ? (
        <p class="card">No customer has that in their name, number or e-mail.</p>
      ) : (
        <FoundList found={found} />
      ))}
    {more && <p>There are more. Type a little more of the name.</p>}
    <h2>Invite everybody</h2>
    <form method="post" action="/office/invitations" class="card stack">
      <FormToken token={formToken} />
      <p>
        Sends an invitation to every active customer who has an e-mail on file and has not registered yet. Nobody is
        sent a second one within a week.
      </p>
      <p>
        <button type="submit" class="second">
          Invite all who have not registered
        </button>
      </p>
    </form>
  </OfficeFrame>
);

const FoundList = ({ found }: { found: Found[] }) => (
  <table class="list lines">
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">Number</th>
        <th scope="col">E-mail</th>
      </tr>
    </thead>
    <tbody>
      {found.map((one) => (
        <tr>
          <th scope="row">
            <a href={`/office/accounts/${encodeURIComponent(one.number)}`}>{one.name}</a>
            {one.status === "inactive" && " (closed)"}
          </th>
          <td>{one.number}</td>
          <td>{one.email ?? "none on file"}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
