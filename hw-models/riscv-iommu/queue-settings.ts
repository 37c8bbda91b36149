/** Where the queues lie, whether they are on, and what software must have said before: the same for each of the three. */
import { pageOfWord, firstWordOf } from '#hw-models/core/address';
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import type { Buffer } from '#hw-models/core/hardware';
import { RingQueue } from '#hw-models/core/queue';
import type { RegisterFile } from '#hw-models/core/registers';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { type QueueName, QUEUES } from '#hw-models/riscv-iommu/queues';
import { MAP } from '#hw-models/riscv-iommu/registers';

type Registers = RegisterFile<typeof MAP>;
type Flags = Readonly<Record<string, boolean>>;

/** @spec RISCV-IOMMU "In-memory queue interface" */
export class QueueSettings {
  readonly #registers: Registers;
  readonly #part: Capabilities;
  /** What has a value of software's. A new base makes an index unknown. */
  readonly #known = new Set<string>();

  constructor(registers: Registers, part: Capabilities) {
    this.#registers = registers;
    this.#part = part;
  }

  flag(queue: QueueName, flag: string): boolean {
    return (this.#registers.view(QUEUES[queue].csr) as unknown as Flags)[flag]!;
  }

  setFlags(queue: QueueName, flags: Flags): void {
    this.#registers.set(QUEUES[queue].csr, flags as never);
  }

  /** Software wrote a base: no queue is larger than the largest. */
  based(queue: QueueName): void {
    const { base, software } = QUEUES[queue];
    this.#registers.set(base, { 'LOG2SZ-1': Math.min(this.#registers.view(base)['LOG2SZ-1'], this.#part.queueLog2 - 1) });
    this.#cut(queue);
    this.#known.add(base);
    this.#known.delete(software);
  }

  /** Software wrote its index. */
  indexed(queue: QueueName): void {
    this.#cut(queue);
    this.#known.add(QUEUES[queue].software);
  }

  /** Software wrote a control and status register, `before` it held this. A queue that is enabled starts anew. */
  switched(queue: QueueName, before: bigint): void {
    const { csr, enable, causes, hardware } = QUEUES[queue];
    this.setFlags(queue, { busy: true });
    const was = (MAP[csr].layout.of(before) as unknown as Flags)[enable]!;
    if (was || !this.flag(queue, enable)) return;
    this.#checkEnabled(queue);
    this.setFlags(queue, Object.fromEntries(causes.map((cause) => [cause, false])));
    this.#registers.set(hardware, { index: 0 });
  }

  /** `busy` ends. @returns Whether the queue was switched on or off. */
  settled(queue: QueueName): boolean {
    const { enable, on } = QUEUES[queue];
    const isOn = this.flag(queue, enable);
    const changed = this.flag(queue, on) !== isOn;
    this.setFlags(queue, { busy: false, [on]: isOn });
    return changed;
  }

  /** Only as many bits of an index as the queue needs can be written. */
  #cut(queue: QueueName): void {
    const { base, software } = QUEUES[queue];
    const entries = 2 ** (this.#registers.view(base)['LOG2SZ-1'] + 1);
    this.#registers.set(software, { index: this.#registers.view(software).index % entries });
  }

  /** @spec RISCV-IOMMU "Command-queue base (cqb)", "Fault queue base (fqb)" and "Page-request-queue base (pqb)" */
  #checkEnabled(queue: QueueName): void {
    const { base, software, csr, enable } = QUEUES[queue];
    const act = `${csr}.${enable} = 1`;
    if (!this.#known.has(base)) throw new UnspecifiedBehaviour(act, `${base} was never written`);
    if (!this.#known.has(software)) throw new UnspecifiedBehaviour(act, `${software} was not written after ${base}`);
    const { baseWord, sizeLog2, entryWords } = ringOf(this.#registers, queue).shape;
    if (baseWord % (2 ** sizeLog2 * entryWords) !== 0 && 2 ** sizeLog2 * entryWords > firstWordOf(1))
      throw new UnspecifiedBehaviour(act, `the address in ${base} is not a multiple of the queue's size`);
  }
}

/** A queue as its registers have it. */
export function ringOf(registers: Registers, queue: QueueName): RingQueue {
  const { base, entryBytes } = QUEUES[queue];
  const { PPN, 'LOG2SZ-1': log2Less1 } = registers.view(base);
  return new RingQueue({ baseWord: firstWordOf(PPN), sizeLog2: log2Less1 + 1, entryWords: entryBytes / 8, rule: 'spare-slot' });
}

/** The frames of a queue. */
export function framesOf({ shape: { baseWord, sizeLog2, entryWords } }: RingQueue, queue: QueueName): Buffer {
  const page = pageOfWord(baseWord);
  return { page, frames: pageOfWord(baseWord + 2 ** sizeLog2 * entryWords - 1) - page + 1, what: `the ${queue} queue` };
}
