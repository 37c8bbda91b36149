/** Every scenario on the reference drivers, with the reach graph recomputed after every event. */
import { describe, it } from 'node:test';
import { assert } from 'chai';
import { REFERENCES } from '#drivers/bundled';
import { connect } from '#drivers/connect';
import { RecomputedReach } from '#hw-models/core/reach/recomputed';
import { readPickles } from '#reports/ledger/ledger';
import { exemption } from '#steps/applies';
import { Bench } from '#steps/bench/bench';
import { NotApplicable } from '#steps/bench/outcomes';
import { compiler } from '#steps/loop';
import { FEATURES } from '#cli/root';
import { isRaceOfOneSystem } from '#cli/testdata/races';

const compile = compiler();
const SCENARIOS = readPickles(FEATURES)
  .filter((pickle) => !pickle.tags.includes('@heavy') && !isRaceOfOneSystem(pickle))
  .map((pickle) => ({ ...compile(pickle), at: `${pickle.uri}:${pickle.line}` }));

describe('the reach graph in every scenario', () => {
  for (const driver of REFERENCES) {
    it(`is what the histories of caches say (${driver})`, async () => {
      const module = await connect(driver);
      let played = 0;
      for (const { at, tags, steps } of SCENARIOS) {
        if ((await exemption(module, tags)) !== undefined) continue;
        const bench = new Bench(module, 'eager');
        bench.configure({ reach: (facts) => new RecomputedReach(facts) });
        try {
          for (const { phase, run } of steps) {
            bench.phase = phase;
            await run(bench);
          }
          await bench.end();
        } catch (error) {
          if (error instanceof NotApplicable) continue;
          throw new Error(`${at}: ${String(error)}`, { cause: error });
        }
        played++;
      }
      assert.isAbove(played, 10);
    });
  }
});
