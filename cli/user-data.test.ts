import * as fc from 'fast-check';
import { suite, test } from 'node:test';
import { PROPERTIES } from './testdata/user-data';

suite('what users hand in', () => {
  for (const [what, property] of Object.entries(PROPERTIES)) test(what, () => fc.assert(property, { numRuns: 50 }));
});
