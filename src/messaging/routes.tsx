import { ContactUsPage } from "../../views/contact.tsx";
import { loadPublic } from "../batch.ts";
import type { Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { look, page } from "../http.ts";

export const messaging = new Hono<Env>();

messaging.get("/contact-us", async (c) => {
  const { settings } = await loadPublic(c, () => ({}));
  return page(c, settings, { title: look(c).t.contact.title }, <ContactUsPage {...look(c)} settings={settings} />);
});
