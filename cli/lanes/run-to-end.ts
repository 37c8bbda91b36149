/** A task to its end, on as many lanes one after another as it takes: a scenario that ends its lane is judged, and the rest goes on. */
import type { Phase, ScenarioVerdict } from '#steps/bench/outcomes';
import { LineError } from '#steps/line-error';
import type { Ending, Lane } from './lane';
import type { Declared, Doing, Exempted, Report, Task } from './protocol';

/** A scenario that has begun. */
export interface Running {
  readonly scenario: Declared;
  /** Its id in the message stream. */
  readonly attempt: string;
}

/** A scenario that ended its lane. */
export interface Lost extends Running {
  readonly profile: string;
  readonly doing: Doing;
  readonly verdict: ScenarioVerdict;
}

export interface Listener {
  messages?(text: string): void;
  /** Before the first scenario starts. */
  exempt?(exempted: Exempted): void;
  started?(running: Running, message: string): void;
  finished?(running: Running, verdict: ScenarioVerdict | undefined): void;
  lost?(lost: Lost): void;
  stray?(message: string): void;
}

/** How it ended. `left` are scenarios that have not run to their end. */
export interface Finish {
  readonly kind: 'done' | 'refused' | 'failed' | 'stopped' | 'gave-up';
  /** Why, unless it is done. */
  readonly message: string;
  readonly profile: string | undefined;
  /** As text. */
  readonly manifest: string | undefined;
  readonly left: readonly Declared[];
}

/** A driver that so often in a row does not come back is not asked again. */
const MOST_IN_A_ROW = 3;

/**
 * Runs `task`, and what is left of it after the loss of a lane. Throws `LineError` when a line of its features is no step.
 * @param again The task for the scenarios that are left.
 */
export async function runToEnd(
  lane: Pick<Lane, 'run' | 'stop' | 'doing'>,
  task: Task,
  again: (left: readonly Declared[]) => Task,
  listener: Listener,
  signal: AbortSignal,
): Promise<Finish> {
  const run = new RunToEnd(lane, task.driver, listener);
  const stop = (): void => lane.stop();
  signal.addEventListener('abort', stop);
  try {
    for (let next = task; ;) {
      if (signal.aborted) return run.finish('stopped', 'was interrupted');
      const ending = await lane.run(next, (report) => run.hear(report));
      if (signal.aborted && ending.kind === 'lost') return run.finish('stopped', 'was interrupted');
      const finish = run.end(ending, tellsApart(next));
      if (finish) return finish;
      next = run.isDeclared ? again(run.left) : outright(task);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

const tellsApart = (task: Task): boolean => task.kind === 'features' && task.tellApart !== undefined;

/** The same scenarios, all of them played. */
function outright(task: Task): Task {
  if (task.kind === 'loop') return task;
  const { tellApart: _, ...rest } = task;
  return rest;
}

class RunToEnd {
  readonly #lane: Pick<Lane, 'stop' | 'doing'>;
  readonly #driver: string;
  readonly #listener: Listener;
  #begun = false;
  #loaded = false;
  #exempted: Exempted | undefined;
  #declared = false;
  #profile: string | undefined;
  #manifest: string | undefined;
  #left = new Map<string, Declared>();
  #running: Running | undefined;
  #inARow = 0;

  constructor(lane: Pick<Lane, 'stop' | 'doing'>, driver: string, listener: Listener) {
    this.#lane = lane;
    this.#driver = driver;
    this.#listener = listener;
  }

  get left(): readonly Declared[] {
    return [...this.#left.values()];
  }

  get isDeclared(): boolean {
    return this.#declared;
  }

  hear(report: Report): void {
    switch (report.kind) {
      case 'process':
        return;
      case 'loading':
        this.#begun = true;
        return;
      case 'loaded':
        this.#loaded = true;
        this.#profile ??= report.profile;
        this.#manifest ??= report.manifest;
        if (report.manifest !== this.#manifest) this.#listener.stray?.('its manifest is another than when it was loaded first');
        return;
      case 'exempt':
        this.#exempted = report;
        return;
      case 'declared':
        // Not before: without a lane that comes as far as this, all scenarios are played.
        if (this.#exempted) this.#listener.exempt?.(this.#exempted);
        this.#exempted = undefined;
        this.#declared = true;
        this.#left = new Map(report.scenarios.map((scenario) => [scenario.id, scenario]));
        return;
      case 'messages':
        return this.#listener.messages?.(report.text);
      case 'started':
        this.#running = { scenario: this.#left.get(report.id)!, attempt: report.attempt };
        this.#left.delete(report.id);
        return this.#listener.started?.(this.#running, report.message);
      case 'finished':
        if (this.#running) this.#listener.finished?.(this.#running, report.verdict);
        this.#running = undefined;
        this.#inARow = report.hung ? this.#inARow + 1 : 0;
        if (this.#inARow >= MOST_IN_A_ROW) this.#lane.stop();
        return;
      case 'stray':
        return this.#listener.stray?.(report.message);
    }
  }

  /**
   * What becomes of the task when a lane has ended; nothing when the rest is to go on.
   * @param toldApart Whether it was a task that told scenarios apart.
   */
  end(ending: Ending, toldApart: boolean): Finish | undefined {
    if (ending.kind === 'misread') throw new LineError(ending);
    if (ending.kind !== 'lost') return this.finish(ending.kind, ending.kind === 'done' ? '' : ending.message);
    // Before the driver's own code was touched.
    if (!this.#begun) return this.finish('failed', `the lane ${ending.why}`);
    if (!this.#declared && this.#loaded && toldApart) {
      this.#exempted = undefined;
      return undefined;
    }
    if (!this.#declared) return this.finish('refused', `${this.#driver}: the driver ${ending.why} while it was loaded`);
    if (this.#running) this.#lose(this.#running, ending.why);
    else if (this.#inARow < MOST_IN_A_ROW) {
      this.#listener.stray?.(`it ${ending.why} between two scenarios`);
      this.#inARow += 1;
    }
    if (this.#left.size === 0) return this.finish('done', '');
    if (this.#inARow >= MOST_IN_A_ROW) return this.finish('gave-up', `did not come back from ${MOST_IN_A_ROW} scenarios in a row`);
    return undefined;
  }

  finish(kind: Finish['kind'], message: string): Finish {
    return { kind, message, profile: this.#profile, manifest: this.#manifest, left: this.left };
  }

  #lose(running: Running, why: string): void {
    this.#running = undefined;
    this.#inARow += 1;
    const doing = running.scenario.doing[this.#lane.doing] ?? { id: '', phase: 'end' as const, text: 'the clean-up' };
    this.#listener.lost?.({ ...running, profile: this.#profile ?? '', doing, verdict: verdictOf(doing, why) });
  }
}

/** As `judge` would say of a driver that throws: in the scene it has not been asked what the rule is about. */
function verdictOf({ phase, text }: Doing, why: string): ScenarioVerdict {
  const message = `in "${text}", the driver ${why}`;
  const inScene = (phase satisfies Phase) === 'given';
  return inScene ? { verdict: 'not-tested', by: 'step', message: `setup: ${message}` } : { verdict: 'broken', by: 'step', message };
}
