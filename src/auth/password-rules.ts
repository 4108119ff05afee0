/** At least this many characters, and no rule about which: NIST SP 800-63B, section 3.1.1. https://pages.nist.gov/800-63-4/ */
export const SHORTEST_PASSWORD = 10;

/** Longer passwords are refused before hashing: each try costs real time. */
export const LONGEST_PASSWORD = 256;

export type PasswordProblem = "short" | "long" | "common" | "email" | "different";

/**
 * Why a new password will not do, or null when it will. `common` are those that anybody would guess first, in small
 * letters; `email` is its owner's.
 */
export function passwordProblem(
  password: string,
  again: string,
  email: string,
  common: ReadonlySet<string>,
): PasswordProblem | null {
  const plain = password.normalize("NFKC").toLowerCase();
  const [name = ""] = email.toLowerCase().split("@");
  if ([...password].length < SHORTEST_PASSWORD) return "short";
  if (password.length > LONGEST_PASSWORD) return "long";
  if (common.has(plain) || new Set(plain).size < 3) return "common";
  // A name of two letters stands in many a good password.
  if (plain.includes(email.toLowerCase()) || (name.length > 3 && plain.includes(name))) return "email";
  if (password !== again) return "different";
  return null;
}
