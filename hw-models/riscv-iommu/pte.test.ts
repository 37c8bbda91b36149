import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { highHalf, lowHalf, type ValuesOf } from '#hw-models/core/bits';
import { ACCESS_PENDING, DIRTY_PENDING, EXECUTE, READ, WRITE, type Entry, type Level } from '#hw-models/core/walk';
import { CLEAN, GLOBAL, memoryTypeOf, rootAt, USER, type Format } from '#hw-models/riscv-iommu/pte';
import { Pte, SCHEMES, type SchemeName } from '#hw-models/riscv-iommu/tables';

type Values = Partial<ValuesOf<(typeof Pte)['fields']>>;

const LEAF: Values = { V: true, R: true, W: true, X: true, U: true, A: true, D: true };

const rootOf = (scheme: SchemeName, format: Partial<Format> = {}): ReturnType<typeof rootAt> =>
  rootAt({ scheme: SCHEMES[scheme], hardwareUpdates: false, Svpbmt: true, Svrsw60t59b: false, ...format }, 0);

const decode = (level: Level, raw: bigint): Entry => level.decode(lowHalf(raw), highHalf(raw));

/** A level, 0 the last: levels are known by the entries that lead to them. */
function levelOf(scheme: SchemeName, index: number, format: Partial<Format> = {}): Level {
  let { level } = rootOf(scheme, format);
  for (let at = SCHEMES[scheme].levels - 1; at > index; at--) {
    const entry = decode(level, 1n);
    if (entry.kind !== 'table') throw new Error('not a table');
    ({ level } = entry.table);
  }
  return level;
}

/** A leaf of everybody's at a level of a scheme. */
const leaf = (values: Values, format: Partial<Format> = {}, index = 0, scheme: SchemeName = 'Sv39'): Entry =>
  decode(levelOf(scheme, index, format), Pte.encode({ ...LEAF, ...values }));

const isFault = (entry: Entry): boolean => entry.kind === 'none';

suite('schemes', () => {
  const SHAPES = {
    Sv39: [39, 3, 512],
    Sv48: [48, 4, 512],
    Sv57: [57, 5, 512],
    Sv39x4: [41, 3, 2048],
    Sv48x4: [50, 4, 2048],
    Sv57x4: [59, 5, 2048],
  } as const;
  for (const [name, [inputBits, levels, entries]] of Object.entries(SHAPES))
    test(name, () => {
      const root = rootOf(name as SchemeName);
      assert.deepInclude(SCHEMES[name as SchemeName], { inputBits, levels });
      assert.strictEqual(root.entries, entries);
      assert.strictEqual(root.level.shift, 12 + 9 * (levels - 1));
      assert.strictEqual(levelOf(name as SchemeName, 0).shift, 12);
    });

  test('levels are the same objects for the same parameters', () => {
    assert.strictEqual(levelOf('Sv39', 1), levelOf('Sv39', 1));
    assert.notStrictEqual(levelOf('Sv39', 1), levelOf('Sv39x4', 1));
    assert.notStrictEqual(levelOf('Sv39', 1), levelOf('Sv39', 1, { Svpbmt: false }));
    assert.notStrictEqual(levelOf('Sv39', 1), levelOf('Sv39', 1, { hardwareUpdates: true }));
  });
});

