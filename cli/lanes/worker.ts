/** The inside of a lane: takes tasks one after another, and keeps what a driver does outside its calls from ending it. */
import { parentPort, workerData } from 'node:worker_threads';
import { between } from '#drivers/adapters/stdio/pool';
import { processes } from '#drivers/adapters/stdio/process';
import { validation } from '#drivers/adapters/stdio/validate';
import { UsageError } from '#drivers/usage';
import { limits, watch } from '#steps/bench/call';
import { LineError } from '#steps/line-error';
import type { Ended, LaneData, Report, Task } from './protocol';
import { Ruined } from './protocol';
import { Pulse } from './pulse';
import { runFeatures } from './run-features';
import { runLoop } from './run-loop';

const port = parentPort!;
const { pulse: shared, callMs, validates } = workerData as LaneData;
const pulse = new Pulse(shared);
watch.begun = () => pulse.again();
limits.callMs = callMs;
validation.isOn = validates;
const say = (report: Report | Ended): void => port.postMessage(report);
between.happened = (what) => say({ kind: 'stray', message: `between two scenarios, its program ${what}` });
between.begins = (isBeginning) => pulse.pause(isBeginning);
processes.begun = (pid) => say({ kind: 'process', pid, isRunning: true });
processes.ended = (pid) => say({ kind: 'process', pid, isRunning: false });

// Cucumber listens as well and would blame whichever scenario runs by then. Not `setUncaughtExceptionCaptureCallback`: it and Node's
// `domain` module, which a dependency loads, exclude each other.
const emit = process.emit.bind(process) as (name: string | symbol, ...details: readonly unknown[]) => boolean;
process.emit = ((name: string | symbol, ...details: readonly unknown[]) => {
  if (name !== 'uncaughtException') return emit(name, ...details);
  say({ kind: 'stray', message: `it threw ${describe(details[0])}` });
  return true;
}) as typeof process.emit;
process.on('unhandledRejection', (reason) => say({ kind: 'stray', message: `it rejected what nobody waited for: ${describe(reason)}` }));

const describe = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split('\n', 1)[0]!;

async function run(task: Task): Promise<Ended> {
  try {
    await (task.kind === 'features' ? runFeatures(task, pulse, say) : runLoop(task, pulse, say));
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof Ruined) return { kind: 'ruined', why: error.message };
    if (error instanceof LineError) return { kind: 'misread', line: error.line, what: error.what, next: error.next };
    if (error instanceof UsageError) return { kind: 'refused', message: error.message };
    return { kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    pulse.rest();
  }
}

port.on('message', (task: Task) => {
  void run(task).then(say);
});
