import { assert } from 'chai';
import * as fc from 'fast-check';
import { describe as suite, test } from 'node:test';

import {
  bit,
  bits,
  describe,
  fromHalves,
  fromWords,
  highHalf,
  lowHalf,
  oneOf,
  ones,
  reserved,
  ro,
  toWords,
  uint,
  w1c,
  word,
} from '#hw-models/core/bits';
import type { AnyLayout } from '#hw-models/core/bits';
import { ModelBug } from '#hw-models/core/errors';
import { layoutLaws } from '#hw-models/core/laws';

const Pte = word(64, 'PTE', {
  N: bit(63),
  PBMT: oneOf(62, 61, { PMA: 0, NC: 1, IO: 2 }),
  rsv: reserved(60, 54),
  PPN: bits(53, 10),
  RSW: uint(9, 8),
  D: bit(7),
  A: bit(6),
  G: bit(5),
  U: bit(4),
  X: bit(3),
  W: bit(2),
  R: bit(1),
  V: bit(0),
});

const Csr = word(32, 'csr', {
  top: bit(31),
  rsv2: reserved(30, 18),
  busy: ro(bit(17)),
  on: ro(bit(16)),
  rsv1: reserved(15, 12),
  error: w1c(uint(11, 8)),
  rsv0: reserved(7, 2),
  ie: bit(1),
  en: bit(0),
});

const Wide = word(512, 'wide', { rest: reserved(511, 128), across: bits(127, 60), low: uint(59, 7), kind: uint(6, 0) });
const Halfway = word(64, 'halfway', { high: bits(63, 32), low: bits(31, 0) });
const Whole = word(64, 'whole', { value: bits(63, 0) });
const Most = word(64, 'most', { rest: bits(63, 53), value: uint(52, 0) });
const Across = word(64, 'across', { top: uint(63, 33), middle: bits(32, 31), bottom: uint(30, 0) });
const Full = word(8, 'full', { kind: oneOf(7, 4, { first: 0, last: 15 }), rest: uint(3, 0) });

suite('laws', () => {
  for (const layout of [Pte, Csr, Wide, Halfway, Whole, Most, Across, Full] as readonly AnyLayout[]) {
    test(layout.name, () => layoutLaws(layout));
  }

  test('every width and position of a number agrees between word and halves', () => {
    fc.assert(
      fc.property(fc.nat(63), fc.nat(63), fc.bigInt(0n, ones(64)), (a, b, raw) => {
        const field = bits(Math.max(a, b), Math.min(a, b));
        fc.pre(field.halves !== undefined);
        assert.strictEqual(BigInt(field.halves(lowHalf(raw), highHalf(raw))), field.get(raw));
      }),
      { numRuns: 2000 },
    );
  });

  test('a law that does not hold names layout and law', () => {
    const off = { ...bit(0), put: () => 2n };
    const broken = word(2, 'broken', { b: bit(1), a: off });
    assert.throws(() => layoutLaws(broken, { seed: 1 }), /^broken: a field does not round-trip: Property failed/);
  });
});

suite('declaration', () => {
  test('a gap does not load', () => {
    assert.throws(() => word(8, 'gap', { high: uint(7, 4), low: uint(2, 0) }), RangeError, 'gap: bits 0x8 are not declared');
  });

  test('an overlap does not load', () => {
    assert.throws(() => word(8, 'twice', { high: uint(7, 4), low: uint(4, 0) }), RangeError, 'twice.low: [4:0] overlaps another field');
  });

  test('a field outside the word does not load', () => {
    assert.throws(() => word(8, 'outside', { high: uint(8, 0) }), RangeError, 'outside.high: [8:0] is outside the word');
    assert.throws(() => word(8, 'upside-down', { high: bits(0, 7) }), RangeError, 'upside-down.high: [0:7] is outside the word');
  });

  test('a field called raw does not load', () => {
    assert.throws(() => word(1, 'one', { raw: bit(0) }), RangeError, 'one.raw: the name is taken by the whole word');
  });

  test('encodings fit and differ', () => {
    assert.throws(() => oneOf(1, 0, { big: 4 }), RangeError, '0x4 does not fit [1:0]');
    assert.throws(() => oneOf(1, 0, { one: 1, other: 1 }), RangeError, 'one and other share encoding 1 of [1:0]');
    assert.throws(() => oneOf(1, 0, { reserved: 3 }), RangeError, 'reserved is no name for encoding 3 of [1:0]');
  });

  test('a number has at most 53 bits', () => {
    assert.throws(() => uint(53, 0), RangeError, '[53:0] has more than 53 bits');
  });
});

suite('view', () => {
  const raw = 0x8000_0000_0000_0400n | 0xc7n;

  test('reads each field by its kind', () => {
    const pte = Pte.of(raw);
    assert.deepEqual([pte.N, pte.PBMT, pte.PPN, pte.RSW, pte.D, pte.A, pte.W, pte.V], [true, 'PMA', 1n, 0, true, true, true, true]);
    assert.strictEqual(pte.raw, raw);
  });

  test('shows every field to a comparison', () => {
    assert.deepEqual(
      Object.keys(Pte.fields).filter((key) => !(key in Pte.of(raw))),
      [],
    );
  });

  test('an encoding without a name reads as reserved and cannot be written', () => {
    assert.strictEqual(Pte.of(3n << 61n).PBMT, 'reserved');
    assert.throws(() => Pte.encode({ PBMT: 'reserved' }), RangeError, 'PTE.PBMT: no encoding of [62:61] is named reserved');
  });
});

