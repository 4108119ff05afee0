import { extractText, getDocumentProxy, getMeta } from "unpdf";

/** What a reader gets out of a PDF: the text of each page with single spaces, and the document's properties. */
export async function readPdf(bytes: Uint8Array) {
  // pdf.js takes the buffer for itself.
  const document = await getDocumentProxy(bytes.slice());
  const { text } = await extractText(document, { mergePages: false });
  const { info, metadata } = await getMeta(document);
  const pages = text.map((page) => page.replace(/\s+/g, " ").trim());
  return { pages, text: pages.join(" "), info, metadata };
}

/** The file as Latin-1, to look for names and structure outside compressed streams. */
export const rawPdf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** How often a text occurs. */
export const count = (text: string, part: string): number => text.split(part).length - 1;
