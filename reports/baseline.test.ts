import { describe, it } from 'node:test';
import { assert } from 'chai';
import { applyBaseline, readBaseline } from './baseline';
import type { ExpectedFailure } from './baseline';
import { RecordError } from './record';
import type { ScenarioRecord } from './record';
import type { Run } from './run';
import { record, sampleLedger } from './testdata/support';
import { judgeRun } from './verdicts';

const ledger = sampleLedger();
const broken = (message: string, changes: Partial<ScenarioRecord> = {}): ScenarioRecord =>
  record({ verdict: 'broken', message, ...changes });
const run = (...records: readonly ScenarioRecord[]): Run => judgeRun(records, ledger);
const applied = (one: Run, ...expected: readonly ExpectedFailure[]): Run => applyBaseline(one, new Map([['careful', expected]]));
const shown = ({ answer }: Run): string[] =>
  answer.drivers.flatMap(({ verdicts }) =>
    verdicts.map(({ rule, verdict, mode, expected }) => `${rule} ${mode} ${verdict}${expected ? ' expected' : ''}`),
  );

describe('a baseline', () => {
  it('marks the broken verdicts that it expects', () => {
    const judged = applied(run(broken('map: done'), broken('unmap: 0', { rules: ['COM-UNMAP-01'] })), {
      rule: 'COM-MAP-01',
      message: 'map: done',
    });
    assert.deepEqual(shown(judged), ['COM-MAP-01 eager broken expected', 'COM-UNMAP-01 eager broken']);
    assert.deepEqual(
      judged.records.map(({ expected }) => expected),
      [true, undefined],
    );
    assert.deepEqual(judged.stale, []);
  });

  it('does not hide another failure of the same rule', () => {
    const judged = applied(run(broken('map: done'), broken('map: EIO')), { rule: 'COM-MAP-01', message: 'done' });
    assert.deepEqual(shown(judged), ['COM-MAP-01 eager broken']);
    assert.deepEqual(
      judged.records.map(({ expected }) => expected),
      [true, undefined],
    );
  });

  it('does not hide a harness error', () => {
    const judged = applied(run(broken('map: done'), record({ verdict: 'harness-error', message: 'map: done' })), {
      rule: 'COM-MAP-01',
      message: 'done',
    });
    assert.deepEqual(shown(judged), ['COM-MAP-01 eager harness-error']);
    assert.isUndefined(judged.records[1]?.expected);
  });

  it('may be for one mode', () => {
    const both = run(broken('map: done'), broken('map: done', { mode: 'lazy' }));
    assert.deepEqual(shown(applied(both, { rule: 'COM-MAP-01', message: 'done', mode: 'lazy' })), [
      'COM-MAP-01 eager broken',
      'COM-MAP-01 lazy broken expected',
    ]);
  });

  it('expects findings of the sanitizer by its own rule', () => {
    const found = run(broken('stale', { sanitizer: 'SAN-STALENESS', by: 'staleness' }));
    const half = applied(found, { rule: 'SAN-STALENESS', message: 'stale' });
    assert.deepEqual(shown(half), ['COM-MAP-01 eager broken', 'SAN-STALENESS eager broken expected']);
    assert.isUndefined(half.records[0]?.expected, 'the scenario breaks a rule that nobody expected');
    const whole = applied(found, { rule: 'SAN-STALENESS', message: 'stale' }, { rule: 'COM-MAP-01', message: 'stale' });
    assert.isTrue(whole.records[0]?.expected);
  });

  it('belongs to one driver', () => {
    assert.deepEqual(shown(applied(run(broken('done', { driver: 'hasty' })), { rule: 'COM-MAP-01', message: 'done' })), [
      'COM-MAP-01 eager broken',
    ]);
  });
});

describe('an expectation is stale', () => {
  const stale = (one: Run, ...expected: readonly ExpectedFailure[]): string[] =>
    applied(one, ...expected).stale.map(({ message }) => message);

  it('when it matches nothing', () => {
    assert.deepEqual(stale(run(broken('map: EIO')), { rule: 'COM-MAP-01', message: 'done' }), [
      'COM-MAP-01 is expected to fail with "done" and did not; delete the entry from the baseline of careful',
    ]);
    assert.lengthOf(stale(run(record()), { rule: 'COM-MAP-01', message: 'done', mode: 'eager' }), 1);
    assert.lengthOf(stale(run(record()), { rule: 'GONE-01', message: 'done' }), 1);
    const differs = broken('id: 0', { rules: ['DOM-ID-01'] });
    assert.lengthOf(stale(run(differs), { rule: 'DOM-ID-01', message: 'id' }), 1, 'what only differs fails nothing and needs no entry');
  });

  it('but not when it could not have matched', () => {
    assert.deepEqual(stale(run(record()), { rule: 'COM-MAP-01', message: 'done', mode: 'lazy' }), []);
    assert.deepEqual(stale(run(record({ mode: 'seeded:1' })), { rule: 'COM-MAP-01', message: 'done' }), []);
    const filtered = judgeRun([record({ rules: ['SAN-BALANCE'] })], ledger, { rules: ['SAN-BALANCE'] });
    assert.deepEqual(stale(filtered, { rule: 'COM-MAP-01', message: 'done' }), []);
    assert.deepEqual(stale(run(record({ driver: 'hasty' })), { rule: 'COM-MAP-01', message: 'done' }), []);
  });
});

describe('readBaseline', () => {
  it('reads entries and names what is wrong with them', () => {
    assert.deepEqual(readBaseline([{ rule: 'A-1', message: 'x', mode: 'lazy' }], 'b.json'), [{ rule: 'A-1', message: 'x', mode: 'lazy' }]);
    assert.throws(
      () => readBaseline([{ rule: 'A-1', message: '', why: 1 }], 'b.json'),
      RecordError,
      'b.json: 0.message: is empty; 0.why: no such field',
    );
    assert.throws(() => readBaseline([{ rule: 'A-1' }], 'b.json'), RecordError, 'b.json: 0.message: missing');
  });
});
