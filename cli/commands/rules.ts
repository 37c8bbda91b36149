/** `iommu-tck rules`: the ledger, computed from the features. */
import { UsageError } from '#drivers/usage';
import { groupBy } from '#reports/group-by';
import { rulesJson } from '#reports/ledger/answer';
import { readLedger } from '#reports/ledger/ledger';
import type { Ledger } from '#reports/ledger/ledger';
import type { LedgerEntry } from '#reports/ledger/rules';
import { complain } from '#cli/complain';
import { EXIT } from '#cli/exit-code';
import type { ExitCode } from '#cli/exit-code';
import { VOCABULARY } from '#cli/conformance/vocabulary';
import { FEATURES } from '#cli/root';
import { paint, say, widthOf } from '#cli/terminal';

const STATES = ['tested', 'untested', 'excluded'] as const;
type State = (typeof STATES)[number];

export interface RulesOptions {
  readonly system?: string;
  readonly features?: string;
  readonly json?: boolean;
  /** A rule without a scenario is an error. */
  readonly strict?: boolean;
}

/** Throws `UsageError` and `FeatureError`. */
export function rules({ system, features = FEATURES, json = false, strict = false }: RulesOptions): ExitCode {
  const ledger = ofSystem(readLedger(features, VOCABULARY), system);
  if (json) process.stdout.write(rulesJson(ledger));
  else say(show(ledger));
  const untested = inState(ledger.rules, 'untested');
  if (!strict || untested.length === 0) return EXIT.kept;
  complain(`no scenario tests ${untested.map(({ id, at }) => `${id} (${at})`).join(', ')}; write one, or a line "Excluded: <reason>"`);
  return EXIT.broken;
}

function ofSystem(ledger: Ledger, system: string | undefined): Ledger {
  if (system === undefined) return ledger;
  const systems = [...new Set(ledger.rules.map((entry) => entry.system))];
  if (!systems.includes(system)) throw new UsageError(`--system ${system}: there is no such system; use one of: ${systems.join(' ')}`);
  return { rules: ledger.rules.filter((entry) => entry.system === system) };
}

const inState = (entries: readonly LedgerEntry[], state: State): readonly LedgerEntry[] => entries.filter((entry) => entry.state === state);

function show({ rules: entries }: Ledger): string {
  const width = Math.max(...entries.map(({ id }) => id.length));
  const most = widthOf(process.stdout) - width - 24;
  const line = ({ id, kind, state, statement, reason }: LedgerEntry): string => {
    const said = state === 'excluded' ? `${statement} (excluded: ${reason ?? ''})` : statement;
    const shown = process.stdout.isTTY && said.length > most ? `${said.slice(0, most - 1)}…` : said;
    return `  ${id.padEnd(width)}  ${kind.padEnd(8)}  ${paint(state.padEnd(8), COLOURS[state])}  ${shown}`;
  };
  const systems = [...groupBy(entries, (entry) => entry.system)].map(([name, own]) =>
    [paint(`${name}: ${counts(own)}`, 'heading'), ...own.map(line), ''].join('\n'),
  );
  return [...systems, counts(entries)].join('\n');
}

const COLOURS = { tested: 'kept', untested: 'broken', excluded: 'quiet' } as const satisfies Readonly<
  Record<State, Parameters<typeof paint>[1]>
>;

const counts = (entries: readonly LedgerEntry[]): string =>
  `${entries.length} rules, ${STATES.map((state) => `${inState(entries, state).length} ${state}`).join(', ')}`;
