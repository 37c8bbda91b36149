/**
 * Ring buffers in memory: command, event and page-request queues. Indexes and addresses only; who reads or writes
 * the entries is the model's business.
 */

import { ModelBug } from '#hw-models/core/errors';

/**
 * How a full queue differs from an empty one. `'wrap-bit'`: each index carries one bit more, which flips at the end of
 * the buffer, so that every slot is used (SMMUv3). `'spare-slot'`: the queue is full with one slot free, when the
 * producer would meet the consumer (RISC-V IOMMU, VT-d).
 */
export type WrapRule = 'wrap-bit' | 'spare-slot';

/** Where a queue lies and how big it is. */
export interface QueueShape {
  /** Number of the first 8-byte word of the buffer. */
  readonly baseWord: number;
  /** log2 of the number of entries. */
  readonly sizeLog2: number;
  /** 8-byte words of one entry. */
  readonly entryWords: number;
  readonly rule: WrapRule;
}

/**
 * One queue. Indexes are as the registers hold them, in entries, the wrap bit just above the index;
 * higher bits of an index written are ignored.
 * @spec SMMU-V3 "SMMU circular queues"
 */
export class RingQueue {
  readonly shape: QueueShape;
  /** Entries that fit into the queue at once. */
  readonly capacity: number;
  readonly #slots: number;
  readonly #modulus: number;
  #producer = 0;
  #consumer = 0;

  /** Throws `RangeError` for a size outside 0 to 32, or one without a usable slot, or entries of no whole word. */
  constructor(shape: QueueShape) {
    const { sizeLog2, entryWords, rule } = shape;
    const least = rule === 'wrap-bit' ? 0 : 1;
    if (!Number.isInteger(sizeLog2) || sizeLog2 < least || sizeLog2 > 32) throw new RangeError(`queue of 2^${sizeLog2} entries`);
    if (!Number.isInteger(entryWords) || entryWords < 1) throw new RangeError(`queue entries of ${entryWords} words`);
    this.shape = shape;
    this.#slots = 2 ** sizeLog2;
    // Not a shift: with 2^32 entries the index and its wrap bit have 33 bits.
    this.#modulus = rule === 'wrap-bit' ? this.#slots * 2 : this.#slots;
    this.capacity = rule === 'wrap-bit' ? this.#slots : this.#slots - 1;
  }

  /** The index of the next entry to fill. */
  get producer(): number {
    return this.#producer;
  }

  set producer(index: number) {
    this.#producer = this.#wrapped(index);
  }

  /** The index of the next entry to take. */
  get consumer(): number {
    return this.#consumer;
  }

  set consumer(index: number) {
    this.#consumer = this.#wrapped(index);
  }

  /** Entries filled and not yet taken; more than `capacity` when software wrote indexes that cannot be, see `isConsistent`. */
  get count(): number {
    return (this.#producer - this.#consumer + this.#modulus) % this.#modulus;
  }

  get isEmpty(): boolean {
    return this.#producer === this.#consumer;
  }

  get isFull(): boolean {
    return this.count === this.capacity;
  }

  /** Whether the indexes are those of some filling. Only a queue with a wrap bit can lose this. */
  get isConsistent(): boolean {
    return this.count <= this.capacity;
  }

  /** Number of the first word of the entry to fill next. */
  get producerWord(): number {
    return this.wordAt(this.#producer);
  }

  /** Number of the first word of the entry to take next. */
  get consumerWord(): number {
    return this.wordAt(this.#consumer);
  }

  /** Number of the first word of the entry with this index, wrap bit or not. */
  wordAt(index: number): number {
    return this.shape.baseWord + (index % this.#slots) * this.shape.entryWords;
  }

  /** The index after `index`. */
  next(index: number): number {
    return (index + 1) % this.#modulus;
  }

  /** An entry was filled. Throws `ModelBug` when there was no room. */
  advanceProducer(): void {
    if (this.count >= this.capacity) throw new ModelBug(`an entry is put into a full queue of 2^${this.shape.sizeLog2} entries`);
    this.#producer = this.next(this.#producer);
  }

  /** An entry was taken. Throws `ModelBug` when there was none. */
  advanceConsumer(): void {
    if (this.isEmpty) throw new ModelBug(`an entry is taken from an empty queue of 2^${this.shape.sizeLog2} entries`);
    this.#consumer = this.next(this.#consumer);
  }

  #wrapped(index: number): number {
    if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`queue index ${index}`);
    return index % this.#modulus;
  }
}
