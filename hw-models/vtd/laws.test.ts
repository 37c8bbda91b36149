import { assert } from 'chai';
import * as fc from 'fast-check';
import { describe as suite, test } from 'node:test';

import { invalidated, type Kind } from './testdata/invalidation-laws';

const KINDS: readonly Kind[] = ['first', 'second', 'nested'];

suite('laws', () => {
  for (const kind of KINDS)
    test(`after its invalidation a change is seen, and before it perhaps: ${kind}`, () => {
      const [answers, stale]: [string[], string[]] = [[], []];
      fc.assert(
        invalidated(
          kind,
          (answer) => answers.push(answer),
          (answer) => stale.push(answer),
        ),
        { numRuns: 40, seed: 1 },
      );
      assert.isAtLeast(answers.filter((answer) => answer === 'refused').length, 20);
      assert.isAtLeast(answers.filter((answer) => answer !== 'refused').length, 20);
      assert.isAtLeast(stale.length, 20);
    });
});
