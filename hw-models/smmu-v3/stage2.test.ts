import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { highHalf, lowHalf } from '#hw-models/core/bits';
import {
  ACCESS_PENDING,
  DIRTY_PENDING,
  EXECUTE,
  PRIVILEGED_ONLY,
  READ,
  UNPRIVILEGED_ONLY,
  WRITE,
  staleProt,
  type Entry,
  type LeafEntry,
} from '#hw-models/core/walk';
import { stage2Level, type Stage2Format } from '#hw-models/smmu-v3/stage2';
import { GEOMETRY, STAGE2_LEAVES, STAGE2_TABLES, type Granule, type LookupLevel } from '#hw-models/smmu-v3/tables';

const FORMAT: Stage2Format = { granule: '4K', outputBits: 48, accessFlag: 'checked', dirtyState: false, XNX: true, wide: false };
const GRANULES = Object.keys(GEOMETRY) as readonly Granule[];

const decode = (raw: bigint, level: LookupLevel = 3, format: Partial<Stage2Format> = {}): Entry =>
  stage2Level({ ...FORMAT, ...format }, level).decode(lowHalf(raw), highHalf(raw));

const page = (values: Parameters<(typeof STAGE2_LEAVES)['4K'][3]['encode']>[0]): bigint =>
  STAGE2_LEAVES['4K'][3].encode({ valid: true, tableOrPage: true, AF: true, S2AP: 3, OAB: 0x8_0000, ...values });

const leafOf = (entry: Entry): LeafEntry => {
  if (entry.kind !== 'page') assert.fail(`decoded as ${JSON.stringify(entry)}`);
  return entry;
};
const wordOf = (entry: Entry): number => (entry.kind === 'table' ? entry.table.word : -1);
const causeOf = (entry: Entry): string => (entry.kind === 'none' ? entry.cause : entry.kind);

suite('kinds of descriptors', () => {
  test('an entry without the valid bit is a translation fault at every level, whatever its other bits', () => {
    for (const granule of GRANULES) {
      for (const level of Object.keys(GEOMETRY[granule].levels)) {
        assert.strictEqual(causeOf(decode(0xffff_ffff_ffff_fffen, Number(level) as LookupLevel, { granule })), 'F_TRANSLATION');
      }
    }
  });

  test('at the last level the second bit has to be set', () => {
    for (const granule of GRANULES) assert.strictEqual(causeOf(decode(0x7c1n, 3, { granule })), 'F_TRANSLATION');
  });

  test('blocks stand where the granule has them, and their size is what the level maps', () => {
    const sizes = { '4K': { 1: 30, 2: 21 }, '16K': { 2: 25 }, '64K': { 2: 29 } } as const;
    for (const granule of GRANULES) {
      for (const level of Object.keys(GEOMETRY[granule].levels)
        .map(Number)
        .filter((number) => number < 3)) {
        const entry = decode(0x7c1n, level as LookupLevel, { granule });
        const size = (sizes[granule] as Readonly<Record<number, number>>)[level];
        if (size === undefined) assert.strictEqual(causeOf(entry), 'F_TRANSLATION', `${granule} level ${level}`);
        else assert.strictEqual(leafOf(entry).sizeLog2, size, `${granule} level ${level}`);
      }
    }
  });

  test('blocks of 4 TiB take 52-bit output addresses', () => {
    const format = { granule: '64K', outputBits: 52 } as const;
    assert.strictEqual(causeOf(decode(0x7c1n, 1, { ...format, wide: false })), 'F_TRANSLATION');
    assert.strictEqual(leafOf(decode(0x7c1n, 1, { ...format, wide: true })).sizeLog2, 42);
  });

  test('a table leads to the next level, of one page, and permission bits in it mean nothing', () => {
    for (const granule of GRANULES) {
      const { pageShift, stride } = GEOMETRY[granule];
      const raw = STAGE2_TABLES[granule].encode({ valid: true, tableOrPage: true, NLTA: 5, ignored2: 0x3ff, ignored51: 0xff });
      const entry = decode(raw, 2, { granule });
      if (entry.kind !== 'table') assert.fail('no table');
      const { word, entries, level } = entry.table;
      assert.deepEqual([word, entries], [(5 * 2 ** pageShift) / 8, 2 ** stride]);
      assert.strictEqual(level, stage2Level({ ...FORMAT, granule }, 3));
    }
  });

  test('the same parameters give the same level, and others another', () => {
    assert.strictEqual(stage2Level(FORMAT, 2), stage2Level({ ...FORMAT }, 2));
    const others: readonly Partial<Stage2Format>[] = [
      { granule: '64K' },
      { outputBits: 40 },
      { accessFlag: 'ignored' },
      { accessFlag: 'managed' },
      { dirtyState: true },
      { XNX: false },
      { wide: true },
    ];
    const levels = new Set(others.map((other) => stage2Level({ ...FORMAT, ...other }, 2)));
    assert.strictEqual(levels.size, others.length);
    assert.isFalse(levels.has(stage2Level(FORMAT, 2)));
    // Tables are told apart by name; XNX and 52-bit addresses are properties of the whole SMMU.
    assert.strictEqual(new Set([...levels].map(({ name }) => name)).size, others.length - 1);
  });
});

