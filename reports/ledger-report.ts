/** How much of each source document is tested: counts, what is excluded and why, and what is missing. */
import { groupBy } from './group-by';
import type { Ledger } from './ledger/ledger';
import type { LedgerEntry } from './ledger/rules';
import { escaped, table } from './markdown-text';

/** A document, and its rules by state. */
export interface DocumentCoverage {
  readonly document: string;
  readonly tested: readonly string[];
  readonly untested: readonly string[];
  readonly excluded: readonly { readonly id: string; readonly reason: string }[];
}

/** One entry for each source document, in the order in which the ledger first names them. */
export function coverageOf({ rules }: Ledger): DocumentCoverage[] {
  return [...groupBy(rules, ({ source }) => source.document)].map(([document, own]) => ({
    document,
    tested: idsIn(own, 'tested'),
    untested: idsIn(own, 'untested'),
    excluded: own.flatMap(({ id, state, reason = '' }) => (state === 'excluded' ? [{ id, reason }] : [])),
  }));
}

/** The same as JSON: `{ documents: [ { document, tested, untested, excluded } ] }`. */
export const ledgerJson = (ledger: Ledger): string => `${JSON.stringify({ documents: coverageOf(ledger) }, null, 2)}\n`;

/** Counts per document, then the rules that are not tested, each with its statement and the reason. */
export function ledgerMarkdown(ledger: Ledger): string {
  const documents = coverageOf(ledger);
  const count = (pick: (one: DocumentCoverage) => readonly unknown[]): number => documents.reduce((sum, one) => sum + pick(one).length, 0);
  const row = (name: string, tested: number, untested: number, excluded: number): string[] => [
    escaped(name),
    ...[tested + untested + excluded, tested, untested, excluded].map(String),
  ];
  const rows = documents.map((one) => row(one.document, one.tested.length, one.untested.length, one.excluded.length));
  const all = row(
    'All',
    count(({ tested }) => tested),
    count(({ untested }) => untested),
    count(({ excluded }) => excluded),
  );
  return [
    '# Rules by source document',
    table(['Document', 'Rules', 'Tested', 'Untested', 'Excluded'], [...rows, all]),
    ...listed('Untested', ['Rule', 'Statement', 'At'], ledger, 'untested', ({ id, statement, at }) => [id, statement, at]),
    ...listed('Excluded', ['Rule', 'Statement', 'Reason'], ledger, 'excluded', ({ id, statement, reason = '' }) => [id, statement, reason]),
  ]
    .map((paragraph) => `${paragraph}\n`)
    .join('\n');
}

const idsIn = (rules: readonly LedgerEntry[], state: LedgerEntry['state']): string[] =>
  rules.filter((entry) => entry.state === state).map(({ id }) => id);

function listed(
  title: string,
  heads: readonly string[],
  { rules }: Ledger,
  state: LedgerEntry['state'],
  cells: (entry: LedgerEntry) => readonly string[],
): string[] {
  const own = rules.filter((entry) => entry.state === state);
  if (own.length === 0) return [];
  return [
    `## ${title}`,
    table(
      heads,
      own.map((entry) => cells(entry).map(escaped)),
    ),
  ];
}
