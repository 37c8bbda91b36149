import { describe, it } from 'node:test';
import { assert } from 'chai';
import type { Bench } from './bench';
import { eachOf, keptBy, randomOf } from './bounds';

const benchOf = (isRemote: boolean): Bench => ({ module: { ...(isRemote && { isRemote }) }, bounds: [] }) as unknown as Bench;

describe('how often a step does what it says', () => {
  it('is as often as it says, in the process and where it is not often', () => {
    const near = benchOf(false);
    assert.lengthOf([...eachOf(near, 1, 65_536)], 65_536);
    assert.strictEqual(randomOf(near, 2000), 2000);
    const far = benchOf(true);
    assert.deepEqual([...eachOf(far, 3, 5)], [3, 4, 5]);
    assert.strictEqual(randomOf(far, 500), 500);
    for (const bench of [near, far]) assert.deepEqual(keptBy(bench), { verdict: 'kept' });
  });

  it('is less often where each call is a message, and it says so', () => {
    const bench = benchOf(true);
    const numbers = [...eachOf(bench, 1, 65_536)];
    assert.lengthOf(numbers, 4096);
    assert.deepEqual([numbers[0], numbers[2047], numbers[2048], numbers[4095]], [1, 2048, 63_489, 65_536]);
    assert.deepEqual(keptBy(bench), { verdict: 'kept', message: 'with a smaller bound: 4096 of 65536 calls' });
    assert.strictEqual(randomOf(bench, 2000), 500);
  });

  it('leaves nothing behind that another step with the same numbers would have ended', () => {
    const bench = benchOf(true);
    const attached = new Set(eachOf(bench, 1, 65_536));
    assert.isTrue([...eachOf(bench, 2, 65_536)].every((number) => attached.has(number)));
  });
});
