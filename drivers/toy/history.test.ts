/**
 * The toy driver under random callers, in every mode, with the reach graph recomputed after every event: it is never accused of
 * anything, and its devices reach what its callers mapped.
 */
import { describe, it } from 'node:test';
import { assert } from 'chai';
import * as fc from 'fast-check';
import { RecomputedReach } from '#hw-models/core/reach/recomputed';
import type { Mode } from '#hw-models/core/sight';
import { Bench } from '#steps/bench/bench';
import { act, say, type Act } from '#steps/bench/verbs';
import { driver } from './driver';

const DEVICES = [1, 2, 3];
const NAMES = ['A', 'B'];
const PAGE = 4096n;
/** Input pages: two sections of two pages each. */
const INPUTS = [0n, 1n, 512n, 513n].map((page) => page * PAGE);

/** What callers know: which domain each device is attached to, and what each domain maps. */
interface Known {
  readonly attached: Map<number, string>;
  readonly mapped: Map<string, Map<bigint, bigint>>;
}

const name = fc.constantFrom(...NAMES);
const device = fc.constantFrom(...DEVICES);
const prot = { read: true, write: true, execute: false, privileged: false, coherent: true, mmio: false };

type Op = Act | { readonly verb: 'access'; readonly device: number; readonly iova: bigint };

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 2, arbitrary: fc.tuple(name, device).map(([to, id]): Op => act('alloc', to, id, 'paging')) },
  { weight: 1, arbitrary: name.map((to): Op => act('free', to)) },
  { weight: 3, arbitrary: fc.tuple(device, name).map(([id, to]): Op => act('attach', id, to)) },
  { weight: 3, arbitrary: fc.tuple(device, name).map(([id, to]): Op => act('replace', id, to)) },
  { weight: 2, arbitrary: fc.tuple(device, name).map(([id, from]): Op => act('detach', id, from)) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(name, fc.constantFrom(...INPUTS), fc.constantFrom(1n, 2n), fc.nat(3))
      .map(([to, iova, pages, page]): Op => act('map', to, { iova, size: pages * PAGE }, 0x8000_0000n + BigInt(page) * PAGE, prot)),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(name, fc.constantFrom(...INPUTS), fc.constantFrom(1n, 2n, 512n))
      .map(([from, iova, pages]): Op => act('unmap', from, { iova, size: pages * PAGE })),
  },
  { weight: 8, arbitrary: fc.tuple(device, fc.constantFrom(...INPUTS)).map(([id, iova]): Op => ({ verb: 'access', device: id, iova })) },
);

/** Calls that a caller may not make are left out: the contract leaves them to the caller. */
function isAllowed(done: Act, { attached, mapped }: Known): boolean {
  const [one, two] = done.args as readonly [string | number, string | number];
  if (done.verb === 'alloc') return !mapped.has(one as string);
  if (done.verb === 'map' || done.verb === 'unmap' || done.verb === 'free') return mapped.has(one as string);
  if (done.verb === 'detach') return attached.get(one as number) === two;
  return mapped.has(two as string);
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

async function play(mode: Mode, ops: readonly Op[]): Promise<void> {
  const bench = new Bench(driver, mode);
  bench.configure({ reach: (facts) => new RecomputedReach(facts) });
  for (const id of DEVICES) await bench.device(id);
  const known: Known = { attached: new Map(), mapped: new Map() };
  for (const next of ops) {
    if (next.verb === 'access') {
      const expected = known.mapped.get(known.attached.get(next.device) ?? '')?.get(next.iova);
      await bench.expectAccess(next.device, 'write', next.iova, expected ?? 'faults');
    } else if (isAllowed(next, known)) {
      const answer = await bench.perform(next);
      if (answer.ok) took(next, known);
      else assert.oneOf(answer.errno, ['EBUSY', 'EEXIST', 'EINVAL'], say(next));
    }
  }
  await bench.end();
}

describe('the toy driver under random callers', () => {
  for (const mode of ['lazy', 'eager', 'seeded:1', 'seeded:2'] as const) {
    it(`keeps every rule of the sanitizer, and serves what was mapped (${mode})`, async () => {
      const ops = fc.array(op, { minLength: 10, maxLength: 40, size: 'max' });
      await fc.assert(
        fc.asyncProperty(ops, (list) => play(mode, list)),
        { numRuns: 120 },
      );
    });
  }
});