suite('output addresses', () => {
  test('are the address field, whole blocks at a time', () => {
    assert.strictEqual(leafOf(decode(page({ OAB: 0x1_2345 }))).page, 0x1_2345);
    assert.strictEqual(leafOf(decode(0x0000_0003_4000_07c1n, 1)).page, 0x3_4000_0000 / 0x1000);
    assert.strictEqual(
      leafOf(decode(STAGE2_LEAVES['64K'][3].encode({ valid: true, tableOrPage: true, AF: true, OAB: 3 }), 3, { granule: '64K' })).page,
      48,
    );
  });

  test('beyond the effective size are address size faults, of leaves and of tables alike', () => {
    for (const [outputBits, last] of [
      [32, 0xf_ffff],
      [40, 0xfff_ffff],
      [48, 0xf_ffff_ffff],
    ] as const) {
      assert.strictEqual(decode(page({ OAB: last }), 3, { outputBits }).kind, 'page');
      const table = STAGE2_TABLES['4K'].encode({ valid: true, tableOrPage: true, NLTA: last });
      assert.strictEqual(decode(table, 2, { outputBits }).kind, 'table');
      if (outputBits === 48) continue;
      assert.strictEqual(causeOf(decode(page({ OAB: last + 1 }), 3, { outputBits })), 'F_ADDR_SIZE');
      assert.strictEqual(causeOf(decode(table + 0x1000n, 2, { outputBits })), 'F_ADDR_SIZE');
    }
  });

  test('of the 64K granule have bits 51:48 in bits 15:12 where the SMMU has 52-bit addresses, and nowhere else', () => {
    const raw = STAGE2_LEAVES['64K'][3].encode({ valid: true, tableOrPage: true, AF: true, OAB: 1, OAB_51_48: 9 });
    const table = STAGE2_TABLES['64K'].encode({ valid: true, tableOrPage: true, NLTA: 1, NLTA_51_48: 1 });
    const wide = { granule: '64K', wide: true } as const;
    assert.strictEqual(leafOf(decode(raw, 3, { ...wide, outputBits: 52 })).page, 9 * 2 ** 36 + 16);
    assert.strictEqual(wordOf(decode(table, 2, { ...wide, outputBits: 52 })), (2 ** 36 + 16) * 512);
    for (const descriptor of [raw, table]) {
      const level = descriptor === raw ? 3 : 2;
      assert.strictEqual(causeOf(decode(descriptor, level, { ...wide, outputBits: 48 })), 'F_ADDR_SIZE');
    }
    assert.strictEqual(leafOf(decode(raw, 3, { granule: '64K' })).page, 16);
    assert.strictEqual(wordOf(decode(table, 2, { granule: '64K' })), 16 * 512);
  });

  test('come before the Access flag', () => {
    assert.strictEqual(causeOf(decode(page({ OAB: 2 ** 24, AF: false }), 3, { outputBits: 32 })), 'F_ADDR_SIZE');
  });
});

