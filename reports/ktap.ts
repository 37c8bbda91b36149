/** KTAP version 1, as the kernel documents it: a test for each driver and mode, in it one for each feature file, in it the scenarios. */
import { findingsOf, messageOf, reproduceOf, verdictOf, worstOf } from './findings';
import { traceEnd } from './failure';
import { groupBy } from './group-by';
import { indexRules } from './ledger/ledger';
import type { LedgerEntry } from './ledger/rules';
import { LABELS } from './run';
import type { Run, RunRecord } from './run';

const MOST_TRACE_LINES = 20;

/** A result and the lines that come before it, not yet indented or numbered. */
interface Result {
  readonly lines: readonly string[];
  readonly ok: boolean;
  readonly name: string;
  readonly directive?: string;
}

/** The run as KTAP. Entries of a baseline that are stale are failed tests at the end. */
export function ktap(run: Run): string {
  const entries = indexRules(run.ledger);
  const subjects = groupBy(run.records, ({ driver, mode }) => `${driver} (${mode})`);
  const results = [...subjects].map(([name, records]) => {
    const files = groupBy(records, ({ uri }) => uri);
    return nested(
      name,
      [...files].map(([uri, own]) =>
        nested(
          uri,
          own.map((record) => resultOf(record, entries)),
        ),
      ),
    );
  });
  const stale = run.stale.map(({ driver, rule, message }) => ({ lines: [`# ${message}`], ok: false, name: `${driver} baseline ${rule}` }));
  const why = run.leftOut.map((reason) => `# partial: ${reason}`);
  return [...block([...results, ...stale], why), ''].join('\n');
}

/** Version, plan, and the numbered results. */
function block(results: readonly Result[], remarks: readonly string[] = []): string[] {
  const numbered = results.flatMap(({ lines, ok, name, directive }, index) => [
    ...lines,
    `${ok ? 'ok' : 'not ok'} ${index + 1} ${described(name)}${directive === undefined ? '' : ` # ${directive}`}`,
  ]);
  return ['KTAP version 1', `1..${results.length}`, ...remarks, ...numbered];
}

/** A test of subtests: it fails when one of them fails, and is skipped when all are. */
function nested(name: string, results: readonly Result[]): Result {
  const skipped = results.every(({ directive }) => directive?.startsWith('SKIP') === true);
  return {
    lines: block(results).map((line) => `  ${line}`),
    ok: results.every(({ ok }) => ok),
    name,
    ...(skipped && { directive: 'SKIP' }),
  };
}

function resultOf(record: RunRecord, entries: ReadonlyMap<string, LedgerEntry>): Result {
  const findings = findingsOf(record, entries);
  const verdict = worstOf(findings);
  const worst = findings.filter((finding) => verdictOf(finding) === verdict);
  const said = worst.map(messageOf).find((message) => message !== undefined);
  const name = `${record.rules.join(' ')}: ${record.scenario}`;
  if (verdict === 'kept') return { lines: [], ok: true, name };
  const reason = [LABELS[verdict], ...(said === undefined ? [] : [said.split('\n', 1)[0]])].join(': ');
  const failed = verdict === 'broken' || verdict === 'harness-error';
  if (!failed) return { lines: [], ok: true, name, directive: `SKIP ${reason}` };
  // As kselftest prints it: a parser that does not know the directive falls back to the result.
  if (record.expected && verdict === 'broken') return { lines: [], ok: true, name, directive: `XFAIL ${reason}` };
  const lines = [
    ...worst.map(({ entry }) => `${entry.id}: ${entry.statement}`),
    ...(said ?? '').split('\n').filter((line) => line !== ''),
    ...traceEnd(record.trace ?? [], MOST_TRACE_LINES).map((line) => `  ${line}`),
    reproduceOf(record),
  ];
  return {
    lines: lines.map((line) => `# ${line}`),
    ok: false,
    name,
    ...(verdict === 'harness-error' && { directive: `ERROR ${reason}` }),
  };
}

/** A description may hold anything but the sign that ends it. */
const described = (name: string): string => name.replaceAll(/\s*#\s*/g, ' no. ').trim();
