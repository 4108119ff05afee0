/**
 * Who may import whom, as data: the first row whose `files` match a file is the one that holds for it. `may` is for values;
 * types may come from anywhere in src, views and db unless `types` says less. Paths are from the root; packages by name.
 */
export type Rule = { files: RegExp; may: RegExp[]; types?: RegExp[]; because: string };

const drizzle = /^drizzle-orm(\/|$)/;
const libsql = /^@libsql\/client\/(web|http)$/;
/** The package, and our one class of it. */
const hono = /^(hono(\/|$)|src\/hono\.ts$)/;
const schema = /^db\/schema(\.ts$|\/)/;
const leaves = /^src\/(money|calendar|colours|ids|errors|form-token)\.ts$/;
const ports = /^src\/ports\.ts$/;
/** Reads are written with the one and sent with the other. */
const batch = /^src\/(batch|reads)\.ts$/;
const http = /^src\/http\.ts$/;
const roles = /^src\/auth\/roles\.ts$/;
const views = /^views\//;
/** A feature's verbs and reads: every file of its folder but its routes. */
const verbs = /^src\/(auth|billing|messaging|office)\/(?!.*routes\.)[\w-]+\.ts$/;
const nothing: RegExp[] = [];

const routesOf = (feature: string, ...more: RegExp[]): Rule => ({
  files: new RegExp(`^src/${feature}/[\\w-]*routes\\.tsx?$`),
  may: [hono, http, batch, leaves, roles, views, new RegExp(`^src/${feature}/`), ...more],
  because: "a route reads with its own feature, decides with its own feature, and draws with views",
});

