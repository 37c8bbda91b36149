/**
 * The steps and parameter types, as lists: Cucumber gets them from here (`cucumber.ts`), and so does the plain loop (`loop.ts`).
 */
import type { Bench } from './bench/bench';

export interface ParameterTypeDefinition {
  readonly name: string;
  readonly regexp: RegExp | readonly RegExp[];
  readonly transformer: (...groups: (string | undefined)[]) => unknown;
}

export interface StepDefinition {
  readonly pattern: string;
  readonly run: (this: Bench, ...args: never[]) => unknown;
}

export const PARAMETER_TYPES: ParameterTypeDefinition[] = [];
export const STEPS: StepDefinition[] = [];

export function parameterType<T>(
  name: string,
  regexp: RegExp | readonly RegExp[],
  transformer: (...groups: (string | undefined)[]) => T,
): void {
  PARAMETER_TYPES.push({ name, regexp, transformer });
}

/** Given, When and Then are one: the keyword says what a failure means, not what is done. */
export function step<A extends readonly unknown[]>(pattern: string, run: (this: Bench, ...args: A) => unknown): void {
  STEPS.push({ pattern, run: run as unknown as StepDefinition['run'] });
}
