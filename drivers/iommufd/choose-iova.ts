/** An IOVA that nobody has chosen. */
import { ok, refuse, type Result } from '#drivers/contract/driver';
import { holes, LAST_IOVA, type IovaRange } from './ranges';
import { PAGE } from './user-memory';

/** The first page stays free, so that 0 is never chosen, and so does the last. */
const CHOICE: IovaRange = { start: PAGE, last: LAST_IOVA - PAGE };

/** What an IOVA has to fit. */
export interface Wanted {
  /** Bytes; more than 0. */
  readonly length: bigint;
  /** User address of what is to be mapped: as far as it is aligned, the IOVA is. */
  readonly address: bigint;
  /** What the IOAS asks for. */
  readonly alignment: bigint;
  /** Where it may be; none: anywhere. */
  readonly allowed: readonly IovaRange[];
  /** Where it may not be. */
  readonly taken: readonly IovaRange[];
}

/** The lowest that fits. `EOVERFLOW`: half of all or more. `EINVAL`: the address is aligned less than the IOAS asks for. `ENOSPC`. */
export function chooseIova(wanted: Wanted): Result<bigint> {
  const { length, address, alignment, allowed, taken } = wanted;
  if (length >= LAST_IOVA / 2n) return refuse('EOVERFLOW');
  const aligned = smallest(powerFrom(length), address === 0n ? PAGE : address & -address, PAGE);
  if (aligned < alignment) return refuse('EINVAL');
  const within = allowed.length === 0 ? [CHOICE] : holes(holes(allowed, CHOICE), CHOICE);
  for (const span of within) {
    const start = startIn(span, wanted, aligned);
    if (start === undefined) continue;
    for (const hole of holes(taken, { start, last: span.last })) {
      const found = startIn(hole, wanted, aligned);
      if (found !== undefined) return ok(found);
    }
  }
  return refuse('ENOSPC');
}

/** Where the length fits into a range, at the offset in its page that the address has. */
function startIn({ start, last }: IovaRange, { length, address }: Wanted, aligned: bigint): bigint | undefined {
  const at = ((start + aligned - 1n) & -aligned) | (address % PAGE);
  return at < last && last - at >= length - 1n ? at : undefined;
}

const smallest = (...values: readonly bigint[]): bigint => values.reduce((least, value) => (value < least ? value : least));

/** The smallest power of two that is not below `value`. */
const powerFrom = (value: bigint): bigint => 2n ** BigInt((value - 1n).toString(2).length - (value === 1n ? 1 : 0));
