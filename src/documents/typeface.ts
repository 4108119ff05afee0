import { create, type Font } from "./engine.gen.js";

/** Where the two TrueType fonts of `static/fonts` come from; asked at most once per isolate, and only when needed. */
export type Fonts = () => Promise<{ regular: Uint8Array; bold: Uint8Array }>;

/** The letters of one document: two fonts as pdfkit takes them, and what of a text they can print. */
export type Typeface = {
  regular: string | Font;
  bold: string | Font;
  /** The text as it will stand on paper; the same again when applied to its own result. */
  printable(text: string): string;
};

/** The sign Unicode itself uses for "a character stands here", for letters the fonts do not have. */
const PLACEHOLDER = "\u25cc";

const WIN_ANSI = /^[\n -~\u00a0-\u00ac\u00ae-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]*$/;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

// Values, never promises: a Worker may not wait for what another request began.
let embedded: Typeface | null = null;

/**
 * A text without what has no ink or would turn the page's order around: controls (line breaks stay), soft hyphens,
 * joiners, direction marks. Composed (NFC), so that a letter and its accent are one character.
 */
export const clean = (text: string): string =>
  text
    .replace(/\p{Cs}/gu, "\ufffd")
    .normalize("NFC")
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replace(/\t/g, " ")
    .replace(/(?!\n)[\p{Cc}\p{Cf}\p{Variation_Selector}]/gu, "");

/**
 * The typeface for a document with these texts: Helvetica, which every reader has, while all of them are WinAnsi;
 * otherwise Noto Sans, of which the document will carry the letters it uses. Rejects only when `fonts` does.
 */
export async function typefaceFor(texts: readonly string[], fonts: Fonts): Promise<Typeface> {
  if (texts.every((text) => WIN_ANSI.test(clean(text)))) {
    return { regular: "Helvetica", bold: "Helvetica-Bold", printable: clean };
  }
  if (!embedded) {
    const { regular, bold } = await fonts();
    const font = parsed(regular);
    const known = new Set(font.characterSet);
    embedded = { regular: font, bold: parsed(bold), printable: (text) => printableIn(known, text) };
  }
  return embedded;
}

function parsed(bytes: Uint8Array): Font {
  const font = create(bytes);
  // fontkit remembers with a glyph the character it was first asked for, and none if it met it as a part of another glyph.
  // Asking for all of them now keeps the text of later documents copyable, and equal bytes for equal documents.
  for (const codePoint of font.characterSet) font.glyphForCodePoint(codePoint);
  return font;
}

function printableIn(known: ReadonlySet<number>, text: string): string {
  const cleaned = clean(text);
  const prints = (part: string) => [...part].every((char) => char === "\n" || known.has(char.codePointAt(0)!));
  if (prints(cleaned)) return cleaned;
  let out = "";
  for (const { segment } of graphemes.segment(cleaned)) {
    const plain = segment.normalize("NFKC");
    const base = segment.normalize("NFKD").replace(/\p{M}/gu, "");
    out += [segment, plain, base].find((form) => form !== "" && prints(form)) ?? PLACEHOLDER;
  }
  return out;
}
