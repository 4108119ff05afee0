import type { Limit } from "../../src/auth/attempts.ts";
import { timeText } from "../text/dates.ts";
import { FormToken, type Look } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";

const KINDS: Record<Limit, string> = {
  "sign-in:email": "Wrong passwords for one sign-in",
  "sign-in:address": "Wrong passwords from one address",
  "second-step:user": "Wrong codes for one sign-in",
  "register:address": "Wrong registrations from one address",
  "register:account": "Wrong registrations for one customer number",
  "register:email": "Registrations with one e-mail",
  "forgot:address": "Forgotten passwords from one address",
  "forgot:email": "Forgotten passwords for one e-mail",
  "pay-link:address": "Payments by link from one address",
  "invite:account": "Invitations to one account",
  "invite:email": "Invitations to one e-mail",
};

/** What is locked because it was tried too often, and the button that lifts it. */
export const OfficeLockoutsPage = ({
  timeZone,
  language,
  formToken,
  locked,
}: Look & {
  timeZone: string;
  formToken: string;
  locked: { key: string; about: string | null; count: number; endsAt: number }[];
}) => (
  <OfficeFrame title="Lockouts" here="/office/lockouts">
    {locked.length === 0 ? (
      <p class="card">Nobody is locked out.</p>
    ) : (
      <table class="list lines">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Who</th>
            <th scope="col">Until</th>
            <th scope="col">
              <span class="soft">Do</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {locked.map((one) => (
            <tr>
              <th scope="row">{KINDS[one.key.split(":").slice(0, 2).join(":") as Limit]}</th>
              <td data-label="Who">{one.about ?? "nobody we know"}</td>
              <td data-label="Until">{timeText(one.endsAt, timeZone, language)}</td>
              <td>
                <form method="post" action="/office/lockouts/lifting">
                  <FormToken token={formToken} />
                  <input type="hidden" name="key" value={one.key} />
                  <button type="submit" class="plain">
                    Let them try again
                  </button>
                </form>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </OfficeFrame>
);
