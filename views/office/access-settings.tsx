import type { AccessSettings } from "../../src/office/access-settings.ts";
import { FormToken, type Look, Notice, type Said } from "../ui.tsx";
import { Choice } from "./choice.tsx";
import { OfficeFrame } from "./frame.tsx";

type Switch = { [K in keyof AccessSettings]: AccessSettings[K] extends boolean ? K : never }[keyof AccessSettings];

/** The ticks of the form: their name in it, and what each means. */
const ACCESS_SWITCHES: Record<Switch, string> = {
  registerByKey: "Customers register with the key on their invoice, their customer number and their ZIP",
  registerByEmail: "Customers register with the e-mail that is on file",
  registerAsksName: "Registration also asks for the name",
  registerAsksPhone: "Registration also asks for the phone",
  strictNameMatch: "Refuse a registration whose name or phone differs from the records (otherwise you are told of it)",
  keyUsedOnce: "A registration key works once; a new one is made",
  staffTwoStep: "Staff must use two-step sign-in",
};

/** How people get in: for the dealer's owner to set, for the others to read. */
export const OfficeAccessPage = ({
  formToken,
  settings,
  mayChange,
  said,
}: Look & { formToken: string; settings: AccessSettings; mayChange: boolean; said: Said | null }) => (
  <OfficeFrame title="Ways in" here="/office/access" said={said}>
    {!mayChange && <Notice kind="note">Only the owner can change these.</Notice>}
    <form method="post" action="/office/access" class="card stack">
      <FormToken token={formToken} />
      <p>Invitations from the office always work.</p>
      {Object.entries(ACCESS_SWITCHES).map(([name, words]) => (
        <p>
          <label class="tick">
            <input type="checkbox" name={name} value="1" checked={settings[name as Switch]} disabled={!mayChange} />{" "}
            {words}
          </label>
        </p>
      ))}
      <Choice
        legend="The first password"
        name="firstPassword"
        answers={{
          link: "is chosen by a link in the mail",
          temporary: "is a temporary one in the mail, which must be changed at once",
        }}
        chosen={settings.firstPassword}
        mayChange={mayChange}
      />
      {mayChange && (
        <p>
          <button type="submit">Save</button>
        </p>
      )}
    </form>
  </OfficeFrame>
);
