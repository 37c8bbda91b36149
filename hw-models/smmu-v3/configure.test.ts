import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { toWords } from '#hw-models/core/bits';
import { NotModelled } from '#hw-models/core/errors';
import { pageOfWord, wordOf } from '#hw-models/core/address';
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import { capabilities, type Capabilities } from '#hw-models/smmu-v3/capabilities';
import { Configurator, streamTableOf, type Configured, type StreamTable } from '#hw-models/smmu-v3/configure';
import { Memory } from '#hw-models/core/memory';
import { StrtabBase, StrtabBaseCfg } from '#hw-models/smmu-v3/registers';
import { Scene, STAGE2, type SteValues } from '#hw-models/smmu-v3/scene';
import { L1Std, Ste } from '#hw-models/smmu-v3/ste';

const LINEAR: StreamTable = { format: 'linear', word: 0x1000, idBits: 4, split: 6 };
const STE_WORDS = 8;

/** Memory to look at, and what was fetched from it. */
class Tables {
  readonly memory = new Memory();
  readonly fetched: string[] = [];
  readonly see: ConfigurationReader = {
    fetch: (word, words, reach) => this.fetched.push(`${reach} ${word} ${words}`),
    read: (word) => this.memory.get(word),
  };

  put(word: number, values: SteValues): this {
    toWords(Ste.encode(values), STE_WORDS).forEach((value, index) => this.memory.set(word + index, value));
    return this;
  }

  way(table: StreamTable, id: number, substream?: number, part: Partial<Capabilities> = {}): Configured {
    return new Configurator(capabilities(part), this.memory).configure(table, { id, substream }, this.see);
  }
}

const keyFor = (values: SteValues, part: Partial<Capabilities> = {}): string =>
  new Tables().put(LINEAR.word, { ...STAGE2, S2TTB: 0x100n, ...values }).way(LINEAR, 0, undefined, part).key;

suite('registers of the Stream table', () => {
  const decode = (ADDR: bigint, cfg: Parameters<typeof StrtabBaseCfg.encode>[0], part: Partial<Capabilities> = {}): StreamTable =>
    streamTableOf(StrtabBase.of(StrtabBase.encode({ ADDR })), StrtabBaseCfg.of(StrtabBaseCfg.encode(cfg)), capabilities(part));

  test('a linear base is aligned down to the size of the table', () => {
    assert.deepEqual(decode(0x1234n, { LOG2SIZE: 4 }), { format: 'linear', word: 0x1230 * 8, idBits: 4, split: 6 });
    assert.strictEqual(decode(0xff_ffffn, { LOG2SIZE: 63 }).word, 0);
  });

  test('a first level is aligned to its size, or to 64 bytes', () => {
    assert.strictEqual(decode(0x1233n, { FMT: 'twoLevel', SPLIT: 8, LOG2SIZE: 14 }).word, 0x1230 * 8);
    assert.strictEqual(decode(0x1233n, { FMT: 'twoLevel', SPLIT: 8, LOG2SIZE: 6 }).word, 0x1233 * 8);
  });

  test('reserved values act as others, and sizes are capped', () => {
    assert.strictEqual(streamTableOf(StrtabBase.of(0n), StrtabBaseCfg.of(3n << 16n), capabilities()).format, 'linear');
    assert.strictEqual(decode(0n, { FMT: 'twoLevel', SPLIT: 7 }).split, 6);
    assert.strictEqual(decode(0n, { FMT: 'twoLevel', SPLIT: 10 }).split, 10);
    assert.strictEqual(decode(0n, { LOG2SIZE: 20 }).idBits, 16);
    assert.strictEqual(decode(0n, { FMT: 'twoLevel' }, { ST_LEVEL: 'linear', SIDSIZE: 6 }).format, 'linear');
  });

  test('address bits beyond the output size do not count', () => {
    assert.strictEqual(decode(2n ** 42n + 0x40n, { LOG2SIZE: 0 }, { OAS: 48 }).word, 0x40 * 8);
  });
});

suite('a linear table', () => {
  test('has the entries one after the other, each fetched whole', () => {
    const tables = new Tables().put(0x1000 + 5 * STE_WORDS, { V: true, Config: 'abort' });
    assert.strictEqual(tables.way(LINEAR, 5).key, 'abort');
    assert.strictEqual(tables.way(LINEAR, 4).key, 'C_BAD_STE');
    assert.deepEqual(tables.fetched, [`leaf ${0x1000 + 40} 8`, `leaf ${0x1000 + 32} 8`]);
  });

  test('ends where LOG2SIZE says, and nothing is fetched beyond', () => {
    const tables = new Tables();
    assert.deepEqual(tables.way(LINEAR, 16), { kind: 'stops', key: 'C_BAD_STREAMID', event: 'C_BAD_STREAMID' });
    assert.isEmpty(tables.fetched);
  });
});

