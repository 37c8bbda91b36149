import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { AnyLayout } from '#hw-models/core/bits';
import { layoutLaws } from '#hw-models/core/laws';
import { RegisterFile } from '#hw-models/core/registers';
import { Command, COMMANDS, commandNamed, CfgiSte, Sync, TlbiS2Ipa } from '#hw-models/smmu-v3/commands';
import { EVENTS, EventRecord, eventNamed, FPermission, FTranslation } from '#hw-models/smmu-v3/events';
import { Cr0, Cr0Ack, Gerror, Gerrorn, GUARDS, MAP } from '#hw-models/smmu-v3/registers';
import { L1Std, Ste } from '#hw-models/smmu-v3/ste';
import { GEOMETRY, STAGE2_LEAVES, STAGE2_TABLES, Stage2Descriptor, startOf } from '#hw-models/smmu-v3/tables';
import type { Granule } from '#hw-models/smmu-v3/tables';

const layoutsOf = (rows: Readonly<Record<string, { readonly layout: AnyLayout }>>): readonly AnyLayout[] => [
  ...new Set(Object.values(rows).map((row) => row.layout)),
];
const PLAIN = { STT: false, OAS: 52 };
const SMALL = { STT: true, OAS: 52 };
const granules = Object.keys(GEOMETRY) as readonly Granule[];

suite('laws', () => {
  const leaves = Object.values(STAGE2_LEAVES).flatMap((levels) => Object.values(levels) as readonly AnyLayout[]);
  const tables = [Stage2Descriptor, ...Object.values(STAGE2_TABLES), ...leaves];
  const all = [Ste, L1Std, ...layoutsOf(MAP), Command, ...layoutsOf(COMMANDS), EventRecord, ...layoutsOf(EVENTS), ...tables];
  for (const layout of new Set(all as readonly AnyLayout[])) test(layout.name, () => layoutLaws(layout));
});

suite('registers', () => {
  test('no two overlap, and each has the width of its place', () => {
    assert.strictEqual(new RegisterFile(MAP).nameAt(0x100a8), 'EVENTQ_PROD');
  });

  test('CR0ACK and GERROR show the fields of CR0 and GERRORN, which only the hardware changes', () => {
    assert.deepEqual(Object.keys(Cr0Ack.fields), Object.keys(Cr0.fields));
    assert.deepEqual(Object.keys(Gerror.fields), Object.keys(Gerrorn.fields));
    const places = (layout: AnyLayout): unknown => Object.entries(layout.fields).map(([name, { msb, lsb }]) => [name, msb, lsb]);
    assert.deepEqual(places(Cr0Ack), places(Cr0));
    assert.deepEqual(places(Gerror), places(Gerrorn));
    assert.strictEqual(Cr0Ack.afterWrite(0n, 0xffff_ffffn), 0n);
    assert.strictEqual(Gerror.afterWrite(0n, 0xffff_ffffn), 0n);
  });

  test('every guarded register exists', () => {
    assert.includeMembers(Object.keys(MAP), Object.keys(GUARDS));
  });
});

suite('STE', () => {
  test('each doubleword begins where a field begins', () => {
    const starts = Object.values(Ste.fields).map((field) => field.lsb);
    assert.includeMembers(starts, [0, 64, 128, 192, 256, 320, 384, 448]);
  });

  // Doublewords computed by hand from the field positions: a 4K stage 2 with 40 input bits, level 1, two tables.
  test('a stage-2 entry has the words that software computes by shifting', () => {
    const raw = Ste.encode({
      V: true,
      Config: 'stage2',
      SHCFG: 'incoming',
      S2VMID: 0x12,
      S2T0SZ: 24,
      S2SL0: 1,
      S2IR0: 'writeBackAllocate',
      S2OR0: 'writeBackAllocate',
      S2SH0: 'innerShareable',
      S2TG: '4K',
      S2PS: 5,
      S2AA64: true,
      S2R: true,
      S2TTB: 0x8000_0000n / 16n,
    });
    const words = Array.from({ length: 8 }, (_, index) => Ste.word(raw, index));
    const second = 0x12n | (24n << 32n) | (1n << 38n) | (1n << 40n) | (1n << 42n) | (3n << 44n) | (5n << 48n) | (1n << 51n) | (1n << 58n);
    assert.deepEqual(words, [0xdn, 1n << 44n, second, 0x8000_0000n, 0n, 0n, 0n, 0n]);
  });

  test('reserved encodings read as such', () => {
    for (const config of [1n, 2n, 3n]) assert.strictEqual(Ste.of(config << 1n).Config, 'reserved');
    assert.strictEqual(Ste.of(3n << 174n).S2TG, 'reserved');
  });
});

