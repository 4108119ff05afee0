import { Hono } from "hono";
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Clock } from "./clock.ts";
import { onTownWall, TOWN_ZONE, townTime } from "./clock.ts";
import type { Mail, Mailbox } from "./mailbox.ts";
import type { Portal } from "./portal.ts";
import type { Telephone, Text } from "./telephone.ts";
import { paper } from "./town-paper.ts";

/** What the town page needs to know of the rest of the town. */
export type Town = {
  portal: Portal;
  clock: Clock;
  mailbox: Mailbox;
  telephone: Telephone;
  /** The Stripe stand-in's pages. */
  bank: string;
  /** The cron lines of wrangler.toml. */
  crons: string[];
  /** Runs one of them in the Worker now. Answers what went wrong, or null. */
  runCron: (line: string) => Promise<string | null>;
  /** Gives a customer's user a password, or answers why not. */
  givePassword: (p: { dealer: string; number: string; email: string; password: string }) => Promise<string>;
};

const DAY = 86_400;

/** The page that links everything that stands in for the outside, with the clock that the Worker and the bank go by. */
export function townPages(town: Town): Hono {
  const app = new Hono();
  // Forms here move the clock and set passwords, so a page from elsewhere may not post them.
  app.use(async (c, next) => {
    const site = c.req.header("sec-fetch-site") ?? "none";
    if (c.req.method === "POST" && site !== "same-origin" && site !== "none") return c.text("Not from here.", 403);
    await next();
  });

  app.get("/", (c) => c.html(homePage(town, c.req.query("said") ?? null)));
  app.get("/clock", (c) => c.json({ offset_seconds: town.clock.offsetSeconds() }));
  app.get("/portal.json", (c) => c.json(town.portal));

  const said = (sentence: string, path = "/") => `${path}?said=${encodeURIComponent(sentence)}`;

  app.post("/clock", async (c) => {
    const form = await c.req.parseBody();
    // What was sent until now keeps the date it was sent on.
    await Promise.all([town.mailbox.all(), town.telephone.all()]);
    try {
      if (form.step) town.clock.step(Number(form.step) * DAY);
      else if (form.at) town.clock.set(townTime(String(form.at)));
      else town.clock.reset();
    } catch {
      return c.redirect(said(`"${form.at}" is not a date and time such as 2026-12-24T09:30.`), 303);
    }
    return c.redirect(said(`It is now ${wallClock(town.clock.now())}.`), 303);
  });

  app.post("/cron", async (c) => {
    const { line } = await c.req.parseBody();
    if (typeof line !== "string" || !town.crons.includes(line)) return c.text("No such cron line.", 404);
    const problem = await town.runCron(line);
    return c.redirect(said(problem ?? `Ran ${line}.`), 303);
  });

  app.post("/passwords", async (c) => {
    const form = await c.req.parseBody();
    const [dealer, number, email, password] = ["dealer", "number", "email", "password"].map((name) =>
      String(form[name] ?? "").trim(),
    );
    return c.redirect(
      said(await town.givePassword({ dealer: dealer!, number: number!, email: email!, password: password! })),
      303,
    );
  });

  app.get("/bank", (c) => c.redirect(town.bank));

  app.get("/mail.json", async (c) => {
    const to = c.req.query("to")?.toLowerCase();
    return c.json((await town.mailbox.all()).filter((mail) => !to || mail.to.toLowerCase() === to));
  });
  app.get("/mail", async (c) => c.html(mailPage(await town.mailbox.all(), c.req.query("to") ?? "")));
  app.get("/mail/:id", async (c) => {
    const mail = (await town.mailbox.all()).find(({ id }) => id === c.req.param("id"));
    return mail ? c.html(oneMailPage(mail)) : c.notFound();
  });
  app.get("/mail/:id/html", async (c) => {
    const mail = (await town.mailbox.all()).find(({ id }) => id === c.req.param("id"));
    if (!mail) return c.notFound();
    // As a mail program shows it: no script; links leave the frame.
    c.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:");
    const base = '<base target="_top">';
    return c.html(mail.html.includes("<head>") ? mail.html.replace("<head>", `<head>${base}`) : base + mail.html);
  });

  app.get("/texts.json", async (c) => {
    const to = c.req.query("to");
    const sent = (await town.telephone.all()).filter((text) => text.direction === "to customer");
    return c.json(sent.filter((text) => !to || text.to === to));
  });
  app.get("/telephone", async (c) =>
    c.html(telephonePage(town, await town.telephone.all(), c.req.query("said") ?? null)),
  );
  app.post("/telephone", async (c) => {
    const form = await c.req.parseBody();
    const text = { from: String(form.from), to: String(form.to), text: String(form.text) };
    const problem = await town.telephone.write(text);
    return c.redirect(problem ? said(problem, "/telephone") : "/telephone", 303);
  });
  return app;
}

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const wall = new Intl.DateTimeFormat("en-US", { timeZone: TOWN_ZONE, dateStyle: "full", timeStyle: "short" });
const wallClock = (at: number) => wall.format(at * 1000);
const when = (iso: string) => wallClock(Date.parse(iso) / 1000);
const notice = (said: string | null): Html => (said ? html`<p class="said" role="status">${said}</p>` : html``);

