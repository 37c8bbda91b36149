/** The rules x drivers matrix as data: rows of rules by system, one cell for each driver. */
import { groupBy } from './group-by';
import type { LedgerEntry } from './ledger/rules';
import { LABELS, worse } from './run';
import type { DriverVerdicts, Run, RuleVerdict, Verdict } from './run';

/** What a cell can say: a verdict, one that the baseline expects, or that nothing ran. */
export type CellState = Verdict | 'expected' | 'not-run';

/** How cells are written for people, in the order of a legend. */
export const CELL_LABELS: Readonly<Record<CellState, string>> = { ...LABELS, expected: 'expected failure', 'not-run': 'not run' };

/** One rule on one driver, over all its modes. */
export interface Cell {
  readonly driver: DriverVerdicts;
  readonly state: CellState;
  /** The driver's modes do not agree; `state` is the worst. */
  readonly mixed: boolean;
  readonly verdicts: readonly RuleVerdict[];
}

/** One rule on every driver. */
export interface Row {
  readonly entry: LedgerEntry;
  /** One for each driver, in the order of the run. */
  readonly cells: readonly Cell[];
}

/** The whole matrix. */
export interface Grid {
  readonly drivers: readonly DriverVerdicts[];
  /** Systems in the order of the ledger; rules on which no driver has a verdict are left out. */
  readonly systems: readonly { readonly system: string; readonly rows: readonly Row[] }[];
}

/** The matrix of a run. */
export function gridOf({ answer: { drivers }, ledger }: Run): Grid {
  const byRule = drivers.map(({ verdicts }) => groupBy(verdicts, ({ rule }) => rule));
  const rows = ledger.rules
    .map((entry) => ({ entry, cells: drivers.map((driver, index) => cellOf(driver, byRule[index]?.get(entry.id) ?? [])) }))
    .filter(({ cells }) => cells.some(({ state }) => state !== 'not-run'));
  const systems = groupBy(rows, ({ entry }) => entry.system);
  return { drivers, systems: [...systems].map(([system, own]) => ({ system, rows: own })) };
}

function cellOf(driver: DriverVerdicts, verdicts: readonly RuleVerdict[]): Cell {
  const verdict = verdicts.map((one) => one.verdict).reduce(worse, 'not-applicable');
  const worst = verdicts.filter((one) => one.verdict === verdict);
  // A failure in one mode that nobody expected is not hidden by one in another mode that somebody did.
  const expected = worst.length > 0 && worst.every((one) => one.expected === true);
  const state = verdicts.length === 0 ? 'not-run' : expected ? 'expected' : verdict;
  return { driver, state, mixed: verdicts.length > 0 && worst.length < driver.modes.length, verdicts };
}
