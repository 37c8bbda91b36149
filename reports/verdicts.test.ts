import { describe, it } from 'node:test';
import { assert } from 'chai';
import { strengthen } from './findings';
import type { Ledger } from './ledger/ledger';
import { KINDS } from './ledger/tags';
import { RecordError } from './record';
import type { ScenarioRecord, ScenarioVerdictName } from './record';
import { runJson } from './run';
import type { RuleVerdict } from './run';
import { assertGolden, record, sampleLedger, sampleRecords, sampleRun } from './testdata/support';
import { judgeRun } from './verdicts';

const ledger = sampleLedger();
const verdictsOf = (records: readonly ScenarioRecord[]): readonly RuleVerdict[] => judgeRun(records, ledger).answer.drivers[0]!.verdicts;
/** `RULE verdict`, without the rules of the ledger that no record names. */
const shown = (records: readonly ScenarioRecord[]): string =>
  verdictsOf(records)
    .map(({ rule, verdict }) => `${rule} ${verdict}`)
    .join(', ');

describe('the verdict of a rule', () => {
  const worst: readonly (readonly [readonly ScenarioVerdictName[], string])[] = [
    [['kept', 'not-applicable'], 'kept'],
    [['not-applicable', 'not-applicable'], 'not-applicable'],
    [['kept', 'not-tested', 'not-applicable'], 'not-tested'],
    [['not-tested', 'broken', 'kept'], 'broken'],
    [['broken', 'harness-error', 'kept'], 'harness-error'],
  ];
  for (const [scenarios, expected] of worst) {
    it(`is ${expected} when its scenarios are ${scenarios.join(' and ')}`, () => {
      for (const order of [scenarios, scenarios.toReversed()]) {
        assert.strictEqual(shown(order.map((verdict) => record({ verdict }))), `COM-MAP-01 ${expected}`);
      }
    });
  }

  it('is as strong as its kind lets it be', () => {
    assert.deepEqual(
      KINDS.map((kind) => `${kind} ${strengthen(kind, 'broken')}`),
      ['spec broken', 'uapi broken', 'review broken', 'patch broken', 'observed differs', 'hardened advice', 'open not-tested'],
    );
    for (const kind of KINDS) {
      assert.strictEqual(strengthen(kind, 'harness-error'), 'harness-error');
      assert.strictEqual(strengthen(kind, 'not-applicable'), 'not-applicable');
      assert.strictEqual(strengthen(kind, 'kept'), kind === 'open' ? 'not-tested' : 'kept');
    }
  });

  it('says what was observed of an open rule', () => {
    const open = { rules: ['DOM-LOCK-01'] };
    assert.strictEqual(verdictsOf([record({ ...open, verdict: 'broken', message: 'both win' })])[0]?.message, 'open: observed both win');
    assert.strictEqual(verdictsOf([record(open)])[0]?.message, 'open: observed that it holds');
  });

  it('rests on the scenario with the shortest trace, and counts the others', () => {
    const broken = (message: string, trace?: string[]): ScenarioRecord => record({ verdict: 'broken', message, ...(trace && { trace }) });
    const [verdict] = verdictsOf([broken('none'), broken('long', ['a', 'b']), broken('short', ['a']), record()]);
    assert.strictEqual(verdict?.message, 'short (and 2 more scenarios)');
  });

  it('says of a rule that is kept when one of its scenarios was run with a smaller bound', () => {
    const bound = 'with a smaller bound: 4 of 9 calls';
    const [verdict] = verdictsOf([record({ verdict: 'kept' }), record({ verdict: 'kept', message: bound }), record({ verdict: 'kept' })]);
    assert.deepInclude(verdict, { verdict: 'kept', message: bound });
  });

  it('carries the command that shows it again, quoted for a shell', () => {
    const broken = { verdict: 'broken' } as const;
    assert.strictEqual(verdictsOf([record(broken)])[0]?.reproduce, 'npx iommu-tck run --driver careful --rule COM-MAP-01 --mode eager');
    assert.strictEqual(verdictsOf([record({ ...broken, reproduce: 'make it so' })])[0]?.reproduce, 'make it so');
    const named = verdictsOf([record({ ...broken, driver: "stdio:./it's mine" })]);
    assert.strictEqual(named[0]?.reproduce, `npx iommu-tck run --driver 'stdio:./it'\\''s mine' --rule COM-MAP-01 --mode eager`);
    assert.isUndefined(verdictsOf([record()])[0]?.reproduce);
  });
});

