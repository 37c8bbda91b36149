/**
 * The toy driver under random callers, in every mode, with the reach graph recomputed after every event: it is never accused of
 * anything, and its devices reach what its callers mapped.
 */
import { describe } from 'node:test';
import * as fc from 'fast-check';
import { RecomputedReach } from '#hw-models/core/reach/recomputed';
import { Bench } from '#steps/bench/bench';
import { act } from '#steps/bench/verbs';
import { keepsTheRules, type Op } from '#steps/testdata/callers';
import { driver } from './driver';

const DEVICES = [1, 2, 3];
const NAMES = ['A', 'B'];
const PAGE = 4096n;
/** Input pages: two sections of two pages each. */
const INPUTS = [0n, 1n, 512n, 513n].map((page) => page * PAGE);

const name = fc.constantFrom(...NAMES);
const device = fc.constantFrom(...DEVICES);
const prot = { read: true, write: true, execute: false, privileged: false, coherent: true, mmio: false };

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

describe('the toy driver under random callers', () => {
  keepsTheRules({
    op,
    runs: 120,
    begin: async (mode) => {
      const bench = new Bench(driver, mode);
      bench.configure({ reach: (facts) => new RecomputedReach(facts) });
      for (const id of DEVICES) await bench.device(id);
      return bench;
    },
  });
});
