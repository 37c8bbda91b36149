/** Mutants and the drivers that they are mutants of, each on the scenarios that decide, and what comes of it. */
import type { Mutant } from '#drivers/mutants/mutant';
import { readFeatures } from '#reports/ledger/ledger';
import type { FeaturePickle } from '#reports/ledger/pickles';
import { placed } from '#cli/conformance/misread';
import { VOCABULARY } from '#cli/conformance/vocabulary';
import { inLanes } from '#cli/lanes/pool';
import { FEATURES } from '#cli/root';
import { judgeMutant } from './judge';
import type { Judged } from './judge';
import { play } from './trial';
import type { Subject, Trial } from './trial';

export interface Campaign {
  /** Against every scenario, not only those of the rule that a mutant names. */
  readonly all: boolean;
  /** Milliseconds that one step may take. */
  readonly answerMs: number;
  readonly signal: AbortSignal;
  /** A mutant has been tried. */
  readonly tick: (driver: string) => void;
}

/** As a connectable. */
export const nameOf = ({ of, id }: Mutant): string => `${of}!${id}`;

/** Judgements in the order of `chosen`; after the signal, of those that were tried. Throws `FeatureError`. */
export async function judgeAll(chosen: readonly Mutant[], { all, answerMs, signal, tick }: Campaign): Promise<readonly Judged[]> {
  const { pickles } = readFeatures(FEATURES, VOCABULARY);
  const scenarios = new Scenarios(pickles);
  const wanted = (mutant: Mutant): readonly number[] => (all ? scenarios.all : scenarios.of(mutant.rule));
  const bases = basesOf(chosen, wanted);
  const subjects: readonly Subject[] = [
    ...bases.values(),
    ...chosen.map((mutant) => ({ driver: nameOf(mutant), mode: modeOf(mutant), scenarios: wanted(mutant) })),
  ];
  const running = inLanes(
    subjects.map((subject, index) => ({ subject, isMutant: index >= bases.size, trust: 'ours' as const })),
    { answerMs },
    signal,
    async ({ subject, isMutant }, lane) => {
      const trial = await play(subject, pickles, lane, signal);
      if (isMutant && !signal.aborted) tick(subject.driver);
      return trial;
    },
  );
  const trials = await placed(running, pickles);

  const baseOf = new Map([...bases.keys()].map((key, index) => [key, trials[index]]));
  return trials.slice(bases.size).flatMap((trial, index): Judged[] => {
    const mutant = chosen[index]!;
    const base = baseOf.get(keyOf(mutant));
    if (base === undefined || trial.stopped) return [];
    const own = new Set(wanted(mutant).map((one) => pickles[one]));
    const deciding = new Set(scenarios.of(mutant.rule).map((one) => pickles[one]));
    const sameScenarios: Trial = { ...base, played: base.played.filter(({ pickle }) => own.has(pickle)) };
    return [judgeMutant(mutant, ({ pickle }) => deciding.has(pickle), trial, sameScenarios)];
  });
}

/** Scenarios by their index. */
class Scenarios {
  readonly all: readonly number[];
  readonly #pickles: readonly FeaturePickle[];

  constructor(pickles: readonly FeaturePickle[]) {
    this.#pickles = pickles;
    this.all = [...pickles.keys()];
  }

  /** Those that decide over a rule: its own, or all for a check of the sanitizer without any, since it looks at every scenario. */
  of(rule: string): readonly number[] {
    const own = this.all.filter((index) => this.#pickles[index]?.rules.includes(rule));
    return own.length === 0 && rule.startsWith('SAN-') ? this.all : own;
  }
}

const modeOf = ({ mode = 'eager' }: Mutant): 'lazy' | 'eager' => mode;

const keyOf = (mutant: Mutant): string => `${mutant.of} ${modeOf(mutant)}`;

/** The drivers without the defects, each on every scenario that one of its mutants is tried on. */
function basesOf(chosen: readonly Mutant[], wanted: (mutant: Mutant) => readonly number[]): ReadonlyMap<string, Subject> {
  const scenarios = new Map<string, { readonly mutant: Mutant; readonly all: Set<number> }>();
  for (const mutant of chosen) {
    const known = scenarios.get(keyOf(mutant)) ?? { mutant, all: new Set<number>() };
    for (const index of wanted(mutant)) known.all.add(index);
    scenarios.set(keyOf(mutant), known);
  }
  return new Map(
    [...scenarios].map(([key, { mutant, all }]) => [
      key,
      { driver: mutant.of, mode: modeOf(mutant), scenarios: [...all].sort((left, right) => left - right) },
    ]),
  );
}
