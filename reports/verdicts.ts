/** From the records of scenarios to verdicts of rules. */
import { decisive, findingsOf, messageOf, reproduceOf, strengthen } from './findings';
import type { Finding } from './findings';
import { groupBy } from './group-by';
import { indexRules } from './ledger/ledger';
import type { Ledger } from './ledger/ledger';
import { RecordError } from './record';
import type { ScenarioRecord } from './record';
import type { DriverVerdicts, Run, RuleVerdict } from './run';

/** What the person who started the run asked for; absent means everything. */
export interface Selection {
  /** A tag expression. */
  readonly tags?: string;
  /** Ids of rules. */
  readonly rules?: readonly string[];
  /** `i/n`. */
  readonly shard?: string;
}

const MOST_IDS_NAMED = 5;

/**
 * The verdict of each rule on each driver in each mode, from `records`, in the order in which drivers and modes first appear.
 * Rules that the ledger excludes do not appear, unless the sanitizer broke one.
 * Throws `RecordError` without any record, and for a record of a rule that the ledger does not have.
 */
export function judgeRun(records: readonly ScenarioRecord[], ledger: Ledger, selection: Selection = {}): Run {
  if (records.length === 0) {
    throw new RecordError('no scenario was run; name a driver and rules that exist, or drop the filter by tags, rule or shard');
  }
  const entries = indexRules(ledger);
  const drivers: DriverVerdicts[] = [];
  const leftOut = [...filtersOf(selection)];
  const filtered = leftOut.length > 0;
  for (const own of groupBy(records, ({ driver, profile }) => JSON.stringify([driver, profile])).values()) {
    const { driver: name, profile } = own[0]!;
    const byMode = groupBy(own, ({ mode }) => mode);
    const modes = [...byMode.keys()];
    const judged = new Map(
      [...byMode].map(([mode, inMode]) => [
        mode,
        groupBy(
          inMode.flatMap((record) => findingsOf(record, entries)),
          ({ entry }) => entry.id,
        ),
      ]),
    );
    const verdicts = ledger.rules.flatMap(({ id }) =>
      [...judged].flatMap(([mode, byRule]) => {
        const findings = byRule.get(id);
        return findings ? [verdictOver(findings, mode)] : [];
      }),
    );
    drivers.push({ name, profile, modes, verdicts });
    if (!filtered) for (const [mode, byRule] of judged) leftOut.push(...missing(ledger, byRule, name, profile, mode));
  }
  return { answer: { partial: leftOut.length > 0, drivers }, leftOut, filtered, records, stale: [], ledger };
}

/**
 * The worst finding decides. *Kept* is worse than *not applicable*: the scenarios of one rule may need different capabilities, those
 * that apply to the driver were run and decide, and only a rule of which nothing applies does not apply.
 */
function verdictOver(findings: readonly Finding[], mode: string): RuleVerdict {
  const finding = decisive(findings);
  const { entry, verdict: found, record } = finding;
  const verdict = strengthen(entry.kind, found);
  const others = findings.filter((other) => other.verdict === found).length - 1;
  const message = messageOf(finding);
  const more = others > 0 && found !== 'kept' ? ` (and ${others} more ${others === 1 ? 'scenario' : 'scenarios'})` : '';
  const failed = verdict === 'broken' || verdict === 'differs' || verdict === 'advice' || verdict === 'harness-error';
  return {
    rule: entry.id,
    verdict,
    mode,
    ...(message !== undefined && { message: `${message}${more}` }),
    ...(failed && { reproduce: reproduceOf(record) }),
  };
}

function* filtersOf({ tags, rules = [], shard }: Selection): Generator<string> {
  if (tags !== undefined && tags !== '') yield `only the tags ${tags}`;
  if (rules.length > 0) yield `only the ${rules.length === 1 ? 'rule' : 'rules'} ${rules.join(', ')}`;
  if (shard !== undefined) yield `only shard ${shard}`;
}

/** Rules that bind the driver and of which nothing ran, in one line. */
function missing(ledger: Ledger, ran: ReadonlyMap<string, unknown>, driver: string, profile: string, mode: string): string[] {
  const ids = ledger.rules
    .filter(({ id, state, profiles }) => state !== 'excluded' && (profiles.length === 0 || profiles.includes(profile)) && !ran.has(id))
    .map(({ id }) => id);
  if (ids.length === 0) return [];
  const named = ids.slice(0, MOST_IDS_NAMED).join(', ');
  const more = ids.length > MOST_IDS_NAMED ? ` and ${ids.length - MOST_IDS_NAMED} more` : '';
  return [`${driver} (${mode}): nothing ran for ${ids.length} ${ids.length === 1 ? 'rule' : 'rules'}: ${named}${more}`];
}
