/** One driver on some scenarios in the plain loop, and what was found. */
import type { Mode } from '#hw-models/core/sight';
import type { FeaturePickle } from '#reports/ledger/pickles';
import type { ScenarioVerdict } from '#steps/bench/outcomes';
import type { Lane } from '#cli/lanes/lane';
import type { LoopTask } from '#cli/lanes/protocol';
import { runToEnd } from '#cli/lanes/run-to-end';
import { FEATURES } from '#cli/root';

/** What found a defect, and in which rule. */
export interface Kill {
  readonly rule: string;
  readonly by: NonNullable<ScenarioVerdict['by']>;
}

/** A scenario and what came of it. */
export interface Played {
  readonly pickle: FeaturePickle;
  readonly verdict: ScenarioVerdict;
}

export interface Trial {
  readonly played: readonly Played[];
  /** It was interrupted. */
  readonly stopped: boolean;
  /** Why it is not to be trusted: the driver could not be made, or the harness failed. */
  readonly error?: string;
}

export interface Subject {
  /** A connectable. */
  readonly driver: string;
  readonly mode: Mode;
  /** Indexes of the scenarios. */
  readonly scenarios: readonly number[];
}

/** Plays the subject's scenarios. @param pickles All that the suite's features hold, in order. */
export async function play(
  { driver, mode, scenarios }: Subject,
  pickles: readonly FeaturePickle[],
  lane: Lane,
  signal: AbortSignal,
): Promise<Trial> {
  const played: Played[] = [];
  const add = (id: string, verdict: ScenarioVerdict): number => played.push({ pickle: pickles[Number(id)]!, verdict });
  const task = (wanted: readonly number[]): LoopTask => ({ kind: 'loop', driver, mode, features: FEATURES, scenarios: wanted });
  const { kind, message } = await runToEnd(
    lane,
    task(scenarios),
    (left) => task(left.map(({ id }) => Number(id))),
    {
      finished: ({ scenario }, verdict) => verdict && add(scenario.id, verdict),
      lost: ({ scenario, verdict }) => add(scenario.id, verdict),
    },
    signal,
  );
  const broken = played.find(({ verdict }) => verdict.verdict === 'harness-error');
  const why = kind === 'done' || kind === 'gave-up' ? broken?.verdict.message : message;
  return { played, stopped: kind === 'stopped', ...(why !== undefined && { error: why.split('\n', 1)[0] ?? why }) };
}

/** What a scenario found: a broken rule, and the sanitizer's rule wherever in the scenario it was. */
export function killsOf({ pickle, verdict: { verdict, by = 'step', sanitizer } }: Played): Kill[] {
  const rules = verdict === 'broken' ? pickle.rules.map((rule) => ({ rule, by })) : [];
  return sanitizer === undefined || rules.some(({ rule }) => rule === sanitizer) ? rules : [...rules, { rule: sanitizer, by }];
}