describe('a finding of the sanitizer', () => {
  const finding = { sanitizer: 'SAN-BALANCE', by: 'balance', message: 'a page is left' } as const;

  it('breaks its own rule, wherever it was made', () => {
    assert.strictEqual(shown([record({ ...finding, verdict: 'broken' })]), 'COM-MAP-01 broken, SAN-BALANCE broken');
    assert.strictEqual(shown([record({ ...finding, verdict: 'not-tested' })]), 'COM-MAP-01 not-tested, SAN-BALANCE broken');
    assert.strictEqual(shown([record({ ...finding, verdict: 'kept' })]), 'COM-MAP-01 kept, SAN-BALANCE broken');
  });

  it('lends its message to the rule that it breaks or leaves untested, and to no other', () => {
    assert.deepEqual(
      verdictsOf([record({ ...finding, verdict: 'not-tested' })]).map(({ message }) => message),
      ['setup: a page is left', 'a page is left'],
    );
    assert.deepEqual(
      verdictsOf([record(finding)]).map(({ message }) => message),
      [undefined, 'a page is left'],
    );
  });

  it('outweighs what the scenarios of its own rule say', () => {
    const own = record({ rules: ['SAN-BALANCE'] });
    assert.strictEqual(shown([own]), 'SAN-BALANCE kept');
    assert.strictEqual(shown([own, record(finding)]), 'COM-MAP-01 kept, SAN-BALANCE broken');
    assert.strictEqual(shown([record({ ...finding, rules: ['SAN-BALANCE'] })]), 'SAN-BALANCE broken');
  });
});

describe('judgeRun', () => {
  it('answers drivers, modes and rules in order', () => {
    const { answer } = judgeRun(sampleRecords(), ledger);
    assert.deepEqual(
      answer.drivers.map(({ name, profile, modes }) => ({ name, profile, modes })),
      [
        { name: 'careful', profile: 'sample-v2', modes: ['eager', 'lazy'] },
        { name: 'hasty', profile: 'sample-v3', modes: ['eager'] },
      ],
    );
    assert.deepEqual(
      answer.drivers[0]?.verdicts.slice(0, 3).map(({ rule, mode }) => `${rule} ${mode}`),
      ['COM-MAP-01 eager', 'COM-MAP-01 lazy', 'COM-UNMAP-01 eager'],
    );
    assertGolden('run.json', runJson(sampleRun()));
  });

  it('leaves excluded rules out', () => {
    assert.notInclude(runJson(sampleRun()), 'DOM-PASID-01');
  });

  it('refuses a run without scenarios', () => {
    assert.throws(() => judgeRun([], ledger), RecordError, 'no scenario was run; name a driver and rules that exist');
  });

  it('refuses records of rules that the features do not have', () => {
    assert.throws(
      () => judgeRun([record({ rules: ['GONE-01'] })], ledger),
      RecordError,
      '01-mapping.feature:16: rule GONE-01 is in the run and not in the features',
    );
    assert.throws(() => judgeRun([record({ sanitizer: 'SAN-HITLESS' })], ledger), RecordError, 'add a Rule tagged @rule:SAN-HITLESS');
  });
});

describe('a run is partial', () => {
  const [first] = ledger.rules;
  const one: Ledger = { rules: [first!] };

  it('when it was filtered', () => {
    const complete = judgeRun([record()], one);
    assert.deepEqual([complete.answer.partial, complete.leftOut, complete.filtered], [false, [], false]);
    for (const selection of [{ tags: '@area:mapping' }, { rules: ['COM-MAP-01'] }, { shard: '1/2' }]) {
      const { answer, leftOut, filtered } = judgeRun([record()], one, selection);
      assert.deepEqual([answer.partial, filtered], [true, true]);
      assert.lengthOf(leftOut, 1);
    }
    assert.isFalse(judgeRun([record()], one, { tags: '', rules: [] }).answer.partial);
  });

  it('when nothing ran for a rule that binds the driver, in any of its modes', () => {
    const entries = ledger.rules.filter(({ id }) => id === 'COM-MAP-01' || id === 'DOM-INIT-01' || id === 'DOM-PASID-01');
    assert.deepEqual(judgeRun([record()], { rules: entries }).leftOut, ['careful (eager): nothing ran for 1 rule: DOM-INIT-01']);
    assert.deepEqual(judgeRun([record({ profile: 'sample-v3' })], { rules: entries }).leftOut, []);
    const modes = [record(), record({ mode: 'lazy', rules: ['SAN-BALANCE'] })];
    assert.deepEqual(
      judgeRun(modes, one.rules[0] ? { rules: [...one.rules, ...ledger.rules.filter(({ id }) => id === 'SAN-BALANCE')] } : one).leftOut,
      ['careful (eager): nothing ran for 1 rule: SAN-BALANCE', 'careful (lazy): nothing ran for 1 rule: COM-MAP-01'],
    );
  });
});