const homePage = ({ portal, clock, crons }: Town, said: string | null) =>
  paper(
    "The town",
    html`
    <h1>The town</h1>
    <p>Everything outside the portal, on this machine only: no mail leaves, no text is sent, no money moves.</p>
    ${notice(said)}
    <ul class="doors">
      ${portal.dealers.map((dealer) => html`<li><a href="${dealer.url}"><strong>${dealer.name}</strong><span>${dealer.url}</span></a></li>`)}
      <li><a href="/mail"><strong>Mailbox</strong><span>every mail that was sent</span></a></li>
      <li><a href="/telephone"><strong>Telephone</strong><span>every text, and a reply</span></a></li>
      <li><a href="/bank"><strong>Bank</strong><span>cards, bank debits, webhooks</span></a></li>
    </ul>
    <section>
      <h2>Clock</h2>
      <p class="big">${wallClock(clock.now())} <small>New York</small></p>
      <div class="row">
        <form method="post" action="/clock"><button name="step" value="1">1 day later</button></form>
        <form method="post" action="/clock"><button name="step" value="5">5 days later</button></form>
        <form method="post" action="/clock"><button>Back to 1 December 2026</button></form>
        <form method="post" action="/clock" class="row">
          <label>Date and time <input type="datetime-local" name="at" required value="${onTownWall(clock.now())}"></label>
          <button>Set</button>
        </form>
      </div>
    </section>
    <section>
      <h2>Cron</h2>
      <p>Cloudflare runs these by itself; here they run when you say so.</p>
      <div class="row">
        ${crons.map((line) => html`<form method="post" action="/cron"><button name="line" value="${line}">Run <code>${line}</code> now</button></form>`)}
      </div>
    </section>
    ${portal.dealers.map(
      (dealer) => html`<section>
      <h2>Who can sign in at ${dealer.name}</h2>
      <div class="wide" tabindex="0"><table>
        <thead><tr><th>Name</th><th>E-mail</th><th>Password</th><th>Number</th><th>Why</th></tr></thead>
        <tbody>
          ${dealer.customers.map((one) => html`<tr><td>${one.name}</td><td>${one.email ?? "none"}</td><td>${one.password ?? "not registered"}</td><td>${one.number}</td><td>${one.why}</td></tr>`)}
          ${dealer.staff.map((one) => html`<tr><td>Staff</td><td>${one.email}</td><td>${one.password}</td><td></td><td>${one.role}</td></tr>`)}
        </tbody>
      </table></div>
    </section>`,
    )}
    <section>
      <h2>Give an imported customer a password</h2>
      <form method="post" action="/passwords" class="row">
        <label>Dealer <select name="dealer">${portal.dealers.map((dealer) => html`<option>${dealer.name}</option>`)}</select></label>
        <label>Customer number <input name="number" required></label>
        <label>E-mail <input name="email" type="email" placeholder="as imported"></label>
        <label>Password <input name="password" required minlength="8"></label>
        <button>Give</button>
      </form>
    </section>`,
  );

