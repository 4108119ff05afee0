/** The middle of some measurements; of an even number, the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1]!;
}

/**
 * Measures several things in turns, round after round, so that a machine whose speed drifts treats them alike.
 * Answers every thing's measurements in the order of the rounds; the first round only warms up and is thrown away.
 */
export async function interleaved<Name extends string>(
  rounds: number,
  things: Record<Name, () => Promise<number>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(things) as Name[];
  const found = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? names : [...names].reverse();
    for (const name of order) {
      const measured = await things[name]();
      if (round > 0) found[name].push(measured);
    }
  }
  return found;
}

/** The median of the ratios of measurements that were taken in the same round. */
export const ratio = (above: readonly number[], below: readonly number[]): number =>
  median(above.map((value, round) => value / below[round]!));
