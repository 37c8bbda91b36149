/** Check 7 of the sanitizer: a call that is refused has changed nothing, save that empty tables and directories may stay. */
import { pageOf, pageStart, sizeOf } from '#hw-models/core/address';
import { hex } from '#hw-models/core/hex';
import { beyond } from '#hw-models/core/resources';
import type { Snapshot } from './audit';
import type { Bench } from './bench';
import type { Range } from './verb';
import { act, say, type Act } from './verbs';

/** Pages that a driver may keep when a call that needed them is refused: tables that were built on the way. */
const LAZILY_BUILT: ReadonlySet<string> = new Set([
  'page:page-table',
  'page:device-table',
  'page:context-table',
  'page:domain-table',
  'page:donated',
]);

/** First address that 64 bits do not hold. */
const ADDRESS_END = sizeOf(64);

/** Of what the hardware reaches, and of what the driver holds. */
export function nothingChanged({ machine }: Bench, done: Act, before: Snapshot): void {
  for (const { reach } of machine.iommus) {
    const [first] = reach.changes();
    if (first !== undefined) machine.violate('all-or-nothing', `${say(done)} was refused, but ${first}`);
  }
  for (const { kind, by } of beyond(before.held, machine.resources.held())) {
    if (by < 0) machine.violate('all-or-nothing', `${say(done)} was refused, but ${-by} ${kind} that was held before is gone`);
    if (!LAZILY_BUILT.has(kind))
      machine.violate('all-or-nothing', `${say(done)} was refused, but ${by} ${kind} more is held`, machine.resources.lastTaken(kind));
  }
}

/** Of what `iova_to_phys` answers: at both ends of a mapping that was refused, as its caller knows the domain. */
export async function sameAddresses(bench: Bench, done: Act): Promise<void> {
  if (done.verb !== 'map') return;
  const [name, { iova, size }] = done.args as readonly [string, Range];
  const space = bench.grants.domain(name)?.space;
  if (space === undefined || size <= 0n || iova + size > ADDRESS_END) return;
  for (const page of new Set([pageOf(iova), pageOf(iova + size - 1n)])) {
    const answer = await bench.perform(act('phys', name, pageStart(page)), false);
    // Other refusals say nothing of the mapping.
    if (!answer.ok && answer.errno !== 'ENOENT') continue;
    const actual = answer.ok ? (answer.value as bigint) : undefined;
    const known = space.at(page);
    const expected = known === undefined ? undefined : pageStart(known);
    if (actual !== expected)
      bench.machine.violate(
        'all-or-nothing',
        `${say(done)} was refused, but iova_to_phys of ${hex(pageStart(page))} is ${shown(actual)}, and was ${shown(expected)} before`,
      );
  }
}

const shown = (pa: bigint | undefined): string => (pa === undefined ? 'nothing' : `PA ${hex(pa)}`);
