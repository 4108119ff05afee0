import type { Child } from "hono/jsx";
import type { RegisterForm, WaysIn } from "../../src/auth/register-routes.tsx";
import { Fact, FormToken, type Look, Notice, Stuck } from "../ui.tsx";

/** A box that cannot be read as it is, or too many tries. */
export type RegisterProblem = { field: keyof RegisterForm } | { minutes: number };

type Props = Look & {
  dealer: { name: string; phone: string };
  formToken: string;
  ways: WaysIn;
  /** The way that was used, or that a scanned code leads to: it stands first. */
  by: "key" | "email";
  form: RegisterForm;
  problem: RegisterProblem | null;
};

/** Where somebody gets in for the first time, in the ways that the dealer allows. */
export const RegisterPage = (props: Props) => {
  const { t, dealer, ways, by, problem } = props;
  const sections = [ways.byEmail && <ByEmail {...props} />, ways.byKey && <ByKey {...props} />];
  return (
    <div class="narrow">
      <h1>{t.register.title}</h1>
      <p>{ways.byEmail || ways.byKey ? t.register.lead(dealer.name) : t.register.neither(dealer.name)}</p>
      {problem && (
        <Notice kind="problem">
          {"minutes" in problem ? t.signIn.tooMany(problem.minutes) : t.register.missing[problem.field]}
        </Notice>
      )}
      {by === "key" ? sections.reverse() : sections}
      <p>
        <a href="/sign-in">{t.register.known}</a>
      </p>
      <Stuck t={t} phone={dealer.phone} />
    </div>
  );
};

const ByEmail = (props: Props) => (
  <form method="post" action="/register" class="card stack" aria-labelledby="by-email">
    <div>
      <h2 id="by-email">{props.t.register.byEmail.title}</h2>
      <p>{props.t.register.byEmail.lead}</p>
    </div>
    <FormToken token={props.formToken} />
    <input type="hidden" name="by" value="email" />
    <Email {...props} way="email" />
    <p>
      <button type="submit">{props.t.register.byEmail.button}</button>
    </p>
  </form>
);

const ByKey = (props: Props) => {
  const { t, ways } = props;
  const words = t.register.byKey;
  return (
    <form method="post" action="/register" class="card stack" aria-labelledby="by-key">
      <div>
        <h2 id="by-key">{words.title}</h2>
        <p>{words.lead}</p>
      </div>
      <FormToken token={props.formToken} />
      <input type="hidden" name="by" value="key" />
      <Box {...props} name="number" words={words.number} maxlength={40} autocapitalize="characters" />
      <Box
        {...props}
        name="key"
        words={words.key}
        hint={words.keyHint}
        maxlength={40}
        autocapitalize="characters"
        spellcheck={false}
      />
      <Box
        {...props}
        name="zip"
        words={words.zip}
        hint={words.zipHint}
        maxlength={20}
        autocomplete="billing postal-code"
        inputmode="numeric"
      />
      {ways.asksName && (
        <>
          <Box {...props} name="first_name" words={words.first_name} maxlength={60} autocomplete="given-name" />
          <Box
            {...props}
            name="last_name"
            words={words.last_name}
            hint={ways.strict ? words.strictHint : words.nameHint}
            maxlength={60}
            autocomplete="family-name"
          />
        </>
      )}
      {ways.asksPhone && (
        <Box {...props} name="phone" words={words.phone} type="tel" maxlength={40} autocomplete="tel-national" />
      )}
      <Email {...props} way="key" />
      <p>
        <button type="submit">{words.button}</button>
      </p>
    </form>
  );
};

const Email = ({ way, ...props }: Props & { way: "key" | "email" }) => (
  <Box
    {...props}
    by={way}
    form={way === props.by ? props.form : { ...props.form, email: "" }}
    problem={way === props.by ? props.problem : null}
    name="email"
    words={props.t.signIn.email}
    type="email"
    maxlength={254}
    autocomplete="email"
  />
);

type BoxProps = Props & {
  name: keyof RegisterForm;
  words: string;
  hint?: string;
  maxlength: number;
  type?: "text" | "email" | "tel";
  autocomplete?: string;
  inputmode?: "numeric";
  autocapitalize?: "characters";
  spellcheck?: boolean;
};

const Box = ({ form, problem, by, name, words, hint, maxlength, type = "text", ...more }: BoxProps): Child => {
  const wrong = problem !== null && "field" in problem && problem.field === name;
  return (
    <p>
      <label>
        {words}{" "}
        <input
          type={type}
          name={name}
          value={form[name]}
          required
          maxlength={maxlength}
          autocomplete={more.autocomplete ?? "off"}
          inputmode={more.inputmode}
          autocapitalize={more.autocapitalize}
          spellcheck={more.spellcheck}
          aria-invalid={wrong ? "true" : undefined}
          autofocus={wrong}
          aria-describedby={hint && `${name}-hint`}
        />
      </label>{" "}
      {hint && <small id={`${name}-hint`}>{hint}</small>}
    </p>
  );
};

/** What everybody reads who asked to be let in, whether anything agreed or not. */
export const RegistrationSentPage = ({
  t,
  dealer,
  by,
  form,
}: Look & { dealer: { phone: string }; by: "key" | "email"; form: RegisterForm }) => {
  const words = t.register.byKey;
  const scanned = new URLSearchParams({ customer: form.number, key: form.key });
  const name = `${form.first_name} ${form.last_name}`.trim();
  return (
    <div class="narrow">
      <h1>{t.register.sentTitle}</h1>
      <Notice kind="good">{by === "email" ? t.register.sentByEmail(form.email) : t.register.sentByKey}</Notice>
      {by === "key" && (
        <>
          <p>{t.register.noneOnFile(form.email)}</p>
          <section class="card" aria-labelledby="typed">
            <h2 id="typed">{t.register.typed}</h2>
            <dl>
              <Fact name={words.number}>{form.number}</Fact>
              <Fact name={words.key}>{form.key}</Fact>
              <Fact name={words.zip}>{form.zip}</Fact>
              {name && <Fact name={t.register.name}>{name}</Fact>}
              {form.phone && <Fact name={words.phone}>{form.phone}</Fact>}
              <Fact name={t.signIn.email}>{form.email}</Fact>
            </dl>
          </section>
        </>
      )}
      <p>{t.register.sentNote}</p>
      <p>
        <a href={by === "key" ? `/register?${scanned}` : "/register"}>{t.register.again}</a> ·{" "}
        <a href="/sign-in">{t.signIn.title}</a>
      </p>
      <Stuck t={t} phone={dealer.phone} />
    </div>
  );
};