suite('a two-level table', () => {
  const TWO: StreamTable = { format: 'twoLevel', word: 0x1000, idBits: 10, split: 6 };
  const ARRAY = 0x8000;
  const spanning = (Span: number, table = TWO): ((id: number) => string) => {
    const tables = new Tables();
    tables.memory.set(0x1000 + 1, L1Std.encode({ Span, L2Ptr: BigInt(ARRAY / 8) }));
    for (let index = 0; index < 1024; index++) tables.put(ARRAY + index * STE_WORDS, { V: true, Config: 'abort' });
    return (id) => tables.way(table, id).key;
  };

  test('spans 1 to SPLIT + 1 give that many entries', () => {
    for (let Span = 1; Span <= 7; Span++) {
      const key = spanning(Span);
      assert.strictEqual(key(64 + 2 ** (Span - 1) - 1), 'abort', `span ${Span}`);
      if (Span <= 6) assert.strictEqual(key(64 + 2 ** (Span - 1)), 'C_BAD_STREAMID', `span ${Span}`);
    }
  });

  test('other spans give none, and their pointer is not followed', () => {
    for (const Span of [0, 8, 11, 12, 31]) assert.strictEqual(spanning(Span)(64), 'C_BAD_STREAMID', `span ${Span}`);
    const wide: StreamTable = { ...TWO, idBits: 14, split: 10 };
    assert.strictEqual(spanning(11, wide)(1024 + 1023), 'abort');
    assert.strictEqual(spanning(12, wide)(1024), 'C_BAD_STREAMID');
  });

  test('a descriptor is fetched as a directory, the entry as a leaf', () => {
    const tables = new Tables();
    tables.memory.set(0x1000 + 1, L1Std.encode({ Span: 7, L2Ptr: BigInt(ARRAY / 8) }));
    tables.way(TWO, 65);
    assert.deepEqual(tables.fetched, ['directory 4097 1', `leaf ${ARRAY + 8} 8`]);
  });

  test('an array is aligned down to its size', () => {
    const tables = new Tables().put(ARRAY, { V: true, Config: 'abort' });
    tables.memory.set(0x1000, L1Std.encode({ Span: 4, L2Ptr: BigInt(ARRAY / 8) + 7n }));
    assert.strictEqual(tables.way(TWO, 0).key, 'abort');
  });

  test('with few StreamIDs has one descriptor', () => {
    const tables = new Tables().put(ARRAY + 3 * STE_WORDS, { V: true, Config: 'abort' });
    tables.memory.set(0x1000, L1Std.encode({ Span: 3, L2Ptr: BigInt(ARRAY / 8) }));
    const small: StreamTable = { ...TWO, idBits: 3, split: 8 };
    assert.strictEqual(tables.way(small, 3).key, 'abort');
    assert.strictEqual(tables.way(small, 4).key, 'C_BAD_STREAMID');
  });
});

suite('aborted fetches', () => {
  test('of an STE, of a descriptor, and beyond the output addresses, name the word', () => {
    const tables = new Tables();
    tables.memory.holes.add(pageOfWord(LINEAR.word));
    assert.deepEqual(tables.way(LINEAR, 1), { kind: 'stops', key: 'F_STE_FETCH', event: 'F_STE_FETCH', fetched: LINEAR.word + 8 });
    const two: StreamTable = { ...LINEAR, format: 'twoLevel' };
    assert.deepInclude(tables.way(two, 1), { key: 'F_STE_FETCH', fetched: LINEAR.word });
    const beyond = new Tables();
    beyond.memory.set(LINEAR.word, L1Std.encode({ Span: 1, L2Ptr: 2n ** 42n }));
    assert.deepInclude(beyond.way(two, 0), { key: 'F_STE_FETCH', fetched: wordOf(2n ** 48n) });
    assert.notInclude(beyond.fetched.join(), 'leaf');
  });
});

