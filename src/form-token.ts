import { hmac, newSecret, sameText } from "./ids.ts";

/**
 * A token for browsers that send neither Origin nor Sec-Fetch-Site with a form: bound to a cookie's secret, masked with
 * fresh chance so that a compressed page does not leak it. Reliability finding: such browsers are the ones we are for.
 */
export function formToken(secret: string): string {
  const mask = newSecret().slice(0, 12);
  return `${mask}.${hmac(secret, `form ${mask}`)}`;
}

/** Whether a token was made for this secret. */
export function isFormToken(secret: string, token: string): boolean {
  const [mask, mac] = token.split(".", 2);
  return mask !== undefined && mac !== undefined && sameText(mac, hmac(secret, `form ${mask}`));
}
