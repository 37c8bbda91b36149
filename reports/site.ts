/** The run as static pages: a first page with the matrix, and one for each rule. */
import { findingsOf } from './findings';
import { groupBy } from './group-by';
import { indexRules } from './ledger/ledger';
import type { Run } from './run';
import { indexPage } from './site/index-page';
import { rulePage } from './site/rule-page';

/** One file of the site. Pages need nothing but each other. */
export interface Page {
  /** Relative, with `/`: `index.html`, `rules/<ID>.html`. */
  readonly path: string;
  readonly text: string;
}

/** The site: `index.html`, then a page for each rule of the ledger, those included that are untested or excluded. */
export function site(run: Run): readonly Page[] {
  const entries = indexRules(run.ledger);
  const findings = groupBy(
    run.records.flatMap((record) => findingsOf(record, entries)),
    ({ entry }) => entry.id,
  );
  return [
    { path: 'index.html', text: indexPage(run) },
    ...run.ledger.rules.map((entry) => ({ path: `rules/${entry.id}.html`, text: rulePage(entry, findings.get(entry.id) ?? [], run) })),
  ];
}