export const RULES: Rule[] = [
  { files: /^db\/schema\//, may: [drizzle, schema], types: nothing, because: "the schema is a leaf" },
  { files: /^db\/schema\.ts$/, may: [schema], because: "it only gathers the tables" },
  { files: /^db\/client\.ts$/, may: [drizzle, libsql, schema], because: "one client for all" },
  {
    files: /^db\/(one-line|kept-streams)\.ts$/,
    may: [/^db\/hrana\.ts$/],
    because: "they stand between the client and the network",
  },
  { files: /^db\/hrana\.ts$/, may: nothing, because: "it is what both of them say" },
  { files: /^db\/cast\.ts$/, may: nothing, because: "the cast is data" },
  {
    files: /^db\/seed\.ts$/,
    may: [drizzle, schema, /^db\/cast\.ts$/, batch, leaves, verbs, /^src\/dealer\.ts$/],
    because: "the seed sets the stage with the portal's own verbs",
  },

  {
    files: /^src\/(money|calendar|colours|errors)\.ts$/,
    may: nothing,
    types: nothing,
    because: "leaves import nothing of ours",
  },
  {
    files: /^src\/(ids|form-token)\.ts$/,
    may: [/^src\/ids\.ts$/, /^node:crypto$/],
    because: "leaves import nothing of ours",
  },
  {
    files: /^src\/\w+\/([\w-]*rules|roles)\.ts$/,
    may: [/^src\/(money|calendar)\.ts$/],
    types: [/^src\/(money|calendar)\.ts$/],
    because: "rules know no database, no web, no clock and no chance",
  },
  { files: /^src\/hono\.ts$/, may: [hono], because: "the package's class with a router of our choice" },
  { files: /^src\/(ports|context)\.ts$/, may: nothing, because: "types, and the one error a port throws" },
  { files: /^src\/config\.ts$/, may: [/^valibot$/], because: "configuration is checked before anything else runs" },
  { files: /^src\/dealer\.ts$/, may: [/^src\/calendar\.ts$/], because: "a dealer is told what it is made of" },
  {
    files: batch,
    may: [drizzle, libsql, batch, schema, roles, /^src\/auth\/sessions\.ts$/, leaves],
    because: "the two ways to the database, and whose session it is",
  },
  {
    files: /^src\/http\.ts$/,
    may: [hono, views, roles, /^src\/auth\/sessions\.ts$/, leaves],
    because: "pages and forms, without the database",
  },

  {
    files: /^src\/auth\/sessions\.ts$/,
    may: [drizzle, /^hono\/cookie$/, /^lucia$/, schema, leaves],
    because: "sessions are Lucia's, on our own rows",
  },
  {
    files: /^src\/auth\/passwords\.ts$/,
    may: [/^node:crypto$/, /^src\/auth\/password-rules\.ts$/],
    because: "hashing needs nothing but the hash",
  },
  {
    files: /^src\/auth\/tickets\.ts$/,
    may: [/^hono\/cookie$/, leaves],
    because: "what a browser carries between two pages is a cookie",
  },
  {
    files: /^src\/auth\/one-time-codes\.ts$/,
    may: [/^node:crypto$/, /^otpauth\/bare$/, /^uqr$/],
    because: "the codes of an app are a library's business, and no database's",
  },
  routesOf("auth", ports),
  routesOf("billing", /^src\/documents\//),
  routesOf("messaging"),
  routesOf(
    "office",
    /^src\/auth\/(invite-user|decide-registration|two-step)\.ts$/,
    // What staff do about a customer's money are the verbs of billing.
    /^src\/billing\/(?!.*routes\.)[\w-]+\.ts$/,
  ),
  {
    files: /^src\/home\.tsx$/,
    may: [
      hono,
      http,
      batch,
      leaves,
      roles,
      views,
      /^src\/billing\/(invoices|payments|rules|method-rules|payment-methods|autopay|autopay-rules|scheduled-payments)\.ts$/,
    ],
    because: "the dashboard reads across features and changes nothing",
  },
  {
    files: /^src\/api\/routes\.ts$/,
    may: [hono, drizzle, schema, batch, leaves, ports, /^src\/office\/(?!routes)/],
    because: "the back office's door uses the verbs that the forms use, and draws no page",
  },
  {
    files: /^src\/documents\/answer\.ts$/,
    may: [/^views\/assets\.gen\.ts$/],
    because: "it hands a document to the browser; the documents know no web",
  },
  {
    files: /^src\/documents\//,
    may: [/^src\/documents\/(?!answer)/, /^src\/(money|calendar|colours)\.ts$/, /^uqr$/],
    types: [/^src\/(documents|money|calendar|colours)/, /^pdfkit$/],
    because: "documents are to PDF what views are to HTML: props in, bytes out",
  },
  {
    files: /^src\/office\/import[\w-]*\.ts$/,
    may: [drizzle, schema, batch, leaves, verbs, ports, /^papaparse$/, /^libphonenumber-js\/min$/, /^node:crypto$/],
    because: "imports read the dealer's files; nothing else parses CSV or telephone numbers",
  },
  {
    files: verbs,
    may: [drizzle, schema, batch, leaves, roles, ports, verbs, /^src\/dealer\.ts$/],
    because: "verbs and reads know SQL and the ports' types, and neither the web nor a vendor",
  },

  {
    files: /^src\/adapters\//,
    may: [/^src\/adapters\//, ports, /^src\/(money|ids)\.ts$/, /^arctic$/],
    types: [/^src\/(adapters\/|ports\.ts|money\.ts|calendar\.ts|jobs\.ts)/, /^(stripe|resend|arctic)$/],
    because: "an adapter translates between a vendor and our ports; it decides nothing",
  },
  {
    files: /^src\/jobs\.ts$/,
    may: [verbs, batch, leaves, ports, /^views\/(mail\.tsx|telephone\.ts)$/],
    because: "jobs call verbs; letters are drawn when they are sent",
  },
  { files: /^src\/webhooks\.ts$/, may: [hono, verbs, ports], because: "doors for machines: verify, keep, answer" },
  {
    files: /^src\/app\.tsx$/,
    may: [hono, batch, http, leaves, views, /^src\/(home\.tsx|webhooks\.ts)$/, /^src\/\w+\/[\w-]*routes\.tsx?$/],
    because: "the table of contents names every route and no verb",
  },
  {
    files: /^src\/worker\.ts$/,
    may: [/^src\//, /^db\/(client|one-line|kept-streams)\.ts$/, /^promise-limit$/],
    because: "the only place that wires",
  },

  {
    files: /^views\/text\//,
    may: [/^views\/text\//],
    types: [/^views\/text\//],
    because: "sentences depend on nothing but the language",
  },
  {
    files: /^views\//,
    may: [views, /^hono\/(html|jsx)(\/|$)/, /^src\/(money|calendar|colours)\.ts$/],
    types: [views, hono, /^src\/(?!adapters|worker)/],
    because: "views are given finished values",
  },
];

/** Packages that only these files may import, type or value. */
export const KEPT_BEHIND: Record<string, RegExp> = {
  lucia: /^src\/(auth\/sessions|batch)\.ts$/,
  stripe: /^src\/adapters\/stripe(-[\w-]+)?(\.gen\.d)?\.ts$/,
  resend: /^src\/adapters\/resend-client\.gen\.d\.ts$/,
  arctic: /^src\/adapters\/identity-providers\.ts$/,
  otpauth: /^src\/auth\/one-time-codes\.ts$/,
  "@libsql/client": /^(db\/client|src\/batch)\.ts$/,
  valibot: /^src\/(config\.ts|api\/.*)$/,
  pdfkit: /^src\/documents\//,
};

/** What stands in the code for a reason that no import shows. */
export const ENTRIES: Record<string, string> = {
  "src/worker.ts": "Cloudflare starts it",
  "src/billing/recover-records.ts": "npm run recover, after records were put back (docs/restore.md)",
  "db/seed.ts": "npm start and the tests set the stage with it",
  "src/adapters/resend-client.gen.d.ts": "types of what the build writes beside it",
  "src/adapters/stripe-client.gen.d.ts": "types of what the build writes beside it",
  "src/documents/engine.gen.d.ts": "types of what the build writes beside it",
  "views/assets.gen.ts": "written by the build",
};

/** A word that must not stand in some files, and what to write instead. */
export type Ban = { word: RegExp; where: RegExp; but?: RegExp; instead: string };

const code = /^(src|views|db)\/.*\.tsx?$/;

export const BANS: Ban[] = [
  {
    word: /import \{ Hono \} from "hono"/,
    where: /^src\//,
    instead: "take it from `src/hono.ts`, which has one router",
  },
  {
    word: /\.transaction\(/,
    where: code,
    instead: "one `commit`: a transaction is several trips that hold the only write lock",
  },
  { word: /\bdb\.batch\(/, where: code, instead: "`load…`, `readAll` or `commit`: drizzle's batch has no mode" },
  {
    word: /\bPromise\.all\(/,
    where: /^src\/(.*\/)?([\w-]*routes|home|app)\.tsx$/,
    instead: "one `load…` that names all its reads: several queries are several trips",
  },
  { word: /\bparseFloat\b/, where: code, instead: "`parseCents`: money never goes through a float" },
  { word: /:\s*any\b|\bas any\b/, where: /^(src|views|db|dev|test)\/.*\.tsx?$/, instead: "the type, or `unknown`" },
  {
    word: /\bDate\.now\(|\bnew Date\(\)/,
    where: code,
    but: /^src\/(worker|auth\/sessions)\.ts$/,
    instead: "`now` from the deps: the clock is read at the door",
  },
  { word: /\bMath\.random\(/, where: code, instead: "`newId` or `newSecret`" },
  {
    word: /(?<![.\w])raw\(/,
    where: code,
    but: /^views\/(layout|mail\/letter-page)\.tsx$/,
    instead: "JSX, which escapes",
  },
  { word: /\bdangerouslySetInnerHTML\b/, where: code, instead: "JSX, which escapes" },
  {
    word: /\bsql\.raw\(/,
    where: code,
    but: /^src\/billing\/books\.ts$/,
    instead: "sql`…` with its values bound",
  },
  {
    word: /\bconsole\./,
    where: code,
    but: /^src\/worker\.ts$/,
    instead: "throw, or the `log` that worker.ts hands in",
  },
  {
    word: new RegExp(`\\b(${["TO", "FIX"].map((half, i) => half + ["DO", "ME"][i]).join("|")})\\b`),
    where: /./,
    instead: "the thing itself, or an issue",
  },
  {
    word: new RegExp(`\\.(${["skip", "only", "todo"].join("|")})\\(`),
    where: /^test\//,
    instead: "a test that runs, or none",
  },
  {
    word: /\.delete\(|\bdelete from\b/i,
    where: /^src\/billing\//,
    instead: "a row that undoes: nothing in the books is deleted",
  },
  {
    word: /\bstyle=/,
    where: /^views\//,
    but: /^views\/mail\/letter-page\.tsx$/,
    instead: "a class: the CSP blocks styles on elements",
  },
  {
    word: /\bhx-on\b|\bhx-on:|["'{]\s*js:|hx-trigger=["'{][^"'}]*\[/,
    where: /^views\//,
    instead: "static/app.js: the CSP blocks code in attributes",
  },
  {
    word: /\son(click|change|submit|input|load)=/i,
    where: /^views\//,
    instead: "static/app.js: the CSP blocks code in attributes",
  },
];
