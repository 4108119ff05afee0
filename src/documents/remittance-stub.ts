import { type Ink, leading, PAGE, type Paper, type Piece } from "./paper.ts";
import { fill, type Language, wordsIn } from "./words.ts";

/** What a customer who pays by mail tears off and sends along. `remitTo` is the address of the lockbox or office. */
export type RemittanceStub = {
  dealerName: string;
  customerName: string;
  customerNumber: string;
  /** What it pays, under the customer's number: `["Invoice number", "INV-1001"]`. Two at most. */
  about: readonly (readonly [label: string, value: string])[];
  amountDue: string;
  remitTo: readonly string[];
};

/** Where the tear line runs: 3.5 in above the sheet's foot, so the stub lies in a #10 envelope unfolded. */
export const STUB_TOP = PAGE.height - 252;

// The part of the stub that shows in a #10 window (0.5 to 1.625 in from the foot) however it slides in the envelope.
const WINDOW_TOP = PAGE.height - 96;
const WINDOW_WIDTH = 245;

const FACTS = 352;

/** Draws the stub at the foot of the current page. Everything in it keeps to one line, cut when it is too long. */
export function drawRemittanceStub(paper: Paper, stub: RemittanceStub, language: Language): void {
  const words = wordsIn(language);
  const { muted, accent } = paper.colors;
  const small: Ink = { size: 8, color: muted };
  const ink: Ink = { size: 9.5 };

  paper.rule(0, STUB_TOP, PAGE.width, muted, 0.75, true);
  paper.group("Sect", () => {
    paper.put("P", { text: words.detach, x: PAGE.width / 2, y: STUB_TOP + 5, ink: small, align: "center" });
    paper.put("H2", { text: words.stub, x: PAGE.left, y: STUB_TOP + 26, ink: { size: 13, bold: true, color: accent } });
    const payable = fill(words.payableTo, { dealer: stub.dealerName, number: stub.customerNumber });
    const lines = paper.wrap(payable, WINDOW_WIDTH, small).slice(0, 4);
    paper.put(
      "P",
      { text: paper.fit(stub.customerName, WINDOW_WIDTH, ink), x: PAGE.left, y: STUB_TOP + 46, ink },
      ...lines.map((text, index) => ({ text, x: PAGE.left, y: STUB_TOP + 64 + index * leading(small), ink: small })),
    );
    const address = stub.remitTo.filter((line) => line !== "").slice(0, 5);
    paper.put(
      "P",
      ...address.map((line, index) => {
        const own: Ink = { ...ink, bold: index === 0 };
        return {
          text: paper.fit(line, WINDOW_WIDTH, own),
          x: PAGE.left,
          y: WINDOW_TOP + index * leading(ink),
          ink: own,
        };
      }),
    );

    const facts: [label: string, value: string, size: number][] = [
      [words.customerNumber, stub.customerNumber, 9.5],
      ...stub.about.map(([label, value]): [string, string, number] => [label, value, 9.5]),
      [words.amountDue, stub.amountDue, 12],
    ];
    paper.put(
      "P",
      ...facts.flatMap(([label, value, size], index): Piece[] => {
        const y = STUB_TOP + 28 + index * 17;
        const strong: Ink = { size, bold: true };
        const room = PAGE.right - FACTS - paper.widthOf(label, ink) - 12;
        return [
          { text: label, x: FACTS, y: y + (size - ink.size) * 0.95, ink: { ...ink, color: muted } },
          { text: paper.fit(value, room, strong), x: PAGE.right, y, ink: strong, align: "right" },
        ];
      }),
    );
    const boxTop = STUB_TOP + 108;
    paper.box(444, boxTop, PAGE.right - 444, 25, { stroke: paper.colors.ink });
    paper.put(
      "P",
      { text: words.amountEnclosed, x: FACTS, y: boxTop + 7, ink: { size: 9.5, bold: true } },
      { text: "$", x: 450, y: boxTop + 6, ink: { size: 11 } },
    );
  });
}