suite('an entry', () => {
  test('that is not valid is a page fault, whatever else it says', () => {
    assert.isTrue(isFault(leaf({ V: false })));
  });

  test('without R, W and X leads to a table, but not from the last level', () => {
    const raw = Pte.encode({ V: true, PPN: 0x123 });
    for (const index of [1, 2]) {
      const entry = decode(levelOf('Sv39', index), raw);
      assert.deepInclude(entry.kind === 'table' && entry.table, { word: 0x123 * 512, entries: 512, level: levelOf('Sv39', index - 1) });
    }
    assert.isTrue(isFault(decode(levelOf('Sv39', 0), raw)));
  });

  test('that leads to a table has no A, D, U, N and PBMT, and may have G and RSW', () => {
    const reserved: readonly Values[] = [{ A: true }, { D: true }, { U: true }, { N: true }, { PBMT: 'NC' }];
    for (const values of reserved)
      assert.isTrue(isFault(decode(levelOf('Sv39', 1), Pte.encode({ V: true, ...values }))), Object.keys(values)[0]);
    for (const values of [{ G: true }, { RSW: 3 }])
      assert.strictEqual(decode(levelOf('Sv39', 1), Pte.encode({ V: true, ...values })).kind, 'table');
  });

  for (const bit of [54n, 55n, 56n, 57n, 58n])
    test(`with reserved bit ${bit} is a page fault at every level`, () => {
      assert.isTrue(isFault(decode(levelOf('Sv39', 0), Pte.encode(LEAF) | (1n << bit))));
      assert.isTrue(isFault(decode(levelOf('Sv39', 1), 1n | (1n << bit))));
    });

  test('bits 60 and 59 are for software with Svrsw60t59b, and reserved without', () => {
    for (const RSW_60_59 of [1, 2, 3]) {
      assert.isTrue(isFault(leaf({ RSW_60_59 })));
      assert.isTrue(isFault(decode(levelOf('Sv39', 1), Pte.encode({ V: true, RSW_60_59 }))));
      assert.isFalse(isFault(leaf({ RSW_60_59 }, { Svrsw60t59b: true })));
      assert.strictEqual(decode(levelOf('Sv39', 1, { Svrsw60t59b: true }), Pte.encode({ V: true, RSW_60_59 })).kind, 'table');
    }
  });

  test('with W and without R is reserved', () => {
    for (const X of [false, true]) assert.isTrue(isFault(leaf({ R: false, X })));
  });

  test('gives the rights that it says', () => {
    assert.deepInclude(leaf({ W: false, X: false }), { prot: READ });
    assert.deepInclude(leaf({ X: false }), { prot: READ | WRITE });
    assert.deepInclude(leaf({ R: false, W: false }), { prot: EXECUTE });
    assert.deepInclude(leaf({}), { prot: READ | WRITE | EXECUTE, attributes: USER });
  });

  test('of a first stage says who may use it, of a second one everybody must be able to', () => {
    assert.deepInclude(leaf({ U: false }), { attributes: 0 });
    assert.deepInclude(leaf({ G: true }), { attributes: USER | GLOBAL });
    assert.isTrue(isFault(leaf({ U: false }, {}, 0, 'Sv39x4')));
    assert.deepInclude(leaf({ G: true }, {}, 0, 'Sv39x4'), { attributes: USER });
  });
});

suite('superpages', () => {
  for (const [scheme, index] of [
    ['Sv39', 1],
    ['Sv39', 2],
    ['Sv48', 3],
    ['Sv57', 4],
    ['Sv39x4', 2],
    ['Sv48x4', 3],
    ['Sv57x4', 4],
  ] as const)
    test(`${scheme} level ${index}`, () => {
      const frames = 512 ** index;
      assert.deepInclude(leaf({ PPN: 3 * frames }, {}, index, scheme), { kind: 'page', page: 3 * frames, sizeLog2: 12 + 9 * index });
      for (const PPN of [1, frames / 2, 3 * frames + 256]) assert.isTrue(isFault(leaf({ PPN }, {}, index, scheme)));
    });
});

suite('NAPOT', () => {
  test('64 KiB: the output is that of the aligned range', () => {
    assert.deepInclude(leaf({ N: true, PPN: 0x1238 }), { page: 0x1230, sizeLog2: 16 });
  });

  test('every other size is reserved', () => {
    for (const low of [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15]) assert.isTrue(isFault(leaf({ N: true, PPN: 0x1230 + low })));
  });

  test('only at the last level', () => {
    for (const PPN of [0, 8, 0x200, 0x208]) assert.isTrue(isFault(leaf({ N: true, PPN }, {}, 1)));
  });
});

suite('Svpbmt', () => {
  test('says the memory type, of every leaf', () => {
    for (const PBMT of ['PMA', 'NC', 'IO'] as const) {
      const entry = leaf({ PBMT, U: true, G: true });
      assert.strictEqual(entry.kind === 'page' && memoryTypeOf(entry), PBMT);
      assert.deepInclude(leaf({ PBMT }, {}, 1), { kind: 'page' });
    }
  });

  test('encoding 3 is reserved', () => {
    assert.isTrue(isFault(decode(levelOf('Sv39', 0), Pte.encode(LEAF) | (3n << 61n))));
  });

  test('without it, both bits are', () => {
    for (const PBMT of ['NC', 'IO'] as const) assert.isTrue(isFault(leaf({ PBMT }, { Svpbmt: false })));
    assert.isFalse(isFault(leaf({}, { Svpbmt: false })));
  });
});

suite('A and D', () => {
  const managed = { hardwareUpdates: true };

  test('without updates by hardware: A must be set, and without D there are no writes', () => {
    assert.isTrue(isFault(leaf({ A: false })));
    assert.deepInclude(leaf({ D: false }), { prot: READ | EXECUTE, pending: 0, attributes: USER | CLEAN });
    assert.deepInclude(leaf({ D: false, W: false }), { prot: READ | EXECUTE, attributes: USER });
  });

  test('with them, what is not set is pending', () => {
    assert.deepInclude(leaf({ A: false }, managed), { pending: ACCESS_PENDING, prot: READ | WRITE | EXECUTE });
    assert.deepInclude(leaf({ D: false }, managed), { pending: DIRTY_PENDING, prot: READ | WRITE | EXECUTE, attributes: USER });
    assert.deepInclude(leaf({ A: false, D: false }, managed), { pending: ACCESS_PENDING | DIRTY_PENDING });
    assert.deepInclude(leaf({ D: false, W: false }, managed), { pending: 0 });
  });
});
