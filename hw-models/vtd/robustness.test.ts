import * as fc from 'fast-check';
import { describe as suite, test } from 'node:test';

import { CONTROL_ROBUSTNESS } from './testdata/control-robustness';

suite('random input gives only documented outcomes', () => {
  for (const [what, property] of Object.entries(CONTROL_ROBUSTNESS))
    test(what, () => {
      fc.assert(property, { numRuns: 200 });
    });
});
