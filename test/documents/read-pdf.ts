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

/** Each text of a PDF where it stands: its page, and its height over the page's foot in points. */
export async function placesIn(bytes: Uint8Array): Promise<{ page: number; text: string; y: number }[]> {
  const document = await getDocumentProxy(bytes.slice());
  const places: { page: number; text: string; y: number }[] = [];
  for (let page = 1; page <= document.numPages; page++) {
    const { items } = await (await document.getPage(page)).getTextContent();
    for (const item of items) if ("str" in item) places.push({ page, text: item.str, y: item.transform[5] as number });
  }
  return places;
}

/** The file as Latin-1, to look for names and structure outside compressed streams. */
export const rawPdf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** How often a text occurs. */
export const count = (text: string, part: string): number => text.split(part).length - 1;
