import { assert } from 'chai';
import * as fc from 'fast-check';
import { suite, test } from 'node:test';

import {
  PAGE_SHIFT,
  PAGE_SIZE,
  WORDS_PER_PAGE,
  WORD_SHIFT,
  addressOf,
  alignDown,
  alignUp,
  firstWordOf,
  frameOf,
  gpa,
  iova,
  isAligned,
  isPowerOfTwo,
  log2,
  pa,
  pageOf,
  pageOfWord,
  pageOffset,
  pageStart,
  sizeOf,
  wordOf,
  wordStart,
} from '#hw-models/core/address';
import type { Gpa, Iova, Pa } from '#hw-models/core/address';

const address = fc.bigInt(0n, (1n << 64n) - 1n);
const physical = fc.bigInt(0n, (1n << 56n) - 1n);
const log = fc.nat(63);

suite('spaces', () => {
  test('an address is its number', () => {
    assert.deepEqual([iova(1n), gpa(2n), pa(3n)] as bigint[], [1n, 2n, 3n]);
  });

  test('spaces do not mix', () => {
    const read = (at: Pa): bigint => at;
    // @ts-expect-error an IOVA is not a PA
    read(iova(1n));
    // @ts-expect-error a GPA is not a PA
    read(gpa(1n));
    // @ts-expect-error arithmetic loses the space
    read(pa(1n) + 1n);
    // @ts-expect-error a PA is not an IOVA
    const _iova: Iova = pa(1n);
    // @ts-expect-error a number without a space is not a GPA
    const _gpa: Gpa = 1n;
  });
});

suite('pages and words', () => {
  test('sizes belong together', () => {
    assert.deepEqual([sizeOf(PAGE_SHIFT), sizeOf(PAGE_SHIFT - WORD_SHIFT)], [PAGE_SIZE, BigInt(WORDS_PER_PAGE)]);
  });

  test('page and offset make the address', () => {
    fc.assert(fc.property(address, (at) => pageStart(pageOf(at)) + BigInt(pageOffset(at)) === at));
  });

  test('a frame is a page, and an address moves to another frame with its offset', () => {
    fc.assert(
      fc.property(address, address, (from, to) => {
        assert.strictEqual(frameOf(from), pageOf(from));
        assert.strictEqual(addressOf(frameOf(to), from), pageStart(pageOf(to)) + BigInt(pageOffset(from)));
      }),
    );
  });

  test('addresses are exact on both sides of the last number that is', () => {
    for (const frame of [2 ** 41 - 1, 2 ** 41, 2 ** 52 - 1]) assert.strictEqual(addressOf(frame, 0x7fffn), pageStart(frame) + 0xfffn);
  });

  test('a word lies in its page', () => {
    fc.assert(
      fc.property(physical, (at) => {
        assert.strictEqual(wordStart(wordOf(at)), alignDown(at, WORD_SHIFT));
        assert.strictEqual(pageOfWord(wordOf(at)), pageOf(at));
        assert.strictEqual(firstWordOf(pageOf(at)), wordOf(alignDown(at, PAGE_SHIFT)));
      }),
    );
  });

  test('the last page and word are exact, the next is refused', () => {
    assert.strictEqual(pageOf((1n << 64n) - 1n), 2 ** 52 - 1);
    assert.throws(() => pageOf(1n << 64n), RangeError, 'address 0x1_0000_0000_0000_0000: the page number has more than 52 bits');
    assert.strictEqual(wordOf((1n << 56n) - 1n), 2 ** 53 - 1);
    assert.throws(() => wordOf(1n << 56n), RangeError, 'address 0x100_0000_0000_0000: the word number has more than 53 bits');
    assert.throws(() => pageOf(-1n), RangeError, 'address -0x1');
    assert.throws(() => wordOf(-1n), RangeError, 'address -0x1');
  });
});

suite('sizes and alignment', () => {
  test('log2 undoes sizeOf', () => {
    fc.assert(fc.property(log, (sizeLog2) => log2(sizeOf(sizeLog2)) === sizeLog2));
  });

  test('only powers of two have a log2', () => {
    assert.deepEqual([-4n, 0n, 1n, 2n, 3n, 4096n, 4097n].map(isPowerOfTwo), [false, false, true, true, false, true, false]);
    assert.throws(() => log2(0x3000n), RangeError, 'size 0x3000 is not a power of two');
    assert.throws(() => log2(0n), RangeError);
  });

  test('alignment surrounds the value', () => {
    fc.assert(
      fc.property(address, log, (value, sizeLog2) => {
        const down = alignDown(value, sizeLog2);
        const up = alignUp(value, sizeLog2);
        assert.isTrue(down <= value && value <= up && isAligned(down, sizeLog2) && isAligned(up, sizeLog2));
        assert.strictEqual(up - down, isAligned(value, sizeLog2) ? 0n : sizeOf(sizeLog2));
      }),
    );
  });
});