suite('what an STE says', () => {
  test('Config 0 to 3 abort without an event, whatever else is set', () => {
    for (const config of [0n, 1n, 2n, 3n]) {
      const tables = new Tables();
      tables.memory.set(LINEAR.word, 0xffff_ffff_ffff_fff1n | (config << 1n));
      assert.deepEqual(tables.way(LINEAR, 0), { kind: 'stops', key: 'abort' });
    }
  });

  test('a SubstreamID is bad without stage 1, but only for a valid STE that lets anything through', () => {
    const of = (values: SteValues): string => new Tables().put(LINEAR.word, values).way(LINEAR, 0, 0).key;
    assert.strictEqual(of(STAGE2), 'C_BAD_SUBSTREAMID');
    assert.strictEqual(of({ V: true, Config: 'bypass' }), 'C_BAD_SUBSTREAMID');
    assert.strictEqual(of({ V: true, Config: 'abort' }), 'abort');
    assert.strictEqual(of({ ...STAGE2, S2SL0: 3 }), 'C_BAD_STE');
  });

  test('the space is the VMID, and the root the aligned base', () => {
    const way = new Tables().put(LINEAR.word, { ...STAGE2, S2VMID: 77, S2TTB: 0x8000_1230n / 16n }).way(LINEAR, 0);
    if (way.kind !== 'translates') assert.fail(way.key);
    assert.strictEqual(way.space, 'VMID 77');
    assert.deepInclude(way.root, { word: 0x8000_0000 / 8, entries: 1024 });
    assert.deepInclude(way, { endFrame: 2 ** 28, records: true, stalls: false });
  });

  test('small start tables keep the lower bits of the base, 64 bytes at least with 52-bit output', () => {
    const root = (part: Partial<Capabilities>, values: SteValues): number => {
      const way = new Tables()
        .put(LINEAR.word, { ...STAGE2, S2T0SZ: 33, S2SL0: 1, S2TTB: 0x8000_00f0n / 16n, ...values })
        .way(LINEAR, 0, undefined, part);
      return way.kind === 'translates' ? way.root.word * 8 - 0x8000_0000 : -1;
    };
    assert.strictEqual(root({}, {}), 0xf0);
    assert.strictEqual(root({ OAS: 52 }, { S2TG: '64K', S2T0SZ: 34, S2PS: 6 }), 0xc0);
    assert.strictEqual(root({ OAS: 52 }, { S2PS: 6 }), 0xc0, 'whatever the granule');
    assert.strictEqual(root({ OAS: 52 }, { S2PS: 5 }), 0xf0);
    assert.strictEqual(root({}, { S2T0SZ: 32 }), 0xe0);
  });

  test('what is specified and left out says so', () => {
    const use =
      (values: SteValues, part: Partial<Capabilities> = {}) =>
      (): string =>
        keyFor(values, part);
    assert.throws(use({ Config: 'stage1' }), NotModelled, /stage 1/);
    assert.throws(use({ Config: 'nested' }), NotModelled, /stage 1/);
    assert.throws(use({ S2AA64: false, S2T0SZ: 0 }, { TTF: 'both' }), NotModelled, /VMSAv8-32/);
    assert.throws(use({ S2ENDI: true }, { TTENDIAN: 'mixed' }), NotModelled, /big-endian/);
  });
});

