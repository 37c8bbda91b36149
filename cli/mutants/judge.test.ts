import { describe, it } from 'node:test';
import { assert } from 'chai';
import type { Mutant } from '#drivers/mutants/mutant';
import type { FeaturePickle } from '#reports/ledger/pickles';
import type { ScenarioVerdict } from '#steps/bench/outcomes';
import { judgeMutant } from './judge';
import { killsOf } from './trial';
import type { Played, Trial } from './trial';

const KEPT: ScenarioVerdict = { verdict: 'kept' };
const BY_STEP: ScenarioVerdict = { verdict: 'broken', by: 'step', message: 'reaches PA 0x0, expected faults' };
const STALE: ScenarioVerdict = { verdict: 'broken', by: 'staleness', sanitizer: 'SAN-STALENESS', message: 'stale' };
const STALE_AT_END: ScenarioVerdict = { ...STALE, verdict: 'kept' };
const STALE_IN_SCENE: ScenarioVerdict = { ...STALE, verdict: 'not-tested' };

const MUTANT: Mutant = { id: 'm', of: 'toy', system: 'common', rule: 'A-1', by: 'step' };

const played = (verdict: ScenarioVerdict, ...rules: readonly string[]): Played => ({
  verdict,
  pickle: { rules: rules.length === 0 ? ['A-1'] : rules } as FeaturePickle,
});
const trial = (...all: readonly Played[]): Trial => ({ played: all, stopped: false });
const judge = (mutant: Partial<Mutant>, of: Trial, base = trial(played(KEPT))): ReturnType<typeof judgeMutant> => {
  const whole = { ...MUTANT, ...mutant };
  return judgeMutant(whole, ({ pickle }) => pickle.rules.includes(whole.rule), of, base);
};

describe('killsOf', () => {
  it("names the broken rules, and the sanitizer's rule wherever it was found", () => {
    assert.deepEqual(killsOf(played(BY_STEP, 'A-1', 'A-2')), [
      { rule: 'A-1', by: 'step' },
      { rule: 'A-2', by: 'step' },
    ]);
    assert.deepEqual(killsOf(played(STALE)), [
      { rule: 'A-1', by: 'staleness' },
      { rule: 'SAN-STALENESS', by: 'staleness' },
    ]);
    assert.deepEqual(killsOf(played(STALE_AT_END)), [{ rule: 'SAN-STALENESS', by: 'staleness' }]);
    assert.deepEqual(killsOf(played(STALE_IN_SCENE)), [{ rule: 'SAN-STALENESS', by: 'staleness' }]);
    assert.deepEqual(killsOf(played(STALE, 'SAN-STALENESS')), [{ rule: 'SAN-STALENESS', by: 'staleness' }]);
  });

  it('names nothing for an error of the harness or a rule that was not tested', () => {
    for (const verdict of ['harness-error', 'not-tested', 'not-applicable'] as const) {
      assert.deepEqual(killsOf(played({ verdict, by: 'step', message: 'no' })), []);
    }
  });
});

describe('judgeMutant', () => {
  it('kills by the named rule and the named reason', () => {
    assert.deepInclude(judge({}, trial(played(KEPT), played(BY_STEP))), { killed: true, killedBy: [{ rule: 'A-1', by: 'step' }] });
    assert.isTrue(
      judge({ rule: 'SAN-STALENESS', by: 'staleness' }, trial(played(STALE_AT_END, 'SAN-STALENESS')), trial(played(KEPT, 'SAN-STALENESS')))
        .killed,
    );
  });

  const survivors: readonly (readonly [string, Trial, string])[] = [
    ['kept', trial(played(KEPT), played(KEPT)), 'A-1 is kept in 2 scenarios'],
    ['found for another reason', trial(played(STALE)), 'found by staleness, not by step: stale'],
    ['found in the scene', trial(played(STALE_IN_SCENE)), 'found as SAN-STALENESS by staleness: stale'],
    ['not tested', trial(played({ verdict: 'not-tested', message: 'setup: no' })), 'not-tested: setup: no'],
    ['not applicable', trial(played({ verdict: 'not-applicable', message: 'no pasid' })), 'not-applicable: no pasid'],
  ];
  for (const [what, of, instead] of survivors) {
    it(`says what happened instead: ${what}`, () => {
      assert.deepInclude(judge({}, of), { killed: false, instead });
    });
  }

  const errors: readonly (readonly [string, Trial, Trial, string])[] = [
    [
      'the driver without the defect breaks the rule',
      trial(played(BY_STEP)),
      trial(played(BY_STEP)),
      'toy without the defect breaks A-1: reaches PA 0x0, expected faults',
    ],
    [
      'the driver without the defect is not bound by the rule',
      trial(played(BY_STEP)),
      trial(played({ verdict: 'not-applicable', message: 'no pasid' })),
      'toy without the defect is not bound by A-1: no pasid',
    ],
    [
      'the driver without the defect cannot be tested',
      trial(played(BY_STEP)),
      trial(played(KEPT), played({ verdict: 'not-tested', message: 'setup: no' })),
      'toy without the defect cannot be tested for A-1: setup: no',
    ],
    ['no scenario tests the rule', trial(), trial(), 'no scenario tests A-1'],
    ['the harness failed', { ...trial(played(BY_STEP)), error: 'TypeError: no' }, trial(played(KEPT)), 'TypeError: no'],
  ];
  for (const [what, of, base, error] of errors) {
    it(`does not kill when ${what}`, () => {
      const { killed, error: why, instead } = judge({}, of, base);
      assert.deepEqual([killed, why, instead], [false, error, undefined]);
    });
  }

  it('does not count what the driver without the defect breaks as well', () => {
    const base = trial(played(KEPT), played(BY_STEP, 'A-2'));
    assert.deepEqual(judge({}, trial(played(BY_STEP), played(BY_STEP, 'A-2')), base).killedBy, [{ rule: 'A-1', by: 'step' }]);
  });
});
