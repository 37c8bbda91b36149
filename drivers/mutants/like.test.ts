import { describe, it } from 'node:test';
import { assert } from 'chai';
import { mutantsLike } from './like';
import { edit, type Mutant } from './mutant';

const OTHERS: readonly Mutant[] = [
  { id: 'one', of: 'reference', system: 'sample', rule: 'SAMPLE-01', by: 'step', edits: edit('reference/driver.ts', 'a', 'b') },
  { id: 'two', of: 'reference', system: 'sample', rule: 'SAMPLE-02', by: 'sanitizer', mode: 'lazy', port: () => ({}) },
];

describe('mutants like those of another driver', () => {
  it('have its id, rule, reason and mode, and edits of their own', () => {
    const [one, two] = [edit('mine/driver.c', 'a;', 'b;'), edit('mine/driver.c', 'c;', '')];
    assert.deepEqual(mutantsLike('mine', OTHERS, { two, one }), [
      { id: 'two', of: 'mine', system: 'sample', rule: 'SAMPLE-02', by: 'sanitizer', mode: 'lazy', edits: two },
      { id: 'one', of: 'mine', system: 'sample', rule: 'SAMPLE-01', by: 'step', edits: one },
    ]);
  });

  it('are as many as there are edits', () => assert.deepEqual(mutantsLike('mine', OTHERS, {}), []));

  it('are refused where there is none to be like', () => {
    assert.throws(() => mutantsLike('mine', OTHERS, { three: [] }), Error, 'mine: there is no mutant "three" to be like');
  });
});
