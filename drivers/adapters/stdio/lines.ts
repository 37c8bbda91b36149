/** Bytes as they come, cut into lines of text. */
import { DriverFailure } from '#drivers/contract/failure';

const LINE_FEED = 0x0a;
const MEBIBYTE = 2 ** 20;

/** Bytes of the longest line. */
export const LONGEST_LINE = MEBIBYTE;

export class Lines {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #parts: Buffer[] = [];
  #length = 0;

  /** Whether a line has begun and not ended. */
  get isOpen(): boolean {
    return this.#length > 0;
  }

  /** The lines that end in `chunk`, without their line feeds. Throws `DriverFailure` at what is no line. */
  *add(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      yield this.#take();
    }
    this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > LONGEST_LINE) throw new DriverFailure(`sent a line of more than ${LONGEST_LINE / MEBIBYTE} MiB`);
    if (part.length > 0) this.#parts.push(part);
  }

  #take(): string {
    const [first] = this.#parts;
    const line = this.#parts.length === 1 ? first! : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    try {
      return this.#decoder.decode(line);
    } catch {
      throw new DriverFailure(`sent a line that is no UTF-8: ${quote(line.toString('latin1'))}`);
    }
  }
}

const MOST_SHOWN = 60;

/** What was sent, cut to what a person wants to see of it. */
export const quote = (text: string): string => JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text);