suite('commands', () => {
  test('no opcode is used twice, and each leads back to its name', () => {
    for (const [name, { opcode }] of Object.entries(COMMANDS)) assert.strictEqual(commandNamed(opcode), name);
    assert.isUndefined(commandNamed(0x00));
  });

  test('every layout has the opcode where the others have it', () => {
    for (const { layout } of Object.values(COMMANDS)) assert.strictEqual((layout as AnyLayout).mask('opcode'), 0xffn);
  });

  test('operands lie where software puts them', () => {
    assert.strictEqual(CfgiSte.encode({ opcode: 0x03, StreamID: 5, Leaf: true }), (1n << 64n) | (5n << 32n) | 3n);
    const ipa = TlbiS2Ipa.encode({ opcode: 0x2a, VMID: 7, Address: 0x1234n, Leaf: true });
    assert.strictEqual(ipa, (0x123_4001n << 64n) | (7n << 32n) | 0x2an);
    assert.strictEqual(Sync.encode({ opcode: 0x46, CS: 'SIG_SEV' }), 0x2046n);
    assert.strictEqual(Sync.of(0x3046n).CS, 'reserved');
  });
});

suite('events', () => {
  test('no number is used twice, and each leads back to its name', () => {
    for (const [name, { number }] of Object.entries(EVENTS)) assert.strictEqual(eventNamed(number), name);
    assert.isUndefined(eventNamed(0x30));
  });

  test('every layout has the number where the others have it', () => {
    for (const { layout } of Object.values(EVENTS)) assert.strictEqual((layout as AnyLayout).mask('number'), 0xffn);
  });

  test('a stage-2 fault has the words that software takes apart by shifting', () => {
    const fault = { StreamID: 3, CLASS: 'IN', S2: true, RnW: true, InputAddr: 0x4000_1008n, IPA: 0x4_0001n } as const;
    const raw = FTranslation.encode({ number: 0x10, ...fault });
    const words = Array.from({ length: 4 }, (_, index) => FTranslation.word(raw, index));
    assert.deepEqual(words, [(3n << 32n) | 0x10n, (2n << 40n) | (1n << 39n) | (1n << 35n), 0x4000_1008n, 0x4000_1000n]);
    assert.strictEqual(FPermission.encode({ number: 0x13, ...fault, TTRnW: true }), raw + 3n + (1n << 108n));
  });
});

suite('stage-2 tables', () => {
  test('levels follow one another without a gap', () => {
    for (const granule of granules) {
      const { levels, pageShift, stride } = GEOMETRY[granule];
      const indexes = Object.values(levels).map((level) => level.index);
      indexes.forEach(([, lsb], at) => assert.strictEqual(lsb, pageShift + stride * (indexes.length - 1 - at), granule));
      indexes.slice(1).forEach(([msb], at) => assert.strictEqual(msb + 1, indexes[at]![1], granule));
    }
  });

  test('an output address starts where the index of its level ends', () => {
    for (const granule of granules) {
      const leaves = STAGE2_LEAVES[granule] as Readonly<Record<string, AnyLayout>>;
      for (const [level, { index, leaf }] of Object.entries(GEOMETRY[granule].levels)) {
        assert.strictEqual(leaves[level]?.fields['OAB']?.lsb, leaf ? index[1] : undefined, `${granule} level ${level}`);
      }
    }
  });

  test('the printed T0SZ values are those that the strides give', () => {
    for (const granule of granules) {
      const { starts, stride, T0SZ } = GEOMETRY[granule];
      for (const { SL0, level, oneTable } of starts) {
        for (let size = T0SZ[0]; size <= T0SZ[1]; size++) {
          const start = startOf(granule, SL0, size, SMALL);
          if (start === undefined) continue;
          const joined = Math.max(0, start.entriesLog2 - stride);
          assert.deepEqual([start.level, start.tables], [level, 2 ** joined], `${granule} SL0 ${SL0} T0SZ ${size}`);
          assert.isAtLeast(start.entriesLog2, 1);
        }
        assert.isDefined(startOf(granule, SL0, oneTable[0], SMALL));
      }
    }
  });

  test('start levels that do not go with the input size are refused', () => {
    assert.deepEqual(startOf('4K', 1, 24, PLAIN), { level: 1, tables: 2, entriesLog2: 10 });
    assert.deepEqual(startOf('4K', 2, 24, PLAIN), { level: 0, tables: 1, entriesLog2: 1 });
    assert.isUndefined(startOf('4K', 0, 24, PLAIN));
    assert.isUndefined(startOf('4K', 1, 20, PLAIN));
    assert.isUndefined(startOf('4K', 3, 43, PLAIN));
    assert.isUndefined(startOf('4K', 0, 40, PLAIN));
    assert.isUndefined(startOf('16K', 3, 16, SMALL));
    assert.deepEqual(startOf('16K', 2, 16, PLAIN), { level: 1, tables: 2, entriesLog2: 12 });
    assert.isUndefined(startOf('64K', 3, 24, SMALL));
    assert.deepEqual(startOf('64K', 1, 18, PLAIN), { level: 2, tables: 16, entriesLog2: 17 });
  });
});
