/** One call of a driver: what it is granted before and after, what it may throw, and what it must leave. */
import { DriverFailure } from '#drivers/contract/failure';
import { ModelBug, NotModelled, UnspecifiedBehaviour } from '#hw-models/core/errors';
import { WouldBlock } from '#hw-models/core/locks';
import { Runaway } from '#hw-models/core/port-events';
import { Violation } from '#hw-models/core/reach/violation';
import { isPromise, type Result } from '#hw-models/core/result';
import { later, type Label } from '#hw-models/core/trace';
import { checkAnswer, within } from './answers';
import type { Snapshot } from './audit';
import type { Bench } from './bench';
import { NOTHING_TO_SETTLE, type Settle } from './grants';
import { Broken, DriverFault, NotApplicable, NotTested } from './outcomes';
import { nothingChanged } from './refusals';
import { say, verbOf, type Act } from './verbs';

/** Milliseconds that one call of a driver may take. */
export const limits = { callMs: 10_000 };

/** Told of each call that begins: a step may make a hundred thousand, and what may take long is the call. */
export const watch: { begun(this: void): void } = { begun: () => undefined };

/** A call that was begun. */
export interface Pending {
  readonly done: Act;
  readonly before: Snapshot;
  readonly settle: Settle;
}

/** The call by its words, which are put together only when somebody reads them. */
export const named = (done: Act): Label => later(() => say(done));

/** Grants widen before the call. */
export function begin(bench: Bench, done: Act): Pending {
  const { machine, port } = bench;
  watch.begun();
  const before: Snapshot = { held: machine.resources.held() };
  for (const { reach } of machine.iommus) reach.beginCall();
  const settle = verbOf(done).grants?.(bench, ...done.args) ?? NOTHING_TO_SETTLE;
  machine.trace.add('call', machine.cpu, 0, 0n, named(done));
  port.begin();
  return { done, before, settle };
}

/** Grants narrow after the call, and the sanitizer looks at what it left. @param raw What the driver answered. */
export function end(bench: Bench, { done, before, settle }: Pending, raw: unknown): Result<unknown> {
  const { machine } = bench;
  if (machine.thrown !== undefined) throw machine.thrown;
  const answer = checkAnswer(named(done), verbOf(done).answers, raw);
  machine.trace.add('return', machine.cpu, 0, 0n, answer.ok ? 'accepted' : answer.errno);
  leavesNoLock(bench, named(done));
  if (answer.ok) {
    settle.kept(answer.value);
    verbOf(done).took?.(bench, answer.value, ...done.args);
  } else {
    if (!bench.overlapping) nothingChanged(bench, done, before);
    settle.undo();
  }
  return answer;
}

/** Check 6, of every call: whoever asks next may be another CPU. */
export function leavesNoLock({ machine }: Bench, call: Label): void {
  const held = machine.locks.heldBy(machine.cpu);
  if (held.length > 0) machine.violate('locking', `${String(call)} returned with lock "${held.join('", "')}" held`);
}

/**
 * Runs a driver's code: what it throws is its fault, but for what our own code threw through it. @returns A promise where the driver
 * does: one for each call of a driver that answers at once would cost as much as the call.
 */
export function safely(bench: Bench, call: Label, run: () => unknown): unknown {
  const given = safelyNow(bench, call, run);
  if (isPromise(given)) return afterwards(bench, call, given);
  if (bench.machine.thrown !== undefined) throw bench.machine.thrown;
  return given;
}

async function afterwards(bench: Bench, call: Label, given: PromiseLike<unknown>): Promise<unknown> {
  try {
    const answer = await within(limits.callMs, call, given);
    if (bench.machine.thrown !== undefined) throw bench.machine.thrown;
    return answer;
  } catch (error) {
    throw faultOf(bench, call, error);
  }
}

/** Waits without a limit: what begins a process of a driver has its own. */
export async function isReady(bench: Bench, ready: () => Promise<void>): Promise<void> {
  try {
    await ready();
  } catch (error) {
    throw faultOf(bench, 'start', error);
  }
}

/** As `safely`, for code that has to answer at once. */
export function safelyNow(bench: Bench, call: Label, run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    throw faultOf(bench, call, error);
  }
}

function faultOf({ machine }: Bench, call: Label, error: unknown): Error {
  if (machine.thrown !== undefined) return machine.thrown;
  if (OURS.some((ours) => error instanceof ours)) return error as Error;
  if (error instanceof DriverFailure) return new DriverFault(`in ${String(call)}, the driver ${error.message}`);
  return new DriverFault(`${String(call)} threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
}

/** Errors that are not the driver's: they pass through it. Its own may have the same names. */
const OURS = [
  Violation,
  WouldBlock,
  Runaway,
  NotTested,
  NotApplicable,
  NotModelled,
  UnspecifiedBehaviour,
  ModelBug,
  Broken,
  DriverFault,
] as const;
