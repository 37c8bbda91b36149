import { assert } from 'chai';
import * as fc from 'fast-check';
import { suite, test } from 'node:test';

import { ModelBug } from '#hw-models/core/errors';
import { RingQueue } from '#hw-models/core/queue';
import type { WrapRule } from '#hw-models/core/queue';

const RULES: readonly WrapRule[] = ['wrap-bit', 'spare-slot'];

const queueOf = (sizeLog2: number, rule: WrapRule): RingQueue => new RingQueue({ baseWord: 1000, sizeLog2, entryWords: 2, rule });

const start = fc.record({ sizeLog2: fc.integer({ min: 1, max: 4 }), at: fc.nat(63), steps: fc.array(fc.boolean(), { maxLength: 100 }) });

for (const rule of RULES) {
  suite(rule, () => {
    test('behaves as an array in a memory of slots', () => {
      fc.assert(
        fc.property(start, ({ sizeLog2, at, steps }) => {
          const queue = queueOf(sizeLog2, rule);
          queue.producer = at;
          queue.consumer = at;
          const memory = new Map<number, number>();
          const model: number[] = [];
          steps.forEach((produce, stamp) => {
            if (produce && model.length < queue.capacity) {
              memory.set(queue.producerWord, stamp);
              model.push(stamp);
              queue.advanceProducer();
            } else if (!produce && model.length > 0) {
              assert.strictEqual(memory.get(queue.consumerWord), model.shift());
              queue.advanceConsumer();
            }
            assert.deepEqual(
              [queue.count, queue.isEmpty, queue.isFull, queue.isConsistent],
              [model.length, model.length === 0, model.length === queue.capacity, true],
            );
          });
        }),
      );
    });

    test('refuses to overfill and to take from nothing', () => {
      const queue = queueOf(1, rule);
      assert.throws(() => queue.advanceConsumer(), ModelBug, 'an entry is taken from an empty queue of 2^1 entries');
      while (!queue.isFull) queue.advanceProducer();
      assert.throws(() => queue.advanceProducer(), ModelBug, 'an entry is put into a full queue of 2^1 entries');
    });

    test('entries lie one after the other and start again at the base', () => {
      const queue = queueOf(2, rule);
      assert.deepEqual(
        [0, 1, 2, 3, 4, 5].map((index) => queue.wordAt(index)),
        [1000, 1002, 1004, 1006, 1000, 1002],
      );
    });

    test('indexes stay exact in the largest queue', () => {
      const queue = queueOf(32, rule);
      queue.producer = queue.consumer = 2 ** 32 - 1;
      assert.strictEqual(queue.consumerWord, 1000 + 2 * (2 ** 32 - 1));
      queue.advanceProducer();
      assert.deepEqual([queue.count, queue.producerWord], [1, 1000]);
    });

    test('shapes and indexes that cannot be are refused', () => {
      for (const sizeLog2 of [-1, 33, 0.5]) assert.throws(() => queueOf(sizeLog2, rule), RangeError, `queue of 2^${sizeLog2} entries`);
      assert.throws(() => new RingQueue({ baseWord: 0, sizeLog2: 1, entryWords: 0, rule }), RangeError, 'queue entries of 0 words');
      assert.throws(
        () => {
          queueOf(1, rule).producer = -1;
        },
        RangeError,
        'queue index -1',
      );
      assert.throws(
        () => {
          queueOf(1, rule).consumer = 0.5;
        },
        RangeError,
        'queue index 0.5',
      );
    });
  });
}

suite('the two rules', () => {
  test('a wrap bit uses every slot, even the only one', () => {
    const queue = queueOf(0, 'wrap-bit');
    assert.strictEqual(queue.capacity, 1);
    queue.advanceProducer();
    assert.deepEqual([queue.producer, queue.isFull, queue.isEmpty], [1, true, false]);
    queue.advanceConsumer();
    queue.advanceProducer();
    assert.deepEqual([queue.producer, queue.consumer, queue.isFull], [0, 1, true]);
  });

  test('a spare slot stays free: full when tail + 1 meets head', () => {
    const queue = queueOf(2, 'spare-slot');
    queue.consumer = 1;
    queue.producer = 0;
    assert.deepEqual([queue.isFull, queue.count, queue.capacity], [true, 3, 3]);
    assert.throws(() => queueOf(0, 'spare-slot'), RangeError, 'queue of 2^0 entries');
  });

  test('the wrap bit lies just above the index, higher bits are ignored', () => {
    const queue = queueOf(3, 'wrap-bit');
    queue.producer = 0xff8;
    assert.deepEqual([queue.producer, queue.isFull], [8, true]);
    const spare = queueOf(3, 'spare-slot');
    spare.producer = 0xffa;
    assert.strictEqual(spare.producer, 2);
  });

  test('only with a wrap bit can indexes be impossible', () => {
    const queue = queueOf(2, 'wrap-bit');
    queue.producer = 5;
    assert.deepEqual([queue.isConsistent, queue.count, queue.isFull], [false, 5, false]);
    assert.throws(() => queue.advanceProducer(), ModelBug);
  });
});
