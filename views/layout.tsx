import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { Right } from "../src/auth/roles.ts";
import { assets, style } from "./assets.gen.ts";
import { textIn } from "./text/language.ts";
import { FormToken, Links, type Look, telephone } from "./ui.tsx";

export type Frame = Look & {
  title: string;
  /** The portal's own host name, which stands in for the dealer's name where that was not read. */
  host: string;
  /** Null where the dealer's records were not read. */
  dealer: { name: string; phone: string; licence: string; accent: string } | null;
  /** Who is signed in; null before. */
  viewer: {
    name: string;
    formToken: string;
    /** The account in view, and what may be done with it; staff need have none. */
    accountName: string | null;
    rights: readonly Right[];
    hasMoreAccounts: boolean;
    isStaff: boolean;
  } | null;
  path: string;
  /** The same page in the other language, for those who have no profile to say it in. */
  otherLanguage: string;
  /** Whether the script puts this into a page of ours that stands already, style and policy and all. */
  inPlace: boolean;
  /** Seconds after which the page looks again by itself, and where: with script in place, without by loading anew. */
  again?: { seconds: number; href: string };
  children?: Child;
};

/** The one page frame. The style stands inline: an outside sheet costs a first visit one more trip. */
export const Layout = (frame: Frame) => {
  const { t, language, title, dealer, viewer, again } = frame;
  return (
    <>
      {raw("<!doctype html>")}
      <html lang={language}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width,initial-scale=1" />
          <title>{`${title} · ${dealer?.name ?? frame.host}`}</title>
          {!frame.inPlace && <style>{raw(styleOf(dealer?.accent))}</style>}
          {dealer && <meta name="theme-color" content={dealer.accent} />}
          {again && (
            <noscript>
              <meta http-equiv="refresh" content={`${again.seconds};url=${again.href}`} />
            </noscript>
          )}
          <link rel="icon" href="data:," />
          <script defer src={assets["app.js"]} />
        </head>
        <body>
          <a class="skip" href="#main">
            {t.skip}
          </a>
          <header class="top">
            <div class="bar">
              <a class="dealer" href="/">
                {dealer?.name ?? frame.host}
              </a>{" "}
              <a class="button second contact" href="/contact-us">
                {t.nav.contact}
              </a>
            </div>
            {viewer?.hasMoreAccounts && <InView {...frame} viewer={viewer} />}
            {viewer && <Nav {...frame} viewer={viewer} />}
          </header>
          <main
            id="main"
            hx-get={again?.href}
            hx-trigger={again && `every ${again.seconds}s`}
            hx-select={again && "main"}
            hx-swap={again && "outerHTML"}
          >
            {frame.children}
          </main>
          <footer class="bottom">
            {viewer && <You {...frame} viewer={viewer} />}
            {dealer && (
              <div class="help">
                <a href={telephone(dealer.phone)}>{t.footer.help(dealer.phone)}</a>{" "}
                {!viewer && <OtherLanguage {...frame} />}
                {dealer.licence && <small>{t.footer.licence(dealer.licence)}</small>}
              </div>
            )}
          </footer>
        </body>
      </html>
    </>
  );
};

/** The one style sheet, ending with the dealer's colour; its hash stands in the CSP. */
export const styleOf = (accent: string | undefined): string => (accent ? `${style}:root{--accent:${accent}}` : style);

const OtherLanguage = ({ language, otherLanguage }: Frame) => {
  const other = language === "en" ? "es" : "en";
  return (
    <a href={otherLanguage} lang={other}>
      {textIn(other).language}
    </a>
  );
};

type Signed = Frame & { viewer: NonNullable<Frame["viewer"]> };

/** Which of several accounts this is about, and the way to another: to this same page there. */
const InView = ({ t, path, viewer }: Signed) => (
  <div class="bar">
    <b>{viewer.accountName}</b>{" "}
    <a class="whole" href={path === "/accounts" ? path : `/accounts?back=${encodeURIComponent(path)}`}>
      {t.people.accounts.switch}
    </a>
  </div>
);

const Nav = ({ t, path, viewer }: Signed) => {
  const links: [string, string][] = [];
  if (viewer.rights.includes("enter")) links.push(["/", t.nav.home]);
  if (viewer.rights.includes("see")) {
    links.push(
      ["/invoices", t.nav.due],
      ["/invoices/paid", t.nav.paid],
      ["/payments", t.nav.payments],
      ["/receipts", t.nav.receipts],
      ["/statement", t.statement.nav],
    );
  }
  if (viewer.rights.includes("pay")) links.push(["/payment-methods", t.methods.nav]);
  if (viewer.rights.includes("see")) links.push(["/autopay", t.autopay.title]);
  if (viewer.rights.includes("manage")) links.push(["/users", t.people.nav]);
  if (viewer.isStaff) links.push(["/office", t.nav.office]);
  return <Links name={t.nav.label} links={links} here={path} />;
};

const You = ({ t, viewer }: Signed) => (
  <form method="post" action="/sign-out" class="you">
    <FormToken token={viewer.formToken} />
    <span>
      <a href="/profile">{t.nav.signedInAs(viewer.name)}</a>
      {viewer.accountName && viewer.accountName !== viewer.name ? ` · ${viewer.accountName}` : ""}
    </span>{" "}
    <button type="submit" class="plain">
      {t.nav.signOut}
    </button>{" "}
    <button type="submit" class="plain" name="everywhere" value="1">
      {t.nav.signOutEverywhere}
    </button>
  </form>
);
