/** Chance that can be had again: the same seed gives the same numbers in the same order. */
export type Chance = {
  /** A whole number from 0 to below `n`. */
  below(n: number): number;
  /** True in so many of a hundred cases. */
  percent(likely: number): boolean;
  one<T>(of: readonly T[]): T;
  /** Fills bytes, as the platform's own generator does. */
  fill<T extends ArrayBufferView>(bytes: T): T;
};

/** Mulberry32: small, fast, and good enough to think of odd moments. https://github.com/cprosche/mulberry32 */
export function chanceOf(seed: number): Chance {
  let state = Math.imul(seed, 0x9e3779b1) | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (n: number) => next() % n;
  return {
    below,
    percent: (likely) => below(100) < likely,
    one: (of) => of[below(of.length)]!,
    fill(bytes) {
      const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let i = 0; i < view.length; i++) view[i] = below(256);
      return bytes;
    },
  };
}