suite('destinations are the same exactly when the SMMU does the same', () => {
  const SAME: readonly (readonly [string, SteValues, SteValues?, Partial<Capabilities>?])[] = [
    ['software’s bits', { SW_RESERVED: 5 }],
    ['hints', { CONT: 3, MEV: true, DRE: true, DCP: true }],
    ['an output size above the SMMU’s', { S2PS: 6 }],
    ['bits of the base below its alignment', { S2TTB: 0x1ffn }],
    ['S2AFFD under S2HA', { S2HA: true, S2AFFD: true }, { S2HA: true }],
    ['S2HD without S2HA', { S2HD: true }],
    ['S2R under S2S', { S2S: true, S2R: false }, { S2S: true }, { STALL_MODEL: 'stallOrTerminate' }],
    ['S2PTW without stage 1', { S2PTW: true }],
    ['stage-1 fields', { S1ContextPtr: 5n, S1CDMax: 3, S1STALLD: true }],
    ['STRW under stage 2', { STRW: 3 }],
    ['EATS without ATS', { EATS: 'full' }],
    [
      'shareability of walks that are not cached',
      { S2IR0: 'nonCacheable', S2OR0: 'nonCacheable', S2SH0: 'innerShareable' },
      { S2IR0: 'nonCacheable', S2OR0: 'nonCacheable', S2SH0: 'nonShareable' },
    ],
    ['MemAttr without MTCFG', { MemAttr: 3 }],
    ['allocation hints that are the incoming ones', { ALLOCCFG: 7 }],
    [
      'overrides that the part does not have',
      { SHCFG: 'nonShareable', MTCFG: true, PRIVCFG: 'privileged', INSTCFG: 'data' },
      {},
      { ATTR_TYPES_OVR: false, ATTR_PERMS_OVR: false },
    ],
    ['FWB on a part without it', { S2FWB: true }, {}, { ArchMinorRev: 1, FWB: false }],
  ];
  for (const [what, values, base = {}, part = {}] of SAME) {
    test(`same: ${what}`, () => assert.strictEqual(keyFor(values, part), keyFor(base, part)));
  }

  const OTHER: readonly (readonly [string, SteValues, Partial<Capabilities>?])[] = [
    ['Config', { Config: 'bypass' }],
    ['S2VMID', { S2VMID: 2 }],
    ['S2TTB', { S2TTB: 0x1000n }],
    ['S2T0SZ', { S2T0SZ: 23 }],
    ['S2SL0', { S2SL0: 2 }],
    ['S2TG', { S2TG: '64K' }],
    ['S2PS', { S2PS: 2 }],
    ['S2R', { S2R: false }],
    ['S2S', { S2S: true }, { STALL_MODEL: 'stallOrTerminate' }],
    ['S2AFFD', { S2AFFD: true }],
    ['S2HA', { S2HA: true }],
    ['S2HD', { S2HA: true, S2HD: true }],
    ['S2IR0', { S2IR0: 'writeThrough' }],
    ['S2OR0', { S2OR0: 'writeThrough' }],
    ['S2SH0', { S2SH0: 'outerShareable' }],
    ['S2FWB', { S2FWB: true }],
    ['SHCFG', { SHCFG: 'outerShareable' }],
    ['MemAttr', { MTCFG: true, MemAttr: 3 }],
    ['ALLOCCFG', { ALLOCCFG: 8 }],
    ['PRIVCFG', { PRIVCFG: 'unprivileged' }],
    ['INSTCFG', { INSTCFG: 'instruction' }],
  ];
  test('other: every field that acts', () => {
    for (const [field, values, part = {}] of OTHER) assert.notStrictEqual(keyFor(values, part), keyFor({}, part), field);
    assert.strictEqual(new Set(OTHER.map(([, values, part = {}]) => keyFor(values, part))).size, OTHER.length);
  });

  test('bypass differs by its attributes only', () => {
    const bypass = (values: SteValues): string => keyFor({ V: true, Config: 'bypass', ...values });
    assert.strictEqual(bypass({}), 'bypass');
    assert.strictEqual(bypass({ S2VMID: 9, S2HA: true }), 'bypass');
    assert.notStrictEqual(bypass({ SHCFG: 'nonShareable' }), 'bypass');
  });
});

suite('through the machine', () => {
  test('a stream beyond the table faults, and is recorded only if CR2.RECINVSID says so', () => {
    const scene = new Scene({ ids: [0, 64] });
    assert.deepInclude(scene.access(1, 0x5000n), { kind: 'faulted' });
    assert.deepEqual(scene.events(), [(64n << 32n) | 2n]);
    scene.enable({ CMDQEN: true, EVENTQEN: true });
    scene.write('CR2', 0n);
    scene.invalidateAll();
    scene.enable({ CMDQEN: true, EVENTQEN: true, SMMUEN: true });
    const outcome = scene.access(1, 0x5000n);
    assert.strictEqual(outcome.kind === 'faulted' && outcome.fault.record, 'suppressed');
    assert.isEmpty(scene.events());
  });

  test('streams of a two-level table are independent', () => {
    const scene = new Scene({ ids: [5, 300], log2Size: 10, split: 8 });
    scene.span(300, 7);
    scene.install(300, { V: true, Config: 'bypass', SHCFG: 'incoming' });
    assert.deepEqual(scene.access(1, 0x1234n), { kind: 'bypassed', pa: 0x1234n });
    assert.strictEqual(scene.machine.reachOf(0).destinations(0)[0]?.key, 'C_BAD_STREAMID');
  });

  test('bypass ends at the output addresses, with a fault of stage 1', () => {
    const scene = new Scene();
    scene.install(0, { V: true, Config: 'bypass', SHCFG: 'incoming' });
    assert.strictEqual(scene.access(0, 2n ** 48n - 8n).kind, 'bypassed');
    const outcome = scene.access(0, 2n ** 48n, 'write');
    assert.deepEqual(outcome, { kind: 'faulted', fault: { cause: 'F_ADDR_SIZE', stage: 1, iova: 2n ** 48n, id: 0, record: 'recorded' } });
  });
});
