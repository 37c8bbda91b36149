/** Where a queue lies, and switching it on and off: the same for those that the IOMMU reads and those that it fills. */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { QUEUES, type QueueName } from '#hw-models/riscv-iommu/queues';
import type { Registers } from './mmio';

const PAGE_BYTES = 4096;
/** A command, the fence behind it, and the entry that stays empty. */
const LEAST_ENTRIES = 3;

/** @spec RISCV-IOMMU "In-memory queue interface" */
export class QueueMemory {
  /** Physical address. */
  readonly base: bigint;
  readonly entries: number;
  readonly #platform: Platform;
  readonly #registers: Registers;
  readonly #queue: QueueName;
  readonly #order: number;

  private constructor(platform: Platform, registers: Registers, queue: QueueName, place: { base: bigint; order: number; entries: number }) {
    this.#platform = platform;
    this.#registers = registers;
    this.#queue = queue;
    this.#order = place.order;
    this.base = place.base;
    this.entries = place.entries;
  }

  /**
   * A queue of `2^order` pages, or as much of them as the IOMMU can use, switched on. `ENOMEM`, `ETIMEDOUT`. `ENODEV`: it can use too little.
   * @param interrupts Whether it raises its interrupt.
   */
  static start(platform: Platform, registers: Registers, queue: QueueName, order: number, interrupts = false): Result<QueueMemory> {
    const page = platform.pageAlloc({ order, kind: 'queue' });
    if (!page.ok) return page;
    const { base, software, csr, enable, on, interruptEnable, entryBytes } = QUEUES[queue];
    const sizeLog2 = Math.log2((2 ** order * PAGE_BYTES) / entryBytes);
    registers.write(base, { PPN: Number(page.value / BigInt(PAGE_BYTES)), 'LOG2SZ-1': sizeLog2 - 1 });
    registers.write(software, { index: 0 });
    registers.write(csr, { [enable]: true, [interruptEnable]: interrupts });
    const entries = 2 ** (registers.read(base)['LOG2SZ-1'] + 1);
    const memory = new QueueMemory(platform, registers, queue, { base: page.value, order, entries });
    const switched = registers.waitFor(csr, { [on]: true, busy: false });
    const started = switched.ok && entries < LEAST_ENTRIES ? refuse('ENODEV') : switched;
    if (started.ok) return ok(memory);
    memory.stop();
    return started;
  }

  /** Switches the queue off. Refused, and nothing is given back, when the IOMMU may go on using it. */
  stop(): Result<null> {
    const { csr, on } = QUEUES[this.#queue];
    const settled = this.#registers.waitFor(csr, { busy: false });
    if (!settled.ok) return settled;
    this.#registers.write(csr, {});
    const off = this.#registers.waitFor(csr, { [on]: false, busy: false });
    if (!off.ok) return off;
    this.#platform.pageFree(this.base, this.#order);
    return done;
  }
}
