/**
 * A worker thread in which drivers run, and what watches it: a driver that loops, takes memory without end or ends the process ends
 * its lane, and the lane begins anew with the next task. Everything goes through lanes, so that Ctrl-C and progress work at any time.
 */
import { url as inspectorUrl } from 'node:inspector';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { adopt, endGroup } from '#drivers/adapters/stdio/process';
import { ROOT } from '#cli/root';
import { BEATS, DOING, DOINGS, NO_ANSWER, PULSE_BYTES, RESTING } from './protocol';
import type { Ended, LaneData, Report, Task } from './protocol';

/** What a driver may use. */
export interface Limits {
  /** Milliseconds that one step of a scenario may take, and loading. */
  readonly answerMs: number;
  /** Its code is not ours and shares this process: buffers, which no heap counts, are limited too. */
  readonly isForeign?: boolean;
  /** Messages of drivers in other processes are held against their schema. */
  readonly validates?: boolean;
  /** 256 when absent. */
  readonly memoryMiB?: number;
}

/** How a task ended; `lost` when the lane did, with what the driver did as a phrase that follows its name. */
export type Ending = Exclude<Ended, { kind: 'ruined' }> | { readonly kind: 'lost'; readonly why: string };

const ENDINGS: ReadonlySet<string> = new Set<Ending['kind']>(['done', 'refused', 'misread', 'failed']);
const isEnding = (message: Report | Ending): message is Ending => ENDINGS.has(message.kind);

const MEMORY_MIB = 256;
/** Of the heap. Half of it costs an eighth of the time, and with twice as much two lanes and the command need more than half a gibibyte. */
const YOUNG_MIB = 48;
const WATCH_MS = 100;
/** A step that makes many calls may take so many times what one may: each is in time, and together they are without end. */
const LONGEST_STEP = 20;
/** Of what a step may take, so that a call that is late is reported as that call. */
const CALL_SHARE = 0.5;
const MEBIBYTE = 2 ** 20;

export class Lane {
  readonly #limits: Required<Limits>;
  readonly #shared = new SharedArrayBuffer(PULSE_BYTES);
  readonly #pulse = new Int32Array(this.#shared);
  /** Processes that its driver runs in: a thread that is ended leaves them behind. */
  readonly #processes = new Set<number>();
  #worker: Worker | undefined;
  #report: ((report: Report) => void) | undefined;
  #settle: ((ending: Ending) => void) | undefined;

  constructor({ answerMs, isForeign = false, validates = false, memoryMiB = MEMORY_MIB }: Limits) {
    this.#limits = { answerMs, isForeign, validates, memoryMiB };
  }

  /** Which of the running scenario's doings it is at. */
  get doing(): number {
    return Atomics.load(this.#pulse, DOING);
  }

  /** One task at a time. Never throws: everything that can go wrong is an ending. */
  async run(task: Task, report: (report: Report) => void): Promise<Ending> {
    this.#worker ??= this.#begin();
    this.#report = report;
    Atomics.store(this.#pulse, BEATS, RESTING);
    const ended = new Promise<Ending>((resolve) => {
      this.#settle = resolve;
    });
    const stopWatching = this.#watch();
    this.#worker.postMessage(task);
    const ending = await ended;
    stopWatching();
    return ending;
  }

  /** Ends what it is doing, which is then lost. */
  stop(why = 'was stopped'): void {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#end({ kind: 'lost', why });
    this.#endProcesses();
    void worker?.terminate();
  }

  #begin(): Worker {
    const { answerMs, validates } = this.#limits;
    const data: LaneData = {
      entry: join(__dirname, `worker${extname(__filename)}`),
      pulse: this.#shared,
      callMs: answerMs * CALL_SHARE,
      validates,
    };
    const worker = new Worker(join(ROOT, 'bin', 'lane.js'), {
      workerData: data,
      // What a driver prints is for people, and never part of an answer.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.memoryMiB, maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    for (const printed of [worker.stdout, worker.stderr]) printed.on('data', (chunk: Buffer) => process.stderr.write(chunk));
    const isCurrent = (): boolean => this.#worker === worker;
    worker.on('message', (message: Report | Ended) => {
      if (message.kind === 'process') this.#note(message, isCurrent());
      if (!isCurrent()) return;
      if (message.kind === 'ruined') this.stop(message.why);
      else if (isEnding(message)) this.#end(message);
      else this.#report?.(message);
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (isCurrent()) this.stop(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? this.#tookMemory() : `crashed: ${error.message}`);
    });
    worker.on('exit', (code) => {
      if (isCurrent()) this.stop(`called process.exit(${code})`);
    });
    // A lane without a task does not keep the command from ending.
    worker.unref();
    return worker;
  }

  /** A process of a thread that is being ended is ended at once. */
  #note({ pid, isRunning }: Extract<Report, { kind: 'process' }>, isCurrent: boolean): void {
    if (isRunning && isCurrent) {
      adopt(pid);
      this.#processes.add(pid);
    } else {
      this.#processes.delete(pid);
      endGroup(pid);
    }
  }

  #endProcesses(): void {
    for (const pid of this.#processes) endGroup(pid);
    this.#processes.clear();
  }

  #end(ending: Ending): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#report = undefined;
    settle?.(ending);
  }

  #watch(): () => void {
    const { answerMs, isForeign, memoryMiB } = this.#limits;
    const rss = process.memoryUsage.rss();
    const answer = new Unchanged();
    const step = new Unchanged();
    const timer = setInterval(() => {
      const beat = Atomics.load(this.#pulse, BEATS);
      const answering = answer.ms(beat);
      const stepping = step.ms(Atomics.load(this.#pulse, DOINGS));
      // A person at a breakpoint is not late.
      const isWatched = beat !== RESTING && inspectorUrl() === undefined;
      if (isWatched && answering > answerMs) this.stop(`${NO_ANSWER} ${answerMs / 1000} s`);
      else if (isWatched && stepping > answerMs * LONGEST_STEP) this.stop(`came to no end within ${(answerMs * LONGEST_STEP) / 1000} s`);
      // Outside the heap that the worker's own limit is about.
      if (isForeign && process.memoryUsage.rss() - rss > 2 * memoryMiB * MEBIBYTE) this.stop(this.#tookMemory());
    }, WATCH_MS);
    return () => clearInterval(timer);
  }

  #tookMemory(): string {
    return `took more than ${this.#limits.memoryMiB} MiB of memory`;
  }
}

/** For how long a value has been what it is. */
class Unchanged {
  #value: number | undefined;
  #since = 0;

  ms(value: number): number {
    const now = performance.now();
    if (value !== this.#value) {
      this.#value = value;
      this.#since = now;
    }
    return now - this.#since;
  }
}
