import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { capabilities, type Capabilities } from '#hw-models/smmu-v3/capabilities';
import { Scene, STAGE2, type SteValues } from '#hw-models/smmu-v3/scene';
import { Ste } from '#hw-models/smmu-v3/ste';
import { illegality, ILLEGALITIES } from '#hw-models/smmu-v3/ste-validity';

interface Row {
  readonly field: string;
  readonly why: string;
  readonly part?: Partial<Capabilities>;
  readonly values: SteValues;
  /** What makes the difference: with it the entry is legal. */
  readonly mended: { readonly part?: Partial<Capabilities>; readonly values?: SteValues };
}

/** Both table formats, as VMSAv8-32 needs. */
const BOTH = { TTF: 'both' } as const;
const AARCH32: SteValues = { S2AA64: false, S2T0SZ: 0, S2SL0: 1 };

const UNSUITABLE = 'it does not go with S2T0SZ, S2TG and the output address size';

const ROWS: readonly Row[] = [
  { field: 'V', why: 'it is clear', values: { V: false }, mended: { values: { V: true } } },
  {
    field: 'Config',
    why: 'stage 1 is not implemented',
    part: { S1P: false, Hyp: false },
    values: { Config: 'stage1' },
    mended: { part: { S1P: true, Hyp: true } },
  },
  {
    field: 'Config',
    why: 'stage 1 is not implemented',
    part: { S1P: false, Hyp: false },
    values: { Config: 'nested' },
    mended: { part: { S1P: true, Hyp: true } },
  },
  {
    field: 'Config',
    why: 'stage 2 is not implemented',
    part: { S2P: false, Hyp: false },
    values: {},
    mended: { part: { S2P: true, Hyp: true } },
  },
  {
    field: 'Config',
    why: 'stage 2 is not implemented',
    part: { S2P: false, Hyp: false },
    values: { Config: 'nested' },
    mended: { part: { S2P: true, Hyp: true } },
  },
  { field: 'STRW', why: 'the value is reserved', values: { Config: 'stage1', STRW: 1 }, mended: { values: { Config: 'stage2' } } },
  { field: 'STRW', why: 'the value is reserved', values: { Config: 'stage1', STRW: 3 }, mended: { values: { STRW: 2 } } },
  {
    field: 'S1STALLD',
    why: 'the fault model cannot be chosen',
    values: { Config: 'stage1', S1STALLD: true },
    mended: { part: { STALL_MODEL: 'stallOrTerminate' } },
  },
  {
    field: 'S1ContextPtr',
    why: 'it is beyond the address size',
    values: { Config: 'stage1', S1ContextPtr: 2n ** 42n },
    mended: { values: { S1ContextPtr: 2n ** 42n - 1n } },
  },
  {
    field: 'S2FWB',
    why: 'VMSAv8-32 does not have it',
    part: BOTH,
    values: { ...AARCH32, S2FWB: true },
    mended: { values: { S2FWB: false } },
  },
  { field: 'S2S', why: 'stalls are not supported', values: { S2S: true }, mended: { part: { STALL_MODEL: 'stallOrTerminate' } } },
  { field: 'S2S', why: 'only stalls are supported', part: { STALL_MODEL: 'stall' }, values: {}, mended: { values: { S2S: true } } },
  { field: 'S2AA64', why: 'VMSAv8-32 is not supported', values: AARCH32, mended: { part: BOTH } },
  { field: 'S2AA64', why: 'VMSAv8-64 is not supported', part: { TTF: 'VMSAv8_32' }, values: {}, mended: { part: BOTH } },
  {
    field: 'S2HA',
    why: 'hardware updates are not supported',
    part: { HTTU: 'none' },
    values: { S2HA: true },
    mended: { part: { HTTU: 'access' } },
  },
  {
    field: 'S2HA',
    why: 'hardware updates are not supported',
    part: { HTTU: 'none' },
    values: { S2HD: true },
    mended: { values: { S2HD: false } },
  },
  {
    field: 'S2HA',
    why: 'hardware updates are not supported',
    part: BOTH,
    values: { ...AARCH32, S2HA: true },
    mended: { values: { S2HA: false } },
  },
  {
    field: 'S2HD',
    why: 'dirty state is not supported',
    part: { HTTU: 'access' },
    values: { S2HA: true, S2HD: true },
    mended: { part: { HTTU: 'accessAndDirty' } },
  },
  {
    field: 'S2TG',
    why: 'the granule is not supported',
    part: { granules: ['4K'] },
    values: { S2TG: '64K', S2T0SZ: 24 },
    mended: { part: { granules: ['64K'] } },
  },
  { field: 'S2TTB', why: 'it is beyond the output address size', values: { S2PS: 0, S2TTB: 2n ** 28n }, mended: { values: { S2PS: 1 } } },
  {
    field: 'S2TTB',
    why: 'it is beyond the output address size',
    part: { OAS: 40 },
    values: { S2TTB: 2n ** 36n },
    mended: { part: { OAS: 42 } },
  },
  {
    field: 'S2TTB',
    why: 'it is beyond the output address size',
    part: { OAS: 52 },
    values: { S2PS: 6, S2TTB: 2n ** 44n },
    mended: { values: { S2TG: '64K', S2T0SZ: 22 } },
  },
  { field: 'S2T0SZ', why: 'it is out of range', values: { S2T0SZ: 40, S2SL0: 0 }, mended: { part: { STT: true } } },
  {
    field: 'S2T0SZ',
    why: 'it is out of range',
    part: { STT: true },
    values: { S2T0SZ: 48, S2SL0: 0, S2TG: '64K' },
    mended: { values: { S2T0SZ: 47 } },
  },
  { field: 'S2T0SZ', why: 'it is out of range', part: { OAS: 40 }, values: { S2T0SZ: 23 }, mended: { values: { S2T0SZ: 24 } } },
  { field: 'S2T0SZ', why: 'it is out of range', part: { OAS: 52 }, values: { S2T0SZ: 15, S2SL0: 2 }, mended: { values: { S2TG: '64K' } } },
  { field: 'S2SL0', why: UNSUITABLE, values: { S2SL0: 3 }, mended: { values: { S2SL0: 1 } } },
  { field: 'S2SL0', why: UNSUITABLE, part: { OAS: 40 }, values: { S2SL0: 2 }, mended: { values: { S2SL0: 1 } } },
  { field: 'S2ENDI', why: 'tables are little-endian', values: { S2ENDI: true }, mended: { part: { TTENDIAN: 'mixed' } } },
  { field: 'S2ENDI', why: 'tables are big-endian', part: { TTENDIAN: 'big' }, values: {}, mended: { values: { S2ENDI: true } } },
  { field: 'S2VMID', why: 'VMIDs have 8 bits', part: { VMID16: false }, values: { S2VMID: 256 }, mended: { values: { S2VMID: 255 } } },
  {
    field: 'S2VMID',
    why: 'VMIDs have 8 bits',
    part: { VMID16: false },
    values: { Config: 'stage1', S2VMID: 256 },
    mended: { values: { STRW: 2 } },
  },
];

