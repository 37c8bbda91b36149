/** One driver in one mode through Cucumber, as messages to whoever watches the lane. */
import { extname, join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { loadConfiguration, loadSupport, runCucumber } from '@cucumber/cucumber/api';
import type { IRunConfiguration, IRunEnvironment, ISupportCodeLibrary } from '@cucumber/cucumber/api';
import type { Envelope, Pickle, PickleStep, TestCase, TestStep } from '@cucumber/messages';
import { connect } from '#drivers/connect';
import type { DriverModule } from '#drivers/contract/driver';
import { exemptionsLine } from '#reports/exemptions';
import { PHASES } from '#steps/loop';
import { ROOT } from '#cli/root';
import { Intrinsics } from './intrinsics';
import { remembering } from './matches';
import { NO_ANSWER, Ruined } from './protocol';
import type { Declared, Doing, FeaturesTask, Report } from './protocol';
import type { Pulse } from './pulse';
import { sourcesOf } from './sources';
import { tellApart } from './tell-apart';

const SUPPORT = ['steps', 'cucumber'] as const;
const LATER_MS = 50;

interface Loaded {
  readonly configuration: IRunConfiguration;
  readonly support: ISupportCodeLibrary;
  /** Throws `LineError`. */
  readonly read: (line: string) => void;
}
let loaded: Promise<Loaded> | undefined;

/**
 * Throws `LineError` for a line that is no step, `UsageError` when the driver cannot be used, `Ruined` when it has made Cucumber unusable,
 * and whatever else Cucumber throws.
 */
export async function runFeatures(task: FeaturesTask, pulse: Pulse, say: (report: Report) => void): Promise<void> {
  const { driver, mode, cwd, lines, isForeign } = task;
  const { configuration, support, read } = await (loaded ??= load());
  for (const line of lines) read(line);
  const guard = isForeign ? new Intrinsics() : undefined;
  /** What the driver had changed and no longer has, as a phrase that follows its name. */
  const changedBy = (): string | undefined => {
    const changed = guard?.restore() ?? [];
    return changed.length > 0 ? `changed ${changed.slice(0, 3).join(', ')}` : undefined;
  };
  const tidy = (): void => {
    const changed = changedBy();
    if (changed !== undefined) say({ kind: 'stray', message: `it ${changed}; that was put back` });
  };
  say({ kind: 'loading' });
  pulse.beat(0);
  const module = await connect(driver);
  const { manifest } = module;
  pulse.rest();
  tidy();
  say({ kind: 'loaded', profile: manifest.profile, manifest: JSON.stringify(manifest) });

  const after = (): void => {
    pulse.rest();
    tidy();
  };
  const sources = await sourcesToPlay(task, module, { before: () => pulse.beat(0), after }, say);
  const told = new Teller(pulse, say, tidy);
  const run = {
    ...configuration,
    sources: { ...configuration.sources, paths: [...sources] },
    support,
    runtime: { ...configuration.runtime, worldParameters: { driver, mode } },
  };
  // Without a source Cucumber would look for features of its own accord.
  if (sources.length === 0) say({ kind: 'declared', scenarios: [] });
  else
    await runCucumber(run, environment(cwd), (envelope) => told.hear(envelope)).catch((error: unknown) => {
      const changed = changedBy();
      throw changed === undefined ? error : new Ruined(`${changed}, which nothing runs without`);
    });
  told.end();
  // What the driver has left for later comes before the end, and not after it.
  if (isForeign) await setTimeout(LATER_MS);
}

/** What Cucumber plays. All, when it fails to be told apart: what a driver does there has its place in the record only as a scenario. */
async function sourcesToPlay(
  { driver, mode, sources, tellApart: asked }: FeaturesTask,
  module: DriverModule,
  around: Parameters<typeof tellApart>[2],
  say: (report: Report) => void,
): Promise<readonly string[]> {
  if (asked === undefined) return sources;
  try {
    const { played, exempt } = await tellApart(module, asked, around);
    const message = exemptionsLine({ driver, profile: module.manifest.profile, mode, scenarios: exempt });
    if (exempt.length > 0) say({ kind: 'exempt', count: exempt.length, message });
    return sourcesOf(played);
  } catch {
    around.after();
    return sources;
  }
}

/** The step code is loaded once for all drivers and modes. */
async function load(): Promise<Loaded> {
  const extension = extname(__filename);
  const steps = join(__dirname, '..', '..', 'steps');
  const { runConfiguration } = await loadConfiguration(
    {
      file: false,
      // Nobody reads a formatter here; of all this one does the least.
      provided: { require: SUPPORT.map((name) => join(steps, `${name}${extension}`)), format: ['rerun'], strict: true },
    },
    environment(ROOT),
  );
  const support = await loadSupport(runConfiguration, environment(ROOT));
  return { configuration: runConfiguration, support, read: remembering(support) };
}

function environment(cwd: string): IRunEnvironment {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  return { cwd, stdout: nowhere, stderr: nowhere };
}

/** Turns messages into reports: held until a scenario starts or ends, so that there are two for each. */
class Teller {
  readonly #pulse: Pulse;
  readonly #say: (report: Report) => void;
  readonly #tidy: () => void;
  readonly #pickles = new Map<string, Pickle>();
  readonly #declared: Declared[] = [];
  /** Index of each step within its scenario, by its id. */
  readonly #indexes = new Map<string, number>();
  readonly #running = new Map<string, string>();
  #lines: string[] = [];
  #hung = false;

  constructor(pulse: Pulse, say: (report: Report) => void, tidy: () => void) {
    this.#pulse = pulse;
    this.#say = say;
    this.#tidy = tidy;
  }

  hear(envelope: Envelope): void {
    const line = `${JSON.stringify(envelope)}\n`;
    const { pickle, testCase, testCaseStarted, testStepStarted, attachment, testCaseFinished } = envelope;
    if (pickle) this.#pickles.set(pickle.id, pickle);
    if (testCase) {
      this.#declared.push(this.#declare(testCase, line));
      return;
    }
    if (testCaseStarted) this.#start(testCaseStarted.testCaseId, testCaseStarted.id, line);
    else this.#lines.push(line);
    if (testStepStarted) this.#pulse.beat(this.#indexes.get(testStepStarted.testStepId) ?? 0);
    if (attachment?.body.includes(NO_ANSWER)) this.#hung = true;
    if (testCaseFinished) this.#finish(testCaseFinished.testCaseStartedId);
  }

  end(): void {
    this.#flush();
  }

  #start(id: string, attempt: string, message: string): void {
    const declared = this.#declared.splice(0);
    if (declared.length > 0) this.#say({ kind: 'declared', scenarios: declared });
    this.#flush();
    this.#running.set(attempt, id);
    this.#hung = false;
    this.#say({ kind: 'started', id, attempt, message });
  }

  #finish(attempt: string): void {
    this.#pulse.rest();
    this.#tidy();
    this.#flush();
    const id = this.#running.get(attempt) ?? '';
    this.#running.delete(attempt);
    this.#say({ kind: 'finished', id, hung: this.#hung });
  }

  #flush(): void {
    if (this.#lines.length > 0) this.#say({ kind: 'messages', text: this.#lines.join('') });
    this.#lines = [];
  }

  #declare({ id, pickleId, testSteps }: TestCase, message: string): Declared {
    const { name, uri, location, tags, steps } = this.#pickles.get(pickleId)!;
    const doing = testSteps.map((step) => doingOf(step, steps, testSteps));
    for (const [index, step] of testSteps.entries()) this.#indexes.set(step.id, index);
    return { id, name, uri, line: location?.line ?? 1, tags: tags.map((tag) => tag.name), doing, message };
  }
}

function doingOf({ id, pickleStepId }: TestStep, steps: readonly PickleStep[], all: readonly TestStep[]): Doing {
  const step = steps.find((one) => one.id === pickleStepId);
  if (step) return { id, phase: PHASES[step.type ?? ''] ?? 'then', text: step.text };
  const before = all.findIndex((one) => one.id === id) < all.findIndex((one) => one.pickleStepId !== undefined);
  return before ? { id, phase: 'given', text: 'the beginning' } : { id, phase: 'end', text: 'the clean-up' };
}
