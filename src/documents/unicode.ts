/**
 * Stands in, in the bundle, for the tables of `unicode-properties` (wrangler.toml, `[alias]`; 14 kB gzipped): what fontkit
 * asks of a character before it sets it, answered by the runtime's own Unicode. Our fonts hold Latin, Greek and Cyrillic,
 * which all are set in the same way, so nothing finer is told apart.
 */
const isOf = (property: RegExp) => (codePoint: number) => property.test(String.fromCodePoint(codePoint));

export const isDigit = isOf(/\p{Nd}/u);
export const isMark = isOf(/\p{M}/u);

const SCRIPTS: [name: string, of: (codePoint: number) => boolean][] = [
  ["Latin", isOf(/\p{Script=Latin}/u)],
  ["Greek", isOf(/\p{Script=Greek}/u)],
  ["Cyrillic", isOf(/\p{Script=Cyrillic}/u)],
  ["Inherited", isOf(/\p{Script=Inherited}/u)],
];

export const getScript = (codePoint: number): string => SCRIPTS.find(([, of]) => of(codePoint))?.[0] ?? "Common";

export const getCategory = (codePoint: number): string => (isMark(codePoint) ? "Mn" : "Lo");

/** Only asked where a font does not say itself where its accents go, as ours do. */
export const getCombiningClass = (): string => "Not_Reordered";
