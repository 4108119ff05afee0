/**
 * Stands in, in the bundle, for parts of pdfkit and fontkit that our documents never use (wrangler.toml, `[alias]`): WOFF2
 * fonts (85 kB gzipped), pdfkit's own line breaking (7 kB; `paper.ts` breaks lines itself), PNG pictures (3.5 kB) and
 * encryption (2.5 kB).
 */
export default function leftOut(): never {
  throw new Error("this part of pdfkit is left out of the bundle; wrangler.toml says so");
}

export { leftOut as cbc, leftOut as ecb };
