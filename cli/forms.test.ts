/** Nothing but plain values crosses the contract, and nothing relies on an answer at once: the same driver keeps its rules in other forms. */
import { describe, it } from 'node:test';
import { join } from 'node:path';
import { assert } from 'chai';
import { ROOT } from '#cli/root';
import { connect } from '#drivers/connect';
import { readPickles } from '#reports/ledger/ledger';
import { compiler, play } from '#steps/loop';

const FORMS: readonly { readonly form: string; readonly mayLeave: RegExp }[] = [
  // A promise cannot be interrupted inside a call.
  { form: 'promised', mayLeave: /^two-cpus: / },
  { form: 'serialised', mayLeave: /^$/ },
];

describe('forms of the reference drivers', () => {
  const compile = compiler();
  const scenarios = readPickles(join(ROOT, 'features'))
    .filter(({ heavy }) => !heavy)
    .map((pickle) => compile({ ...pickle, tags: [...pickle.tags] }));

  for (const driver of ['toy', 'pkvm']) {
    for (const { form, mayLeave } of FORMS) {
      it(`${driver}+${form} keeps what ${driver} keeps`, async () => {
        const module = await connect(`${driver}+${form}`);
        const failed: string[] = [];
        let kept = 0;
        for (const scenario of scenarios) {
          const { verdict, sanitizer, message = '' } = await play(scenario, module, 'eager');
          if (verdict === 'kept' && sanitizer === undefined) kept++;
          else if (verdict !== 'not-applicable' && !(verdict === 'not-tested' && mayLeave.test(message)))
            failed.push(`${scenario.name}: ${verdict}, ${message}`);
        }
        assert.deepEqual(failed, []);
        assert.isAbove(kept, 30);
      });
    }
  }
});
