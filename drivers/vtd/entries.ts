/**
 * Changes an entry under the hardware's eyes, which may fetch it at any time, in pieces of 128 bits, and go on using what it fetched until
 * it is told to forget it. So a present entry is stopped and forgotten before its words change, and is present again with the last store.
 *
 * @spec VT-D "Caching of Translation Structures" and "Guidance to Software for Invalidations"
 */
import { done, type Result } from '#drivers/contract/driver';
import type { TableMemory } from '#drivers/parts/page-table';
import { fromWords, toWords } from '#hw-models/core/bits';
import type { Invalidations } from './invalidations';
import type { Slot } from './slots';

const WORD_BYTES = 8;

/** Refused, with the entry as before; or not even that, where hardware did not let it be undone. */
export interface Unchanged {
  readonly refusal: Result<never>;
  readonly isMixed: boolean;
}

export class Entries {
  readonly #memory: TableMemory;
  readonly #invalidations: Invalidations;

  constructor(memory: TableMemory, invalidations: Invalidations) {
    this.#memory = memory;
    this.#invalidations = invalidations;
  }

  /** The entry as the CPU sees it, which writes it alone. */
  read({ at, kind }: Slot): bigint {
    return fromWords(Array.from({ length: kind.words }, (_, word) => this.#memory.read64(at + BigInt(word * WORD_BYTES))));
  }

  /**
   * When it answers, the hardware uses `next` and nothing else. @returns What became of it when it was not done.
   * @param otherwise What the entry is when hardware does not even say that it has stopped using it.
   */
  change(slot: Slot, next: bigint, otherwise: 'as before' | 'stopped' = 'as before'): Unchanged | undefined {
    const before = this.read(slot);
    if (before === next) return undefined;
    const stopped = this.#stop(slot, before);
    if (!stopped.ok) {
      if (otherwise === 'as before') this.#resume(slot, before);
      return { refusal: stopped, isMixed: otherwise === 'stopped' };
    }
    const started = this.#fill(slot, next);
    if (started.ok) return undefined;
    const isUndone = this.#stop(slot, next).ok && this.#fill(slot, before).ok;
    return { refusal: started, isMixed: !isUndone };
  }

  /** As `change`, where only bits of one word become others: the entry stays present. */
  amend(slot: Slot, next: bigint): Unchanged | undefined {
    const before = this.read(slot);
    if (before === next) return undefined;
    this.#store(slot, next, before);
    const forgotten = this.#forget(slot, before);
    if (forgotten.ok) return undefined;
    this.#store(slot, before, next);
    this.#forget(slot, next);
    return { refusal: forgotten, isMixed: false };
  }

  /** Refused: it is not present, and what it led to is owed. */
  #stop(slot: Slot, before: bigint): Result<null> {
    if (!slot.kind.isPresent(before)) return done;
    this.#put(slot, 0, slot.kind.stopped(before));
    this.#memory.barrier();
    const forgotten = this.#forget(slot, before);
    return forgotten;
  }

  #resume(slot: Slot, before: bigint): void {
    this.#put(slot, 0, before);
    this.#memory.barrier();
    this.#forget(slot, before);
  }

  /** Of an entry that is not present. */
  #fill(slot: Slot, next: bigint): Result<null> {
    for (let word = 1; word < slot.kind.words; word++) this.#put(slot, word, next);
    this.#memory.barrier();
    this.#put(slot, 0, next);
    this.#memory.barrier();
    return slot.kind.isPresent(next) ? this.#invalidations.announce(slot.kind.announcing(next, slot.source)) : done;
  }

  #store(slot: Slot, next: bigint, before: bigint): void {
    const [old, now] = [before, next].map((raw) => toWords(raw, slot.kind.words));
    for (let word = 0; word < slot.kind.words; word++) if (old![word] !== now![word]) this.#put(slot, word, next);
    this.#memory.barrier();
  }

  #put({ at, kind }: Slot, word: number, raw: bigint): void {
    this.#memory.write64(at + BigInt(word * WORD_BYTES), toWords(raw, kind.words)[word]!);
  }

  #forget({ kind, source }: Slot, before: bigint): Result<null> {
    return this.#invalidations.issue(kind.forgetting(before, source));
  }
}
