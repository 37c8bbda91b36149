/** Random callers of a driver, who know what they did: it is never accused of anything, and its devices reach what its callers mapped. */
import { it } from 'node:test';
import { assert } from 'chai';
import * as fc from 'fast-check';
import type { Mode } from '#hw-models/core/sight';
import type { Bench } from '#steps/bench/bench';
import { say, type Act } from '#steps/bench/verbs';

const PAGE = 4096n;

/** A call, or an access of a device. */
export type Op = Act | { readonly verb: 'access'; readonly device: number; readonly iova: bigint };

/** What callers know: which domain each device is attached to, and what each domain maps, page by page. */
export interface Known {
  readonly attached: Map<number, string>;
  readonly mapped: Map<string, Map<bigint, bigint>>;
}

export interface Callers {
  /** What they do at random. */
  readonly op: fc.Arbitrary<Op>;
  readonly runs: number;
  /** A scene with its devices. */
  begin(mode: Mode): Promise<Bench>;
  /** Calls that need more than a domain of that name. */
  isAllowed?(done: Act, known: Known): boolean;
  /** Where an access goes: as the domain maps it, unless told. */
  arrives?(known: Known, device: number, iova: bigint): bigint | 'faults';
  /** What the end of a scenario does not give back by itself. */
  finish?(bench: Bench, known: Known): Promise<void>;
}

/** Tests of a driver, one for each way to cache. */
export function keepsTheRules(callers: Callers): void {
  for (const mode of ['lazy', 'eager', 'seeded:1', 'seeded:2'] as const) {
    it(`keeps every rule of the sanitizer, and serves what was mapped (${mode})`, async () => {
      const ops = fc.array(callers.op, { minLength: 10, maxLength: 40, size: 'max' });
      await fc.assert(
        fc.asyncProperty(ops, (list) => play(callers, mode, list)),
        { numRuns: callers.runs },
      );
    });
  }
}

async function play(callers: Callers, mode: Mode, ops: readonly Op[]): Promise<void> {
  const bench = await callers.begin(mode);
  const known: Known = { attached: new Map(), mapped: new Map() };
  const arrives = callers.arrives ?? asMapped;
  for (const next of ops) {
    if (next.verb === 'access') {
      await bench.expectAccess({ device: next.device }, 'write', next.iova, arrives(known, next.device, next.iova));
    } else if (isAllowed(next, known) && callers.isAllowed?.(next, known) !== false) {
      const answer = await bench.perform(next);
      if (answer.ok) took(next, known);
      else assert.oneOf(answer.errno, ['EBUSY', 'EEXIST', 'EINVAL'], say(next));
    }
  }
  await callers.finish?.(bench, known);
  await bench.end();
}

/** Calls that a caller may not make are left out: the contract leaves them to the caller. */
function isAllowed(done: Act, { attached, mapped }: Known): boolean {
  const [one, two] = done.args as readonly [never, never];
  if (done.verb === 'alloc') return !mapped.has(one);
  if (done.verb === 'map' || done.verb === 'unmap' || done.verb === 'free') return mapped.has(one);
  if (done.verb === 'detach') return attached.get(one) === two;
  return mapped.has(two);
}

/** What an accepted call changes of what callers know. */
function took(done: Act, known: Known): void {
  const [one, two, three] = done.args as readonly [never, never, never];
  const space = known.mapped.get(one) ?? new Map<bigint, bigint>();
  if (done.verb === 'alloc') known.mapped.set(one, space);
  else if (done.verb === 'free') known.mapped.delete(one);
  else if (done.verb === 'detach') known.attached.delete(one);
  else if (done.verb === 'map' || done.verb === 'unmap') {
    const { iova, size } = two as { readonly iova: bigint; readonly size: bigint };
    for (let at = iova; at < iova + size; at += PAGE) {
      if (done.verb === 'unmap') space.delete(at);
      else space.set(at, (three as bigint) + at - iova);
    }
  } else known.attached.set(one, two);
}

const asMapped = ({ attached, mapped }: Known, device: number, iova: bigint): bigint | 'faults' =>
  mapped.get(attached.get(device) ?? '')?.get(iova) ?? 'faults';
