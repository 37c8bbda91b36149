/** The site's first page: totals, the matrix, and the rules that no driver was asked. */
import { CELL_LABELS, gridOf } from '../grid';
import type { Cell, Grid, Row } from '../grid';
import { coverageOf } from '../ledger-report';
import type { LedgerEntry } from '../ledger/rules';
import { countVerdicts, VERDICTS } from '../run';
import type { Run } from '../run';
import { page, rows, table } from './frame';
import { anchor, html, NOTHING } from './html';
import type { Html } from './html';

const WORST_FIRST = [...VERDICTS].reverse();

/** The first page. Every rule of the ledger has one row on it, `#rule-<ID>`. */
export function indexPage(run: Run): string {
  const { ledger, answer, leftOut } = run;
  const grid = gridOf(run);
  const shown = new Set(grid.systems.flatMap(({ rows: own }) => own.map(({ entry }) => entry.id)));
  const others = (state: LedgerEntry['state']): LedgerEntry[] =>
    ledger.rules.filter((entry) => entry.state === state && !shown.has(entry.id));
  return page(
    'iommu-tck: rules and drivers',
    html`<header><h1>iommu-tck: rules and drivers</h1></header>
      <main>
        ${answer.partial ? partial(leftOut) : NOTHING} ${stale(run)}
        <h2 id="totals">Totals</h2>
        ${totals(run)}
        <h2 id="matrix">Matrix</h2>
        ${matrix(grid)} ${unasked('not-run', 'Rules that did not run', others('tested'))}
        ${unasked('untested', 'Rules without a scenario', others('untested'))} ${unasked('excluded', 'Excluded rules', others('excluded'))}
        <h2 id="sources">Sources</h2>
        ${sources(run)}
      </main>`,
  );
}

function stale({ stale: entries }: Run): Html {
  if (entries.length === 0) return NOTHING;
  return html`<h2 id="stale">Stale expectations</h2>
    <ul>
      ${entries.map(({ message }) => html`<li>${message}</li>`)}
    </ul>`;
}

const partial = (leftOut: readonly string[]): Html =>
  html`<div class="partial" role="note">
    <p>This run is partial and makes no claim of conformance:</p>
    <ul>
      ${leftOut.map((why) => html`<li>${why}</li>`)}
    </ul>
  </div> `;

function totals({ answer: { drivers } }: Run): Html {
  const heads = ['Driver', 'Profile', 'Modes', ...WORST_FIRST.map((verdict) => CELL_LABELS[verdict]), CELL_LABELS.expected];
  const lines = drivers.map(({ name, profile, modes, verdicts }) => {
    const counts = countVerdicts(verdicts);
    return [name, profile, modes.join(', '), ...WORST_FIRST.map((verdict) => counts[verdict]), counts.expected];
  });
  return table('Verdicts of each driver; a rule counts once for each mode', heads, [rows(lines)]);
}

function matrix({ drivers, systems }: Grid): Html {
  const heads = ['Rule', ...drivers.map(({ name }) => name), 'Statement'];
  const bodies = systems.map(
    ({ system, rows: own }) =>
      html`<tbody id="system-${anchor(system)}">
        <tr>
          <th scope="rowgroup" colspan="${heads.length}">${system}</th>
        </tr>
        ${own.map(line)}
      </tbody> `,
  );
  return table('The worst verdict of each driver over its modes; * where the modes differ', heads, bodies);
}

function line({ entry, cells }: Row): Html {
  return html`<tr id="rule-${entry.id}">
    <th scope="row">${link(entry.id)}</th>
    ${cells.map((cell) => cellOf(entry, cell))}
    <td>${entry.statement}</td>
  </tr> `;
}

function cellOf({ id }: LedgerEntry, { driver, state, mixed }: Cell): Html {
  const label = html`${CELL_LABELS[state]}${mixed ? ' *' : ''}`;
  const plain = state === 'kept' || state === 'not-applicable' || state === 'not-run';
  return html`<td class="${state}">${plain ? label : html`<a href="rules/${id}.html#driver-${anchor(driver.name)}">${label}</a>`}</td>`;
}

function sources({ ledger }: Run): Html {
  const lines = coverageOf(ledger).map(({ document, tested, untested, excluded }) => [
    document,
    tested.length + untested.length + excluded.length,
    tested.length,
    untested.length,
    excluded.length,
  ]);
  return table('Rules of each source document', ['Document', 'Rules', 'Tested', 'Untested', 'Excluded'], [rows(lines)]);
}

/** Rules on which no driver has a verdict. */
function unasked(id: string, title: string, entries: readonly LedgerEntry[]): Html {
  if (entries.length === 0) return NOTHING;
  const lines = entries.map(
    (entry) =>
      html`<tr id="rule-${entry.id}">
        <th scope="row">${link(entry.id)}</th>
        <td>${entry.statement}</td>
        <td>${entry.reason ?? entry.at}</td>
      </tr>`,
  );
  const body = html`<tbody>
    ${lines}
  </tbody>`;
  return html`<h2 id="${id}">${title}</h2>
    ${table(title, ['Rule', 'Statement', 'Reason or place'], [body])}`;
}

const link = (id: string): Html => html`<a href="rules/${id}.html">${id}</a>`;
