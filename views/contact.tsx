import type { Settings } from "../src/batch.ts";
import { Fact, type Look, telephone } from "./ui.tsx";

export const ContactUsPage = ({ t, settings }: Look & { settings: Settings }) => (
  <div class="narrow">
    <h1>{t.contact.title}</h1>
    <p>{t.contact.lead(settings.name)}</p>
    <dl class="card stack">
      <Fact name={t.contact.phone}>
        <a href={telephone(settings.phone)}>{settings.phone}</a>
      </Fact>
      <Fact name={t.contact.email}>
        <a href={`mailto:${settings.email}`}>{settings.email}</a>
      </Fact>
      <Fact name={t.contact.mail}>
        {settings.name}
        <br />
        {settings.line1}
        <br />
        {settings.city}, {settings.state} {settings.zip}
      </Fact>
    </dl>
    <p>{t.contact.emergency}</p>
  </div>
);
