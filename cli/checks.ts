/** Runs named checks one after another and adds up the tests that they count. */
import { spawn } from 'node:child_process';
import { delimiter, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** One line of `npm test`. */
export interface Check {
  readonly name: string;
  /** A program and its arguments, separated by single spaces; programs of the project's dependencies are found by name. */
  readonly command: string;
  /** Why this machine cannot run it: then it is skipped, which is said and counts as nothing. */
  readonly unless?: () => string | undefined;
  /** Its output counts tests, so a run that counts none has failed, whatever its exit code. */
  readonly counts?: true;
  /** Killed after so many minutes, and then failed. 10 when absent. */
  readonly minutes?: number;
}

/** Tests that passed and tests that failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Checks that this machine cannot run. */
  readonly skipped?: number;
}

/** What a child process left behind. */
export interface Exit {
  /** Absent when a signal ended it or it never started. */
  readonly code: number | null;
  readonly output: string;
}

const MINUTE_MS = 60_000;
const LINES_SHOWN = 200;

/** The last match of `pattern` (a `g` and `m` pattern) in `output`. */
const last = (output: string, pattern: RegExp): RegExpExecArray | undefined => [...output.matchAll(pattern)].at(-1);

/** Finds the counts that Node's test runner, Cucumber, or a line `N passed, N failed` print; the last of each kind of line is meant. */
export function readCounts(output: string): Counts | undefined {
  const text = stripVTControlCharacters(output);
  const node = (what: string): number => Number(last(text, new RegExp(`^(?:ℹ|#) ${what} (\\d+)$`, 'gm'))?.[1]);
  if (!Number.isNaN(node('pass'))) return { passed: node('pass'), failed: node('fail') + node('cancelled') };

  const cucumber = last(text, /^\d+ scenarios?(?: \((.*)\))?$/gm);
  if (cucumber) {
    const states = [...(cucumber[1] ?? '').matchAll(/(\d+) (\w+)/g)].map(([, count, state]) => ({ count: Number(count), state }));
    const sum = (...names: readonly string[]): number =>
      states.filter(({ state }) => names.includes(state ?? '')).reduce((total, { count }) => total + count, 0);
    return { passed: sum('passed'), failed: sum('failed', 'undefined', 'ambiguous', 'pending', 'unknown') };
  }

  const plain = last(text, /^(\d+) passed, (\d+) failed$/gm);
  return plain && { passed: Number(plain[1]), failed: Number(plain[2]) };
}

/** What one check adds to the totals. A check without counts is one test; a failed exit is at least one failure. */
export function judge({ counts }: Pick<Check, 'counts'>, { code, output }: Exit): Counts {
  const read = readCounts(output);
  if (code !== 0) return { passed: read?.passed ?? 0, failed: Math.max(read?.failed ?? 0, 1) };
  if (read && read.passed + read.failed > 0) return read;
  return counts || read ? { passed: 0, failed: 1 } : { passed: 1, failed: 0 };
}

/** Runs `command` without input and collects what it prints. */
export function runCommand(command: string, minutes = 10): Promise<Exit> {
  const [program = '', ...args] = command.split(' ');
  const path = [resolve('node_modules/.bin'), process.env['PATH']].join(delimiter);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: path } });
  let output = '';
  const collect = (chunk: string): void => {
    output += chunk;
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  return new Promise((done) => {
    // Not spawn's own `timeout`: its timer outlives a program that could not be started.
    const limit = setTimeout(() => child.kill('SIGKILL'), minutes * MINUTE_MS);
    child.on('error', ({ message }) => {
      clearTimeout(limit);
      done({ code: null, output: `${output}${message}\n` });
    });
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      if (signal) output += `ended by ${signal}; the limit is ${minutes} minutes\n`;
      const finish = (): void => {
        child.stdout.destroy();
        child.stderr.destroy();
        done({ code, output });
      };
      child.on('close', finish);
      // A grandchild that outlives the check holds its output open.
      setTimeout(finish, 1000).unref();
    });
  });
}

/** Runs every check, prints a line for each as it ends and the output of those that failed, and answers the totals. */
export async function runChecks(checks: readonly Check[], print: (text: string) => void): Promise<Counts> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const check of checks) {
    print(`${check.name.padEnd(width)}  `);
    const lacking = check.unless?.();
    if (lacking !== undefined) {
      print(`skipped  ${lacking}\n`);
      total.skipped++;
      continue;
    }
    const start = performance.now();
    const exit = await runCommand(check.command, check.minutes);
    const { passed, failed } = judge(check, exit);
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
    print(`${failed === 0 ? 'ok    ' : 'FAILED'} ${seconds} s  ${passed} passed, ${failed} failed\n`);
    if (failed > 0) print(`${tail(exit.output)}\n  again: npm test -- '${check.name}'\n\n`);
    total.passed += passed;
    total.failed += failed;
  }
  return total;
}

function tail(output: string): string {
  const lines = output.trimEnd().split('\n');
  const left = lines.length - LINES_SHOWN;
  return left > 0 ? [`(${left} lines before)`, ...lines.slice(left)].join('\n') : lines.join('\n');
}
