/** Whether a mutant is killed: the rule that it names finds its defect, by what it names, and the driver without it keeps that rule. */
import type { Mutant } from '#drivers/mutants/mutant';
import { killsOf } from './trial';
import type { Kill, Played, Trial } from './trial';

export interface Judged {
  readonly mutant: Mutant;
  readonly killed: boolean;
  /** Everything that found it and finds nothing in the driver without the defect. */
  readonly killedBy: readonly Kill[];
  /** What happened instead, when it is not killed. */
  readonly instead?: string;
  /** Why it could not be judged. */
  readonly error?: string;
}

/**
 * @param decides Whether a scenario is one of those that decide over the mutant's rule.
 * @param base The driver without the defect, on the same scenarios.
 */
export function judgeMutant(mutant: Mutant, decides: (played: Played) => boolean, trial: Trial, base: Trial): Judged {
  const { rule, by } = mutant;
  const known = new Set(base.played.flatMap(killsOf).map((kill) => kill.rule));
  const killedBy = distinct(trial.played.flatMap(killsOf).filter((kill) => !known.has(kill.rule)));
  const error = base.error ?? notKept(mutant, base.played.filter(decides)) ?? trial.error;
  const killed = error === undefined && killedBy.some((kill) => kill.rule === rule && kill.by === by);
  return {
    mutant,
    killed,
    killedBy,
    ...(error !== undefined && { error }),
    ...(!killed && error === undefined && { instead: insteadOf(mutant, trial.played.filter(decides)) }),
  };
}

const distinct = (kills: readonly Kill[]): Kill[] => [...new Map(kills.map((kill) => [`${kill.rule} ${kill.by}`, kill])).values()];

/** Why the driver without the defect does not keep the rule, if it does not. */
function notKept({ of, rule }: Mutant, played: readonly Played[]): string | undefined {
  const says = (what: string, { verdict }: Played): string => `${of} without the defect ${what} ${rule}: ${verdict.message ?? 'no reason'}`;
  const broken = played.find((one) => killsOf(one).some((kill) => kill.rule === rule));
  if (broken) return says('breaks', broken);
  const untested = played.find(({ verdict }) => verdict.verdict === 'not-tested');
  if (untested && !rule.startsWith('SAN-')) return says('cannot be tested for', untested);
  if (played.some(({ verdict }) => verdict.verdict === 'kept')) return undefined;
  const [first] = played;
  return first ? says('is not bound by', first) : `no scenario tests ${rule}`;
}

/** What the scenarios of the rule said when they did not find the defect. */
function insteadOf({ rule, by }: Mutant, played: readonly Played[]): string {
  for (const one of played) {
    const { message = 'without a message' } = one.verdict;
    const [kill] = killsOf(one).sort((left, right) => Number(right.rule === rule) - Number(left.rule === rule));
    if (kill?.rule === rule) return `found by ${kill.by}, not by ${by}: ${message}`;
    if (kill) return `found as ${kill.rule} by ${kill.by}: ${message}`;
  }
  const untested = played.find(({ verdict }) => verdict.verdict !== 'kept');
  if (untested) return `${untested.verdict.verdict}: ${untested.verdict.message ?? 'no reason'}`;
  return `${rule} is kept in ${played.length} ${played.length === 1 ? 'scenario' : 'scenarios'}`;
}
