/**
 * Scenarios in a plain loop, without Cucumber: for mutants, sweeps and exploration, at a tenth of the cost. The conformance record is
 * Cucumber's; a test compares the two.
 */
import { CucumberExpression, ParameterType, ParameterTypeRegistry } from '@cucumber/cucumber-expressions';
import type { DriverModule } from '#drivers/contract/driver';
import type { Mode } from '#hw-models/core/sight';
import { exemption } from './applies';
import { Bench } from './bench/bench';
import { judge, KEPT, type Phase, type ScenarioVerdict } from './bench/outcomes';
import './steps';
import { PARAMETER_TYPES, STEPS } from './registry';

/** A scenario as features give it. */
export interface Scenario {
  readonly name: string;
  readonly tags: readonly string[];
  readonly steps: readonly { readonly text: string; readonly type: string | undefined }[];
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

/** Finds the step of each line. Throws when a line has no step, or several. */
export function compiler(): (scenario: Scenario) => Compiled {
  const registry = new ParameterTypeRegistry();
  for (const { name, regexp, transformer } of PARAMETER_TYPES)
    registry.defineParameterType(new ParameterType(name, regexp, null, transformer, true, false));
  const expressions = STEPS.map(({ pattern, run }) => ({ expression: new CucumberExpression(pattern, registry), run, pattern }));
  return ({ name, tags, steps }) => ({
    name,
    tags,
    steps: steps.map(({ text, type }) => {
      const matches = expressions.flatMap(({ expression, run, pattern }) => {
        const match = expression.match(text);
        return match ? [{ run, pattern, args: match.map((argument) => argument.getValue<unknown>(null)) }] : [];
      });
      const [match] = matches;
      if (match === undefined) throw new Error(`"${name}": no step says "${text}"`);
      if (matches.length > 1)
        throw new Error(`"${name}": "${text}" is said by ${matches.map(({ pattern }) => `"${pattern}"`).join(' and ')}`);
      return {
        text,
        phase: PHASES[type ?? ''] ?? 'then',
        run: (bench: Bench) => (match.run as (...args: unknown[]) => unknown).apply(bench, match.args),
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
    return { ...KEPT, trace: [] };
  } catch (error) {
    return { ...judge(error, bench.phase), trace: traceOf(bench) };
  }
}

export const traceOf = (bench: Bench): string[] => (bench.isBuilt ? bench.machine.trace.tail(TRACE_LINES) : []);
