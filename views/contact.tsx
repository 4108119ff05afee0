import type { Settings } from "../src/batch.ts";
import type { Look } from "./ui.tsx";

export const ContactUsPage = ({ t, settings }: Look & { settings: Settings }) => (
  <div class="narrow">
    <h1>{t.contact.title}</h1>
    <p>{t.contact.lead(settings.name)}</p>
    <dl class="card facts">
      <dt>{t.contact.phone}</dt>
      <dd>
        <a href={`tel:${settings.phone.replace(/[^+\d]/g, "")}`}>{settings.phone}</a>
      </dd>
      <dt>{t.contact.email}</dt>
      <dd>
        <a href={`mailto:${settings.email}`}>{settings.email}</a>
      </dd>
      <dt>{t.contact.mail}</dt>
      <dd>
        {settings.name}
        <br />
        {settings.line1}
        <br />
        {settings.city}, {settings.state} {settings.zip}
      </dd>
    </dl>
    <p>{t.contact.emergency}</p>
  </div>
);
