import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { assert } from 'chai';
import { EXEMPT_MEDIA_TYPE, exemptionsLine } from './exemptions';
import type { Exempt, Exemptions } from './exemptions';
import { readMessageStream, recordsFromMessages } from './messages';
import { RecordError, SCENARIO_MEDIA_TYPE } from './record';
import type { ScenarioRecord } from './record';
import { assertGolden, MESSAGES, record } from './testdata/support';

const lines = readFileSync(MESSAGES, 'utf8').trimEnd().split('\n');

/** A stream of one scenario with one step and one hook. */
function stream(ends: Readonly<Record<'step' | 'hook', object>>, attachments: readonly unknown[], more: readonly object[] = []): string[] {
  const at = { testCaseStartedId: 's' };
  return [
    { meta: {} },
    {
      pickle: {
        id: 'p',
        name: 'one',
        uri: 'features/a/b.feature',
        location: { line: 3 },
        tags: [{ name: '@rule:COM-MAP-01' }],
        steps: [{ id: 'ps', text: 'it works' }],
      },
    },
    {
      testCase: {
        id: 'c',
        pickleId: 'p',
        testSteps: [
          { id: 't', pickleStepId: 'ps' },
          { id: 'h', hookId: 'x' },
        ],
      },
    },
    { testCaseStarted: { id: 's', testCaseId: 'c', attempt: 0 } },
    { testStepFinished: { ...at, testStepId: 't', testStepResult: ends.step } },
    ...attachments.map((body) => ({
      attachment: { ...at, mediaType: SCENARIO_MEDIA_TYPE, contentEncoding: 'IDENTITY', body: JSON.stringify(body) },
    })),
    { testStepFinished: { ...at, testStepId: 'h', testStepResult: ends.hook } },
    ...more,
    { testCaseFinished: { ...at, willBeRetried: false } },
  ].map((envelope) => JSON.stringify(envelope));
}

const PASSED = { status: 'PASSED' };
const failed = (message: string): object => ({ status: 'FAILED', message });
const only = (text: readonly string[]): ScenarioRecord => recordsFromMessages(text, 'run.ndjson', record())[0]!;

describe('readMessageStream', () => {
  it('rebuilds the records of a stored run', () => {
    assertGolden('records.json', `${JSON.stringify(readMessageStream(MESSAGES), null, 2)}\n`);
  });

  it('reads several runs in one stream', () => {
    const lazy = lines.map((line) => line.replaceAll('\\"mode\\":\\"eager\\"', '\\"mode\\":\\"lazy\\"'));
    const records = recordsFromMessages([...lines, ...lazy], 'run.ndjson');
    assert.lengthOf(records, 20);
    assert.deepEqual([records[9]?.mode, records[10]?.mode], ['eager', 'lazy']);
  });

  it('calls what an interrupted run did not come to not tested, and does not mind its last line', () => {
    const end = lines.findIndex((line) => line.startsWith('{"testCaseFinished"')) + 1;
    const records = recordsFromMessages([...lines.slice(0, end), lines[end]!.slice(0, 20)], 'run.ndjson');
    assert.lengthOf(records, 10);
    assert.deepEqual([records[0]?.verdict, records[1]?.verdict], ['kept', 'not-tested']);
    assert.strictEqual(records[1]?.message, 'the run ended before this scenario did');
  });

  it('names the line that is no message', () => {
    assert.throws(
      () => recordsFromMessages(['{"meta":{}}', 'oops', '{}'], 'run.ndjson'),
      RecordError,
      'run.ndjson:2: this line is no Cucumber message',
    );
    assert.throws(() => recordsFromMessages(['[1]'], 'run.ndjson'), RecordError, 'run.ndjson:1');
  });

  it('says where a feature did not parse', () => {
    const error = { parseError: { source: { uri: 'features/a/b.feature', location: { line: 7 } }, message: 'expected: #StepLine' } };
    assert.throws(
      () => recordsFromMessages([JSON.stringify(error)], 'run.ndjson'),
      RecordError,
      'features/a/b.feature:7: the run did not start',
    );
  });

  it('asks whom the run was about when no record says so', () => {
    const nothing = stream({ step: PASSED, hook: PASSED }, []);
    assert.throws(() => recordsFromMessages(nothing, 'run.ndjson'), RecordError, 'name driver, profile and mode');
    assert.deepInclude(only(nothing), { driver: 'careful', profile: 'sample-v2', mode: 'eager', rules: ['COM-MAP-01'], line: 3 });
  });
});

