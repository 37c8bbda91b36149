/** The driver under random callers, in every mode: it is never accused of anything, and its devices reach what its callers mapped. */
import { describe } from 'node:test';
import * as fc from 'fast-check';
import { HWPT_DATA, HwptRiscv } from '#drivers/contract/uapi';
import { toWords } from '#hw-models/core/bits';
import { Tc } from '#hw-models/riscv-iommu/contexts';
import { Bench } from '#steps/bench/bench';
import { act, type Act } from '#steps/bench/verbs';
import { keepsTheRules, type Op } from '#steps/testdata/callers';
import { driver } from './driver';

const PAGE = 4096n;
const LARGE = 1n << 21n;
const DEVICES = { 1: {}, 2: { ids: [2, 0x302] }, 3: { ats: true } } as const;
const NUMBERS = Object.keys(DEVICES).map(Number);
const prot = { read: true, write: true, execute: false, privileged: false, coherent: true, mmio: false };

/** What a domain of each name is. */
const KINDS = { A: 'first', B: 'first', S: 'second', T: 'second', N: 'nested', I: 'identity', X: 'blocked' } as const;
type Name = keyof typeof KINDS;
const PARENT: Name = 'S';
/** A guest that is there, and leaves translation to the second stage. */
const GUEST = [...new Uint8Array(BigUint64Array.from(toWords(HwptRiscv.encode({ tc: Tc.encode({ V: true }) }), 4)).buffer)];

const ALLOC: Readonly<Record<(typeof KINDS)[Name], (name: Name) => Act>> = {
  first: (name) => act('alloc', name, 1, 'paging'),
  second: (name) => act('alloc', name, 1, 'paging', 1),
  nested: (name) => act('alloc', name, 1, 'nested', 0, { parent: PARENT, data: { type: HWPT_DATA.RISCV_IOMMU, bytes: GUEST } }),
  identity: (name) => act('alloc', name, 1, 'identity'),
  blocked: (name) => act('alloc', name, 1, 'blocked'),
};

const name = fc.constantFrom(...(Object.keys(KINDS) as Name[]));
const table = fc.constantFrom<Name>('A', 'B', 'S', 'T');
const device = fc.constantFrom(...NUMBERS);
/** Pages around the ends of two large ones. */
const input = fc.constantFrom(0n, PAGE, LARGE - PAGE, LARGE, LARGE + PAGE, 2n * LARGE, 3n * LARGE - PAGE);
const size = fc.constantFrom(PAGE, 2n * PAGE, LARGE, LARGE + PAGE);

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 3, arbitrary: name.map((to): Op => ALLOC[KINDS[to]](to)) },
  { weight: 1, arbitrary: name.map((to): Op => act('free', to)) },
  { weight: 3, arbitrary: fc.tuple(device, name).map(([id, to]): Op => act('attach', id, to)) },
  { weight: 5, arbitrary: fc.tuple(device, name).map(([id, to]): Op => act('replace', id, to)) },
  { weight: 1, arbitrary: fc.tuple(device, name).map(([id, from]): Op => act('detach', id, from)) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(table, input, size, fc.constantFrom(0n, PAGE))
      .map(([to, iova, bytes, skew]): Op => act('map', to, { iova, size: bytes }, 0x8000_0000n + iova + skew, prot)),
  },
  { weight: 4, arbitrary: fc.tuple(table, input, size).map(([from, iova, bytes]): Op => act('unmap', from, { iova, size: bytes })) },
  { weight: 8, arbitrary: fc.tuple(device, input).map(([id, iova]): Op => ({ verb: 'access', device: id, iova })) },
);

describe('the RISC-V driver under random callers', () => {
  keepsTheRules({
    op,
    runs: 60,
    begin: async (mode) => {
      const bench = new Bench(driver, mode);
      bench.configure({ parts: [{ Sv57: false, Sv48: false, Sv57x4: false, Sv48x4: false }] });
      for (const id of NUMBERS) await bench.device(id, DEVICES[id as keyof typeof DEVICES]);
      return bench;
    },
    isAllowed: ({ verb, args: [domain] }, { mapped }) => verb !== 'alloc' || domain !== 'N' || mapped.has(PARENT),
    arrives: ({ attached, mapped }, id, iova) => {
      const domain = attached.get(id);
      if (domain === undefined) return 'faults';
      if (domain === 'I') return iova;
      return mapped.get(domain === 'N' ? PARENT : domain)?.get(iova) ?? 'faults';
    },
    finish: async (bench, { attached, mapped }) => {
      for (const [id, domain] of attached) if (domain === 'N') await bench.does(undefined, 'detach', id, domain);
      if (mapped.has('N')) await bench.does(undefined, 'free', 'N');
    },
  });
});
