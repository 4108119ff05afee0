import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** A mail that was sent. `at` is the town's time, ISO 8601 in UTC. */
export type Mail = {
  id: string;
  to: string;
  from: string;
  replyTo: string | null;
  subject: string;
  html: string;
  text: string;
  at: string;
};

/** Everybody's mail, newest first. */
export type Mailbox = { all: () => Promise<Mail[]> };

type Sent = {
  id: string;
  to: string[];
  from: string;
  reply_to: string[];
  subject: string;
  html: string | null;
  text: string | null;
  created_at: string;
};

/**
 * What Resend's stand-in was given, and, because it forgets at every stop, what is kept in `file` from earlier.
 * Reading it dates new mails by the town's clock, so it is read before the clock is moved.
 */
export function openMailbox(p: { resend: string; file: string; offsetSeconds: () => number }): Mailbox {
  const mails: Mail[] = existsSync(p.file) ? (JSON.parse(readFileSync(p.file, "utf8")) as Mail[]) : [];
  const known = new Set(mails.map((mail) => mail.id));
  return {
    async all() {
      const response = await fetch(`${p.resend}/emails`);
      const { data } = (await response.json()) as { data: Sent[] };
      const fresh = data.filter((mail) => !known.has(mail.id)).map((mail) => received(mail, p.offsetSeconds()));
      if (fresh.length > 0) {
        for (const mail of fresh) known.add(mail.id);
        mails.unshift(...fresh.reverse());
        writeFileSync(p.file, JSON.stringify(mails));
      }
      return mails;
    },
  };
}

const received = (mail: Sent, offsetSeconds: number): Mail => ({
  id: mail.id,
  to: mail.to.join(", "),
  from: mail.from,
  replyTo: mail.reply_to[0] ?? null,
  subject: mail.subject,
  html: mail.html ?? "",
  text: mail.text ?? "",
  at: new Date(Date.parse(mail.created_at) + offsetSeconds * 1000).toISOString(),
});