const mailPage = (mails: Mail[], to: string) => {
  const shown = mails.filter((mail) => !to || mail.to.toLowerCase() === to.toLowerCase());
  return paper(
    "Mailbox",
    html`
    <h1>Mailbox</h1>
    <form class="row"><label>To <input name="to" type="email" value="${to}"></label><button>Show</button></form>
    ${shown.length === 0 ? html`<p>No mail${to ? ` for ${to}` : ""} yet.</p>` : html``}
    <ul class="letters">
      ${shown.map((mail) => html`<li><a href="/mail/${mail.id}"><strong>${mail.subject}</strong><span>${mail.to}</span><time>${when(mail.at)}</time></a></li>`)}
    </ul>`,
  );
};

const oneMailPage = (mail: Mail) =>
  paper(
    mail.subject,
    html`
    <h1>${mail.subject}</h1>
    <dl>
      <dt>To</dt><dd>${mail.to}</dd>
      <dt>From</dt><dd>${mail.from}</dd>
      <dt>Replies to</dt><dd>${mail.replyTo ?? mail.from}</dd>
      <dt>Sent</dt><dd>${when(mail.at)}</dd>
    </dl>
    <h2>As most people see it</h2>
    <iframe title="${mail.subject}" src="/mail/${mail.id}/html" sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"></iframe>
    <p><a href="/mail/${mail.id}/html">By itself</a></p>
    <h2>As text</h2>
    <pre>${mail.text}</pre>`,
  );

const telephonePage = ({ portal }: Town, texts: Text[], said: string | null) => {
  const talks = new Map<string, Text[]>();
  for (const text of texts) {
    const pair = text.direction === "to customer" ? `${text.to} ${text.from}` : `${text.from} ${text.to}`;
    talks.set(pair, [text, ...(talks.get(pair) ?? [])]);
  }
  const dealerName = (number: string) => portal.dealers.find((dealer) => dealer.smsNumber === number)?.name ?? number;
  const phones = portal.dealers.flatMap((dealer) => dealer.customers).filter((one) => one.phone);
  return paper(
    "Telephone",
    html`
    <h1>Telephone</h1>
    ${notice(said)}
    ${[...talks].map(([pair, talk]) => {
      const [customer, line] = pair.split(" ") as [string, string];
      return html`<section>
        <h2>${customer} with ${dealerName(line)}</h2>
        <ol class="talk">${talk.map((text) => html`<li class="${text.direction === "to dealer" ? "mine" : "theirs"}"><p>${text.text}</p><time>${when(text.at)}</time></li>`)}</ol>
        <form method="post" action="/telephone" class="row">
          <input type="hidden" name="from" value="${customer}"><input type="hidden" name="to" value="${line}">
          <label>Reply <input name="text" required maxlength="1600"></label><button>Send</button>
          <button name="text" value="STOP" formnovalidate>STOP</button>
        </form>
      </section>`;
    })}
    <section>
      <h2>Write to a dealer</h2>
      <form method="post" action="/telephone" class="row">
        <label>From <input name="from" required pattern="\\+[1-9][0-9]{6,14}" placeholder="+16145550121" list="phones"></label>
        <datalist id="phones">${phones.map((one) => html`<option value="${one.phone}">${one.name}</option>`)}</datalist>
        <label>To <select name="to">${portal.dealers.map((dealer) => html`<option value="${dealer.smsNumber}">${dealer.name}</option>`)}</select></label>
        <label>Text <input name="text" required maxlength="1600"></label><button>Send</button>
      </form>
    </section>`,
  );
};
