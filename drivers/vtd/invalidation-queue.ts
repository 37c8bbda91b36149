/**
 * The invalidation queue of one remapping unit. Descriptors are handed over together, with a wait behind them that writes a number of its
 * own to memory: when `issue` answers, their effect is complete.
 */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { TableMemory } from '#drivers/parts/page-table';
import { unwinding } from '#drivers/parts/unwind';
import { toWords } from '#hw-models/core/bits';
import { nothing, wait } from './commands';
import type { Control } from './control';

/** log2 of the pages: 256 descriptors of either width. */
const PAGES_LOG2 = { narrow: 0, wide: 1 } as const;
const ENTRY_WORDS = { narrow: 2, wide: 4 } as const;
const PAGE_BYTES = 4096;
const WORD_BYTES = 8;
/** IQH and IQT count in these, whatever the width. */
const UNIT_BYTES = 16;
/** Microseconds after which the hardware counts as broken. */
const TIMEOUT_US = 1000;
const SEQUENCES = 2 ** 32;

/** Each stops the queue, or gives its waits up, until it is acknowledged. @spec VT-D "Fault Status Register" */
const ERRORS = ['IQE', 'ITE', 'ICE'] as const;

interface Place {
  readonly base: bigint;
  /** Where waits write to. */
  readonly completion: bigint;
}

export class InvalidationQueue {
  readonly #platform: Platform;
  readonly #memory: TableMemory;
  readonly #control: Control;
  readonly #place: Place;
  readonly #width: 'narrow' | 'wide';
  readonly #entries: number;
  /** Index of the next descriptor. */
  #tail = 0;
  /** What the last wait writes. */
  #sequence = 0;
  /** Whether a wait was given up that the hardware may still come to. */
  #isBehind = false;

  private constructor(platform: Platform, memory: TableMemory, control: Control, place: Place, width: 'narrow' | 'wide') {
    this.#platform = platform;
    this.#memory = memory;
    this.#control = control;
    this.#place = place;
    this.#width = width;
    this.#entries = (2 ** PAGES_LOG2[width] * PAGE_BYTES) / (ENTRY_WORDS[width] * WORD_BYTES);
  }

  /** An empty queue, switched on. `ENOMEM`, `ETIMEDOUT`. @param isWide Descriptors have 256 bits, as in scalable mode. */
  static start(platform: Platform, memory: TableMemory, control: Control, isWide: boolean): Result<InvalidationQueue> {
    const width = isWide ? 'wide' : 'narrow';
    const order = PAGES_LOG2[width];
    return unwinding((take) => {
      const base = take(memory.pageAlloc({ order, kind: 'queue' }), (page) => platform.pageFree(page, order));
      if (!base.ok) return base;
      const completion = take(platform.pageAlloc({ order: 0, kind: 'completion' }), (page) => platform.pageFree(page, 0));
      if (!completion.ok) return completion;
      platform.barrier();
      control.write('IQT', {});
      control.write('IQA', { IQA: Number(base.value / BigInt(PAGE_BYTES)), DW: isWide, QS: order });
      const queue = new InvalidationQueue(platform, memory, control, { base: base.value, completion: completion.value }, width);
      const on = control.switchQueue(true);
      if (!on.ok) control.switchQueue(false);
      return on.ok ? ok(queue) : on;
    });
  }

  /** Switches the queue off. Refused, and nothing is given back, when the hardware may go on using it. */
  stop(): Result<null> {
    const off = this.#control.switchQueue(false);
    if (!off.ok) return off;
    this.#platform.pageFree(this.#place.completion, 0);
    this.#platform.pageFree(this.#place.base, PAGES_LOG2[this.#width]);
    return done;
  }

  /** Carries descriptors out in order; a queue that did not answer before has to catch up first. `ETIMEDOUT`, `EIO`. */
  issue(descriptors: readonly bigint[]): Result<null> {
    const caughtUp = this.#isBehind ? this.#pointAtTail() : done;
    if (!caughtUp.ok) return caughtUp;
    // Entries are for the wait, and for another one if it is given up; one stays empty: a full queue would look like an empty one.
    const most = this.#entries - 3;
    for (let first = 0; first < descriptors.length; first += most) {
      const carriedOut = this.#handOver(descriptors.slice(first, first + most));
      if (!carriedOut.ok) return carriedOut;
    }
    return done;
  }

  #handOver(descriptors: readonly bigint[]): Result<null> {
    this.#sequence = (this.#sequence + 1) % SEQUENCES;
    for (const descriptor of [...descriptors, wait(this.#place.completion, this.#sequence)]) {
      this.#write(this.#tail, descriptor);
      this.#tail = (this.#tail + 1) % this.#entries;
    }
    this.#platform.barrier();
    return this.#pointAtTail();
  }

  /** Tells the hardware how far to go, though it may have been told before, and waits until it is there. */
  #pointAtTail(): Result<null> {
    this.#control.write('IQT', { QT: this.#tail * this.#units });
    return this.#wait();
  }

  /** For the last wait. What it waited for is not done when the queue stopped on the way, though the queue goes on. */
  #wait(): Result<null> {
    let failed: Result<null> = done;
    for (let waited = 0; waited < TIMEOUT_US; waited++) {
      this.#isBehind = !this.#isComplete;
      if (!this.#isBehind) return failed;
      if (this.#goesOn()) failed = refuse('EIO');
      else this.#platform.delay(1);
    }
    return refuse('ETIMEDOUT');
  }

  get #isComplete(): boolean {
    return this.#platform.read32(this.#place.completion) === this.#sequence;
  }

  /** Acknowledges an error, with what the hardware stopped at replaced. @returns Whether there was one. */
  #goesOn(): boolean {
    const status = this.#control.read('FSTS');
    const errors = ERRORS.filter((error) => status[error]);
    if (errors.length === 0) return false;
    if (status.IQE) this.#write(Math.floor(this.#control.read('IQH').QH / this.#units), nothing);
    this.#platform.barrier();
    this.#control.write('FSTS', Object.fromEntries(errors.map((error) => [error, true])));
    if (status.ITE) this.#waitAgain();
    return true;
  }

  /** Waits that were given up are not come to any more. @spec VT-D "Device-TLB Invalidate Descriptor" */
  #waitAgain(): void {
    this.#write(this.#tail, wait(this.#place.completion, this.#sequence));
    this.#tail = (this.#tail + 1) % this.#entries;
    this.#platform.barrier();
    this.#control.write('IQT', { QT: this.#tail * this.#units });
  }

  get #units(): number {
    return (ENTRY_WORDS[this.#width] * WORD_BYTES) / UNIT_BYTES;
  }

  #write(index: number, descriptor: bigint): void {
    const words = ENTRY_WORDS[this.#width];
    const at = this.#place.base + BigInt(index * words * WORD_BYTES);
    toWords(descriptor, words).forEach((word, offset) => this.#memory.write64(at + BigInt(offset * WORD_BYTES), word));
  }
}
