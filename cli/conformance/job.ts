/** One driver in one mode: its records, and what was left out. */
import type { Mode } from '#hw-models/core/sight';
import type { ScenarioRecord } from '#reports/record';
import type { Lane } from '#cli/lanes/lane';
import type { Trust } from '#cli/lanes/pool';
import type { Asked, FeaturesTask } from '#cli/lanes/protocol';
import { runToEnd } from '#cli/lanes/run-to-end';
import type { Finish } from '#cli/lanes/run-to-end';
import { sourcesOf } from '#cli/lanes/sources';
import { MessageFile } from './message-file';
import { linesOf } from './misread';
import { readRecords, recordOfLoss } from './records';
import type { Selected } from './select';

export interface Job {
  /** As a person typed it. */
  readonly driver: string;
  readonly mode: Mode;
  readonly trust: Trust;
}

export interface JobResult {
  readonly job: Job;
  readonly finish: Finish;
  /** The stored message stream. */
  readonly file: string;
  readonly records: readonly ScenarioRecord[];
  /** What the driver did outside any call, which may have touched any scenario. */
  readonly strays: readonly string[];
  readonly ms: number;
}

export interface JobOptions {
  readonly selected: Selected;
  readonly file: string;
  /** Makes the folder of `file`. */
  readonly prepare: () => void;
  readonly lane: Lane;
  readonly signal: AbortSignal;
  /** A scenario has ended. */
  readonly tick: () => void;
}

/** Answers records also for what a driver kept from running. Throws `LineError`, and nothing on a driver's account. */
export async function runJob(job: Job, { selected, file, prepare, lane, signal, tick }: JobOptions): Promise<JobResult> {
  const began = performance.now();
  const { driver, mode, trust } = job;
  const task = (scenarios: readonly Asked[]): FeaturesTask => ({
    kind: 'features',
    driver,
    mode,
    sources: sourcesOf(scenarios),
    cwd: selected.cwd,
    lines: linesOf(selected.pickles),
    isForeign: trust === 'foreign',
  });
  const strays: string[] = [];
  const messages = new MessageFile(file, prepare);
  const finish = await runToEnd(
    lane,
    { ...task(selected.pickles), tellApart: selected.pickles.map(({ name, uri, line, tags }) => ({ name, uri, line, tags })) },
    task,
    {
      exempt: ({ count, message }) => {
        messages.exempt(message);
        for (let told = 0; told < count; told++) tick();
      },
      messages: (text) => messages.write(text),
      started: (running, message) => messages.start(running, message),
      finished: tick,
      lost: (lost) => {
        messages.lose(lost, recordOfLoss(lost, job));
        tick();
      },
      stray: (message) => {
        if (!strays.includes(message)) strays.push(message);
      },
    },
    signal,
  );
  const stream = { text: messages.close(finish.left), file };
  return { job, file, strays, ...readRecords(job, finish, stream, selected), ms: performance.now() - began };
}
