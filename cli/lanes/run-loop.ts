/** Scenarios on one driver in the plain loop, with a report for each. */
import { connect } from '#drivers/connect';
import { readPickles } from '#reports/ledger/ledger';
import type { FeaturePickle } from '#reports/ledger/pickles';
import { compiler, PHASES, play } from '#steps/loop';
import type { Compiled } from '#steps/loop';
import type { Declared, LoopTask, Report } from './protocol';
import type { Pulse } from './pulse';

interface Catalogue {
  readonly pickles: readonly FeaturePickle[];
  readonly compile: (index: number) => Compiled;
}
const catalogues = new Map<string, Catalogue>();

/** Throws `UsageError` when the driver cannot be used, and an `Error` for a scenario that has a step which nobody defined. */
export async function runLoop(task: LoopTask, pulse: Pulse, say: (report: Report) => void): Promise<void> {
  const { driver, mode, features, scenarios } = task;
  const { pickles, compile } = catalogueOf(features);
  say({ kind: 'loading' });
  pulse.beat(0);
  const module = await connect(driver);
  pulse.rest();
  say({ kind: 'loaded', profile: module.manifest.profile, manifest: JSON.stringify(module.manifest) });
  say({ kind: 'declared', scenarios: scenarios.map((index) => declare(pickles[index]!, index)) });
  for (const index of scenarios) {
    const id = String(index);
    const scenario = compile(index);
    say({ kind: 'started', id, attempt: id, message: '' });
    const { trace: _, ...verdict } = await play(beating(scenario, pulse), module, mode);
    pulse.rest();
    say({ kind: 'finished', id, hung: false, verdict });
  }
}

function catalogueOf(features: string): Catalogue {
  const known = catalogues.get(features);
  if (known) return known;
  const pickles = readPickles(features);
  const compile = compiler();
  const compiled = new Map<number, Compiled>();
  const catalogue: Catalogue = {
    pickles,
    compile: (index) => {
      const scenario = compiled.get(index) ?? compile(pickles[index]!);
      compiled.set(index, scenario);
      return scenario;
    },
  };
  catalogues.set(features, catalogue);
  return catalogue;
}

/** The scenario with a sign of life before each step. */
function beating(scenario: Compiled, pulse: Pulse): Compiled {
  const steps = scenario.steps.map((step, index) => ({
    ...step,
    run: (bench: Parameters<typeof step.run>[0]) => {
      pulse.beat(index);
      return step.run(bench);
    },
  }));
  return { ...scenario, steps };
}

function declare({ name, uri, line, tags, steps }: FeaturePickle, index: number): Declared {
  const doing = steps.map(({ text, type }) => ({ id: '', phase: PHASES[type] ?? 'then', text }));
  return { id: String(index), name, uri, line, tags, doing, message: '' };
}
