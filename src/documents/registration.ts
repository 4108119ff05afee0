import { encode } from "uqr";
import { type Ink, leading, PAGE, type Paper } from "./paper.ts";
import { fill, type Language, wordsIn } from "./words.ts";

/** A module of the code is then nearly half a millimetre: what a phone's camera reads at arm's length. */
const CODE_SIDE = 50;

/** This stands at the left of the page's foot, from its edge to this x, and takes so much room above the footer's text. */
export const REGISTRATION = { right: 290, height: 50 } as const;

/**
 * How a customer with nothing but this paper gets in: where, with which number and key, and a code to scan that fills
 * them in. Stands on the footer's line at `footerY`.
 */
export function drawRegistration(
  paper: Paper,
  footerY: number,
  p: { customerNumber: string; registrationKey: string; registerAt: string },
  language: Language,
): void {
  const words = wordsIn(language);
  // The ZIP is not in the code: it is what a finder of the paper would have to know besides.
  const query = new URLSearchParams({ customer: p.customerNumber, key: p.registrationKey });
  const { data } = encode(`${p.registerAt}?${query}`, { ecc: "M", border: 0 });
  const top = footerY + 10 - CODE_SIDE;
  const x = PAGE.left + CODE_SIDE + 10;
  const ink: Ink = { size: 8 };
  const bold: Ink = { size: 8, bold: true };
  const width = REGISTRATION.right - x;
  const address = fill(words.seeOnline, { address: p.registerAt });
  const lines: [text: string, ink: Ink][] = [
    ...paper
      .wrap(address, width, ink)
      .slice(0, 3)
      .map((text): [string, Ink] => [text, ink]),
    [paper.fit(`${words.customerNumber} ${p.customerNumber}`, width, bold), bold],
    [paper.fit(`${words.registrationKey} ${p.registrationKey}`, width, bold), bold],
  ];
  paper.code(data, PAGE.left, top, CODE_SIDE, words.scan);
  const y = top + (CODE_SIDE - lines.length * leading(ink)) / 2;
  paper.put("P", ...lines.map(([text, own], index) => ({ text, x, y: y + index * leading(ink), ink: own })));
}
