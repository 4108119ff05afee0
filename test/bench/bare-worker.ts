import { createClient } from "@libsql/client/http";
import { Hono } from "hono";

/** The least a page from a database can be on this stack; what the portal's pages are measured against. */
const app = new Hono<{ Bindings: { DATABASES: Record<string, string> } }>();

app.get("/", async (c) => {
  const client = createClient({ url: c.env.DATABASES[new URL(c.req.url).hostname]! });
  const [settings] = await client.batch(["select name from settings"], "read");
  return c.html(`<!doctype html><title>Bare</title><p>${settings!.rows[0]!.name}</p>`);
});

export default app;
