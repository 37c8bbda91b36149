/** JUnit XML: a test suite for each driver and mode, a test case for each scenario. */
import { create } from 'xmlbuilder2';
import { findingsOf, messageOf, reproduceOf, verdictOf, worstOf } from './findings';
import type { Finding } from './findings';
import { groupBy } from './group-by';
import { indexRules } from './ledger/ledger';
import type { LedgerEntry } from './ledger/rules';
import { CELL_LABELS } from './grid';
import type { Run, RunRecord, Stale, Verdict } from './run';

/** How CI systems count a test case. */
type Outcome = 'passed' | 'skipped' | 'failure' | 'error';

const OUTCOMES: Readonly<Record<Verdict, Outcome>> = {
  kept: 'passed',
  broken: 'failure',
  'harness-error': 'error',
  // Neither a pass nor a failure: CI systems show a skipped case with its reason.
  'not-applicable': 'skipped',
  'not-tested': 'skipped',
  differs: 'skipped',
  advice: 'skipped',
};

interface Case {
  readonly record: RunRecord;
  readonly name: string;
  readonly outcome: Outcome;
  /** One line, for every outcome but `passed`. */
  readonly message: string;
  readonly body: string;
}

interface Builder {
  ele(name: string, attributes: Readonly<Record<string, string>>): Builder;
  txt(content: string): Builder;
}

/** The run as JUnit XML. Entries of a baseline that are stale are failures of a test suite of their own. */
export function junit(run: Run): string {
  const entries = indexRules(run.ledger);
  const document = create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '' });
  const suites = [...groupBy(run.records, ({ driver, mode }) => JSON.stringify([driver, mode])).values()].map((records) =>
    casesOf(records, entries),
  );
  const root = document.ele('testsuites', { name: 'iommu-tck', ...totals(suites.flat(), run.stale.length) });
  for (const cases of suites) addSuite(root, cases, run.answer.partial);
  for (const [driver, stale] of groupBy(run.stale, (one) => one.driver)) addStale(root, driver, stale);
  return `${document.end({ prettyPrint: true })}\n`;
}

function casesOf(records: readonly RunRecord[], entries: ReadonlyMap<string, LedgerEntry>): Case[] {
  const names = new Map<string, number>();
  return records.map((record) => {
    const findings = findingsOf(record, entries);
    const verdict = worstOf(findings);
    const state = record.expected && verdict === 'broken' ? 'expected' : verdict;
    const worst = findings.filter((finding) => verdictOf(finding) === verdict);
    const said = worst.map(messageOf).find((message) => message !== undefined);
    const title = `${record.rules.join(' ')}: ${record.scenario}`;
    // Rows of an outline may share a name, and line numbers would break the history of a case with each edit above it.
    const nth = (names.get(record.uri + title) ?? 0) + 1;
    names.set(record.uri + title, nth);
    return {
      record,
      name: nth === 1 ? title : `${title} [${nth}]`,
      outcome: state === 'expected' ? 'skipped' : OUTCOMES[verdict],
      message: [CELL_LABELS[state], ...(said === undefined ? [] : [said.split('\n', 1)[0]])].join(': '),
      body: bodyOf(record, worst, said),
    };
  });
}

function bodyOf(record: RunRecord, worst: readonly Finding[], said: string | undefined): string {
  const rules = worst.flatMap(({ entry }) => [`${entry.id}: ${entry.statement}`, `  ${entry.source.document} "${entry.source.quote}"`]);
  return [...rules, ...(said === undefined ? [] : [said]), ...(record.trace ?? []).map((line) => `  ${line}`), reproduceOf(record)].join(
    '\n',
  );
}

function addSuite(root: Builder, cases: readonly Case[], partial: boolean): void {
  const { driver, profile, mode } = cases[0]!.record;
  const suite = root.ele('testsuite', { name: `${driver} (${mode})`, ...totals(cases) });
  const properties = suite.ele('properties', {});
  properties.ele('property', { name: 'profile', value: profile });
  properties.ele('property', { name: 'partial', value: String(partial) });
  for (const { record, name, outcome, message, body } of cases) {
    const element = suite.ele('testcase', { classname: record.uri.replace(/\.feature$/, ''), name, ...timeOf([record]) });
    if (outcome === 'skipped') element.ele('skipped', { message });
    if (outcome === 'failure' || outcome === 'error') element.ele(outcome, { message, type: record.by ?? record.verdict }).txt(body);
  }
}

function addStale(root: Builder, driver: string, stale: readonly Stale[]): void {
  const count = String(stale.length);
  const suite = root.ele('testsuite', { name: `${driver} (baseline)`, tests: count, failures: count, errors: '0', skipped: '0' });
  for (const { rule, message } of stale) {
    suite.ele('testcase', { classname: 'baseline', name: rule }).ele('failure', { message, type: 'stale' });
  }
}

function totals(cases: readonly Case[], stale = 0): Record<string, string> {
  const count = (outcome: Outcome): number => cases.filter((one) => one.outcome === outcome).length;
  return {
    tests: String(cases.length + stale),
    failures: String(count('failure') + stale),
    errors: String(count('error')),
    skipped: String(count('skipped')),
    ...timeOf(cases.map(({ record }) => record)),
  };
}

/** Seconds; absent when no record says how long it took. */
function timeOf(records: readonly RunRecord[]): Record<string, string> {
  const known = records.flatMap(({ ms }) => (ms === undefined ? [] : [ms]));
  return known.length === 0 ? {} : { time: (known.reduce((total, ms) => total + ms, 0) / 1000).toFixed(3) };
}
