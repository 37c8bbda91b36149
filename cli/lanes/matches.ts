/** What Cucumber's step definitions make of a line: found out once, where Cucumber would ask three times for each step of each run. */
import type { ISupportCodeLibrary } from '@cucumber/cucumber/api';
import type { Argument } from '@cucumber/cucumber-expressions';
import { finder } from '#steps/finder';

type Match = readonly Argument[] | null;

/** What Cucumber's types keep to themselves. */
interface Definitions {
  readonly stepDefinitions: readonly { readonly expression: { match: (line: string) => Match } }[];
}

/** Has `support` remember, for as long as it is used, and answers how a line is read. */
export function remembering(support: ISupportCodeLibrary): (line: string) => void {
  const { stepDefinitions } = support as ISupportCodeLibrary & Definitions;
  const asked = stepDefinitions.map(({ expression }) => expression.match.bind(expression));
  const known = new Map<string, readonly Match[]>();
  const matches = (line: string): readonly Match[] => {
    const before = known.get(line);
    if (before) return before;
    const now = asked.map((match) => match(line));
    known.set(line, now);
    return now;
  };
  for (const [index, { expression }] of stepDefinitions.entries()) expression.match = (line) => matches(line)[index]!;
  return reader(matches);
}

/** Reads each line once for all drivers and modes. What it returns throws `LineError`. */
function reader(matches: (line: string) => readonly Match[]): (line: string) => void {
  const read = new Set<string>();
  let find: ReturnType<typeof finder> | undefined;
  return (line) => {
    if (read.has(line)) return;
    const [match, ...more] = matches(line).filter((one) => one !== null);
    if (match && more.length === 0) for (const argument of match) argument.getValue(null);
    // It knows how to say what is wrong.
    else (find ??= finder())(line);
    read.add(line);
  };
}
