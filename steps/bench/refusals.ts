/**
 * Check 7 of the sanitizer: a call that is refused has changed nothing, save that empty tables and directories may stay, and one that
 * stops half way has changed what it says.
 */
import { pageOf, pageStart, sizeOf } from '#hw-models/core/address';
import { hex } from '#hw-models/core/hex';
import { beyond } from '#hw-models/core/resources';
import type { Snapshot } from './audit';
import type { Bench } from './bench';
import type { Range } from './verb';
import { act, say, verbOf, type Act, type VerbName } from './verbs';

/** Pages that a driver may keep when a call that needed them is refused: tables that were built on the way. */
const LAZILY_BUILT: ReadonlySet<string> = new Set([
  'page:page-table',
  'page:device-table',
  'page:context-table',
  'page:domain-table',
  'page:donated',
]);

/** A detach that is refused may leave its device blocked: that is the safe side, and what the device is granted does not shrink. */
const MAY_CUT_OFF: ReadonlySet<VerbName> = new Set<VerbName>(['detach', 'hypDetach']);

/** First address that 64 bits do not hold. */
const ADDRESS_END = sizeOf(64);

/** Of what the hardware reaches, and of what the driver holds. */
export function nothingChanged({ machine }: Bench, done: Act, before: Snapshot): void {
  for (const { reach } of MAY_CUT_OFF.has(done.verb) || verbOf(done).composed === true ? [] : machine.iommus) {
    const [first] = reach.changes();
    if (first !== undefined) machine.violate('all-or-nothing', `${say(done)} was refused, but ${first}`);
  }
  const mayGiveBack = verbOf(done).partly?.(...done.args) === true;
  for (const { kind, by } of beyond(before.held, machine.resources.held())) {
    if (by < 0 && mayGiveBack) continue;
    if (by < 0) machine.violate('all-or-nothing', `${say(done)} was refused, but ${-by} ${kind} that was held before is gone`);
    if (!LAZILY_BUILT.has(kind))
      machine.violate('all-or-nothing', `${say(done)} was refused, but ${by} ${kind} more is held`, machine.resources.lastTaken(kind));
  }
}

/** Calls that leave every address where it was when they are refused. */
const KEEP_ADDRESSES: ReadonlySet<VerbName> = new Set<VerbName>(['alloc', 'attach', 'replace', 'map']);

/** Addresses that are asked about in one domain after one call: a longer range is told by its two ends. */
const MOST_ASKED = 64;

/**
 * Of what `iova_to_phys` answers: as callers know their domains, and at every page of a mapping that was refused. Nothing to wait for of
 * other calls.
 */
export const sameAddresses = (bench: Bench, done: Act): Promise<void> | undefined =>
  KEEP_ADDRESSES.has(done.verb) ? addressesAreSame(bench, done) : undefined;

async function addressesAreSame(bench: Bench, done: Act): Promise<void> {
  for (const name of bench.handles.keys()) {
    const space = bench.grants.domain(name)?.space;
    if (space === undefined) continue;
    const known = space.ranges.flatMap(({ input, frames }) => ends(input, frames)).slice(0, MOST_ASKED);
    const asked = done.verb === 'map' && done.args[0] === name ? framesIn(done.args[1] as Range) : [];
    for (const page of new Set([...known, ...asked])) {
      // Regions that firmware names the driver may have mapped itself.
      if (space.at(page) !== undefined || !bench.grants.isRegion(page)) await sameAddress(bench, name, page, `${say(done)} was refused`);
    }
  }
}

/** Of an unmap that says that it did less than it was asked for: the rest is there. Nothing to wait for of other calls. */
export const restIsThere = (bench: Bench, done: Act): Promise<void> | undefined =>
  done.verb === 'unmap' ? isThere(bench, done, 'stopped before that') : undefined;

/** What is mapped in the range of a call, as its callers know it. @param how The call ended. */
export async function isThere(bench: Bench, done: Act, how: string): Promise<void> {
  const [name, where] = done.args as readonly [string, Range];
  for (const page of framesIn(where)) {
    if (bench.grants.domain(name)?.space.at(page) !== undefined) await sameAddress(bench, name, page, `${say(done)} ${how}`);
  }
}

/** What `iova_to_phys` answers for a page is what the callers of a domain know of it. */
async function sameAddress(bench: Bench, name: string, page: number, after: string): Promise<void> {
  const answer = await bench.perform(act('phys', name, pageStart(page)), false);
  // Other refusals say nothing of the mapping.
  if (!answer.ok && answer.errno !== 'ENOENT') return;
  const is = answer.ok ? (answer.value as bigint) : undefined;
  const known = bench.grants.domain(name)?.space.at(page);
  const was = known === undefined ? undefined : pageStart(known);
  if (is !== was)
    bench.machine.violate(
      'all-or-nothing',
      `${after}, but iova_to_phys of ${hex(pageStart(page))} in ${name} is ${shown(is)}, not ${shown(was)}`,
    );
}

/** Input frames of a range, both ends of a long one, none of what is no range. */
function framesIn({ iova, size }: Range): readonly number[] {
  if (size <= 0n || iova + size > ADDRESS_END) return [];
  const first = pageOf(iova);
  const frames = pageOf(iova + size - 1n) - first + 1;
  return frames > MOST_ASKED ? ends(first, frames) : Array.from({ length: frames }, (_none, index) => first + index);
}

const ends = (first: number, frames: number): readonly number[] => [first, first + frames - 1];

const shown = (pa: bigint | undefined): string => (pa === undefined ? 'nothing' : `PA ${hex(pa)}`);
