import { describe, it } from 'node:test';
import { assert } from 'chai';
import { WORDS_PER_PAGE } from './address';
import { Memory } from './memory';

describe('physical memory', () => {
  it('holds words, and shows their halves', () => {
    const memory = new Memory();
    assert.equal(memory.set(5, 0x1122_3344_5566_7788n), 0n);
    assert.deepEqual([memory.get(5), memory.low(5), memory.high(5)], [0x1122_3344_5566_7788n, 0x5566_7788, 0x1122_3344]);
    assert.equal(memory.set(5, 1n), 0x1122_3344_5566_7788n, 'a store answers what it replaced');
  });

  it('is zero where nothing was stored, and keeps no page for it', () => {
    const memory = new Memory();
    assert.deepEqual([memory.get(7), memory.low(7), memory.high(7), memory.isBlank(0)], [0n, 0, 0, true]);
  });

  it('keeps pages apart whose numbers end alike', () => {
    const memory = new Memory();
    const far = 2 ** 20;
    for (let n = 1; n <= 3; n++) memory.set(n * far * WORDS_PER_PAGE, BigInt(n));
    memory.clear(2 * far);
    assert.deepEqual(
      [1, 2, 3].map((n) => memory.get(n * far * WORDS_PER_PAGE)),
      [1n, 0n, 3n],
    );
    assert.deepEqual([memory.isBlank(far), memory.isBlank(2 * far)], [false, true]);
  });

  it('remembers what a word held before each store, until a barrier orders them', () => {
    const memory = new Memory();
    memory.store(1, 10n);
    memory.store(1, 20n);
    memory.set(2, 30n);
    assert.deepEqual([memory.older(1), memory.older(2)], [[0n, 10n], []]);
    assert.isTrue(memory.barrier());
    assert.deepEqual(memory.older(1), []);
  });

  it('orders a store that nobody snoops only when it was cleaned', () => {
    const memory = new Memory(false);
    memory.store(1, 10n);
    memory.store(9, 10n);
    memory.clean(9, 1);
    assert.isFalse(memory.barrier());
    assert.deepEqual([memory.older(1), memory.older(9)], [[0n], []]);
    memory.clean(0, 8);
    assert.isTrue(memory.barrier());
  });

  it('forgets older values of a page that is cleared, and of no other', () => {
    const memory = new Memory();
    memory.store(1, 10n);
    memory.store(WORDS_PER_PAGE, 10n);
    memory.clear(0);
    assert.deepEqual([memory.get(1), memory.older(1), memory.older(WORDS_PER_PAGE)], [0n, [], [0n]]);
  });
});