/** The reserved S2TG has no name to be written by. */
const RESERVED_GRANULE = Ste.encode(STAGE2) | Ste.mask('S2TG');

const check = (raw: bigint, part: Partial<Capabilities> = {}): string => {
  const found = illegality(Ste.of(raw), capabilities(part));
  return found === undefined ? 'legal' : `${found.field}: ${found.why}`;
};

suite('conditions that make an STE ILLEGAL', () => {
  for (const { field, why, part = {}, values, mended } of ROWS) {
    test(`${field}: ${why}, ${JSON.stringify({ ...part, ...values }, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))}`, () => {
      assert.strictEqual(check(Ste.encode({ ...STAGE2, ...values }), part), `${field}: ${why}`);
      assert.strictEqual(check(Ste.encode({ ...STAGE2, ...values, ...mended.values }), { ...part, ...mended.part }), 'legal');
    });
  }

  test('S2TG: the value is reserved', () => {
    assert.strictEqual(check(RESERVED_GRANULE), 'S2TG: the value is reserved');
  });

  test('each has a row here', () => {
    const tested = new Set([...ROWS.map(({ field, why }) => `${field}: ${why}`), check(RESERVED_GRANULE)]);
    assert.sameMembers(
      [...tested],
      ILLEGALITIES.map(({ field, why }) => `${field}: ${why}`),
    );
  });

  test('none counts when the stream is stopped, nor those of stage 2 in bypass', () => {
    const everything = (1n << 512n) - 1n;
    for (const config of [0n, 1n, 2n, 3n])
      assert.strictEqual(check(Ste.with(everything, { V: true, Config: 'abort' }) | (config << 1n)), 'legal');
    assert.strictEqual(check(Ste.with(everything, { Config: 'bypass' }), { VMID16: false }), 'legal');
  });

  // Said here in other words than the tables of `GEOMETRY` say it.
  test('a granule, a start level and an input size go together when the start level resolves what is left, and in no other way', () => {
    const granules = {
      '4K': { levelOf: [2, 1, 0, 3], lsb: { 0: 39, 1: 30, 2: 21, 3: 12 }, stride: 9, leastOAS: { 0: 44 }, input: 48 },
      '16K': { levelOf: [3, 2, 1], lsb: { 1: 36, 2: 25, 3: 14 }, stride: 11, leastOAS: { 1: 42 }, input: 48 },
      '64K': { levelOf: [3, 2, 1], lsb: { 1: 42, 2: 29, 3: 16 }, stride: 13, leastOAS: { 1: 44 }, input: 52 },
    } as const;
    for (const S2TG of ['4K', '16K', '64K'] as const) {
      const { levelOf, stride, input } = granules[S2TG];
      const { lsb, leastOAS }: Readonly<Record<'lsb' | 'leastOAS', Readonly<Record<number, number>>>> = granules[S2TG];
      for (const OAS of [32, 36, 40, 42, 44, 48, 52] as const) {
        for (const STT of [false, true]) {
          for (let S2SL0 = 0; S2SL0 < 4; S2SL0++) {
            for (let S2T0SZ = 0; S2T0SZ < 64; S2T0SZ++) {
              const level = levelOf[S2SL0];
              const bits = 64 - S2T0SZ;
              const inRange = bits <= Math.min(OAS, input) && bits >= (!STT ? 25 : S2TG === '64K' ? 17 : 16);
              const resolved = level === undefined ? 0 : bits - lsb[level]!;
              // Up to 16 tables may be joined, which resolves four bits more.
              const fits = level !== undefined && resolved >= 1 && resolved <= stride + 4 && OAS >= (leastOAS[level] ?? 0);
              const allowed = STT || S2TG !== '4K' || level !== 3;
              assert.strictEqual(
                check(Ste.encode({ ...STAGE2, S2TG, S2SL0, S2T0SZ }), { STT, OAS }) === 'legal',
                inRange && fits && allowed,
                `${S2TG} SL0 ${S2SL0} T0SZ ${S2T0SZ} STT ${STT} OAS ${OAS}`,
              );
            }
          }
        }
      }
    }
  });
});

suite('an ILLEGAL STE', () => {
  test('stops its stream with C_BAD_STE, and a legal one does not', () => {
    const scene = new Scene();
    const root = scene.pages('page-table', 8192);
    scene.install(0, { ...STAGE2, S2TTB: root / 16n, S2T0SZ: 40 });
    const stopped = scene.access(0, 0n);
    assert.deepEqual(stopped, { kind: 'faulted', fault: { cause: 'C_BAD_STE', stage: 0, iova: 0n, id: 0, record: 'recorded' } });
    scene.install(0, { ...STAGE2, S2TTB: root / 16n });
    const reached = scene.access(0, 0n);
    assert.strictEqual(reached.kind === 'faulted' && reached.fault.cause, 'F_TRANSLATION');
  });
});
