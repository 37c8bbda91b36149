import { assert } from 'chai';
import * as fc from 'fast-check';
import { describe as suite, test } from 'node:test';

import { afterStore, uncached } from './testdata/translate-laws';

/** How often each kind of answer came: a law says little of answers that its cases do not bring about. */
class Tally {
  readonly #counts = new Map<string, number>();
  all = 0;

  readonly add = (answer: string): void => {
    const kind = answer.includes(' ') ? 'translated' : answer;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.all++;
  };

  expect(...kinds: readonly string[]): void {
    for (const kind of kinds) assert.isAtLeast(this.#counts.get(kind) ?? 0, 5, `${kind} of ${JSON.stringify([...this.#counts])}`);
  }
}

const ONE_STAGE = ['translated', '0x71', '0x72', '0x80', '0x81', '0x84', '0x85', '0x86', '0x7a'] as const;
const TWO_STAGES = ['translated', '0x71', '0x76', '0x79', '0x85', '0x77', '0x90'] as const;

suite('laws of translation', () => {
  for (const [name, nested, kinds] of [
    ['one stage', false, ONE_STAGE],
    ['two stages', true, TWO_STAGES],
  ] as const)
    test(`with no store in between, every mode answers as an uncached walk: ${name}`, () => {
      const tally = new Tally();
      fc.assert(uncached(nested, tally.add), { numRuns: 120, seed: 1 });
      tally.expect(...kinds);
    });

  for (const [name, nested] of [
    ['one stage', false],
    ['two stages', true],
  ] as const)
    test(`after a store the answer is one that there may be, and after an invalidation the new one: ${name}`, () => {
      const [tally, stale] = [new Tally(), new Tally()];
      fc.assert(afterStore(nested, tally.add, stale.add), { numRuns: 80, seed: 1 });
      tally.expect('translated', '0x59');
      assert.isAtLeast(stale.all, 20);
    });
});
