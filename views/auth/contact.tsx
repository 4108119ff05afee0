import type { Contact, ContactField, ContactProblem } from "../../src/auth/contact-rules.ts";
import { FormToken, type Look, Notice, phoneText } from "../ui.tsx";

export type ContactProps = Look & {
  formToken: string;
  dealer: string;
  account: string;
  /** What stands in the boxes. */
  typed: Contact;
  /** What the form showed at first, which it says again when it is sent. */
  shown: Contact;
  problems: Partial<Record<ContactField, ContactProblem>>;
};

/** How the dealer reaches the customer. Sent with what it showed, so that an old form overwrites nothing new. */
export const ContactPage = (p: ContactProps) => {
  const words = p.t.profile.contact;
  const sentences = [...new Set(Object.values(p.problems))].map((problem) => words.problems[problem]);
  const box = (field: ContactField, more: Partial<BoxProps> = {}) => (
    <Box
      field={field}
      label={words[field]}
      value={field === "phone" || field === "mobile" ? phoneText(p.typed[field]) : p.typed[field]}
      invalid={p.problems[field] !== undefined}
      {...more}
    />
  );
  return (
    <div class="narrow">
      <h1>{words.of(p.account)}</h1>
      <p>{words.lead(p.dealer)}</p>
      {sentences.length > 0 && (
        <Notice kind="problem" answers>
          {sentences.map((sentence) => (
            <div>{sentence}</div>
          ))}
        </Notice>
      )}
      <form method="post" action="/profile/contact" class="card stack">
        <FormToken token={p.formToken} />
        {Object.entries(p.shown).map(([field, value]) => (
          <input type="hidden" name={`was_${field}`} value={value} />
        ))}
        {box("phone", { type: "tel", autocomplete: "tel" })}
        {box("mobile", { type: "tel" })}
        {box("email", { type: "email", autocomplete: "email", maxlength: 254 })}
        {box("line1", { autocomplete: "address-line1" })}
        {box("line2", { autocomplete: "address-line2" })}
        {box("city", { autocomplete: "address-level2", maxlength: 60 })}
        {box("state", { autocomplete: "address-level1", maxlength: 20, hint: words.stateHint })}
        {box("zip", { autocomplete: "postal-code", maxlength: 20 })}
        <fieldset>
          <legend>{words.paperless}</legend>
          {(["no", "yes"] as const).map((value) => (
            <p>
              <label class="tick">
                <input
                  type="radio"
                  name="paperless"
                  value={value}
                  checked={p.typed.paperless === value}
                  aria-invalid={p.problems.paperless && value === "yes" ? "true" : undefined}
                />{" "}
                {value === "yes" ? words.noPaper : words.onPaper}
              </label>
            </p>
          ))}
        </fieldset>
        <p>
          <button type="submit">{p.t.profile.save}</button>
        </p>
      </form>
      <p>
        <a href="/profile">{p.t.profile.back}</a>
      </p>
    </div>
  );
};

type BoxProps = {
  field: ContactField;
  label: string;
  value: string;
  invalid: boolean;
  type?: string;
  autocomplete?: string;
  maxlength?: number;
  hint?: string;
};

// No `required`: a browser must not stand in the way of records that were incomplete before.
const Box = ({ field, label, value, invalid, hint, type = "text", autocomplete, maxlength = 100 }: BoxProps) => (
  <p>
    <label>
      {label}{" "}
      <input
        type={type}
        name={field}
        value={value}
        autocomplete={autocomplete}
        maxlength={maxlength}
        aria-invalid={invalid ? "true" : undefined}
        aria-describedby={hint && `${field}-hint`}
      />
    </label>{" "}
    {hint && <small id={`${field}-hint`}>{hint}</small>}
  </p>
);
