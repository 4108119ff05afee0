import { assets } from "../../views/assets.gen.ts";
import type { Settings } from "../batch.ts";
import type { Context } from "../context.ts";
import type { Letterhead } from "./letterhead.ts";
import type { Fonts } from "./typeface.ts";

/** A PDF to look at or keep. The name is safe in a header whatever the invoice number holds (RFC 6266). */
export function pdfAnswer(c: Context, bytes: Uint8Array<ArrayBuffer>, name: string): Response {
  const ascii = name.replace(/[^\w.-]+/g, "_").slice(0, 100);
  const full = encodeURIComponent(name.slice(0, 100)).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return c.body(bytes, 200, {
    "Content-Type": "application/pdf",
    // Browsers show a PDF inside a page of their own, which the policy for other answers would keep from drawing it.
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Content-Disposition": `inline; filename="${ascii}.pdf"; filename*=UTF-8''${full}.pdf`,
  });
}

/** The typefaces for names beyond Latin-1, fetched from our own static files when a document needs them. */
export const fontsFrom =
  (c: Context): Fonts =>
  async () => {
    const [regular, bold] = await Promise.all([
      fontFile(c, "fonts/noto-sans-regular.ttf"),
      fontFile(c, "fonts/noto-sans-bold.ttf"),
    ]);
    return { regular, bold };
  };

async function fontFile(c: Context, name: keyof typeof assets): Promise<Uint8Array> {
  const response = await c.env.ASSETS.fetch(new URL(assets[name], c.var.deps.dealer.origin));
  if (!response.ok) throw new Error(`${name} is not among the static files`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The dealer as it stands at the head of every document. */
export const letterheadOf = (settings: Settings): Letterhead => ({
  name: settings.name,
  address: [settings.line1, `${settings.city}, ${settings.state} ${settings.zip}`],
  phone: settings.phone,
  licence: settings.licence || null,
  accent: settings.accent,
});
