/** A rule's page: what it says and where that is written, what every driver made of it, and what the hardware saw. */
import { messageOf, reproduceOf, verdictOf } from '../findings';
import type { Finding } from '../findings';
import { CELL_LABELS } from '../grid';
import { groupBy } from '../group-by';
import type { LedgerEntry } from '../ledger/rules';
import type { Kind } from '../ledger/tags';
import type { DriverVerdicts, Run, RunRecord, RuleVerdict } from '../run';
import { page, rows, table } from './frame';
import { anchor, html, NOTHING } from './html';
import type { Html } from './html';

const KIND_MEANINGS: Readonly<Record<Kind, string>> = {
  spec: 'the architecture says so; a driver can break it',
  uapi: 'the documented kernel interface says so; a driver can break it',
  review: 'a maintainer requires it; a driver can break it',
  patch: 'the document that the profile is named after says or does so; a driver can break it',
  observed: 'a named version behaves so; a driver can only differ',
  hardened: 'recommended by this suite; a driver can only be advised',
  open: 'not decided by its source; observed and not judged',
};

/** The page of one rule, from what the run found of it. */
export function rulePage(entry: LedgerEntry, findings: readonly Finding<RunRecord>[], { answer }: Run): string {
  return page(
    `${entry.id}: ${entry.statement}`,
    html`<nav><a href="../index.html#rule-${entry.id}">All rules</a></nav>
      <main>
        <h1>${entry.id}</h1>
        <p id="statement">${entry.statement}</p>
        ${facts(entry)}${verdicts(entry, answer.drivers)}${scenarios(entry, findings)}${traces(findings)}
      </main>`,
  );
}

function facts({ kind, system, source, state, reason, at, needs, profiles }: LedgerEntry): Html {
  const list = (term: string, values: readonly string[]): Html =>
    values.length > 0
      ? html`<dt>${term}</dt>
          <dd>${values.join(', ')}</dd> `
      : NOTHING;
  return html`<dl>
    <dt>Source</dt>
    <dd id="source">${source.document}: <q>${source.quote}</q></dd>
    <dt>Kind</dt>
    <dd>${kind}: ${KIND_MEANINGS[kind]}</dd>
    <dt>System</dt>
    <dd>${system}</dd>
    <dt>State</dt>
    <dd>${state}${reason === undefined ? '' : `: ${reason}`}</dd>
    <dt>Feature</dt>
    <dd><code>${at}</code></dd>
    ${list('Needs', needs)}${list('Profiles', profiles)}
  </dl> `;
}

function verdicts({ id, statement }: LedgerEntry, drivers: readonly DriverVerdicts[]): Html {
  const bodies = drivers.flatMap(({ name, profile, verdicts: all }) => {
    const own = all.filter(({ rule }) => rule === id);
    if (own.length === 0) return [];
    return [
      html`<tbody id="driver-${anchor(name)}">
        ${own.map((verdict) => verdictLine(name, profile, verdict))}
      </tbody> `,
    ];
  });
  if (bodies.length === 0) return NOTHING;
  return html`<h2 id="verdicts">Verdicts</h2>
    ${table(statement, ['Driver', 'Profile', 'Mode', 'Verdict', 'Found', 'Again'], bodies)}`;
}

function verdictLine(name: string, profile: string, { mode, verdict, expected, message = '', reproduce }: RuleVerdict): Html {
  const state = expected ? 'expected' : verdict;
  const again = reproduce === undefined ? NOTHING : html`<code>${reproduce}</code>`;
  return html`<tr id="verdict-${anchor(name)}-${anchor(mode)}">
    <th scope="row">${name}</th>
    <td>${profile}</td>
    <td>${mode}</td>
    <td class="${state}">${CELL_LABELS[state]}</td>
    <td class="said">${message}</td>
    <td>${again}</td>
  </tr> `;
}

function scenarios({ scenarios: names }: LedgerEntry, findings: readonly Finding<RunRecord>[]): Html {
  if (names.length === 0 && findings.length === 0) return NOTHING;
  const lines = findings.map((finding) => {
    const { record } = finding;
    const verdict = verdictOf(finding);
    return [
      record.scenario,
      `${record.uri}:${record.line}`,
      record.driver,
      record.mode,
      html`<td class="${verdict}">${CELL_LABELS[verdict]}</td>`,
    ];
  });
  return html`<h2 id="scenarios">Scenarios</h2>
    <ul>
      ${names.map((name) => html`<li>${name}</li>`)}
    </ul>
    ${lines.length > 0 ? table('What ran', ['Scenario', 'At', 'Driver', 'Mode', 'Verdict'], [rows(lines)]) : NOTHING}`;
}

function traces(findings: readonly Finding<RunRecord>[]): Html {
  const failed = findings.filter((finding) => ['broken', 'differs', 'advice', 'harness-error'].includes(verdictOf(finding)));
  if (failed.length === 0) return NOTHING;
  const bySubject = groupBy(failed, ({ record: { driver, mode } }) => JSON.stringify([driver, mode]));
  return html`<h2 id="traces">What was found</h2>
    ${[...bySubject.values()].flatMap((own) => own.map((finding, index) => trace(finding, index + 1)))}`;
}

function trace(finding: Finding<RunRecord>, nth: number): Html {
  const { record } = finding;
  const events = record.trace ?? [];
  const id = `trace-${anchor(record.driver)}-${anchor(record.mode)}-${nth}`;
  return html`<section aria-labelledby="${id}">
    <h3 id="${id}">${record.driver} (${record.mode}): ${record.scenario}</h3>
    <p class="said">${messageOf(finding) ?? 'no message'}</p>
    ${
      events.length > 0
        ? html`<details open>
            <summary>${events.length} events</summary>
            <pre>${events.join('\n')}</pre>
          </details> `
        : NOTHING
    }
    <p>Again: <code>${reproduceOf(record)}</code></p>
  </section> `;
}
