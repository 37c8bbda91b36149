import { describe, it } from 'node:test';
import { assert } from 'chai';
import { EXIT } from '#cli/exit-code';
import type { Run, RuleVerdict, Verdict } from '#reports/run';
import { sampleRun } from '#reports/testdata/support';
import { exitCodeOf, showMatrix, showRun, unjudged } from './present';

/** A run of one driver with these verdicts. */
function runOf(verdicts: readonly (Verdict | 'expected')[], changes: Partial<Run> & { readonly partial?: boolean } = {}): Run {
  const { partial = false, ...rest } = changes;
  const all = verdicts.map((verdict, index): RuleVerdict => ({
    rule: `A-${index}`,
    mode: 'eager',
    ...(verdict === 'expected' ? { verdict: 'broken', expected: true } : { verdict }),
  }));
  const drivers = [{ name: 'a', profile: 'p', modes: ['eager'], verdicts: all }];
  return { answer: { partial, drivers }, leftOut: [], filtered: false, records: [], stale: [], ledger: { rules: [] }, ...rest };
}

describe('exitCodeOf', () => {
  const cases: readonly (readonly [string, Run, number])[] = [
    ['all kept', runOf(['kept', 'not-applicable', 'differs', 'advice']), EXIT.kept],
    ['one broken', runOf(['kept', 'broken']), EXIT.broken],
    ['one broken as expected', runOf(['kept', 'expected']), EXIT.kept],
    ['one expected and not broken', runOf(['kept'], { stale: [{ driver: 'a', rule: 'A-0', message: 'stale' }] }), EXIT.broken],
    ['one that could not be judged, and one broken', runOf(['broken', 'harness-error']), EXIT.harness],
    ['something left out', runOf(['kept'], { partial: true }), EXIT.partial],
    ['something left out, and one broken', runOf(['broken'], { partial: true }), EXIT.broken],
    ['nothing judged', runOf(['not-tested', 'not-applicable'], { partial: true }), EXIT.harness],
  ];
  for (const [what, run, code] of cases) {
    it(`is ${code} for ${what}`, () => {
      assert.strictEqual(exitCodeOf(run, false), code);
    });
  }

  it('does not hold against a driver what was not asked', () => {
    const run = runOf(['not-applicable'], { partial: true });
    assert.deepEqual([exitCodeOf(run, true), unjudged(run, true), unjudged(run, false)], [EXIT.partial, [], ['a']]);
  });
});

describe('what people are shown', () => {
  it('names rule, source, what was found and how to see it again, then the totals, what is stale and what is partial', () => {
    const shown = showRun({ ...sampleRun(), leftOut: ['only shard 1/2'] }, new Map());
    assert.match(shown, /hasty breaks COM-UNMAP-01 /);
    assert.match(shown, /\nSource: {3}.*\n/);
    assert.match(shown, /\nAgain: {4}npx iommu-tck run --driver hasty --rule COM-UNMAP-01 --mode eager\n/);
    assert.match(shown, /\ncareful \(sample-v2; .*\): .*\d+ kept/);
    assert.match(shown, /DOM-PASID-01 is expected to fail/);
    assert.notInclude(shown, '\u001b');
  });

  it('does not repeat for every rule that a driver could not be loaded', () => {
    const run = sampleRun();
    assert.notInclude(showMatrix(run, new Map([['hasty', { kind: 'refused', message: 'no' }]])), 'hasty breaks');
    assert.include(showMatrix(run, new Map()), 'hasty breaks');
  });
});
