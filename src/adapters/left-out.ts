/**
 * Stands in, in the bundle, for parts of Resend's client that we never use (wrangler.toml, `[alias]`): opening mail that
 * came in (21 kB gzipped) and checking its webhooks (4 kB).
 */
function leftOut(): never {
  throw new Error("this part of resend is left out of the bundle; wrangler.toml says so");
}

export default { parse: leftOut };
export { leftOut as Webhook };
