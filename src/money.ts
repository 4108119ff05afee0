/** Whole US cents. Never a fraction, never a float of dollars. */
export type Cents = number & { readonly __unit: "cents" };

/** The largest amount a form or an import may name: ten million dollars. Anything above is a slip of the finger. */
export const LARGEST_CENTS = 1_000_000_000 as Cents;

/** Brands a whole number as cents. Throws a RangeError for anything else: that is a bug, not bad input. */
export function cents(value: number): Cents {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not whole cents: ${value}`);
  return value as Cents;
}

/**
 * Reads an amount as people and back offices write it: `44.95`, `$1,234.50`, `1234`, `-$12.00`, `(12.00)`.
 * Returns null for anything that is not clearly one amount: three decimals, misplaced commas, letters, other digits.
 * Never goes through a float.
 */
export function parseCents(text: string): Cents | null {
  const trimmed = text.trim();
  const bracketed = /^\((.*)\)$/.exec(trimmed);
  const body = (bracketed ? bracketed[1]! : trimmed).trim();
  const match = /^(-)?\s*\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,10})(?:\.(\d{1,2}))?$/.exec(body);
  if (!match || (bracketed && match[1])) return null;
  const whole = Number(match[2]!.replaceAll(",", ""));
  const fraction = Number((match[3] ?? "").padEnd(2, "0"));
  const value = whole * 100 + fraction;
  if (value > LARGEST_CENTS) return null;
  return cents((match[1] || bracketed) && value !== 0 ? -value : value);
}

/** `1234.50`: how an amount stands in a form field or a CSV cell. */
export const plainAmount = (value: number): string =>
  `${value < 0 ? "-" : ""}${Math.trunc(Math.abs(value) / 100)}.${String(Math.abs(value) % 100).padStart(2, "0")}`;

/** `$1,234.50`. US Spanish writes dollars the same way. */
export const dollars = (value: number): string => {
  const [whole = "", cents] = plainAmount(Math.abs(value)).split(".");
  return `${value < 0 ? "-" : ""}$${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${cents}`;
};

export const sum = (values: readonly number[]): Cents => cents(values.reduce((total, value) => total + value, 0));
