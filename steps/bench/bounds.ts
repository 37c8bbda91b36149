/** How often a step does what it says: on a driver for which each call is a message to another process, less often, and it says so. */
import type { Bench } from './bench';
import { KEPT, type ScenarioVerdict } from './outcomes';

/** Calls that one step makes of a driver in another process. */
const MOST_CALLS = 4096;
/** Random calls, each of which the sanitizer looks at anew. */
const MOST_RANDOM = 500;

const isWithin = ({ module }: Bench, count: number, most: number): boolean => module.isRemote !== true || count <= most;

const note = (bench: Bench, most: number, count: number): void => {
  bench.bounds.push(`${most} of ${count} calls`);
};

/** The numbers of a range: all of them, or those at both ends, so that what one step has begun another ends. */
export function* eachOf(bench: Bench, first: number, last: number): Generator<number> {
  const count = last - first + 1;
  const isWhole = isWithin(bench, count, MOST_CALLS);
  if (!isWhole) note(bench, MOST_CALLS, count);
  for (let n = first; n <= last; n++) if (isWhole || n <= MOST_CALLS / 2 || n > last - MOST_CALLS / 2) yield n;
}

/** How many random calls are made. */
export function randomOf(bench: Bench, count: number): number {
  if (isWithin(bench, count, MOST_RANDOM)) return count;
  note(bench, MOST_RANDOM, count);
  return MOST_RANDOM;
}

/** Kept, with what was done less often. */
export const keptBy = ({ bounds: [first] }: Bench): ScenarioVerdict =>
  first === undefined ? KEPT : { ...KEPT, message: `with a smaller bound: ${first}` };
