/** What the tests of this folder share: a small run, and files that hold what a writer should write. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assert } from 'chai';
import { applyBaseline } from '../baseline';
import { readLedger } from '../ledger/ledger';
import type { Ledger } from '../ledger/ledger';
import { readRecord } from '../record';
import type { ScenarioRecord } from '../record';
import type { Run } from '../run';
import { judgeRun } from '../verdicts';

export const FEATURES = join(__dirname, 'features');
export const MESSAGES = join(__dirname, 'messages.ndjson');

export const sampleLedger = (): Ledger => readLedger(FEATURES);

/** Two drivers, one of them in two modes, with every verdict that there is. */
export function sampleRecords(): ScenarioRecord[] {
  const records = JSON.parse(readFileSync(join(__dirname, 'records.json'), 'utf8')) as unknown[];
  return records.map((record, index) => readRecord(record, `records.json[${index}]`));
}

/** The sample records, judged, with an expected failure that happened and one that is stale. */
export function sampleRun(): Run {
  const baseline = [
    { rule: 'SAN-BALANCE', message: 'page of kind table' },
    { rule: 'DOM-PASID-01', message: 'no PASID', mode: 'eager' },
  ];
  return applyBaseline(judgeRun(sampleRecords(), sampleLedger()), new Map([['hasty', baseline]]));
}

/** A record that keeps COM-MAP-01, with `changes`. */
export const record = (changes: Partial<ScenarioRecord> = {}): ScenarioRecord => ({
  driver: 'careful',
  profile: 'sample-v2',
  mode: 'eager',
  rules: ['COM-MAP-01'],
  scenario: 'overlap at the start',
  uri: 'features/common/01-mapping.feature',
  line: 16,
  verdict: 'kept',
  ...changes,
});

/** Compares `text` with the golden file of that name; `UPDATE_GOLDEN=1` writes the file instead, for a person to read the difference. */
export function assertGolden(name: string, text: string): void {
  const path = join(__dirname, 'golden', name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  assert.isTrue(existsSync(path), `${name} does not exist; write it with UPDATE_GOLDEN=1`);
  assert.strictEqual(text, readFileSync(path, 'utf8'), `${name}; if the change is meant, write it with UPDATE_GOLDEN=1`);
}
