import * as fc from 'fast-check';
import { describe as suite, test } from 'node:test';

import { ROBUSTNESS } from './testdata/robustness';

suite('random input gives only documented outcomes', () => {
  for (const [what, property] of Object.entries(ROBUSTNESS))
    test(what, () => {
      fc.assert(property, { numRuns: 100 });
    });
});
