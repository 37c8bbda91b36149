import { assert } from 'chai';
import * as fc from 'fast-check';
import { describe as suite, test } from 'node:test';

import { afterStore, uncached } from './testdata/laws';

/** How often each kind of answer came: a law says little of answers that its cases do not bring about. */
class Tally {
  readonly #counts = new Map<string, number>();
  all = 0;

  readonly add = (answer: string): void => {
    const words = answer.split(' ');
    const kind = words.length === 3 ? 'translated' : words[0]!;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.all++;
  };

  expect(...kinds: readonly string[]): void {
    for (const kind of kinds) assert.isAtLeast(this.#counts.get(kind) ?? 0, 10, kind);
  }
}

const NAMES = [
  ['one stage', false],
  ['two stages', true],
] as const;

suite('laws', () => {
  for (const [name, nested] of NAMES)
    test(`with no store in between, every mode answers as an uncached walk: ${name}`, () => {
      const tally = new Tally();
      fc.assert(uncached(nested, tally.add), { numRuns: 60, seed: 1 });
      tally.expect('translated', '12', '13', '15', '21', '23');
    });

  for (const [name, nested] of NAMES)
    test(`after a store the answer is one that there may be, and after an invalidation the new one: ${name}`, () => {
      const [tally, stale] = [new Tally(), new Tally()];
      fc.assert(afterStore(nested, tally.add, stale.add), { numRuns: 60, seed: 1 });
      tally.expect('translated', '13', '21', '258');
      assert.isAtLeast(stale.all, 20);
    });
});
