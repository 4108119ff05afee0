import type { Instant } from "../calendar.ts";
import { palette } from "../colours.ts";
import { Helvetica, HelveticaBold, PDFDocument, registerStdFonts, toBytes } from "./engine.gen.js";
import { oneLine, Paper } from "./paper.ts";
import { clean, type Fonts, typefaceFor } from "./typeface.ts";

registerStdFonts(Helvetica, HelveticaBold);

export type Outline = {
  title: string;
  author: string;
  language: "en" | "es";
  accent: string;
  /** Becomes the creation date; the same props give the same bytes. */
  issuedAt: Instant;
  /** Everything the document will print, in any nesting; it decides the typeface. */
  props: unknown;
};

/**
 * Lays out a document and resolves with its bytes: tagged, titled, in its language, with no script, action or link.
 * `draw` puts the content on the paper; `footer` is called afterwards for every page, with its number and their count.
 */
export async function pdfBytes(
  outline: Outline,
  fonts: Fonts,
  draw: (paper: Paper) => void,
  footer: (paper: Paper, page: number, pages: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const texts = [...stringsIn(outline.props)];
  const face = await typefaceFor(texts, fonts);
  const replaced = texts.map(clean).filter((text) => face.printable(text) !== text);
  const document = new PDFDocument({
    size: "LETTER",
    margin: 0,
    bufferPages: true,
    pdfVersion: "1.7",
    tagged: true,
    lang: outline.language === "es" ? "es-US" : "en-US",
    displayTitle: true,
    // No font of pdfkit's own choice: it would parse Helvetica anew at every change of weight, finding it under two names.
    font: "",
    info: {
      Title: oneLine(clean(outline.title)),
      Author: oneLine(clean(outline.author)),
      Creator: "Keyholder",
      CreationDate: new Date(outline.issuedAt * 1000),
      // What the fonts lack is on the paper as a placeholder; a search for it still finds the document.
      ...(replaced.length > 0 && { Keywords: oneLine(replaced.join("; ")) }),
    },
  });
  // pdfkit writes the title into its XML unescaped: one `&` in a dealer's name would spoil the packet.
  document._addInfo = () =>
    document.appendXML(
      `<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(oneLine(clean(outline.title)))}</rdf:li></rdf:Alt></dc:title></rdf:Description>`,
    );
  const bytes = toBytes(document);
  const paper = new Paper(document, face, palette(outline.accent));
  draw(paper);
  paper.eachPage(footer);
  document.end();
  return bytes;
}

const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (value && typeof value === "object") for (const part of Object.values(value)) yield* stringsIn(part);
}
