/** `iommu-tck mutants`: each mutant against the rule that must find it, in the plain loop. */
import type { Mutant } from '#drivers/mutants/mutant';
import { MUTANTS } from '#drivers/mutants/mutants';
import { isNative, missingTools } from '#drivers/native/drivers';
import { UsageError } from '#drivers/usage';
import { readFeatures } from '#reports/ledger/ledger';
import { complain } from '#cli/complain';
import { EXIT, strongest } from '#cli/exit-code';
import type { ExitCode } from '#cli/exit-code';
import { onInterrupt } from '#cli/interrupt';
import { judgeAll, nameOf } from '#cli/mutants/campaign';
import type { Judged } from '#cli/mutants/judge';
import { FEATURES } from '#cli/root';
import { paint, progress, say } from '#cli/terminal';

export interface MutantsOptions {
  readonly driver?: readonly string[];
  readonly id?: readonly string[];
  readonly all?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

/** Throws `UsageError` and `FeatureError`. */
export async function mutants(options: MutantsOptions): Promise<ExitCode> {
  const { all = false, limit, json = false } = options;
  const { chosen, leftOut } = buildable(choose(options), options.driver);
  for (const why of leftOut) complain(why);
  const shown = progress(chosen.length, json);
  const interruption = onInterrupt(() => complain('interrupted: the mutants that were judged follow; press Ctrl-C again to end at once'));
  const judged = await judgeAll(chosen, { all, answerMs: limit, signal: interruption.signal, tick: shown.tick }).finally(() =>
    shown.stop(),
  );
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

function choose({ driver: drivers, id: ids = [] }: MutantsOptions): readonly Mutant[] {
  const owners = [...new Set(MUTANTS.map(({ of }) => of))];
  for (const driver of drivers ?? [])
    if (!owners.includes(driver)) throw new UsageError(`--driver ${driver}: no mutant is of this driver; use one of: ${owners.join(' ')}`);
  const own = MUTANTS.filter(({ of }) => drivers === undefined || drivers.includes(of));
  for (const id of ids) {
    if (!own.some((mutant) => mutant.id === id))
      throw new UsageError(`--id ${id}: there is no such mutant; type iommu-tck mutants to see them`);
  }
  return ids.length === 0 ? own : own.filter(({ id }) => ids.includes(id));
}

/** Those that this machine can build, and why not the others. Throws `UsageError` when the driver was named. */
function buildable(mutants: readonly Mutant[], drivers: readonly string[] = []): { chosen: readonly Mutant[]; leftOut: readonly string[] } {
  const missing = new Map(
    [...new Set(mutants.map(({ of }) => of))].flatMap((of) => {
      const why = isNative(of) ? missingTools(of, 'wasm') : undefined;
      return why === undefined ? [] : [[of, why] as const];
    }),
  );
  for (const driver of drivers) if (missing.has(driver)) throw new UsageError(`--driver ${driver}: ${missing.get(driver)}`);
  const leftOut = [...missing].map(([of, why]) => `${mutants.filter((one) => one.of === of).length} mutants of ${of} are left out: ${why}`);
  return { chosen: mutants.filter(({ of }) => !missing.has(of)), leftOut };
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
  const rules = readFeatures(FEATURES).ledger.rules.filter(
    ({ id, state, system }) => state === 'tested' && systems.has(system) && !busy.has(id),
  );
  return rules.length === 0 ? [] : [`rules that kill no mutant: ${rules.map(({ id }) => id).join(' ')}`, ''];
}
