/** The inside of a lane: takes tasks one after another, and keeps what a driver does outside its calls from ending it. */
import { parentPort, workerData } from 'node:worker_threads';
import { UsageError } from '#drivers/usage';
import type { Ended, LaneData, Report, Task } from './protocol';
import { Pulse } from './pulse';
import { runFeatures } from './run-features';
import { runLoop } from './run-loop';

const port = parentPort!;
const pulse = new Pulse((workerData as LaneData).pulse);
const say = (report: Report | Ended): void => port.postMessage(report);

// Before Cucumber, whose own handlers would blame whichever scenario runs by then.
process.setUncaughtExceptionCaptureCallback((error) => say({ kind: 'stray', message: `it threw ${describe(error)} outside any call` }));
process.on('unhandledRejection', (reason) => say({ kind: 'stray', message: `nobody waited for its rejection: ${describe(reason)}` }));

const describe = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split('\n', 1)[0]!;

async function run(task: Task): Promise<Ended> {
  try {
    await (task.kind === 'features' ? runFeatures(task, pulse, say) : runLoop(task, pulse, say));
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof UsageError) return { kind: 'refused', message: error.message };
    return { kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    pulse.rest();
  }
}

port.on('message', (task: Task) => {
  void run(task).then(say);
});
