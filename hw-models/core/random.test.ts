import { assert } from 'chai';
import * as fc from 'fast-check';
import { test } from 'node:test';

import { Random } from '#hw-models/core/random';

test('the algorithm gives its known numbers', () => {
  const random = new Random(0);
  assert.deepEqual([random.next(), random.next(), random.next()], [1144304738, 1416247, 958946056]);
});

test('the same seed gives the same choices, another seed others', () => {
  const first = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.below(1000));
  };
  assert.deepEqual(first(7), first(7));
  assert.notDeepEqual(first(7), first(8));
});

test('below stays below', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
      const value = new Random(seed).below(bound);
      return Number.isInteger(value) && value >= 0 && value < bound;
    }),
  );
});

test('below reaches each number about as often', () => {
  const random = new Random(1);
  const seen = [0, 0, 0];
  for (let draw = 0; draw < 3000; draw++) seen[random.below(3)]! += 1;
  for (const often of seen) assert.closeTo(often, 1000, 100);
});

test('below draws again rather than favour small numbers', () => {
  // Two thirds of 2^32: a third of all draws lies in the incomplete run.
  const bound = 2863311531;
  const random = new Random(3);
  const low = Array.from({ length: 3000 }, () => random.below(bound)).filter((value) => value < bound / 2);
  assert.closeTo(low.length, 1500, 120);
});

test('what cannot be drawn is refused', () => {
  const random = new Random(1);
  for (const bound of [0, -1, 0.5, 2 ** 33, NaN]) assert.throws(() => random.below(bound), RangeError);
  assert.throws(() => random.pick([]), RangeError, 'no number is below 0');
  assert.throws(() => new Random(0.5), RangeError, 'seed 0.5 is not an integer');
});

test('pick, flip and shuffled choose among what is there', () => {
  const random = new Random(2);
  const picked = new Set(Array.from({ length: 50 }, () => random.pick(['a', 'b'])));
  assert.sameMembers([...picked], ['a', 'b']);
  assert.sameMembers([...new Set(Array.from({ length: 50 }, () => random.flip()))], [true, false]);
  fc.assert(fc.property(fc.array(fc.nat()), (list) => assert.sameMembers(new Random(5).shuffled(list), list)));
  const order = [1, 2, 3, 4, 5, 6];
  assert.notDeepEqual(random.shuffled(order), order);
});
