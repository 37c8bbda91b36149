/** A child process: lines out, lines in, and what became of it. It is the head of a group of its own, which is ended as one. */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { DriverFailure } from '#drivers/contract/failure';
import { Lines } from './lines';

/** Told of each process that begins, so that whoever ends this thread can end it too. */
export const processes: { begun(this: void, pid: number): void; ended(this: void, pid: number): void } = {
  begun: () => undefined,
  ended: () => undefined,
};

const running = new Set<number>();
process.on('exit', () => {
  for (const pid of running) endGroup(pid);
});

/** A process of another thread: it does not outlive this one. */
export const adopt = (pid: number): unknown => running.add(pid);

/** Ends a process and whatever it has begun. */
export function endGroup(pid: number): void {
  running.delete(pid);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function whyNot({ code, message }: NodeJS.ErrnoException, program: string): string {
  if (code === 'ENOENT') return `there is no ${program}; a program that is not on the path is named like ./my-driver`;
  return code === 'EACCES' ? `${program} is not executable; a WebAssembly module is named wasm:<file>` : message;
}

/** Bytes that a process may leave unread. */
const MOST_UNREAD = 2 ** 24;
/** Milliseconds for what a process that has exited may still have in its pipe. */
const LAST_WORDS_MS = 100;

export interface Listener {
  line(text: string): void;
  /** Once, after the last line. */
  failed(failure: DriverFailure): void;
}

export class DriverProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines = new Lines();
  readonly #listener: Listener;
  #isOver = false;

  constructor([program = '', ...args]: readonly string[], listener: Listener) {
    this.#listener = listener;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    this.#child = child;
    const { pid } = child;
    if (pid !== undefined) {
      adopt(pid);
      processes.begun(pid);
    }
    child.on('error', (error) => this.fail(`cannot be run: ${whyNot(error, program)}`));
    child.on('exit', (code, signal) => {
      const why = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
      // What it wrote before comes first; what it began may hold its output open.
      child.stdout.once('close', () => this.fail(why));
      setTimeout(() => this.fail(why), LAST_WORDS_MS).unref();
    });
    // What has exited has closed it too, and that it exited says more.
    child.stdin.on('error', () => void setTimeout(() => this.fail('closed its standard input'), 2 * LAST_WORDS_MS).unref());
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    child.unref();
    (child.stdin as Socket).unref();
    this.isAwaited = false;
  }

  /** Whether an answer is to come: then the command does not end before it, and a process without a task keeps nobody. */
  set isAwaited(isAwaited: boolean) {
    const output = this.#child.stdout as Socket;
    if (isAwaited) output.ref();
    else output.unref();
  }

  write(line: string): void {
    if (this.#isOver) return;
    const { stdin } = this.#child;
    stdin.write(line);
    if (stdin.writableLength > MOST_UNREAD) this.fail('does not read what it is sent');
  }

  /** Ends it. Nothing is heard of it afterwards. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { pid, stdin, stdout } = this.#child;
    stdout.destroy();
    stdin.destroy();
    if (pid === undefined) return;
    endGroup(pid);
    processes.ended(pid);
  }

  /** @param what As of `DriverFailure`. */
  fail(what: string): void {
    if (this.#isOver) return;
    this.end();
    this.#listener.failed(new DriverFailure(what));
  }

  #read(chunk: Buffer): void {
    try {
      for (const line of this.#lines.add(chunk)) {
        if (this.#isOver) return;
        this.#listener.line(line);
      }
    } catch (error) {
      if (!(error instanceof DriverFailure)) throw error;
      this.fail(error.message);
    }
  }
}
