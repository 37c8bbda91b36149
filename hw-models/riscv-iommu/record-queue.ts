/** A queue that the IOMMU fills: where records go, and what becomes of those that find no room. */
import { fromWords, toWords } from '#hw-models/core/bits';
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import type { Attention, Buffer, Bus } from '#hw-models/core/hardware';
import { MemoryMap } from '#hw-models/core/memory-map';
import type { RingQueue } from '#hw-models/core/queue';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import type { Control } from '#hw-models/riscv-iommu/control';
import { framesOf, ringOf } from '#hw-models/riscv-iommu/queue-settings';
import { QUEUES } from '#hw-models/riscv-iommu/queues';
import type { Signals } from '#hw-models/riscv-iommu/signals';

/** What a queue works with. */
export interface QueueParts {
  readonly bus: Bus;
  readonly part: Capabilities;
  readonly control: Control;
  readonly signals: Signals;
}

/** What became of a record. */
export type Placement = 'queued' | 'off' | 'memory-fault' | 'full';

/** What differs between the two. */
export interface RecordKind {
  readonly queue: 'fault' | 'page-request';
  readonly overflow: 'fqof' | 'pqof';
  readonly memoryFault: 'fqmf' | 'pqmf';
  /** What a record says, and whether it is about what software did wrong. */
  readonly describe: (raw: bigint) => Attention;
}

/** @spec RISCV-IOMMU "Fault/Event-Queue (FQ)" and "Page-Request-Queue (PQ)" */
export class RecordQueue {
  readonly #parts: QueueParts;
  readonly #kind: RecordKind;
  readonly #words: number;
  readonly #map: MemoryMap;
  /** While the queue is on. */
  #ring: RingQueue | undefined;

  constructor(parts: QueueParts, kind: RecordKind) {
    this.#parts = parts;
    this.#kind = kind;
    this.#words = QUEUES[kind.queue].entryBytes / 8;
    this.#map = new MemoryMap(parts.bus.memory, parts.part.PAS);
  }

  /** The queue was switched on or off. Records are written at once, so none is on its way when it is off. */
  switched(): void {
    const { control } = this.#parts;
    const { queue } = this.#kind;
    this.#ring = control.isOn(queue) ? ringOf(control.registers, queue) : undefined;
    if (this.#ring !== undefined) this.#ring.consumer = this.#softwareIndex;
  }

  /** Software wrote its index. */
  consumed(): void {
    const ring = this.#ring;
    if (ring === undefined) return;
    const { count } = ring;
    ring.consumer = this.#softwareIndex;
    if (ring.count > count)
      throw new UnspecifiedBehaviour(QUEUES[this.#kind.queue].software, 'its index moves back over records that may have been overwritten');
  }

  get #softwareIndex(): number {
    return this.#parts.control.registers.view(QUEUES[this.#kind.queue].software).index;
  }

  /** Writes a record, then its index, then tells software. Nothing is written while an error is not cleared. */
  put(raw: bigint): Placement {
    const { control } = this.#parts;
    const { queue, overflow, memoryFault } = this.#kind;
    const ring = this.#ring;
    if (ring === undefined) return 'off';
    if (control.flag(queue, memoryFault)) return 'memory-fault';
    if (control.flag(queue, overflow)) return 'full';
    if (ring.isFull) return this.#fail(overflow, 'full');
    if (this.#map.refuses(ring.producerWord)) return this.#fail(memoryFault, 'memory-fault');
    this.#write(ring, raw);
    return 'queued';
  }

  #write(ring: RingQueue, raw: bigint): void {
    const { bus, control, signals } = this.#parts;
    const { queue } = this.#kind;
    const word = ring.producerWord;
    toWords(raw, this.#words).forEach((value, index) => bus.write(word + index, value));
    ring.advanceProducer();
    control.registers.set(QUEUES[queue].hardware, { index: ring.producer });
    signals.produced(queue);
  }

  #fail(flag: 'fqof' | 'pqof' | 'fqmf' | 'pqmf', placement: 'full' | 'memory-fault'): Placement {
    const { bus, control, signals } = this.#parts;
    const { queue } = this.#kind;
    control.setFlag(queue, flag);
    bus.note('fault', `${QUEUES[queue].csr}.${flag}`);
    signals.update();
    return placement;
  }

  *attention(): Iterable<Attention> {
    const { queue, overflow, memoryFault, describe } = this.#kind;
    const ring = this.#ring;
    if (ring === undefined) return;
    for (let index = ring.consumer; index !== ring.producer; index = ring.next(index)) yield describe(this.#recordAt(ring.wordAt(index)));
    for (const flag of [overflow, memoryFault])
      if (this.#parts.control.flag(queue, flag))
        yield { what: `${QUEUES[queue].csr}.${flag}: records of the ${queue} queue are lost`, protocol: true };
  }

  #recordAt(word: number): bigint {
    return fromWords(Array.from({ length: this.#words }, (_, index) => this.#parts.bus.memory.get(word + index)));
  }

  *buffers(): Iterable<Buffer> {
    if (this.#ring !== undefined) yield framesOf(this.#ring, this.#kind.queue);
  }
}
