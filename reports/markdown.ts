/** The summary of a CI job, as GitHub-flavoured Markdown. */
import { failureMail, failuresOf } from './failure';
import type { Failure } from './failure';
import { CELL_LABELS, gridOf } from './grid';
import type { Cell, Grid, Row } from './grid';
import { escaped, table } from './markdown-text';
import { countVerdicts, VERDICTS } from './run';
import type { DriverVerdicts, Run } from './run';

/** A job summary holds at most a mebibyte; the other failures are in the other reports. */
const MOST_FAILURES = 50;

/** Counts, the matrix, and each broken rule in at most ten lines. */
export function markdown(run: Run): string {
  const failures = failuresOf(run);
  const unexpected = failures.filter(({ expected }) => !expected);
  return [
    '# iommu-tck',
    ...partial(run),
    ...run.stale.map(({ message }) => `**Stale:** ${escaped(message)}`),
    table(['Driver', 'Profile', 'Modes', ...countHeads()], run.answer.drivers.map(countRow)),
    ...matrix(gridOf(run)),
    ...(unexpected.length > 0 ? ['## Failures', ...unexpected.slice(0, MOST_FAILURES).map(section)] : []),
    ...(unexpected.length > MOST_FAILURES ? [`${unexpected.length - MOST_FAILURES} more failures are in the other reports.`] : []),
  ]
    .map((paragraph) => `${paragraph}\n`)
    .join('\n');
}

function partial({ answer, leftOut }: Run): string[] {
  if (!answer.partial) return [];
  return ['**Partial:** this run makes no claim of conformance.', leftOut.map((why) => `* ${escaped(why)}`).join('\n')];
}

const WORST_FIRST = [...VERDICTS].reverse();

const countHeads = (): string[] => [...WORST_FIRST.map((verdict) => sentence(CELL_LABELS[verdict])), sentence(CELL_LABELS.expected)];

function countRow({ name, profile, modes, verdicts }: DriverVerdicts): string[] {
  const counts = countVerdicts(verdicts);
  return [name, profile, modes.join(', '), ...WORST_FIRST.map((verdict) => String(counts[verdict])), String(counts.expected)].map(escaped);
}

function matrix({ drivers, systems }: Grid): string[] {
  const rows = systems.flatMap((system) => system.rows);
  const heads = ['Rule', ...drivers.map(({ name }) => escaped(name)), 'Statement'];
  const line = ({ entry, cells }: Row): string[] => [entry.id, ...cells.map(cellText), escaped(entry.statement)];
  const tables = systems.map((system) => `### ${escaped(system.system)}\n\n${table(heads, system.rows.map(line))}`);
  const mixed = rows.some(({ cells }) => cells.some((cell) => cell.mixed));
  return [
    `## Matrix\n\n<details>\n<summary>${rows.length} rules, ${drivers.length} ${drivers.length === 1 ? 'driver' : 'drivers'}</summary>`,
    ...tables,
    ...(mixed ? ['\\* not in every mode'] : []),
    '</details>',
  ];
}

function cellText({ state, mixed }: Cell): string {
  const text = `${CELL_LABELS[state]}${mixed ? ' \\*' : ''}`;
  return state === 'broken' || state === 'harness-error' ? `**${text}**` : text;
}

function section(failure: Failure): string {
  const mail = failureMail(failure);
  // A fence longer than any run of backticks in the mail, so that the mail cannot end it.
  const longest = Math.max(2, ...[...mail.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `### ${failure.entry.id} on ${escaped(failure.driver)}\n\n${fence}text\n${mail}${fence}`;
}

const sentence = (label: string): string => label.charAt(0).toUpperCase() + label.slice(1);
