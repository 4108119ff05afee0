import type { ProviderName } from "../../src/ports.ts";
import { FormToken, type Look, Notice, Stuck } from "../ui.tsx";
import { ProviderButtons } from "./providers.tsx";

export type SignInProps = Look & {
  dealer: { name: string; phone: string };
  formToken: string;
  email: string;
  next: string;
  problem: string | null;
  notice: string | null;
  providers: ProviderName[];
};

export const SignInPage = ({ t, dealer, formToken, email, next, problem, notice, providers }: SignInProps) => (
  <div class="narrow">
    <h1>{t.signIn.title}</h1>
    <p>{t.signIn.lead(dealer.name)}</p>
    {notice && <Notice kind="note">{notice}</Notice>}
    {problem && <Notice kind="problem">{problem}</Notice>}
    <form method="post" action="/sign-in" class="card stack">
      <FormToken token={formToken} />
      <input type="hidden" name="next" value={next} />
      <p>
        <label>
          {t.signIn.email}{" "}
          <input type="email" name="email" value={email} autocomplete="username" required maxlength={254} />
        </label>
      </p>
      <p>
        <label>
          {t.signIn.password}{" "}
          <input
            type="password"
            name="password"
            autocomplete="current-password"
            required
            maxlength={256}
            aria-describedby="password-hint"
          />
        </label>{" "}
        <small id="password-hint">{t.signIn.passwordHint}</small>
      </p>
      <p>
        <button type="submit">{t.signIn.button}</button>
      </p>
    </form>
    <ProviderButtons t={t} providers={providers} next={next} />
    <p>
      <a href="/register">{t.register.link}</a>
    </p>
    <p>
      <a href="/forgot-password">{t.access.forgot.link}</a>
    </p>
    <Stuck t={t} phone={dealer.phone} />
  </div>
);
