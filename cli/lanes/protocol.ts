/** What crosses between the command and a lane, the worker thread in which drivers run. Plain data both ways. */
import type { Mode } from '#hw-models/core/sight';
import type { Phase, ScenarioVerdict } from '#steps/bench/outcomes';

/** A scenario by its place, and what decides whether it applies to a driver. */
export interface Asked {
  readonly name: string;
  readonly uri: string;
  readonly line: number;
  readonly tags: readonly string[];
}

/** The features of one driver in one mode, in Cucumber. */
export interface FeaturesTask {
  readonly kind: 'features';
  /** A connectable. */
  readonly driver: string;
  readonly mode: Mode;
  /** Features with the lines of the scenarios to run, relative to `cwd`: `features/common/01-mapping.feature:16:17`. */
  readonly sources: readonly string[];
  /** The scenarios in `sources`, in their order: those that need not be played are told apart first, and Cucumber gets the rest. */
  readonly tellApart?: readonly Asked[];
  readonly cwd: string;
  /** What their steps say, each line once: looked at before anything runs. */
  readonly lines: readonly string[];
  /** Its code is not ours: what it changes of the language's own objects is put back. */
  readonly isForeign: boolean;
}

/** Scenarios on one driver in the plain loop. */
export interface LoopTask {
  readonly kind: 'loop';
  readonly driver: string;
  readonly mode: Mode;
  readonly features: string;
  /** Which of the scenarios in `features`, by their index. */
  readonly scenarios: readonly number[];
}

export type Task = FeaturesTask | LoopTask;

/** What a scenario does at one time. */
export interface Doing {
  /** Of a step or hook in the message stream; a loop has none. */
  readonly id: string;
  readonly phase: Phase;
  /** The step's text, or what else it is. */
  readonly text: string;
}

/** A scenario that a task is going to run. */
export interface Declared {
  /** The test case's id in the message stream, or the index of a loop's scenario. */
  readonly id: string;
  readonly name: string;
  readonly uri: string;
  readonly line: number;
  readonly tags: readonly string[];
  readonly doing: readonly Doing[];
  /** The line of the message stream that declares it. */
  readonly message: string;
}

/** Scenarios that need not be played: how many, and the line of the message stream that lists them. */
export interface Exempted {
  readonly count: number;
  readonly message: string;
}

/** What a lane says while it works. */
export type Report =
  /** The driver's own code is about to be loaded. */
  | { readonly kind: 'loading' }
  /** `manifest` is its text: it may not change from one lane to the next. */
  | { readonly kind: 'loaded'; readonly profile: string; readonly manifest: string }
  | ({ readonly kind: 'exempt' } & Exempted)
  | { readonly kind: 'declared'; readonly scenarios: readonly Declared[] }
  /** Lines of the message stream. */
  | { readonly kind: 'messages'; readonly text: string }
  /** `attempt` is its id in the message stream, `message` the line that says so. */
  | { readonly kind: 'started'; readonly id: string; readonly attempt: string; readonly message: string }
  /** `verdict` comes from a loop; a message stream holds it as an attachment. */
  | { readonly kind: 'finished'; readonly id: string; readonly hung: boolean; readonly verdict?: ScenarioVerdict }
  /** A process that the driver runs in has begun, or ended. */
  | { readonly kind: 'process'; readonly pid: number; readonly isRunning: boolean }
  /** Something that the driver did outside any call. */
  | { readonly kind: 'stray'; readonly message: string };

/** A driver has changed what the lane itself needs. `message` says what it did, and follows its name. */
export class Ruined extends Error {
  override readonly name = 'Ruined';
}

/** How a task ended, when it ended. */
export type Ended =
  | { readonly kind: 'done' }
  /** The lane is good for nothing more; `why` is that of `Ruined`. */
  | { readonly kind: 'ruined'; readonly why: string }
  /** The driver, or what was typed, cannot be used. */
  | { readonly kind: 'refused'; readonly message: string }
  /** A line of the features is no step: as `LineError`. */
  | { readonly kind: 'misread'; readonly line: string; readonly what: string; readonly next: string }
  /** Our own code failed. */
  | { readonly kind: 'failed'; readonly message: string };

/** Where a lane counts what it has begun to do, and says which of the running scenario's doings it is. */
export const BEATS = 0;
export const DOING = 1;
/** The count while no code of a driver runs. */
export const RESTING = 0;
/** Where it counts what the scenario does, without the calls that one doing makes. */
export const DOINGS = 2;
export const PULSE_BYTES = 12;

export interface LaneData {
  /** What the lane runs: read by bin/lane.js. */
  readonly entry: string;
  readonly pulse: SharedArrayBuffer;
  /** Milliseconds that one call of a driver may take. */
  readonly callMs: number;
  readonly validates: boolean;
}

/** By these words a message says that a call of the driver did not end. */
export const NO_ANSWER = 'did not answer within';
