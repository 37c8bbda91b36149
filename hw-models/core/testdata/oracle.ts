/** What procedures in the plainest way are written with: no layout, shift or mask, so that models do not share their mistakes. */

/** Reads a physical word. */
export type ReadWord = (address: bigint) => bigint;

const POWERS = Array.from({ length: 65 }, (_, log2) => 2n ** BigInt(log2));

export const field = (raw: bigint, high: bigint, low: bigint): bigint => (raw / POWERS[Number(low)]!) % POWERS[Number(high - low) + 1]!;

export const bit = (raw: bigint, at: bigint): boolean => field(raw, at, at) === 1n;

/** Every answer that there can be where some words may be read as several values, each time another. */
export function answers(read: ReadWord, options: ReadonlyMap<bigint, readonly bigint[]>, oracle: (read: ReadWord) => string): Set<string> {
  const found = new Set<string>();
  const path: { taken: number; readonly of: readonly bigint[] }[] = [];
  do {
    let depth = 0;
    const choosing = (address: bigint): bigint => {
      const values = options.get(address);
      if (values === undefined) return read(address);
      if (depth === path.length) path.push({ taken: 0, of: values });
      const { taken, of } = path[depth++]!;
      return of[taken]!;
    };
    found.add(oracle(choosing));
    while (path.length > 0 && ++path.at(-1)!.taken === path.at(-1)!.of.length) path.pop();
  } while (path.length > 0);
  return found;
}
