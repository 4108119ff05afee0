// @types/pdfkit describes the document class; what we use beside it of pdfkit 0.20.2 and fontkit 2.0.4 comes without types.

declare module "pdfkit/output" {
  /** Resolves with the whole file once `end()` has been called; ask before drawing, so that no chunk is missed. */
  export function toBytes(document: PDFKit.PDFDocument): Promise<Uint8Array<ArrayBuffer>>;
}

declare module "pdfkit/standard-fonts/Helvetica" {
  const metrics: { name: string };
  export default metrics;
}

declare module "pdfkit/standard-fonts/HelveticaBold" {
  const metrics: { name: string };
  export default metrics;
}

declare module "fontkit" {
  export type Font = { characterSet: number[]; glyphForCodePoint(codePoint: number): unknown };
  export function create(bytes: Uint8Array): Font;
}

declare namespace PDFKit.Mixins {
  interface PDFMetadata {
    /** Writes the descriptions of the XMP packet; not in pdfkit's documentation. */
    _addInfo: () => void;
  }
  interface PDFFont {
    registerFont(name: string, source: string | import("fontkit").Font): this;
  }
}
