/** A failure as a mail to the list: at most ten lines that a maintainer can judge without the suite. */
import { decisive, findingsOf, messageOf, reproduceOf, verdictOf } from './findings';
import type { Finding } from './findings';
import { groupBy } from './group-by';
import { indexRules } from './ledger/ledger';
import type { LedgerEntry } from './ledger/rules';
import type { Run, RunRecord, RuleVerdict, Verdict } from './run';

/** One rule that one driver fails, over its modes. */
export interface Failure {
  readonly driver: string;
  readonly entry: LedgerEntry;
  readonly verdict: Verdict;
  /** The modes that show it. */
  readonly modes: readonly string[];
  /** The driver's baseline expects it in each of them. */
  readonly expected: boolean;
  /** The scenario that shows it best, which is the one with the shortest trace. */
  readonly finding: Finding<RunRecord>;
}

const MOST_LINES = 10;
const MOST_MESSAGE_LINES = 2;
/** The lines that are neither message nor trace: headline, expectation, source, scenario, command. */
const FRAME = 5;

/**
 * What failed, driver by driver in the order of the ledger; modes that the baseline expects to fail apart from those that it does not.
 * `which` says what counts; by default what fails a run.
 */
export function failuresOf(run: Run, which: readonly Verdict[] = ['broken', 'harness-error']): Failure[] {
  const entries = indexRules(run.ledger);
  const failed = run.records.flatMap((record) => findingsOf(record, entries)).filter((finding) => which.includes(verdictOf(finding)));
  const byRule = groupBy(failed, ({ entry, record }) => keyOf(record.driver, entry.id));
  return run.answer.drivers.flatMap(({ name, verdicts }) =>
    [
      ...groupBy(
        verdicts.filter(({ verdict }) => which.includes(verdict)),
        sortOf,
      ).values(),
    ].map((group): Failure => {
      const { rule, verdict } = group[0]!;
      const expected = group.every((one) => one.expected === true);
      const modes = group.map(({ mode }) => mode);
      const own = byRule.get(keyOf(name, rule))?.filter((one) => verdictOf(one) === verdict && modes.includes(one.record.mode)) ?? [];
      // What the baseline expects is no evidence of what it does not.
      const surprising = own.filter(({ record }) => record.expected !== true);
      const finding = decisive(expected || surprising.length === 0 ? own : surprising);
      return { driver: name, entry: finding.entry, verdict, modes, expected, finding };
    }),
  );
}

const sortOf = ({ rule, verdict, expected }: RuleVerdict): string => JSON.stringify([rule, verdict, expected === true]);

const keyOf = (driver: string, rule: string): string => JSON.stringify([driver, rule]);

/** The failure in at most ten lines: who breaks what, the source, what was found, the trace (its end, if it is long), and how to see it. */
export function failureMail(failure: Failure): string {
  const { entry, finding, modes } = failure;
  const { record } = finding;
  const found = (messageOf(finding) ?? 'no message').split('\n').slice(0, MOST_MESSAGE_LINES);
  return [
    `${headline(failure)} (${modes.join(', ')})`,
    `Expected: ${entry.statement}`,
    `Source:   ${entry.source.document} "${entry.source.quote}"`,
    `Scenario: ${record.scenario}, ${record.uri}:${record.line}`,
    ...found.map((line, index) => `${index === 0 ? 'Found:   ' : '         '} ${line}`.trimEnd()),
    ...traceEnd(record.trace ?? [], MOST_LINES - FRAME - found.length).map((line) => `          ${line}`),
    `Again:    ${reproduceOf(record)}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function headline({ driver, entry: { id }, verdict, expected }: Failure): string {
  if (verdict === 'harness-error') return `harness error: ${id} could not be judged on ${driver}`;
  if (verdict === 'differs') return `${driver} differs from ${id}`;
  if (verdict === 'advice') return `${driver} goes against the advice of ${id}`;
  return `${driver} breaks ${id}${expected ? ', as its baseline expects' : ''}`;
}

/** The last events, since they are nearest to what was found; the first line says how many came before. */
export function traceEnd(trace: readonly string[], most: number): readonly string[] {
  if (trace.length <= most) return trace;
  return [`(${trace.length - most + 1} events before)`, ...trace.slice(trace.length - most + 1)];
}
