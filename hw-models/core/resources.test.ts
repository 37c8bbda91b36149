import { test } from 'node:test';
import { assert } from 'chai';
import * as fc from 'fast-check';
import { Resources } from '#hw-models/core/resources';
import { ok, refuse } from '#hw-models/core/result';

test('an identifier is the lowest free one of its range, whatever was taken and given back', () => {
  const range = fc.record({ first: fc.nat(6), length: fc.nat(6) });
  const call = fc.oneof(range, fc.nat(12));
  fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
      const resources = new Resources();
      const taken = new Set<number>();
      for (const asked of calls) {
        if (typeof asked === 'number') {
          assert.equal(resources.giveId('space', asked) === undefined, taken.delete(asked));
          continue;
        }
        const last = asked.first + asked.length;
        let lowest = asked.first;
        while (taken.has(lowest)) lowest++;
        assert.deepEqual(resources.takeId('space', asked.first, last), lowest <= last ? ok(lowest) : refuse('ENOSPC'));
        if (lowest <= last) taken.add(lowest);
      }
    }),
  );
});

test('a scenario can take every identifier of 20 bits', () => {
  const resources = new Resources();
  let taken = 0;
  while (resources.takeId('space', 1, 2 ** 20 - 1).ok) taken++;
  assert.equal(taken, 2 ** 20 - 1);
  assert.equal(resources.held().get('id:space'), taken);
});
