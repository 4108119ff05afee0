import type { Child } from "hono/jsx";
import type { PasswordProblem } from "../../src/auth/password-rules.ts";
import { type Language, textIn } from "../text/language.ts";
import { FormToken, type Look, Notice } from "../ui.tsx";
import { NewPassword } from "./passwords.tsx";

type Props = Look & { formToken: string; problem: string | null };

/** A page with one form about one thing of the user's own, and the way back to the others. */
const ProfileForm = (
  p: Props & { title: string; lead?: string; action: string; button: string; note?: Child; children: Child },
) => (
  <div class="narrow">
    <h1>{p.title}</h1>
    {p.lead && <p>{p.lead}</p>}
    {p.note}
    {p.problem && (
      <Notice kind="problem" answers>
        {p.problem}
      </Notice>
    )}
    <form method="post" action={p.action} class="card stack">
      <FormToken token={p.formToken} />
      {p.children}
      <p>
        <button type="submit">{p.button}</button>
      </p>
    </form>
    <p>
      <a href="/profile">{p.t.profile.back}</a>
    </p>
  </div>
);

export const NamePage = (p: Props & { name: string }) => (
  <ProfileForm {...p} title={p.t.profile.name.title} action="/profile/name" button={p.t.profile.save}>
    <p>
      <label>
        {p.t.profile.name.label}{" "}
        <input type="text" name="name" value={p.name} autocomplete="name" required maxlength={100} />
      </label>
    </p>
  </ProfileForm>
);

export const LanguagePage = (p: Omit<Props, "problem"> & { chosen: Language | null }) => {
  const words = p.t.profile.language;
  const choices: [value: Language | "", name: string][] = [
    ["en", textIn("en").language],
    ["es", textIn("es").language],
    ["", words.browser],
  ];
  return (
    <ProfileForm {...p} problem={null} title={words.title} action="/profile/language" button={p.t.profile.save}>
      <fieldset>
        <legend>{words.legend}</legend>
        {choices.map(([value, name]) => (
          <p>
            <label class="tick" lang={value || undefined}>
              <input type="radio" name="language" value={value} checked={(p.chosen ?? "") === value} /> {name}
            </label>
          </p>
        ))}
      </fieldset>
    </ProfileForm>
  );
};

/** `email` is for the browser's own memory of passwords. */
export const PasswordPage = (p: Props & { email: string; hasPassword: boolean }) => {
  const words = p.t.profile.password;
  return (
    <ProfileForm
      {...p}
      title={p.hasPassword ? words.title : words.set}
      lead={words.note}
      action="/profile/password"
      button={p.t.profile.save}
    >
      <input type="hidden" name="email" value={p.email} autocomplete="username" />
      {p.hasPassword && <CurrentPassword label={words.current} />}
      <NewPassword t={p.t} />
    </ProfileForm>
  );
};

export const EmailPage = (p: Props & { now: string; typed: string; waitingFor: string | null }) => {
  const words = p.t.profile.email;
  return (
    <ProfileForm
      {...p}
      title={words.title}
      lead={words.lead(p.now)}
      action="/profile/email"
      button={words.button}
      note={
        p.waitingFor && (
          <Notice kind="note" answers={!p.problem}>
            <p>{words.waiting(p.waitingFor)}</p>
            <p>{words.waitingNote}</p>
          </Notice>
        )
      }
    >
      <p>
        <label>
          {words.new}{" "}
          <input
            type="email"
            name="email"
            value={p.typed}
            autocomplete="email"
            required
            maxlength={254}
            aria-describedby="email-note"
          />
        </label>{" "}
        <small id="email-note">{words.note}</small>
      </p>
      <CurrentPassword label={words.password} />
    </ProfileForm>
  );
};

const CurrentPassword = ({ label }: { label: string }) => (
  <p>
    <label>
      {label} <input type="password" name="current" autocomplete="current-password" required maxlength={256} />
    </label>
  </p>
);

export const passwordProblemText = (t: Look["t"], problem: PasswordProblem | "wrong"): string =>
  problem === "wrong" ? t.profile.password.wrong : t.access.password.problems[problem];
