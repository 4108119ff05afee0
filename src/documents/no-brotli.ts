/**
 * Stands in for `brotli/decompress.js` in the bundle (wrangler.toml, `[alias]`): fontkit needs it only to open WOFF2 fonts,
 * ours are TrueType, and it weighs 85 kB gzipped.
 */
export default function decompress(): never {
  throw new Error("WOFF2 fonts cannot be read here: brotli is left out of the bundle");
}
