/** The rules x drivers matrix as plain text, for a terminal. */
import { gridOf } from './grid';
import type { Cell, CellState, Grid, Row } from './grid';
import { countVerdicts, LABELS, VERDICTS } from './run';
import type { DriverVerdicts, Run } from './run';

/** What a piece of the matrix is; a terminal gives each its colour. */
export type Paint = (text: string, as: CellState | 'heading' | 'quiet') => string;

/** How the matrix is laid out. */
export interface MatrixOptions {
  /** Columns that a line may fill; statements are cut to fit. 100 when absent. */
  readonly width?: number;
  /** Colours a piece of text without changing its width. Absent: no colour. */
  readonly paint?: Paint;
}

const WORDS: Readonly<Record<CellState, string>> = {
  'not-applicable': 'n/a',
  kept: 'kept',
  'not-tested': '?',
  advice: 'advice',
  differs: 'differs',
  broken: 'BROKEN',
  'harness-error': 'ERROR',
  expected: 'expected',
  'not-run': '-',
};
const LEGEND: readonly CellState[] = [
  'kept',
  'broken',
  'expected',
  'differs',
  'advice',
  'not-tested',
  'not-applicable',
  'harness-error',
  'not-run',
];
/** The explanation of each word that does not explain itself. */
const MEANING: Readonly<Partial<Record<CellState, string>>> = {
  expected: 'broken, as the baseline of the driver expects',
  differs: 'from what was observed elsewhere',
  advice: 'goes against a recommendation',
  'not-tested': 'not tested',
  'not-applicable': 'not applicable',
  'harness-error': 'harness error',
  'not-run': 'not run',
};

const GAP = '  ';
const LEGEND_WIDTH = Math.max(...LEGEND.map((state) => WORDS[state].length));
const LEAST_STATEMENT = 20;

/** Rows of rules by system, columns of drivers, one word a cell, a legend of the words in use, and a line of totals for each driver. */
export function matrix(run: Run, { width = 100, paint = (text) => text }: MatrixOptions = {}): string {
  const grid = gridOf(run);
  const rows = grid.systems.flatMap((system) => system.rows);
  const first = Math.max(4, ...rows.map(({ entry }) => entry.id.length + GAP.length));
  const named = columnWidths(grid, ({ name }) => name);
  const fits = first + sum(named) <= width;
  const heads = grid.drivers.map(({ name }, index) => (fits ? name : `[${index + 1}]`));
  const widths = fits ? named : columnWidths(grid, (_, index) => `[${index + 1}]`);
  const left = width - first - sum(widths) - GAP.length;
  const line = ({ entry, cells }: Row): string => {
    const words = cells.map((cell, index) => GAP + paint(wordOf(cell).padEnd(widths[index] ?? 0), cell.state)).join('');
    const statement = left >= LEAST_STATEMENT ? GAP + paint(cut(entry.statement, left), 'quiet') : '';
    return `${`${GAP}${entry.id}`.padEnd(first)}${words}${statement}`;
  };
  return [
    paint(`${'rule'.padEnd(first)}${heads.map((head, index) => GAP + head.padEnd(widths[index] ?? 0)).join('')}`.trimEnd(), 'heading'),
    ...grid.systems.flatMap((system) => [paint(system.system, 'heading'), ...system.rows.map(line)]),
    '',
    ...(fits ? [] : [...heads.map((head, index) => `${head} ${grid.drivers[index]?.name}`), '']),
    ...legend(rows, paint),
    '',
    ...run.answer.drivers.flatMap((driver) => [totals(driver), ...bounds(driver)]),
    ...run.stale.map(({ message }) => paint(message, 'broken')),
    ...(run.answer.partial ? ['', 'partial: this run makes no claim of conformance', ...run.leftOut.map((why) => `${GAP}${why}`)] : []),
  ]
    .map((text) => `${text.trimEnd()}\n`)
    .join('');
}

const sum = (widths: readonly number[]): number => widths.reduce((total, one) => total + GAP.length + one, 0);

const wordOf = ({ state, mixed }: Cell): string => `${WORDS[state]}${mixed ? '*' : ''}`;

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);

function columnWidths({ drivers, systems }: Grid, headOf: (driver: DriverVerdicts, index: number) => string): number[] {
  return drivers.map((driver, index) => {
    const words = systems.flatMap(({ rows }) => rows.map(({ cells }) => cells[index])).map((cell) => (cell ? wordOf(cell).length : 0));
    return Math.max(headOf(driver, index).length, ...words);
  });
}

/** A line for each word in use that does not explain itself. */
function legend(rows: readonly Row[], paint: Paint): string[] {
  const cells = rows.flatMap((row) => row.cells);
  const used = new Set(cells.map(({ state }) => state));
  const said = LEGEND.filter((state) => used.has(state)).flatMap((state) => {
    const meaning = MEANING[state];
    return meaning === undefined ? [] : [`${paint(WORDS[state].padEnd(LEGEND_WIDTH), state)}${GAP}${meaning}`];
  });
  return [...said, ...(cells.some(({ mixed }) => mixed) ? [`${'*'.padEnd(LEGEND_WIDTH)}${GAP}not in every mode`] : [])];
}

/** `toy (profile; eager, lazy): 12 kept, 1 broken`; a rule counts once for each mode. */
function totals({ name, profile, modes, verdicts }: DriverVerdicts): string {
  const counts = countVerdicts(verdicts);
  const said = [...VERDICTS]
    .reverse()
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${counts[verdict]} ${LABELS[verdict]}`);
  const expected = counts.expected > 0 ? [`${counts.expected} expected ${counts.expected === 1 ? 'failure' : 'failures'}`] : [];
  return `${name} (${profile}; ${modes.join(', ')}): ${[...said, ...expected].join(', ')}`;
}

/** What a driver keeps of which less was asked than the rule says, a line for each rule. */
function bounds({ verdicts }: DriverVerdicts): readonly string[] {
  const said = verdicts
    .filter(({ verdict }) => verdict === 'kept')
    .flatMap(({ rule, message }) => (message ? [`${GAP}${rule} ${message}`] : []));
  return [...new Set(said)];
}
