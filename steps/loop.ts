/**
 * Scenarios in a plain loop, without Cucumber: for mutants, sweeps and exploration, at a tenth of the cost. The conformance record is
 * Cucumber's; a test compares the two.
 */
import type { DriverModule } from '#drivers/contract/driver';
import type { Mode } from '#hw-models/core/sight';
import { exemption } from './applies';
import { Bench } from './bench/bench';
import { keptBy } from './bench/bounds';
import { judge, type Phase, type ScenarioVerdict } from './bench/outcomes';
import { finder } from './finder';

/** A scenario as features give it. */
export interface Scenario {
  readonly name: string;
  readonly tags: readonly string[];
  readonly steps: readonly ScenarioStep[];
}

export interface ScenarioStep {
  readonly text: string;
  readonly type: string | undefined;
  /** The table below it, row by row: the last argument. */
  readonly table?: readonly (readonly string[])[];
}

/** A scenario whose steps are found and whose literals are read. */
export interface Compiled {
  readonly name: string;
  readonly tags: readonly string[];
  readonly steps: readonly { readonly text: string; readonly phase: Phase; readonly run: (bench: Bench) => unknown }[];
}

export interface Played extends ScenarioVerdict {
  /** The last events of the machine, for people. */
  readonly trace: readonly string[];
}

export const PHASES: Readonly<Record<string, Phase>> = { Context: 'given', Action: 'when', Outcome: 'then' };

const TRACE_LINES = 6;

/** Finds the step of each line. What it returns throws `LineError`. */
export function compiler(): (scenario: Scenario) => Compiled {
  const find = finder();
  return ({ name, tags, steps }) => ({
    name,
    tags,
    steps: steps.map(({ text, type, table }) => {
      const { run, args: given } = find(text);
      const args = table === undefined ? given : [...given, table];
      return {
        text,
        phase: PHASES[type ?? ''] ?? 'then',
        run: (bench: Bench) => (run as (...values: unknown[]) => unknown).apply(bench, [...args]),
      };
    }),
  });
}

/** Plays one scenario on a fresh Bench. Never throws. */
export async function play(scenario: Compiled, module: DriverModule, mode: Mode): Promise<Played> {
  const exempt = await exemption(module, scenario.tags);
  if (exempt !== undefined) return { ...exempt, trace: [] };
  const bench = new Bench(module, mode);
  try {
    for (const { phase, run } of scenario.steps) {
      bench.phase = phase;
      await run(bench);
    }
    await bench.end();
    return { ...keptBy(bench), trace: [] };
  } catch (error) {
    return { ...judge(error, bench.phase), trace: traceOf(bench) };
  } finally {
    module.idle?.();
  }
}

export const traceOf = (bench: Bench): string[] => (bench.isBuilt ? bench.machine.trace.tail(TRACE_LINES) : []);
