import { assert } from 'chai';
import * as fc from 'fast-check';
import { describe as suite, test } from 'node:test';

import { PROPERTIES, stes } from './testdata/properties';

suite('random input', () => {
  test('a random STE gives only documented outcomes, and never throws', () => {
    const seen = new Set<string>();
    fc.assert(
      stes((kind) => seen.add(kind)),
      { numRuns: 400 },
    );
    assert.includeMembers([...seen], ['C_BAD_STE', 'aborted', 'F_TRANSLATION', 'F_ADDR_SIZE']);
  });

  test('random bytes in the command queue stop it or are consumed, and never throw', () => {
    fc.assert(PROPERTIES['commands']!, { numRuns: 300 });
  });
});
