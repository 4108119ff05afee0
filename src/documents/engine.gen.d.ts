// Types of what dev/build-pdf-engine.ts writes beside this file, from pdfkit 0.20.2 and fontkit 2.0.4.

import type Document from "pdfkit";

export const PDFDocument: typeof Document;

type StandardFont = { name: string };
export const Helvetica: StandardFont;
export const HelveticaBold: StandardFont;
/** Makes fonts that every reader has known by their names; once is enough. */
export function registerStdFonts(...fonts: StandardFont[]): void;

/** Resolves with the whole file once `end()` has been called; ask before drawing, so that no chunk is missed. */
export function toBytes(document: PDFKit.PDFDocument): Promise<Uint8Array<ArrayBuffer>>;

export type Font = { characterSet: number[]; glyphForCodePoint(codePoint: number): unknown };
/** Reads a TrueType font of Latin, Greek or Cyrillic letters; throws when it has tables that the engine knows nothing of. */
export function create(bytes: Uint8Array): Font;

declare global {
  namespace PDFKit.Mixins {
    interface PDFMetadata {
      /** Writes the descriptions of the XMP packet; not in pdfkit's documentation. */
      _addInfo: () => void;
    }
    interface PDFFont {
      registerFont(name: string, source: string | Font): this;
    }
  }
}