suite('encode and with', () => {
  test('encode leaves 0 elsewhere, with leaves the word elsewhere', () => {
    assert.strictEqual(Pte.encode({ PPN: 3n, V: true, PBMT: 'IO' }), 0x4000_0000_0000_0c01n);
    assert.strictEqual(Pte.with(0xffn, { A: false, PPN: 1n }), 0x4bfn);
  });

  test('a value that does not fit is refused by name', () => {
    assert.throws(() => Pte.encode({ RSW: 4 }), RangeError, 'PTE.RSW: 0x4 does not fit [9:8]');
    assert.throws(() => Pte.encode({ PPN: -1n }), RangeError, 'PTE.PPN: -0x1 does not fit [53:10]');
    assert.throws(() => Pte.encode({ RSW: 0.5 }), RangeError, /^PTE.RSW: /);
  });

  test('a field that is not declared is our mistake', () => {
    assert.throws(() => Pte.encode({ toString: 1n } as object), ModelBug, 'PTE has no field toString');
    assert.throws(() => Pte.mask('Z' as 'N'), ModelBug, 'PTE has no field Z');
  });
});

suite('afterWrite', () => {
  test('keeps ro, takes rw, clears w1c where 1 is written, drops reserved', () => {
    const old = Csr.encode({ busy: true, error: 0b1010, ie: true });
    const now = Csr.of(Csr.afterWrite(old, ones(32) & ~Csr.encode({ error: 0b1000, ie: true })));
    assert.deepEqual([now.busy, now.on, now.error, now.ie, now.en, now.top], [true, false, 0b1000, false, true, true]);
    assert.isFalse(Csr.hasReserved(now.raw));
  });
});

suite('masks', () => {
  test('mask is the bits of the named fields', () => {
    assert.strictEqual(Pte.mask('V', 'R', 'RSW'), 0x303n);
    assert.strictEqual(Pte.mask(), 0n);
  });

  test('changed names the fields that differ', () => {
    assert.deepEqual(Pte.changed(0xc1n, 0x4c0n), ['PPN', 'V']);
  });

  test('hasReserved finds a reserved bit', () => {
    assert.isTrue(Pte.hasReserved(1n << 54n));
    assert.isFalse(Pte.hasReserved(~Pte.reservedMask & ones(64)));
  });
});

suite('halves', () => {
  test('read like the word', () => {
    const [lo, hi] = [0x8000_0401, 0xc000_0000];
    assert.deepEqual([Pte.halves.V(lo, hi), Pte.halves.N(lo, hi), Pte.halves.PBMT(lo, hi)], [true, true, 'IO']);
    assert.strictEqual(Pte.halves.PPN(lo, hi), 0x20_0001);
    assert.strictEqual(Halfway.halves.low(-1, 0), 0xffff_ffff);
  });

  test('do not read what a number cannot hold', () => {
    assert.throws(() => Whole.halves.value(0, 0), RangeError, 'whole.value: [63:0] has more than 53 bits');
    assert.throws(() => Wide.halves.kind(0, 0), RangeError, 'wide.kind: a word of 512 bits has no halves');
  });

  test('are taken from a word and put together', () => {
    assert.deepEqual([lowHalf(0xdead_beef_8000_0001n), highHalf(0xdead_beef_8000_0001n)], [0x8000_0001, 0xdead_beef]);
    assert.strictEqual(fromHalves(-1, 1), 0x1_ffff_ffffn);
  });
});

suite('words of an entry', () => {
  test('least significant first', () => {
    assert.deepEqual(toWords((2n << 64n) | 1n, 3), [1n, 2n, 0n]);
    assert.strictEqual(fromWords([1n, 2n, 0n]), (2n << 64n) | 1n);
    assert.strictEqual(fromWords(BigUint64Array.of(5n, 6n)), (6n << 64n) | 5n);
    assert.strictEqual(Wide.word((7n << 64n) | 1n, 1), 7n);
    assert.deepEqual([Wide.wordCount, Csr.wordCount], [8, 1]);
  });

  test('round-trip', () => {
    fc.assert(fc.property(fc.bigInt(0n, ones(512)), (raw) => fromWords(toWords(raw, 8)) === raw));
  });

  test('a value that needs more words is refused', () => {
    assert.throws(() => toWords(1n << 64n, 1), RangeError, '0x1_0000_0000_0000_0000 does not fit 1 words');
    assert.throws(() => toWords(-1n, 1), RangeError);
  });
});

test('describe lists the fields, most significant first', () => {
  const rows = describe(word(6, 'tiny', { low: ro(uint(1, 0)), mode: ro(oneOf(5, 4, { off: 0, on: 2 })), high: reserved(3, 2) }));
  assert.deepEqual(rows, [
    { field: 'mode', msb: 5, lsb: 4, access: 'ro', names: { off: 0, on: 2 } },
    { field: 'high', msb: 3, lsb: 2, access: 'reserved' },
    { field: 'low', msb: 1, lsb: 0, access: 'ro' },
  ]);
});
