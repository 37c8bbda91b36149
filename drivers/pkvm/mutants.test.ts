import { describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import { PKVM_MUTANTS } from './mutants';

describe('the mutants of the pKVM driver', () => {
  it('can all be made: each edit finds its one place', async () => {
    for (const { id, of } of PKVM_MUTANTS) assert.equal((await connect(`${of}!${id}`)).manifest.name, 'pkvm');
  });

  it('have names of their own', () => {
    const names = PKVM_MUTANTS.map(({ id }) => id);
    assert.sameMembers([...new Set(names)], names);
  });
});