suite('permissions', () => {
  test('of data are S2AP', () => {
    const rights = [0, READ, WRITE, READ + WRITE];
    rights.forEach((right, S2AP) => assert.strictEqual(leafOf(decode(page({ S2AP, XN: 2 }))).prot, right));
  });

  test('of instructions are XN, by privilege where XNX is implemented', () => {
    const both = [EXECUTE, EXECUTE + UNPRIVILEGED_ONLY, 0, EXECUTE + PRIVILEGED_ONLY];
    both.forEach((right, XN) => assert.strictEqual(leafOf(decode(page({ S2AP: 0, XN }))).prot, right));
    const one = [EXECUTE, EXECUTE, 0, 0];
    one.forEach((right, XN) => assert.strictEqual(leafOf(decode(page({ S2AP: 0, XN }), 3, { XNX: false })).prot, right));
  });
});

suite('Access flag and dirty state', () => {
  test('an Access flag of 0 faults, is ignored or is to be set', () => {
    const raw = page({ AF: false });
    assert.strictEqual(causeOf(decode(raw)), 'F_ACCESS');
    assert.strictEqual(leafOf(decode(raw, 3, { accessFlag: 'ignored' })).pending, 0);
    assert.strictEqual(leafOf(decode(raw, 3, { accessFlag: 'managed' })).pending, ACCESS_PENDING);
  });

  test('a writable-clean leaf permits writes after an update, and DBM alone means nothing', () => {
    const clean = page({ S2AP: 1, DBM: true, XN: 2 });
    assert.strictEqual(leafOf(decode(clean)).prot, READ);
    const leaf = leafOf(decode(clean, 3, { accessFlag: 'managed', dirtyState: true }));
    assert.deepEqual([leaf.prot, leaf.pending], [READ + WRITE, DIRTY_PENDING]);
    const dirty = leafOf(decode(page({ S2AP: 3, DBM: true, XN: 2 }), 3, { accessFlag: 'managed', dirtyState: true }));
    assert.deepEqual([dirty.prot, dirty.pending], [READ + WRITE, 0]);
    const plain = leafOf(decode(page({ S2AP: 1, XN: 2 }), 3, { accessFlag: 'managed', dirtyState: true }));
    assert.deepEqual([plain.prot, plain.pending], [READ, 0]);
  });

  test('a stale copy gives only what needs no update', () => {
    const format = { accessFlag: 'managed', dirtyState: true } as const;
    assert.strictEqual(staleProt(leafOf(decode(page({ S2AP: 1, DBM: true, XN: 2 }), 3, format))), READ);
    assert.strictEqual(staleProt(leafOf(decode(page({ AF: false }), 3, format))), 0);
    assert.strictEqual(staleProt(leafOf(decode(page({ XN: 2 }), 3, format))), READ + WRITE);
  });
});

suite('the Contiguous bit', () => {
  test('makes the leaf one of the aligned group, with the group’s output', () => {
    const sizes: readonly (readonly [Granule, LookupLevel, number])[] = [
      ['4K', 1, 34],
      ['4K', 2, 25],
      ['4K', 3, 16],
      ['16K', 2, 30],
      ['16K', 3, 21],
      ['64K', 2, 34],
      ['64K', 3, 21],
    ];
    for (const [granule, level, sizeLog2] of sizes) {
      const low = level === 3 ? 0x7c3n : 0x7c1n;
      const leaf = leafOf(decode(2n ** 52n + 2n ** 40n + low, level, { granule }));
      assert.deepEqual([leaf.sizeLog2, leaf.page], [sizeLog2, 2 ** 28], `${granule} level ${level}`);
    }
    assert.strictEqual(leafOf(decode(page({ OAB: 0x8_0005, Contiguous: true }))).page, 0x8_0000);
  });

  test('means nothing for blocks of 4 TiB', () => {
    const entry = decode(2n ** 52n + 0x7c1n, 1, { granule: '64K', outputBits: 52, wide: true });
    assert.strictEqual(leafOf(entry).sizeLog2, 42);
  });
});
