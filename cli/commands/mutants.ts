/** `iommu-tck mutants`: each mutant against the rule that must find it, in the plain loop. */
import type { Mutant } from '#drivers/mutants/mutant';
import { MUTANTS } from '#drivers/mutants/mutants';
import { UsageError } from '#drivers/usage';
import type { Mode } from '#hw-models/core/sight';
import { readFeatures } from '#reports/ledger/ledger';
import { DEFAULT_MODE } from '#cli/conformance/drivers';
import { complain } from '#cli/complain';
import { EXIT, strongest } from '#cli/exit-code';
import type { ExitCode } from '#cli/exit-code';
import { onInterrupt } from '#cli/interrupt';
import { FOREIGN_MEMORY_MIB } from '#cli/lanes/lane';
import { inLanes } from '#cli/lanes/pool';
import { judgeMutant } from '#cli/mutants/judge';
import type { Judged } from '#cli/mutants/judge';
import { play } from '#cli/mutants/trial';
import type { Played, Subject, Trial } from '#cli/mutants/trial';
import { FEATURES } from '#cli/root';
import { paint, progress, say } from '#cli/terminal';

export interface MutantsOptions {
  readonly driver?: string;
  readonly id?: readonly string[];
  readonly all?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

/** Throws `UsageError` and `FeatureError`. */
export async function mutants(options: MutantsOptions): Promise<ExitCode> {
  const { json = false } = options;
  const chosen = choose(options);
  const interruption = onInterrupt(() => complain('interrupted: the mutants that were judged follow; press Ctrl-C again to end at once'));
  const judged = await judgeAll(chosen, options, interruption.signal);
  interruption.release();
  if (json) process.stdout.write(`${JSON.stringify({ mutants: judged.map(answerOf) }, null, 2)}\n`);
  else say(show(judged, options));
  for (const { mutant, instead, error } of json ? judged : []) {
    const why = error ?? instead;
    if (why !== undefined) complain(`${nameOf(mutant)}: ${error === undefined ? 'survived' : 'could not be judged'}: ${why}`);
  }
  return strongest(
    judged.some(({ error }) => error !== undefined) ? EXIT.harness : EXIT.kept,
    judged.some(({ killed, error }) => !killed && error === undefined) ? EXIT.broken : EXIT.kept,
    judged.length < chosen.length ? EXIT.partial : EXIT.kept,
  );
}

const nameOf = ({ of, id }: Mutant): string => `${of}!${id}`;

function choose({ driver, id: ids = [] }: MutantsOptions): readonly Mutant[] {
  const owners = [...new Set(MUTANTS.map(({ of }) => of))];
  if (driver !== undefined && !owners.includes(driver)) {
    throw new UsageError(`--driver ${driver}: no mutant is of this driver; use one of: ${owners.join(' ')}`);
  }
  const own = MUTANTS.filter(({ of }) => driver === undefined || of === driver);
  for (const id of ids) {
    if (!own.some((mutant) => mutant.id === id)) throw new UsageError(`--id ${id}: there is no such mutant; type iommu-tck mutants to see them`);
  }
  return ids.length === 0 ? own : own.filter(({ id }) => ids.includes(id));
}

const modeOf = ({ mode = DEFAULT_MODE }: Mutant): Mode => mode;

async function judgeAll(chosen: readonly Mutant[], { all = false, limit, json = false }: MutantsOptions, signal: AbortSignal): Promise<readonly Judged[]> {
  const { pickles } = readFeatures(FEATURES);
  const everything = [...pickles.keys()];
  const byRule = new Map(chosen.map(({ rule }) => [rule, scenariosOf(rule)]));
  /** Its own, and for a check of the sanitizer without any, all: it looks at every scenario. */
  function scenariosOf(rule: string): readonly number[] {
    const own = everything.filter((index) => pickles[index]?.rules.includes(rule));
    return own.length === 0 && rule.startsWith('SAN-') ? everything : own;
  }
  const wanted = ({ rule }: Mutant): readonly number[] => (all ? everything : (byRule.get(rule) ?? []));

  const bases = basesOf(chosen, wanted);
  const shown = progress(bases.size + chosen.length, json);
  const trials = (subjects: readonly Subject[]): Promise<Trial[]> =>
    inLanes(
      subjects.map((subject) => ({ subject, foreign: false })),
      { answerMs: limit, memoryMiB: FOREIGN_MEMORY_MIB },
      signal,
      async ({ subject }, lane) => {
        const trial = await play(subject, pickles, FEATURES, lane, signal);
        shown.tick(subject.driver);
        return trial;
      },
    );
  const kept = new Map([...bases.keys()].map((key, index) => [key, index] as const));
  const ofBases = await trials([...bases.values()]);
  const ofMutants = await trials(chosen.map((mutant) => ({ driver: nameOf(mutant), mode: modeOf(mutant), scenarios: wanted(mutant) })));
  shown.stop();

  return ofMutants.map((trial, index) => {
    const mutant = chosen[index]!;
    const deciding = new Set((byRule.get(mutant.rule) ?? []).map((one) => pickles[one]));
    const base = ofBases[kept.get(baseKey(mutant))!]!;
    const own = new Set(wanted(mutant).map((one) => pickles[one]));
    const sameScenarios: Trial = { ...base, played: base.played.filter(({ pickle }) => own.has(pickle)) };
    return judgeMutant(mutant, ({ pickle }: Played) => deciding.has(pickle), trial, sameScenarios);
  });
}

const baseKey = (mutant: Mutant): string => `${mutant.of} ${modeOf(mutant)}`;

/** The drivers without the defects, each on every scenario that one of its mutants is tried on. */
function basesOf(chosen: readonly Mutant[], wanted: (mutant: Mutant) => readonly number[]): ReadonlyMap<string, Subject> {
  const bases = new Map<string, Subject>();
  for (const mutant of chosen) {
    const before = bases.get(baseKey(mutant))?.scenarios ?? [];
    const scenarios = [...new Set([...before, ...wanted(mutant)])].sort((left, right) => left - right);
    bases.set(baseKey(mutant), { driver: mutant.of, mode: modeOf(mutant), scenarios });
  }
  return bases;
}

/** As docs/schemas/mutants.json has it. */
function answerOf({ mutant: { id, system, of, rule, by }, killed, killedBy }: Judged): object {
  return { id, system, of, rule, by, killed, killedBy };
}

function show(judged: readonly Judged[], { all = false }: MutantsOptions): string {
  const width = Math.max(0, ...judged.map(({ mutant }) => nameOf(mutant).length));
  const lines = judged.map(({ mutant, killed, killedBy, instead, error }) => {
    const state = killed ? paint('killed  ', 'kept') : paint(error === undefined ? 'SURVIVED' : 'ERROR   ', 'broken');
    const others = killedBy.filter(({ rule, by }) => rule !== mutant.rule || by !== mutant.by).map(({ rule, by }) => `${rule} by ${by}`);
    const also = all && others.length > 0 ? paint(`; also ${others.join(', ')}`, 'quiet') : '';
    const why = error ?? instead;
    return `${state}  ${nameOf(mutant).padEnd(width)}  ${mutant.rule} by ${mutant.by}${also}${why === undefined ? '' : `\n          ${why}`}`;
  });
  const count = (which: (one: Judged) => boolean): number => judged.filter(which).length;
  const errors = count(({ error }) => error !== undefined);
  const killed = count((one) => one.killed);
  const totals = `${judged.length} mutants: ${killed} killed, ${judged.length - killed - errors} survived, ${errors} could not be judged`;
  return [...lines, '', ...(all ? idle(judged) : []), totals].join('\n');
}

/** A rule that kills nothing is questioned. */
function idle(judged: readonly Judged[]): readonly string[] {
  const busy = new Set(judged.flatMap(({ killedBy }) => killedBy.map(({ rule }) => rule)));
  const systems = new Set(judged.map(({ mutant }) => mutant.system));
  const rules = readFeatures(FEATURES).ledger.rules.filter(({ id, state, system }) => state === 'tested' && systems.has(system) && !busy.has(id));
  return rules.length === 0 ? [] : [`rules that kill no mutant: ${rules.map(({ id }) => id).join(' ')}`, ''];
}
