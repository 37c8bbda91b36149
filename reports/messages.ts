/** Reads a stored Cucumber message stream back into records, so that a report can be rebuilt from a run. */
import { readFileSync } from 'node:fs';
import { AttachmentContentEncoding, TestStepResultStatus } from '@cucumber/messages';
import type { Attachment, Envelope, Pickle, TestCase, TestStepResult } from '@cucumber/messages';
import { EXEMPT_MEDIA_TYPE, inOrder, readExemptions } from './exemptions';
import type { Placed } from './exemptions';
import { valuesOf } from './ledger/tags';
import { readRecord, RecordError, SCENARIO_MEDIA_TYPE } from './record';
import type { ScenarioRecord } from './record';

/** Whom a run was about. */
export type Subject = Pick<ScenarioRecord, 'driver' | 'profile' | 'mode'>;

/**
 * The records of a message stream, one for each scenario that was selected, in order. Several runs may stand in it one after another.
 * A scenario whose record is missing or contradicts what Cucumber saw is a *harness error* with the reason; one that the run did not
 * come to is *not tested*. Throws `RecordError` for a stream that is not one.
 * @param subject Whom to name in records that had to be made up; by default the subject of the stream's other records.
 */
export function readMessageStream(file: string, subject?: Subject): ScenarioRecord[] {
  return recordsFromMessages(readFileSync(file, 'utf8').split('\n'), file, subject);
}

/** As `readMessageStream`, from its lines; `where` names the stream in refusals. */
export function recordsFromMessages(lines: readonly string[], where: string, subject?: Subject): ScenarioRecord[] {
  const runs: RecordedRun[] = [];
  const last = lines.findLastIndex((line) => line.trim() !== '');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const envelope = parseLine(line, `${where}:${index + 1}`, index === last);
    if (!envelope) continue;
    if (envelope.meta || runs.length === 0) runs.push(new RecordedRun(where));
    runs.at(-1)?.add(envelope);
  }
  return runs.flatMap((run) => run.records(subject));
}

/** Nothing for a last line that is cut off: a run that was interrupted while it wrote. */
function parseLine(line: string, place: string, isLast: boolean): Envelope | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    if (isLast) return undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new RecordError(`${place}: this line is no Cucumber message; give the file that the formatter "message" wrote`);
}

interface StepEnd {
  /** The text of a step, or nothing for a hook. */
  readonly step?: string;
  readonly result: TestStepResult;
}

/** One attempt at one scenario. */
interface Attempt {
  readonly testCase: TestCase;
  readonly ends: StepEnd[];
  readonly attachments: Attachment[];
  finished: boolean;
}

/** What one run says of its scenarios. */
class RecordedRun {
  readonly #where: string;
  readonly #pickles = new Map<string, Pickle>();
  readonly #testCases = new Map<string, TestCase>();
  readonly #started = new Map<string, Attempt>();
  /** The attempt that counts for each test case: the last. */
  readonly #attempts = new Map<string, Attempt>();
  readonly #exempt: Placed[] = [];
  /** When the run's own hooks failed, nothing that it says can be trusted. */
  #runHook: string | undefined;

  constructor(where: string) {
    this.#where = where;
  }

