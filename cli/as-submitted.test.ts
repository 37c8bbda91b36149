/**
 * What the defects of the patch as submitted come to. Advice stands in no list of expected failures, so the rules that give it are held
 * here: each defect alone in the reference driver, and all of them in `pkvm-as-submitted`. docs/systems/pkvm.md has the same table.
 */
import { describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import type { DriverModule } from '#drivers/contract/driver';
import { mutate } from '#drivers/mutants/mutate';
import { DEFECTS } from '#drivers/pkvm/as-submitted';
import { readFeatures } from '#reports/ledger/ledger';
import { compiler, play, type Compiled } from '#steps/loop';
import { FEATURES } from './root';

const ADVICE: Readonly<Record<string, readonly string[]>> = {
  'PKVM-DEF-01': ['PKVM-FREE-06'],
  'PKVM-DEF-02': ['PKVM-ATT-09', 'PKVM-ATT-10'],
  'PKVM-DEF-03': [],
  'PKVM-DEF-04': ['PKVM-DET-06'],
  'PKVM-DEF-05': ['PKVM-MEM-09'],
  'PKVM-DEF-07': ['PKVM-ID-11', 'PKVM-ID-12'],
  'PKVM-DEF-08': [],
  'PKVM-DEF-10': [],
  'PKVM-DEF-11': ['PKVM-INIT-05', 'PKVM-MEM-11a'],
  'PKVM-DEF-13': ['PKVM-MEM-11a'],
};
/** What DEF-03 comes to together with DEF-04. */
const TOGETHER = 'PKVM-DET-05';

const { ledger, pickles } = readFeatures(FEATURES);
const hardened = new Set(ledger.rules.filter(({ system, kind }) => system === 'pkvm' && kind === 'hardened').map(({ id }) => id));
const compile = compiler();
const scenarios: readonly (readonly [rules: readonly string[], scenario: Compiled])[] = pickles
  .filter(({ rules }) => rules.some((rule) => hardened.has(rule)))
  .map((pickle) => [pickle.rules, compile(pickle)]);

async function adviceOn(module: DriverModule): Promise<string[]> {
  const broken = new Set<string>();
  for (const [rules, scenario] of scenarios) {
    const { verdict, message } = await play(scenario, module, 'eager');
    assert.include(['kept', 'broken'], verdict, `${scenario.name}: ${message}`);
    if (verdict === 'broken') for (const rule of rules) broken.add(rule);
  }
  return [...broken].sort();
}

describe('the defects of the patch as submitted', () => {
  it('are all in the list', () => {
    assert.sameMembers(Object.keys(DEFECTS), Object.keys(ADVICE));
  });

  for (const [defect, edits] of Object.entries(DEFECTS)) {
    it(`${defect} alone`, async () => {
      const module = mutate(await connect('pkvm'), { id: defect, of: 'pkvm', system: 'pkvm', rule: defect, by: 'step', edits });
      assert.deepEqual(await adviceOn(module), [...ADVICE[defect]!].sort());
    });
  }

  it('all together', async () => {
    const all = new Set([...Object.values(ADVICE).flat(), TOGETHER]);
    assert.deepEqual(await adviceOn(await connect('pkvm-as-submitted')), [...all].sort());
  });
});
