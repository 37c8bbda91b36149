/** What one scenario says of its rules: the body of an attachment in the message stream, and the only thing that reports are made of. */
import { stripVTControlCharacters } from 'node:util';
import * as v from 'valibot';

/** Media type of the attachment that carries a record, as JSON. */
export const SCENARIO_MEDIA_TYPE = 'application/vnd.iommu-tck.scenario+json';

/** What found a defect: an expectation of a step, or one of the sanitizer's checks. */
export const FOUND_BY = [
  'step',
  'dangling',
  'isolation',
  'staleness',
  'hitless',
  'balance',
  'locking',
  'all-or-nothing',
  'attention',
] as const;

/** How a scenario can end, best first. */
export const SCENARIO_VERDICTS = ['not-applicable', 'kept', 'not-tested', 'broken', 'harness-error'] as const;
export type ScenarioVerdictName = (typeof SCENARIO_VERDICTS)[number];

const text = v.pipe(v.string(), v.nonEmpty('is empty'));
/** What a driver may have had a hand in: nothing in it moves a terminal's cursor or breaks a report's markup. */
const foreign = v.pipe(v.string(), v.transform(printable));
const foreignLine = v.pipe(
  foreign,
  v.transform((line) => line.replaceAll('\n', ' ')),
);

/** One scenario on one driver in one mode. Keys that it does not know are refused, so that a misspelt one is not lost. */
export const ScenarioRecordSchema = v.strictObject({
  driver: text,
  profile: text,
  /** `lazy`, `eager` or `seeded:<n>`. */
  mode: v.pipe(v.string(), v.regex(/^(lazy|eager|seeded:\d+)$/, 'is not lazy, eager or seeded:<n>')),
  rules: v.pipe(v.array(text), v.nonEmpty('names no rule'), v.readonly()),
  /** Its name, with the values of an outline's row. */
  scenario: text,
  uri: text,
  line: v.pipe(v.number(), v.integer(), v.minValue(1)),
  verdict: v.picklist(SCENARIO_VERDICTS),
  by: v.exactOptional(v.picklist(FOUND_BY)),
  /** The sanitizer's rule that is broken as well, or alone. */
  sanitizer: v.exactOptional(v.pipe(v.string(), v.regex(/^SAN(-[A-Z]+)+$/, 'is not the id of a sanitizer rule'))),
  message: v.exactOptional(foreign),
  /** What the hardware saw, one event a line, oldest first. */
  trace: v.exactOptional(v.pipe(v.array(foreignLine), v.readonly())),
  /** The command that runs this again. */
  reproduce: v.exactOptional(text),
  /** How long it took, in milliseconds. */
  ms: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
});
export type ScenarioRecord = Readonly<v.InferOutput<typeof ScenarioRecordSchema>>;

/** Data that is not what a report can be made of. `message` says which field and where. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

/** Checks one record. Throws `RecordError`, naming each field that is wrong; `where` says whose record it is. */
export function readRecord(value: unknown, where: string): ScenarioRecord {
  const { success, output, issues } = v.safeParse(ScenarioRecordSchema, value);
  if (success) return output;
  throw new RecordError(`${where}: ${explained(issues)}`);
}

/** What is wrong with which field, for a message. */
export function explained(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues
    .map((issue) => {
      const path = v.getDotPath(issue) ?? 'all of it';
      if (issue.expected === 'never') return `${path}: no such field`;
      if (issue.received === 'undefined') return `${path}: missing`;
      return `${path}: ${issue.message}`;
    })
    .join('; ');
}

/** Without escape sequences and control characters; tabs become blanks, and line ends stay. */
function printable(said: string): string {
  return stripVTControlCharacters(said)
    .replaceAll('\t', ' ')
    .replaceAll(/[^\P{Cc}\n]/gu, '');
}
