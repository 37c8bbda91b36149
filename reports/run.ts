/** A judged run: what every writer of this folder turns into text. */
import type { Ledger } from './ledger/ledger';
import type { ScenarioRecord } from './record';

/** Verdicts of a rule on a driver, best first. */
export const VERDICTS = ['not-applicable', 'kept', 'not-tested', 'advice', 'differs', 'broken', 'harness-error'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The later of two in `VERDICTS`. */
export const worse = (one: Verdict, other: Verdict): Verdict => (VERDICTS.indexOf(one) < VERDICTS.indexOf(other) ? other : one);

/** What became of one rule on one driver in one mode. */
export interface RuleVerdict {
  readonly rule: string;
  readonly verdict: Verdict;
  readonly mode: string;
  readonly message?: string;
  readonly reproduce?: string;
  /** The driver's baseline expects this: the rule is broken, and the run does not fail for it. */
  readonly expected?: true;
}

/** One driver's verdicts. */
export interface DriverVerdicts {
  readonly name: string;
  readonly profile: string;
  readonly modes: readonly string[];
  /** In the order of the ledger, and of `modes`. */
  readonly verdicts: readonly RuleVerdict[];
}

/** The answer of `run --json` and `matrix --json` (docs/schemas/run.json). */
export interface RunAnswer {
  /** Something was left out, so that the run makes no claim of conformance. */
  readonly partial: boolean;
  readonly drivers: readonly DriverVerdicts[];
}

/** A scenario's record; `expected` when the driver's baseline expects each rule that it breaks to be broken so. */
export interface RunRecord extends ScenarioRecord {
  readonly expected?: true;
}

/** An entry of a driver's baseline that no longer matches anything. */
export interface Stale {
  readonly driver: string;
  readonly rule: string;
  /** What to do about it. */
  readonly message: string;
}

/** A run with everything that a report of it needs. */
export interface Run {
  readonly answer: RunAnswer;
  /** Why it is partial, a line each; empty when it is not. */
  readonly leftOut: readonly string[];
  /** Only some scenarios were asked for, so that what is absent proves nothing. */
  readonly filtered: boolean;
  readonly records: readonly RunRecord[];
  readonly stale: readonly Stale[];
  readonly ledger: Ledger;
}

/** The text of `run --json` and `matrix --json`. */
export const runJson = ({ answer }: Run): string => `${JSON.stringify(answer, null, 2)}\n`;

/** How a verdict is written for people. */
export const LABELS: Readonly<Record<Verdict, string>> = {
  'not-applicable': 'not applicable',
  kept: 'kept',
  'not-tested': 'not tested',
  advice: 'advice',
  differs: 'differs',
  broken: 'broken',
  'harness-error': 'harness error',
};

/** How many rules have each verdict; expected failures are counted apart. */
export type Counts = Readonly<Record<Verdict | 'expected', number>>;

/** Counts the verdicts of one driver, or of several. */
export function countVerdicts(verdicts: readonly RuleVerdict[]): Counts {
  const counts: Record<Verdict | 'expected', number> = {
    'not-applicable': 0,
    kept: 0,
    'not-tested': 0,
    advice: 0,
    differs: 0,
    broken: 0,
    'harness-error': 0,
    expected: 0,
  };
  for (const { verdict, expected } of verdicts) counts[expected ? 'expected' : verdict] += 1;
  return counts;
}