describe('scenarios that were not played', () => {
  const exempt = (at: number, scenario: string): Exempt => {
    const { rules, uri, line } = record();
    return { at, rules, uri, line, scenario, verdict: 'not-applicable', message: 'no pasid' };
  };
  const exemptions = (...scenarios: readonly Exempt[]): Exemptions => ({
    driver: 'careful',
    profile: 'sample-v2',
    mode: 'lazy',
    scenarios: [...scenarios],
  });
  const line = (...scenarios: readonly Exempt[]): string => exemptionsLine(exemptions(...scenarios)).trimEnd();
  const names = (text: readonly string[]): string[] => recordsFromMessages(text, 'run.ndjson').map(({ scenario }) => scenario);
  const played = stream({ step: PASSED, hook: PASSED }, [record({ scenario: 'one' })]);

  it('stand in their places among those that were', () => {
    const [meta = '', ...rest] = played;
    assert.deepEqual(names([meta, line(exempt(0, 'zero'), exempt(2, 'two'), exempt(3, 'three')), ...rest]), [
      'zero',
      'one',
      'two',
      'three',
    ]);
    assert.deepEqual(names([...played, line(exempt(1, 'two'))]), ['one', 'two']);
    assert.deepEqual(names([...played, line(exempt(9, 'last'))]), ['one', 'last']);
  });

  it('are a whole record each, and say whom the run was about', () => {
    const [only] = recordsFromMessages([line(exempt(0, 'zero'))], 'run.ndjson');
    const { rules, uri, line: at } = record();
    assert.deepEqual(only, {
      ...{ driver: 'careful', profile: 'sample-v2', mode: 'lazy', rules, scenario: 'zero', uri, line: at },
      ...{ verdict: 'not-applicable', message: 'no pasid', ms: 0 },
    });
    const [, unplayed] = recordsFromMessages([...played.slice(0, 3), line(exempt(0, 'zero'))], 'run.ndjson');
    assert.deepInclude(unplayed, { driver: 'careful', mode: 'lazy', scenario: 'one', verdict: 'not-tested' });
  });

  it('are in error with the rest when a hook of the run failed', () => {
    const hook = JSON.stringify({ testRunHookFinished: { result: failed('cannot stop') } });
    const [first] = recordsFromMessages([line({ ...exempt(0, 'zero'), verdict: 'broken', by: 'step' }), hook], 'run.ndjson');
    assert.strictEqual(first?.verdict, 'harness-error');
    assert.strictEqual(first?.message, 'a hook of the whole run failed: cannot stop');
    assert.notProperty(first, 'by');
  });

  it('are refused when their list is of another shape', () => {
    const changed = (body: string): string[] => [JSON.stringify({ attachment: { body, mediaType: EXEMPT_MEDIA_TYPE } })];
    const where = 'run.ndjson: the scenarios that were not played: ';
    assert.throws(() => names(changed('oops')), RecordError, `${where}no JSON`);
    const wrong = { ...exemptions(), scenarios: [{ ...exempt(0, 'zero'), verdict: 'fine' }] };
    assert.throws(() => names(changed(JSON.stringify(wrong))), RecordError, `${where}scenarios.0.verdict: `);
  });
});

