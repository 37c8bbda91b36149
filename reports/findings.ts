/** From a scenario's record to what it says of each rule, and how strong that may be. */
import type { LedgerEntry } from './ledger/rules';
import type { Kind } from './ledger/tags';
import { RecordError, SCENARIO_VERDICTS } from './record';
import type { ScenarioRecord, ScenarioVerdictName } from './record';
import { worse } from './run';
import { quoted } from './shell';
import type { Verdict } from './run';

/** What one record says of one rule. */
export interface Finding<R extends ScenarioRecord = ScenarioRecord> {
  readonly entry: LedgerEntry;
  readonly verdict: ScenarioVerdictName;
  readonly record: R;
}

/** What a record says of each of its rules, and of the sanitizer's rule when a check found something. Throws `RecordError` for an unknown rule. */
export function findingsOf<R extends ScenarioRecord>(record: R, entries: ReadonlyMap<string, LedgerEntry>): Finding<R>[] {
  const { rules, sanitizer, uri, line } = record;
  const ids = sanitizer === undefined || rules.includes(sanitizer) ? rules : [...rules, sanitizer];
  return ids.map((id) => {
    const entry = entries.get(id);
    if (!entry) {
      throw new RecordError(
        `${uri}:${line}: rule ${id} is in the run and not in the features; add a Rule tagged @rule:${id}, or run again`,
      );
    }
    // A violation breaks the sanitizer's rule wherever it happened: in a Given the record says not-tested, in the clean-up kept.
    return { entry, verdict: id === sanitizer ? 'broken' : record.verdict, record };
  });
}

/** How strong a verdict a rule of this kind may give. */
export function strengthen(kind: Kind, verdict: ScenarioVerdictName): Verdict {
  switch (kind) {
    case 'spec':
    case 'uapi':
    case 'review':
    case 'patch':
      return verdict;
    case 'observed':
      return verdict === 'broken' ? 'differs' : verdict;
    case 'hardened':
      return verdict === 'broken' ? 'advice' : verdict;
    case 'open':
      return verdict === 'broken' || verdict === 'kept' ? 'not-tested' : verdict;
  }
}

/** A finding's verdict, as strong as the rule's kind lets it be. */
export const verdictOf = ({ entry, verdict }: Finding): Verdict => strengthen(entry.kind, verdict);

/** The worst that a record says of a rule: what a report of scenarios shows. */
export const worstOf = (findings: readonly Finding[]): Verdict => findings.map(verdictOf).reduce(worse, 'not-applicable');

/** The message for people, which for an open rule is the observation. */
export function messageOf({ entry, verdict, record }: Finding): string | undefined {
  const { message, sanitizer } = record;
  if (entry.kind === 'open' && verdict === 'broken') return `open: observed ${message ?? 'that it does not hold'}`;
  if (entry.kind === 'open' && verdict === 'kept') return 'open: observed that it holds';
  if (sanitizer === undefined || entry.id === sanitizer || message === undefined) return message;
  // The message is the sanitizer's; of the scenario's own rule it says something only when that rule is broken by it or could not be tested.
  if (verdict === 'not-tested') return message.startsWith('setup: ') ? message : `setup: ${message}`;
  return verdict === 'kept' ? undefined : message;
}

/** The finding that decides over a rule: the worst, of several the one with the shortest trace, and of those that are kept one that was run with a smaller bound. Needs at least one. */
export function decisive<F extends Finding>(findings: readonly F[]): F {
  return findings.reduce((best, next) => {
    const order = SCENARIO_VERDICTS.indexOf(next.verdict) - SCENARIO_VERDICTS.indexOf(best.verdict);
    const saysMore = next.verdict === 'kept' && best.record.message === undefined && next.record.message !== undefined;
    return order > 0 || (order === 0 && (saysMore || traceLength(next) < traceLength(best))) ? next : best;
  });
}

/** A finding without a trace shows less than any that has one. */
const traceLength = ({ record: { trace } }: Finding): number => (trace && trace.length > 0 ? trace.length : Infinity);

/** The command that runs the record's scenario again. */
export function reproduceOf({ driver, mode, rules, reproduce }: ScenarioRecord): string {
  return reproduce ?? `npx iommu-tck run --driver ${quoted(driver)} --rule ${rules[0]} --mode ${mode}`;
}
