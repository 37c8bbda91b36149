/** One driver in one mode: its records, and what was left out. */
import type { Mode } from '#hw-models/core/sight';
import { readMessageStream } from '#reports/messages';
import type { ScenarioRecord } from '#reports/record';
import type { Lane } from '#cli/lanes/lane';
import type { FeaturesTask } from '#cli/lanes/protocol';
import { runToEnd } from '#cli/lanes/run-to-end';
import type { Finish, Lost } from '#cli/lanes/run-to-end';
import { MessageFile } from './message-file';
import { sourcesOf } from './select';
import type { Selected } from './select';

export interface Job {
  /** As a person typed it. */
  readonly driver: string;
  readonly mode: Mode;
  /** Its code is not ours. */
  readonly foreign: boolean;
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
  readonly lane: Lane;
  readonly signal: AbortSignal;
  /** A scenario has ended. */
  readonly tick: () => void;
}

/** Answers records also for what a driver kept from running; never throws on its account. */
export async function runJob(job: Job, { selected, file, lane, signal, tick }: JobOptions): Promise<JobResult> {
  const began = performance.now();
  const { driver, mode, foreign } = job;
  const task = (scenarios: Parameters<typeof sourcesOf>[0]): FeaturesTask => ({
    kind: 'features',
    driver,
    mode,
    sources: sourcesOf(scenarios),
    cwd: selected.cwd,
    foreign,
  });
  const strays: string[] = [];
  const messages = new MessageFile(file);
  const finish = await runToEnd(
    lane,
    task(selected.pickles),
    task,
    {
      messages: (text) => messages.write(text),
      started: (running, message) => messages.start(running, message),
      finished: tick,
      lost: (lost) => {
        messages.lose(lost, recordOf(lost, job));
        tick();
      },
      stray: (message) => {
        if (!strays.includes(message)) strays.push(message);
      },
    },
    signal,
  );
  messages.close(finish.left);
  return { job, finish, file, records: recordsOf(job, finish, file, selected), strays, ms: performance.now() - began };
}

/** Of a driver that could not be loaded. */
const UNKNOWN_PROFILE = 'unknown';

function recordOf({ scenario, profile, verdict }: Lost, { driver, mode }: Job): ScenarioRecord {
  const { name, uri, line, tags } = scenario;
  const rules = tags.flatMap((tag) => (tag.startsWith('@rule:') ? [tag.slice('@rule:'.length)] : []));
  return { driver, profile, mode, rules, scenario: name, uri, line, ...verdict };
}

function recordsOf(job: Job, { kind, message, profile }: Finish, file: string, selected: Selected): readonly ScenarioRecord[] {
  const { driver, mode } = job;
  if (kind === 'refused' || kind === 'failed') {
    return selected.pickles.map(({ rules, name, uri, line }) => ({
      ...{ driver, profile: profile ?? UNKNOWN_PROFILE, mode, rules, scenario: name, uri, line },
      ...{ verdict: 'harness-error', message, reproduce: commandFor(job, rules, selected) },
    }));
  }
  const records = profile === undefined ? [] : readMessageStream(file, { driver, profile, mode });
  return records.map((record) => ({ ...record, reproduce: commandFor(job, record.rules, selected) }));
}

/** What a person types to see a scenario of these rules again. */
function commandFor({ driver, mode }: Job, [rule = '']: readonly string[], { elsewhere }: Selected): string {
  const features = elsewhere === undefined ? '' : ` --features ${quoted(elsewhere)}`;
  return `npx iommu-tck run --driver ${quoted(driver)} --rule ${rule} --mode ${mode}${features}`;
}

/** As a POSIX shell reads it back. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
