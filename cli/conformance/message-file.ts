/** The stored message stream of one driver in one mode, written as it comes, so that an interrupt leaves what was finished. */
import { closeSync, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { AttachmentContentEncoding, TestStepResultStatus } from '@cucumber/messages';
import type { Envelope } from '@cucumber/messages';
import type { Declared } from '#cli/lanes/protocol';
import type { Lost, Running } from '#cli/lanes/run-to-end';
import { SCENARIO_MEDIA_TYPE } from '#reports/record';
import type { ScenarioRecord } from '#reports/record';

/** Messages that open a run. After the loss of a lane the same run goes on, so that a second of each is left out. */
const OPENING = /^\{"(?:meta|testRunStarted)":.*\n?/gm;

export class MessageFile {
  readonly #path: string;
  readonly #prepare: () => void;
  #opened = false;
  #descriptor: number | undefined;
  #exempt = '';

  /** @param prepare Makes its folder. Nothing is written before there is something to write. */
  constructor(path: string, prepare: () => void) {
    this.#path = path;
    this.#prepare = prepare;
  }

  get #file(): number {
    if (this.#descriptor !== undefined) return this.#descriptor;
    this.#prepare();
    return (this.#descriptor = openNew(this.#path));
  }

  /** Whole lines, as a lane says them. */
  write(text: string): void {
    const opens = text.startsWith('{"meta":');
    writeSync(this.#file, opens && this.#opened ? text.replaceAll(OPENING, '') : text);
    this.#opened ||= opens;
    this.#writeExempt();
  }

  /** The line that lists what is not played. It comes behind the messages that open the run. */
  exempt(message: string): void {
    this.#exempt = message;
  }

  #writeExempt(): void {
    if (this.#exempt !== '') writeSync(this.#file, this.#exempt);
    this.#exempt = '';
  }

  /** @param message The line that says so. The scenario's own declaration comes with it, since what never starts may be declared again. */
  start({ scenario }: Running, message: string): void {
    writeSync(this.#file, scenario.message + message);
  }

  /** A scenario that ended its lane: what its hooks would have said. */
  lose({ attempt, doing }: Lost, record: ScenarioRecord): void {
    const timestamp = timestampOf(Date.now());
    const envelopes: readonly Envelope[] = [
      {
        attachment: {
          body: JSON.stringify(record),
          contentEncoding: AttachmentContentEncoding.IDENTITY,
          mediaType: SCENARIO_MEDIA_TYPE,
          testCaseStartedId: attempt,
          testStepId: doing.id,
          timestamp,
        },
      },
      {
        testStepFinished: {
          testCaseStartedId: attempt,
          testStepId: doing.id,
          testStepResult: { status: TestStepResultStatus.FAILED, message: record.message ?? '', duration: { seconds: 0, nanos: 0 } },
          timestamp,
        },
      },
      { testCaseFinished: { testCaseStartedId: attempt, timestamp, willBeRetried: false } },
    ];
    writeSync(this.#file, envelopes.map((envelope) => `${JSON.stringify(envelope)}\n`).join(''));
  }

  /**
   * Ends the file. Not read again by its name: another run may write there by now.
   * @param left Scenarios that did not run: declared, so that a reader knows of them.
   * @returns The whole stream.
   */
  close(left: readonly Declared[]): string {
    this.#writeExempt();
    const rest = left.map(({ message }) => message).join('');
    if (this.#descriptor === undefined && rest === '') return '';
    writeSync(this.#file, rest);
    const bytes = Buffer.alloc(fstatSync(this.#file).size);
    readSync(this.#file, bytes, 0, bytes.length, 0);
    closeSync(this.#file);
    return bytes.toString('utf8');
  }
}

/** A file of our own, even when another run has one of that name open. */
function openNew(path: string): number {
  for (;;) {
    rmSync(path, { force: true });
    try {
      return openSync(path, 'wx+');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

const timestampOf = (ms: number): { seconds: number; nanos: number } => ({
  seconds: Math.floor(ms / 1000),
  nanos: (ms % 1000) * 1_000_000,
});
