import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { assert } from 'chai';
import { rulesAnswer } from './ledger/answer';
import { ANSWERS, answerErrors } from './schemas';
import type { AnswerName } from './schemas';
import { sampleLedger, sampleRun } from './testdata/support';

type Json = Readonly<Record<string, unknown>>;

const RULE: Json = {
  id: 'PKVM-ID-01',
  system: 'pkvm',
  kind: 'patch',
  statement: 'At most 65,536 domains exist',
  source: { document: 'A series, 2023-02-01', quote: 'MAX_DOMAINS' },
  state: 'tested',
  at: 'features/pkvm/01-ids.feature:5',
  scenarios: ['the last id'],
};
const EXCLUDED: Json = { ...RULE, state: 'excluded', reason: 'no hardware', scenarios: [] };
const VERDICT: Json = { rule: 'PKVM-ID-01', verdict: 'broken', mode: 'seeded:7', message: 'no', reproduce: 'npx iommu-tck run' };
const DRIVER: Json = { name: 'a', profile: 'p', modes: ['eager', 'seeded:7'], verdicts: [VERDICT] };
const MUTANT: Json = {
  id: 'm',
  system: 'pkvm',
  of: 'a',
  rule: 'PKVM-ID-01',
  by: 'step',
  killed: true,
  killedBy: [{ rule: 'SAN-STALENESS', by: 'staleness' }],
};
const ROW: Json = { name: 'walk', value: 2.1, unit: 'million/s', ratio: 0.5 };
const CHECK: Json = { name: 'clang', ok: false, version: '14', affects: ['C examples'], hint: 'apt-get install clang' };
const DIFFERENCE: Json = {
  ...{ id: 'a.0', line: 3, what: 'request 1 of 2', request: '{}', expected: 'st ok', found: 'st ur', differences: 2 },
};

/** Where the sample of each answer stands, and samples of it. */
const WRAP: Readonly<Record<AnswerName, (sample: Json) => Json>> = {
  rules: (rule) => ({ rules: [rule] }),
  run: (driver) => ({ partial: false, drivers: [driver] }),
  mutants: (mutant) => ({ mutants: [mutant] }),
  bench: (row) => ({ rows: [row] }),
  doctor: (check) => ({ checks: [check] }),
  replay: (difference) => ({
    ...{ configurations: 1, requests: 2, agree: 0, differ: 1, explained: 0, seconds: 0.2, differences: [difference], explanations: [] },
  }),
};

const without = (sample: Json, key: string): Json => Object.fromEntries(Object.entries(sample).filter(([name]) => name !== key));
const verdict = (changes: Json): Json => ({ ...DRIVER, verdicts: [{ ...VERDICT, ...changes }] });

const GOOD: readonly (readonly [AnswerName, Json])[] = [
  ['rules', RULE],
  ['rules', EXCLUDED],
  ['rules', { ...RULE, state: 'untested', scenarios: [] }],
  ['run', DRIVER],
  ['run', verdict({ expected: true })],
  ['run', { ...DRIVER, verdicts: [{ rule: 'A-1b', verdict: 'not-applicable', mode: 'eager' }] }],
  ['mutants', MUTANT],
  ['mutants', { ...MUTANT, by: 'all-or-nothing', killed: false, killedBy: [] }],
  ['bench', ROW],
  ['bench', without(ROW, 'ratio')],
  ['doctor', CHECK],
  ['doctor', { name: 'node', ok: true, affects: [] }],
  ['replay', DIFFERENCE],
  ['replay', without(DIFFERENCE, 'request')],
];

const BAD: readonly (readonly [AnswerName, Json, string])[] = [
  ...['id', 'system', 'kind', 'statement', 'source', 'state', 'at', 'scenarios'].map((key) => ['rules', without(RULE, key), key] as const),
  ['rules', { ...RULE, needs: [] }, 'needs'],
  ['rules', { ...RULE, id: 'pkvm-id-01' }, '/id'],
  ['rules', { ...RULE, kind: 'must' }, '/kind'],
  ['rules', { ...RULE, at: 'features/pkvm/01-ids.feature' }, '/at'],
  ['rules', { ...RULE, source: { document: 'a' } }, 'quote'],
  ['rules', { ...RULE, reason: 'why not' }, '/reason'],
  ['rules', without(EXCLUDED, 'reason'), 'reason'],
  ['rules', { ...EXCLUDED, scenarios: ['one'] }, '/scenarios'],
  ...['name', 'profile', 'modes', 'verdicts'].map((key) => ['run', without(DRIVER, key), key] as const),
  ['run', { ...DRIVER, ms: 1 }, 'ms'],
  ['run', { ...DRIVER, modes: ['seeded'] }, '/modes/0'],
  ['run', verdict({ verdict: 'failed' }), '/verdict'],
  ['run', verdict({ trace: [] }), 'trace'],
  ['run', verdict({ expected: false }), '/expected'],
  ['run', verdict({ verdict: 'kept', expected: true }), '/verdict'],
  ...['id', 'system', 'of', 'rule', 'by', 'killed', 'killedBy'].map((key) => ['mutants', without(MUTANT, key), key] as const),
  ['mutants', { ...MUTANT, by: 'luck' }, '/by'],
  ['mutants', { ...MUTANT, killedBy: [{ rule: 'A-1' }] }, 'by'],
  ...['name', 'value', 'unit'].map((key) => ['bench', without(ROW, key), key] as const),
  ['bench', { ...ROW, value: '2.1' }, '/value'],
  ...['name', 'ok', 'affects'].map((key) => ['doctor', without(CHECK, key), key] as const),
  ['doctor', { ...CHECK, severity: 1 }, 'severity'],
  ...['id', 'line', 'what', 'expected', 'found', 'differences'].map((key) => ['replay', without(DIFFERENCE, key), key] as const),
  ['replay', { ...DIFFERENCE, line: 0 }, '/line'],
];

describe('the published schemas', () => {
  it('are those of the machine-readable answers', () => {
    for (const name of ANSWERS) {
      const { $schema, $id } = JSON.parse(readFileSync(`docs/schemas/${name}.json`, 'utf8')) as Json;
      assert.deepEqual([$schema, $id], ['https://json-schema.org/draft/2020-12/schema', `urn:iommu-tck:schema:${name}`]);
    }
    assert.includeMembers(
      readdirSync('docs/schemas'),
      ANSWERS.map((name) => `${name}.json`),
    );
  });

  it('allow what the suite answers', () => {
    assert.deepEqual(answerErrors('rules', JSON.parse(JSON.stringify(rulesAnswer(sampleLedger())))), []);
    assert.deepEqual(answerErrors('run', JSON.parse(JSON.stringify(sampleRun().answer))), []);
    for (const [name, sample] of GOOD) assert.deepEqual(answerErrors(name, WRAP[name](sample)), [], JSON.stringify(sample));
  });

  it('refuse everything else, and say where', () => {
    for (const [name, sample, place] of BAD)
      assert.include(answerErrors(name, WRAP[name](sample)).join('\n'), place, `${name} ${JSON.stringify(sample)}`);
    for (const name of ANSWERS) {
      assert.isNotEmpty(answerErrors(name, {}), name);
      assert.isNotEmpty(answerErrors(name, { ...WRAP[name]({}), more: 1 }), name);
    }
    assert.isNotEmpty(answerErrors('run', { partial: false, drivers: [] }), 'a run of nothing');
  });
});