  add(envelope: Envelope): void {
    const { pickle, testCase, testCaseStarted, testStepFinished, attachment, testCaseFinished, testRunHookFinished, parseError } = envelope;
    if (pickle) this.#pickles.set(pickle.id, pickle);
    if (testCase) this.#testCases.set(testCase.id, testCase);
    if (testCaseStarted) this.#start(testCaseStarted.id, testCaseStarted.testCaseId);
    if (testStepFinished) {
      const attempt = this.#started.get(testStepFinished.testCaseStartedId);
      const step = attempt && this.#textOf(attempt.testCase, testStepFinished.testStepId);
      attempt?.ends.push({ ...(step !== undefined && { step }), result: testStepFinished.testStepResult });
    }
    if (attachment?.mediaType === SCENARIO_MEDIA_TYPE) this.#started.get(attachment.testCaseStartedId ?? '')?.attachments.push(attachment);
    if (attachment?.mediaType === EXEMPT_MEDIA_TYPE) this.#exempt.push(...readExemptions(attachment, this.#where));
    if (testCaseFinished && !testCaseFinished.willBeRetried) {
      const attempt = this.#started.get(testCaseFinished.testCaseStartedId);
      if (attempt) attempt.finished = true;
    }
    if (testRunHookFinished?.result.status === TestStepResultStatus.FAILED) {
      this.#runHook ??= `a hook of the whole run failed: ${firstLine(testRunHookFinished.result.message)}`;
    }
    if (parseError) {
      const { uri = this.#where, location } = parseError.source;
      throw new RecordError(
        `${uri}:${location?.line ?? 1}: the run did not start: ${parseError.message}; correct the feature and run again`,
      );
    }
  }

  records(subject: Subject | undefined): ScenarioRecord[] {
    const own = [...this.#attempts.values()].flatMap(({ attachments }) => attachments).map(parsed);
    const valid = own.flatMap((one) => (typeof one === 'string' ? [] : [one]));
    const whom = subject ?? valid[0] ?? this.#exempt[0]?.record;
    return inOrder(
      [...this.#testCases.values()].map((testCase) => this.#record(testCase, whom)),
      this.#runHook === undefined ? this.#exempt : this.#exempt.map(({ at, record }) => ({ at, record: inError(record, this.#runHook!) })),
    );
  }

  #start(id: string, testCaseId: string): void {
    const testCase = this.#testCases.get(testCaseId);
    if (!testCase) throw new RecordError(`${this.#where}: scenario ${id} starts before it is declared; give the whole stream`);
    const attempt: Attempt = { testCase, ends: [], attachments: [], finished: false };
    this.#started.set(id, attempt);
    this.#attempts.set(testCaseId, attempt);
  }

  #textOf(testCase: TestCase, testStepId: string): string | undefined {
    const { pickleStepId } = testCase.testSteps.find(({ id }) => id === testStepId) ?? {};
    return this.#pickles.get(testCase.pickleId)?.steps.find(({ id }) => id === pickleStepId)?.text;
  }

  #record(testCase: TestCase, subject: Subject | undefined): ScenarioRecord {
    const pickle = this.#pickles.get(testCase.pickleId);
    if (!pickle) throw new RecordError(`${this.#where}: scenario ${testCase.id} has no pickle; give the whole stream`);
    const attempt = this.#attempts.get(testCase.id);
    const [first] = attempt?.attachments ?? [];
    const record = first && parsed(first);
    const attached = typeof record === 'object' ? record : undefined;
    const reason = this.#runHook ?? (attempt?.finished ? harnessError(attempt, record) : undefined);
    if (reason === undefined && attempt?.finished && attached) return attached;

    const whom = attached ?? subject;
    if (!whom) throw new RecordError(`${this.#where}: no scenario says which driver ran; name driver, profile and mode`);
    const { driver, profile, mode } = whom;
    const said =
      reason !== undefined && attached?.message !== undefined ? ` (the record says ${attached.verdict}: ${attached.message})` : '';
    return readRecord(
      {
        driver,
        profile,
        mode,
        rules: valuesOf('rule', pickle.tags),
        scenario: pickle.name,
        uri: pickle.uri,
        line: pickle.location?.line ?? 1,
        // What did not run proves nothing; what ran and cannot be trusted is the harness's.
        verdict: reason === undefined ? 'not-tested' : 'harness-error',
        // A violation stands, whatever happened to the scenario.
        ...(reason !== undefined && attached?.sanitizer !== undefined && { sanitizer: attached.sanitizer }),
        message: reason === undefined ? 'the run ended before this scenario did' : `${reason}${said}`,
      },
      `${pickle.uri}:${pickle.location?.line ?? 1}`,
    );
  }
}

/** Of a scenario that was not played, in a run that cannot be trusted. */
const inError = ({ by: _, ...record }: ScenarioRecord, message: string): ScenarioRecord => ({
  ...record,
  verdict: 'harness-error',
  message,
});

/** The record in an attachment, or what is wrong with it. */
function parsed({ body, contentEncoding }: Attachment): ScenarioRecord | string {
  const json = contentEncoding === AttachmentContentEncoding.BASE64 ? Buffer.from(body, 'base64').toString('utf8') : body;
  try {
    return readRecord(JSON.parse(json), 'the attached record');
  } catch (error) {
    return error instanceof RecordError ? error.message : `the attached record is no JSON: ${firstLine(String(error))}`;
  }
}

/** How a step may end; all else is a defect of the step definitions: undefined, ambiguous, pending. */
const ORDINARY: readonly TestStepResultStatus[] = [TestStepResultStatus.PASSED, TestStepResultStatus.FAILED, TestStepResultStatus.SKIPPED];

/** Why a finished scenario's record cannot be trusted, or nothing when it can. */
function harnessError({ ends, attachments }: Attempt, record: ScenarioRecord | string | undefined): string | undefined {
  for (const { step, result } of ends) {
    if (!ORDINARY.includes(result.status))
      return `${step === undefined ? 'a hook' : `the step "${step}"`} is ${result.status.toLowerCase()}`;
  }
  const failed = ends.find(({ result }) => result.status === TestStepResultStatus.FAILED);
  const said =
    failed && `${failed.step === undefined ? 'a hook' : `the step "${failed.step}"`} failed: ${firstLine(failed.result.message)}`;
  if (typeof record === 'string') return record;
  if (record === undefined) return said ?? 'no record was attached';
  if (attachments.length > 1) return `${attachments.length} records were attached`;

  const finding = record.verdict !== 'kept' || record.sanitizer !== undefined;
  if (failed?.step !== undefined && !finding) return `${said}, and the record says kept`;
  const hook = ends.find(({ step, result }) => step === undefined && result.status === TestStepResultStatus.FAILED);
  // A hook that fails with the very finding of the record passes it on, so that Cucumber's own reports fail too.
  if (hook && !(finding && record.message !== undefined && hook.result.message?.includes(record.message))) {
    return `a hook failed: ${firstLine(hook.result.message)}`;
  }
  const skipped = ends.some(({ result }) => result.status === TestStepResultStatus.SKIPPED);
  return skipped && record.verdict === 'kept' ? 'a step was skipped, and the record says kept' : undefined;
}

const firstLine = (message = 'without a message'): string => message.split('\n', 1)[0] ?? message;
