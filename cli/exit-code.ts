/** What the command answers to the shell that started it. */

export const EXIT = { kept: 0, broken: 1, usage: 2, harness: 3, partial: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** For the help of every command. */
export const EXIT_CODES = `
Exit codes:
  0  all kept
  1  rules broken
  2  usage: what was typed, or a file that was named, is wrong
  3  harness error: something could not be judged
  4  partial: nothing is broken, but something was left out`;

/** Stronger reasons first: what could not be judged says more than what was, and a broken rule more than one that did not run. */
const STRONGEST: readonly ExitCode[] = [EXIT.usage, EXIT.harness, EXIT.broken, EXIT.partial, EXIT.kept];

/** The strongest of several. */
export const strongest = (...codes: readonly ExitCode[]): ExitCode => STRONGEST.find((code) => codes.includes(code)) ?? EXIT.kept;