describe('a harness error', () => {
  const kept = record();
  const broken = record({ verdict: 'broken', message: 'no fault' });
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['no record', stream({ step: PASSED, hook: PASSED }, []), 'no record was attached'],
    [
      'no record, since a step failed',
      stream({ step: failed('Error: oops\n at x'), hook: PASSED }, []),
      'the step "it works" failed: Error: oops',
    ],
    ['two records', stream({ step: PASSED, hook: PASSED }, [kept, kept]), '2 records were attached'],
    [
      'a record of another shape',
      stream({ step: PASSED, hook: PASSED }, [{ ...kept, line: 0 }]),
      'the attached record: line: Invalid value: Expected >=1 but received 0',
    ],
    ['an undefined step', stream({ step: { status: 'UNDEFINED' }, hook: PASSED }, [kept]), 'the step "it works" is undefined'],
    [
      'an ambiguous step',
      stream({ step: { status: 'AMBIGUOUS' }, hook: PASSED }, [broken]),
      'the step "it works" is ambiguous (the record says broken: no fault)',
    ],
    ['a pending step', stream({ step: { status: 'PENDING' }, hook: PASSED }, [kept]), 'the step "it works" is pending'],
    [
      'a failed step in a record that says kept',
      stream({ step: failed('no'), hook: PASSED }, [kept]),
      'the step "it works" failed: no, and the record says kept',
    ],
    [
      'a skipped step in a record that says kept',
      stream({ step: { status: 'SKIPPED' }, hook: PASSED }, [kept]),
      'a step was skipped, and the record says kept',
    ],
    ['a failed hook', stream({ step: PASSED, hook: failed('TypeError') }, [kept]), 'a hook failed: TypeError'],
    [
      'a failed hook after a finding',
      stream({ step: failed('no fault'), hook: failed('TypeError') }, [broken]),
      'a hook failed: TypeError (the record says broken: no fault)',
    ],
    [
      'a failed hook of the run',
      stream({ step: PASSED, hook: PASSED }, [kept], [{ testRunHookFinished: { result: failed('cannot stop') } }]),
      'a hook of the whole run failed: cannot stop',
    ],
  ];
  for (const [name, text, expected] of cases) {
    it(`is ${name}`, () => {
      const { verdict, message } = only(text);
      assert.deepEqual({ verdict, message }, { verdict: 'harness-error', message: expected });
    });
  }

  it('is not a hook that fails with the finding of the record', () => {
    const found = record({ sanitizer: 'SAN-BALANCE', by: 'balance', message: 'a page is left' });
    assert.deepEqual(only(stream({ step: PASSED, hook: failed('Violation: a page is left\n at x') }, [found])), found);
  });

  it('is not a skipped step of a rule that does not apply', () => {
    const skipped = record({ verdict: 'not-applicable', message: 'no pasid' });
    assert.deepEqual(only(stream({ step: { status: 'SKIPPED' }, hook: PASSED }, [skipped])), skipped);
  });

  it('keeps the violation that the scenario had found', () => {
    const found = record({ verdict: 'broken', sanitizer: 'SAN-BALANCE', by: 'balance', message: 'a page is left' });
    const { verdict, sanitizer } = only(stream({ step: failed('x'), hook: failed('TypeError') }, [found]));
    assert.deepEqual([verdict, sanitizer], ['harness-error', 'SAN-BALANCE']);
  });
});

describe('a retried scenario', () => {
  it('is its last attempt', () => {
    const again = stream({ step: PASSED, hook: PASSED }, [record({ message: 'second' })])
      .slice(3)
      .map((line) => line.replaceAll('"s"', '"s2"'));
    const first = stream({ step: failed('x'), hook: PASSED }, [record({ verdict: 'broken' })]).map((line) =>
      line.replace('"willBeRetried":false', '"willBeRetried":true'),
    );
    assert.strictEqual(only([...first, ...again]).message, 'second');
    assert.strictEqual(only(first).verdict, 'not-tested', 'the attempt that counts never ran');
  });
});
