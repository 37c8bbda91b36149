import * as fc from 'fast-check';
import { describe as suite, test } from 'node:test';

import { TRANSLATE_ROBUSTNESS } from './testdata/translate-robustness';

suite('random tables give only documented answers', () => {
  for (const [what, property] of Object.entries(TRANSLATE_ROBUSTNESS))
    test(what, () => {
      fc.assert(property, { numRuns: 150 });
    });
});
