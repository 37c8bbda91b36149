/** Drivers against rules: every job through a lane, and all records judged together. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { applyBaseline } from '#reports/baseline';
import type { ExpectedFailure } from '#reports/baseline';
import { indexRules } from '#reports/ledger/ledger';
import type { Run } from '#reports/run';
import { judgeRun } from '#reports/verdicts';
import type { Limits } from '#cli/lanes/lane';
import { inLanes } from '#cli/lanes/pool';
import { baselineOf } from './drivers';
import { runJob } from './job';
import type { Job, JobResult } from './job';
import { placed } from './misread';
import { openOutput } from './output';
import type { Selected } from './select';

const MOST_IDS_NAMED = 5;

export interface Request {
  readonly jobs: readonly Job[];
  readonly selected: Selected;
  /** The folder of reports; it is made when there is something to write. */
  readonly out: string;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly on: {
    /** A scenario has ended. */
    tick(job: Job): void;
    ended(result: JobResult): void;
  };
}

/** What became of it. */
export interface Conformance {
  /** Absent when it was interrupted before a scenario had ended. */
  readonly run: Run | undefined;
  /** In the order of the jobs; a job that was not begun has none. */
  readonly results: readonly JobResult[];
  readonly isInterrupted: boolean;
  /** Drivers that could not be asked, each with the reason: they cannot be used, or our own code failed. */
  readonly unloaded: ReadonlyMap<string, { readonly kind: 'refused' | 'failed'; readonly message: string }>;
}

/** Where the message streams of a run lie. */
export const messagesIn = (out: string): string => join(out, 'messages');

export async function conform(request: Request): Promise<Conformance> {
  const { jobs, selected, signal } = request;
  const baselines = new Map<string, readonly ExpectedFailure[]>();
  for (const { driver } of jobs) if (!baselines.has(driver)) baselines.set(driver, await baselineOf(driver));
  const results = await placed(runJobs(request), selected.pickles);
  const records = results.flatMap((result) => result.records);
  const rest = { results, unloaded: unloadedOf(results), isInterrupted: signal.aborted };
  if (records.length === 0) return { run: undefined, ...rest };
  const run = leavingOut(judgeRun(records, selected.ledger, selected.selection), shortcomings(results, request));
  const strays = results.flatMap(({ job, strays: own }) => own.map((message) => `${named(job)}: outside any call, ${message}`));
  strays.push(...fickle(results));
  const judged = applyBaseline(run, baselines);
  const untested = signal.aborted ? [] : untestedOf(judged, baselines);
  return { run: { ...leavingOut(judged, [...strays, ...untested]), filtered: judged.filtered }, ...rest };
}

const unloadedOf = (results: readonly JobResult[]): Conformance['unloaded'] =>
  new Map(
    results.flatMap(({ job, finish: { kind, message } }) =>
      kind === 'refused' || kind === 'failed' ? [[job.driver, { kind, message }] as const] : [],
    ),
  );

export const named = ({ driver, mode }: Job): string => `${driver} (${mode})`;

async function runJobs({ jobs, selected, out, limits, signal, on }: Request): Promise<readonly JobResult[]> {
  const folder = messagesIn(out);
  const files = messageFiles(jobs, folder);
  const prepare = once(() => emptied(out, folder));
  const work = jobs.map((job, index) => ({ job, file: files[index]!, trust: job.trust }));
  // From the last on: the bundled drivers begin with the smallest, and a long one that comes last keeps the other lane waiting.
  let hasFailed = false;
  const results = await inLanes(work.reverse(), limits, signal, async ({ job, file }, lane) => {
    const running = runJob(job, { selected, file, prepare, lane, signal, tick: () => on.tick(job) });
    const result = await running.catch((error: unknown) => {
      hasFailed = true;
      throw error;
    });
    // What another lane's failure has cut short is no result.
    if (!hasFailed) on.ended(result);
    return result;
  });
  return results.reverse();
}

/** A folder without the streams of earlier runs. They stay while nothing new has begun. */
function emptied(out: string, folder: string): void {
  openOutput(out);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name.endsWith('.ndjson')) rmSync(join(folder, name));
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

/** A file for each job. */
function messageFiles(jobs: readonly Job[], folder: string): readonly string[] {
  const taken = new Set<string>();
  return jobs.map(({ driver, mode }) => {
    const plain = `${driver}-${mode}`.replaceAll(/[^\w.]+/g, '-').replace(/^[.-]+/, '');
    let name = plain;
    for (let nth = 2; taken.has(name); nth++) name = `${plain}-${nth}`;
    taken.add(name);
    return join(folder, `${name}.ndjson`);
  });
}

const leavingOut = (run: Run, reasons: readonly string[]): Run =>
  reasons.length === 0 ? run : { ...run, answer: { ...run.answer, partial: true }, leftOut: [...run.leftOut, ...reasons], filtered: true };

/** Drivers that say something else of themselves in one mode than in another. */
function fickle(results: readonly JobResult[]): string[] {
  const manifests = new Map<string, Set<string>>();
  for (const { job, finish } of results)
    if (finish.manifest !== undefined) manifests.set(job.driver, (manifests.get(job.driver) ?? new Set()).add(finish.manifest));
  return [...manifests].flatMap(([driver, own]) => (own.size > 1 ? [`${driver}: its manifest is not the same in every mode`] : []));
}

/** Why some scenarios did not run. */
function shortcomings(results: readonly JobResult[], { jobs, selected, signal }: Request): string[] {
  const elsewhere = selected.elsewhere === undefined ? [] : [`only the features in ${selected.elsewhere}`];
  const cut = results.flatMap(({ job, finish: { kind, message, left } }) =>
    kind === 'gave-up' || kind === 'stopped' ? [`${named(job)} ${message}; ${left.length} scenarios did not run`] : [],
  );
  const begun = new Set(results.map(({ job }) => job));
  const never = signal.aborted ? jobs.filter((job) => !begun.has(job)).map((job) => `${named(job)} did not run`) : [];
  return [...elsewhere, ...cut, ...never];
}

/** Rules that should have been tested and were not. A driver that is wrong on purpose spoils the scenes of its other rules too. */
function untestedOf({ answer, ledger }: Run, baselines: ReadonlyMap<string, readonly ExpectedFailure[]>): string[] {
  const entries = indexRules(ledger);
  return answer.drivers.flatMap(({ name, modes, verdicts }) => {
    if ((baselines.get(name) ?? []).length > 0) return [];
    return modes.flatMap((mode) => {
      const untested = verdicts.filter(
        (one) => one.mode === mode && one.verdict === 'not-tested' && entries.get(one.rule)?.kind !== 'open',
      );
      if (untested.length === 0) return [];
      const ids = untested.slice(0, MOST_IDS_NAMED).map(({ rule }) => rule);
      const more = untested.length > ids.length ? ` and ${untested.length - ids.length} more` : '';
      return [`${name} (${mode}): ${ids.join(', ')}${more} could not be tested: ${untested[0]?.message?.split('\n', 1)[0] ?? 'no reason'}`];
    });
  });
}
