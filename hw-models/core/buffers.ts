/**
 * Check 1 of the sanitizer, for what the hardware uses other than tables: queues, the whole of a Stream table, and completion addresses lie
 * in frames of the driver's, and stay there while they are used.
 */
import type { Hardware } from './hardware';
import type { Facts } from './reach/facts';
import { showFrame } from './reach/wording';

export class Buffers {
  readonly #hardware: () => Iterable<Hardware>;
  readonly #facts: Pick<Facts, 'owns' | 'violated'>;
  /** Those that were found to be the driver's, until a frame leaves it. */
  readonly #checked = new Set<string>();

  constructor(hardware: () => Iterable<Hardware>, facts: Pick<Facts, 'owns' | 'violated'>) {
    this.#hardware = hardware;
    this.#facts = facts;
  }

  /** The hardware may have been told to use others. */
  check(): void {
    for (const hardware of this.#hardware()) {
      for (const { page: first, frames = 1, what, message = false } of hardware.buffers()) {
        const key = `${first} + ${frames}`;
        if (message || this.#checked.has(key)) continue;
        for (let page = first; page < first + frames; page++) {
          if (!this.#facts.owns(page))
            this.#facts.violated('dangling', `${what} of ${hardware.name} lies in frame ${showFrame(page)}, which the driver does not own`);
        }
        this.#checked.add(key);
      }
    }
  }

  /** A frame is about to leave the driver's hands. */
  leaving(page: number): void {
    this.#checked.clear();
    for (const hardware of this.#hardware()) {
      for (const { page: first, frames = 1, what } of hardware.buffers()) {
        if (page >= first && page < first + frames)
          this.#facts.violated('dangling', `frame ${showFrame(page)} was freed while ${hardware.name} uses it: ${what}`);
      }
    }
  }
}
