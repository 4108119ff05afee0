import type { LinkLetterKind, NoticeKind } from "../../src/messaging/promise-letter.ts";
import type { LetterLink } from "../../src/messaging/send.ts";
import { textIn } from "../text/language.ts";
import type { LetterIn, LetterWords } from "./letter-page.tsx";

/** Where each kind of link leads; a GET there only shows a button. */
const PATHS: Record<LetterLink["purpose"], (secret: string) => string> = {
  registration: (secret) => `/passwords/${secret}`,
  password: (secret) => `/passwords/${secret}`,
  temporary: () => "/sign-in",
  invitation: (secret) => `/invitations/${secret}`,
  email: (secret) => `/email-addresses/${secret}`,
};

/** What a letter with a link in it says: one thing to do, how long that works, and what if it was not asked for. */
export function linkWords(facts: LetterIn, kind: LinkLetterKind): LetterWords {
  const { link, settings } = facts;
  if (!link) throw new Error(`a letter of the kind ${kind} has a link`);
  const { access } = textIn(facts.language);
  const words = access.letters[kind];
  return {
    subject: words.subject(settings.name),
    // An address that was mistyped is a stranger's, who need not read the user's name.
    ...(kind === "email_confirmation" ? { to: link.email } : {}),
    paragraphs: [words.lead(settings.name, facts.account?.name ?? "")],
    ...(link.temporaryPassword ? { code: link.temporaryPassword } : {}),
    link: { path: PATHS[link.purpose](link.secret), words: words.button },
    after: [words.lasts, words.notYou, access.stuck(settings.phone)],
    why: access.why(settings.name),
  };
}

/** What a letter says that tells of a change: what it was, and whom to call if it was somebody else. */
export function noticeWords(facts: LetterIn, kind: NoticeKind): LetterWords {
  const { settings } = facts;
  const { access } = textIn(facts.language);
  const words = access.notices[kind];
  return {
    subject: words.subject(settings.name),
    paragraphs: [words.lead(settings.name), access.notYou(settings.phone)],
    link: { path: "/profile", words: access.profileButton },
    why: access.why(settings.name),
  };
}
