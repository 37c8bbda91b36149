/** Gives the registry to Cucumber, and leaves what each scenario says of its rules in the message stream. */
import {
  After,
  Before,
  BeforeAll,
  BeforeStep,
  DataTable,
  defineParameterType,
  defineStep,
  setDefaultTimeout,
  setWorldConstructor,
  Status,
  type IWorldOptions,
} from '@cucumber/cucumber';
import { connected } from '#drivers/connect';
import type { DriverModule } from '#drivers/contract/driver';
import type { Mode } from '#hw-models/core/sight';
import { exemption, rulesOf } from './applies';
import { Bench } from './bench/bench';
import { keptBy } from './bench/bounds';
import { Broken, judge, KEPT, type ScenarioVerdict } from './bench/outcomes';
import { PHASES, traceOf } from './loop';
import { PARAMETER_TYPES, STEPS } from './registry';

/** World parameters: which driver, and how its hardware caches. */
export interface Parameters {
  readonly driver: string;
  readonly mode: Mode;
}

export const SCENARIO_RECORD = 'application/vnd.iommu-tck.scenario+json';

const drivers = new Map<string, DriverModule>();

class World extends Bench {
  readonly options: IWorldOptions<Parameters>;
  verdict: ScenarioVerdict = KEPT;
  readonly began = performance.now();

  constructor(options: IWorldOptions<Parameters>) {
    super(drivers.get(options.parameters.driver)!, options.parameters.mode);
    this.options = options;
  }

  /** What a step threw: a rule that is not tested is skipped, and everything else fails. */
  failed(error: unknown): 'skipped' {
    this.verdict = judge(error, this.phase);
    const { verdict, sanitizer } = this.verdict;
    if (sanitizer === undefined && (verdict === 'not-tested' || verdict === 'not-applicable')) return 'skipped';
    throw error;
  }
}

const tagsOf = ({ tags }: { readonly tags: readonly { readonly name: string }[] }): string[] => tags.map(({ name }) => name);

setWorldConstructor(World);
// The Bench limits each call of a driver and says which one is late; a step may make many calls.
setDefaultTimeout(-1);

BeforeAll(async function () {
  const { driver } = this.parameters as unknown as Parameters;
  drivers.set(driver, await connected(driver));
});

Before(async function (this: World, { pickle }) {
  const exempt = await exemption(this.module, tagsOf(pickle));
  if (exempt === undefined) return undefined;
  this.verdict = exempt;
  if (exempt.verdict === 'not-applicable') return 'skipped';
  throw new Broken(exempt.message);
});

BeforeStep(function (this: World, { pickleStep }) {
  this.phase = PHASES[pickleStep.type ?? ''] ?? 'then';
});

After(async function (this: World, { pickle, gherkinDocument, result }) {
  let thrown: Error | undefined;
  try {
    if (result?.status === Status.PASSED) {
      await this.end();
      this.verdict = keptBy(this);
    } else if (result?.status === Status.UNDEFINED || result?.status === Status.AMBIGUOUS)
      this.verdict = { verdict: 'harness-error', message: `a step of this scenario is ${result.status.toLowerCase()}` };
  } catch (error) {
    thrown = error instanceof Error ? error : new Error(String(error));
    this.verdict = judge(error, this.phase);
  } finally {
    this.module.idle?.();
  }
  const { driver, mode } = this.options.parameters;
  const rules = rulesOf(tagsOf(pickle));
  const trace = this.verdict.verdict === 'kept' && this.verdict.sanitizer === undefined ? [] : traceOf(this);
  const reproduce = `npx iommu-tck run --driver ${driver} --rule ${rules[0] ?? ''} --mode ${mode}`;
  this.options.attach(
    JSON.stringify({
      driver,
      profile: this.module.manifest.profile,
      mode,
      rules,
      scenario: pickle.name,
      uri: gherkinDocument.uri ?? pickle.uri,
      line: pickle.location?.line ?? 0,
      ...this.verdict,
      ...(trace.length > 0 && { trace, reproduce }),
      ms: Math.round(performance.now() - this.began),
    }),
    SCENARIO_RECORD,
  );
  if (thrown !== undefined) throw thrown;
});

for (const { name, regexp, transformer } of PARAMETER_TYPES)
  defineParameterType({
    name,
    regexp,
    transformer: transformer as (...groups: string[]) => unknown,
    preferForRegexpMatch: false,
    useForSnippets: true,
  });

for (const { pattern, run } of STEPS) {
  const wrapped = async function (this: World, ...args: unknown[]): Promise<unknown> {
    try {
      await run.apply(this, args.map((arg) => (arg instanceof DataTable ? arg.raw() : arg)) as never[]);
      return undefined;
    } catch (error) {
      return this.failed(error);
    }
  };
  // Cucumber counts a step's parameters.
  defineStep(pattern, Object.defineProperty(wrapped, 'length', { value: run.length }));
}
