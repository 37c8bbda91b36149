/** Ranges of IOVAs, both ends included, so that the last address of all can be in one. */

export interface IovaRange {
  readonly start: bigint;
  readonly last: bigint;
}

/** The last IOVA of all. */
export const LAST_IOVA = 2n ** 64n - 1n;

/** A count or an address that 64 bits do not hold. */
export const overflows = (value: bigint): boolean => value > LAST_IOVA;

export const overlaps = (a: IovaRange, b: IovaRange): boolean => a.start <= b.last && b.start <= a.last;

/** The first of `ranges` that shares an address with `range`. */
export const overlapping = <R extends IovaRange>(ranges: Iterable<R>, range: IovaRange): R | undefined => {
  for (const one of ranges) if (overlaps(one, range)) return one;
  return undefined;
};

/** What none of `used` covers of `within`, in order. */
export function holes(used: Iterable<IovaRange>, within: IovaRange): readonly IovaRange[] {
  const found: IovaRange[] = [];
  let { start } = within;
  for (const one of [...used].sort((a, b) => (a.start < b.start ? -1 : 1))) {
    if (one.start > within.last) break;
    if (one.start > start) found.push({ start, last: one.start - 1n });
    if (one.last >= start) start = one.last + 1n;
  }
  return start <= within.last ? [...found, { start, last: within.last }] : found;
}
