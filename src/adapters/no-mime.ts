/**
 * Stands in for `postal-mime` in the bundle (wrangler.toml, `[alias]`): Resend's client needs it only to open mail that
 * came in, which the portal never does, and it weighs 21 kB gzipped.
 */
export default {
  parse(): never {
    throw new Error("incoming mail cannot be read here: postal-mime is left out of the bundle");
  },
};
