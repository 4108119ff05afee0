import { createHmac, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** A text between a dealer and a telephone. `at` is the town's time, ISO 8601 in UTC. */
export type Text = {
  id: string;
  direction: "to customer" | "to dealer";
  to: string;
  from: string;
  text: string;
  at: string;
};

/** A dealer's line at the carrier. `url` is where the portal stands. */
export type Line = { number: string; url: string };

/** Everybody's texts, newest first, and a way to write one to a dealer. */
export type Telephone = {
  all: () => Promise<Text[]>;
  /** Delivers a customer's text to the portal, signed as the carrier signs. Answers what went wrong, or null. */
  write: (p: { from: string; to: string; text: string }) => Promise<string | null>;
};

type Sent = { sid: string; to: string; from: string; body: string | null; direction: string; date_created: string };

/** The carrier's account, as Twilio's stand-in and the Worker both know it. */
export type Carrier = { url: string; accountSid: string; authToken: string };

/** The town's telephones: what Twilio's stand-in was given, what customers wrote, and what was kept in `file` from earlier. */
export function openTelephone(p: {
  carrier: Carrier;
  lines: Line[];
  file: string;
  offsetSeconds: () => number;
}): Telephone {
  const { carrier, lines, file } = p;
  const texts: Text[] = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Text[]) : [];
  const known = new Set(texts.map((text) => text.id));
  const townTime = (real: number) => new Date(real + p.offsetSeconds() * 1000).toISOString();
  const keep = (fresh: Text[]) => {
    for (const text of fresh) known.add(text.id);
    texts.push(...fresh);
    texts.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    if (fresh.length > 0) writeFileSync(file, JSON.stringify(texts));
  };
  return {
    async all() {
      const list = `${carrier.url}/2010-04-01/Accounts/${carrier.accountSid}/Messages.json?PageSize=1000`;
      const authorization = `Basic ${btoa(`${carrier.accountSid}:${carrier.authToken}`)}`;
      const response = await fetch(list, { headers: { authorization } });
      const { messages } = (await response.json()) as { messages: Sent[] };
      const fresh = messages.filter((text) => !known.has(text.sid)).reverse();
      keep(
        fresh.map((text) => ({
          id: text.sid,
          direction: "to customer",
          to: text.to,
          from: text.from,
          text: text.body ?? "",
          at: townTime(Date.parse(text.date_created)),
        })),
      );
      return texts.toReversed();
    },
    async write({ from, to, text }) {
      const line = lines.find(({ number }) => number === to);
      if (!line) return `No dealer has the number ${to}.`;
      const id = newSid();
      keep([{ id, direction: "to dealer", to, from, text, at: townTime(Date.now()) }]);
      const url = `${line.url}/webhooks/sms`;
      const form = inbound(carrier, { id, from, to, text });
      const response = await fetch(url, {
        method: "POST",
        headers: { "x-twilio-signature": signature(carrier.authToken, url, form) },
        body: new URLSearchParams(form),
      });
      const answer = await response.text();
      if (!response.ok) return `The portal answered ${response.status} to this text.`;
      keep(
        repliesIn(answer).map((reply) => ({
          id: newSid(),
          direction: "to customer",
          to: from,
          from: to,
          text: reply,
          at: townTime(Date.now()),
        })),
      );
      return null;
    },
  };
}

const newSid = () => `SM${randomBytes(16).toString("hex")}`;

/** https://www.twilio.com/docs/messaging/guides/webhook-request */
const inbound = (carrier: Carrier, text: { id: string; from: string; to: string; text: string }) => ({
  MessageSid: text.id,
  SmsSid: text.id,
  AccountSid: carrier.accountSid,
  From: text.from,
  To: text.to,
  Body: text.text,
  NumMedia: "0",
  NumSegments: "1",
  SmsStatus: "received",
  ApiVersion: "2010-04-01",
});

/** https://www.twilio.com/docs/usage/security#validating-requests */
function signature(authToken: string, url: string, form: Record<string, string>): string {
  const signed = Object.keys(form)
    .sort()
    .map((name) => name + form[name]);
  return createHmac("sha1", authToken)
    .update(url + signed.join(""))
    .digest("base64");
}

/** The texts that a TwiML answer asks the carrier to send back. */
function repliesIn(twiml: string): string[] {
  const messages = [...twiml.matchAll(/<Message[^>]*>([\s\S]*?)<\/Message>/g)].map((match) => match[1] ?? "");
  const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return messages.map((message) =>
    message
      .replace(/<\/?Body>/g, "")
      .replace(/&(?:#(\d+)|(lt|gt|quot|apos|amp));/g, (_, code, name) =>
        code ? String.fromCodePoint(Number(code)) : (entities[name] ?? ""),
      ),
  );
}
