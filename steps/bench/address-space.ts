/** What a caller has mapped in one domain: input frames to output frames, as sorted ranges. */

interface Range {
  readonly input: number;
  readonly frames: number;
  readonly page: number;
  readonly prot: number;
}

export class AddressSpace {
  #ranges: Range[] = [];

  add(input: number, frames: number, page: number, prot: number): void {
    this.#ranges.splice(this.#firstAfter(input), 0, { input, frames, page, prot });
  }

  /** The parts of `[input, input + frames)` that are not mapped. */
  gaps(input: number, frames: number): { readonly input: number; readonly frames: number }[] {
    const end = input + frames;
    const found: { input: number; frames: number }[] = [];
    let at = input;
    for (let index = Math.max(0, this.#firstAfter(input) - 1); at < end; index++) {
      const range = this.#ranges[index];
      const start = Math.min(range?.input ?? end, end);
      if (start > at) found.push({ input: at, frames: start - at });
      if (range === undefined) break;
      at = Math.max(at, range.input + range.frames);
    }
    return found;
  }

  /** Removes what is mapped in `[input, input + frames)`. */
  remove(input: number, frames: number): void {
    const end = input + frames;
    this.#ranges = this.#ranges.flatMap((range) => {
      const last = range.input + range.frames;
      if (last <= input || range.input >= end) return [range];
      const kept: Range[] = [];
      if (range.input < input) kept.push({ ...range, frames: input - range.input });
      if (last > end) kept.push({ ...range, input: end, frames: last - end, page: range.page + end - range.input });
      return kept;
    });
  }

  /** Whether frames `[input, input + frames)` are mapped to `[page, page + frames)` with at least `prot`. */
  covers(input: number, page: number, frames: number, prot: number): boolean {
    let at = input;
    const end = input + frames;
    for (let index = Math.max(0, this.#firstAfter(input) - 1); at < end; index++) {
      const range = this.#ranges[index];
      if (range === undefined || range.input > at || range.input + range.frames <= at) return false;
      if (range.page + at - range.input !== page + at - input || (prot & ~range.prot) !== 0) return false;
      at = range.input + range.frames;
    }
    return true;
  }

  /** The output frame of an input frame. */
  at(input: number): number | undefined {
    const range = this.#ranges[this.#firstAfter(input) - 1];
    return range !== undefined && input < range.input + range.frames ? range.page + input - range.input : undefined;
  }

  get ranges(): readonly Range[] {
    return this.#ranges;
  }

  /** Index of the first range that starts after `input`. */
  #firstAfter(input: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ranges[middle]!.input <= input) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
