/** Which step a line of a feature is. */
import { CucumberExpression, ParameterType, ParameterTypeRegistry } from '@cucumber/cucumber-expressions';
import { LineError } from './line-error';
import { malformedIn } from './literals';
import './steps';
import { PARAMETER_TYPES, STEPS } from './registry';
import type { StepDefinition } from './registry';

/** A step with the values that a line gives it. */
export interface Found {
  readonly run: StepDefinition['run'];
  readonly args: readonly unknown[];
}

/** Finds the step of a line. What it returns throws `LineError`. */
export function finder(): (line: string) => Found {
  const registry = new ParameterTypeRegistry();
  for (const { name, regexp, transformer } of PARAMETER_TYPES)
    registry.defineParameterType(new ParameterType(name, regexp, null, transformer, true, false));
  const steps = STEPS.map(({ pattern, run }) => ({
    expression: new CucumberExpression(pattern, registry),
    run,
    pattern,
    head: headOf(pattern),
  }));
  return (line) => {
    const matches = steps.flatMap(({ expression, run, pattern, head }) => {
      const match = line.startsWith(head) ? expression.match(line) : null;
      return match ? [{ run, pattern, args: match.map((argument) => argument.getValue<unknown>(null)) }] : [];
    });
    const [match] = matches;
    if (match === undefined)
      throw new LineError({
        line,
        ...(malformedIn(line) ?? { what: `no step says "${line}"`, next: 'use one that docs/adding-a-rule.md lists' }),
      });
    if (matches.length === 1) return match;
    const patterns = matches.map(({ pattern }) => `"${pattern}"`).join(' and ');
    throw new LineError({ line, what: `"${line}" is said by ${patterns}`, next: 'make one of them narrower' });
  };
}

/** What a line must begin with: a text before the first parameter, option or alternative. Compared first, since it costs little. */
const headOf = (pattern: string): string => pattern.slice(0, pattern.search(/$|[{(\\]|\S*\//));
