/** How the IOMMU tells software of something: pending interrupts, and the wires or messages that stand for them. */
import { pageOfWord } from '#hw-models/core/address';
import type { Buffer, Bus } from '#hw-models/core/hardware';
import { messageAt, send } from '#hw-models/core/message';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import type { Control } from '#hw-models/riscv-iommu/control';
import { FaultRecord, MSI_WRITE_FAULT } from '#hw-models/riscv-iommu/fault-record';
import { QUEUE_NAMES, type QueueName, QUEUES } from '#hw-models/riscv-iommu/queues';
import { type Vector, VECTORS } from '#hw-models/riscv-iommu/registers';

/** What the signals work with. */
export interface SignalParts {
  readonly bus: Bus;
  readonly part: Capabilities;
  readonly control: Control;
  /** A message was not accepted. */
  readonly faulted: (record: bigint) => void;
}

/** @spec RISCV-IOMMU "Interrupt pending status register (ipsr)" */
export class Signals {
  readonly #parts: SignalParts;
  /** Vectors with a message that was held back by their masks. */
  readonly #held = new Set<number>();

  constructor(parts: SignalParts) {
    this.#parts = parts;
  }

  /** Something that may have become true lasts: errors of queues, while their interrupts are enabled. Also after `ipsr` was written. */
  update(): void {
    const { control } = this.#parts;
    for (const queue of QUEUE_NAMES) {
      const { interruptEnable, causes } = QUEUES[queue];
      if (control.flag(queue, interruptEnable) && causes.some((cause) => control.flag(queue, cause))) this.#raise(queue);
    }
  }

  /** A new entry lies in a queue. */
  produced(queue: QueueName): void {
    if (this.#parts.control.flag(queue, QUEUES[queue].interruptEnable)) this.#raise(queue);
  }

  /** The bit stays until software clears it; a message is sent when it becomes 1. */
  #raise(queue: QueueName): void {
    const { bus, control } = this.#parts;
    const { pending, vector } = QUEUES[queue];
    if (control.registers.view('ipsr')[pending]) return;
    control.registers.set('ipsr', { [pending]: true });
    const number = control.registers.view('icvec')[vector];
    if (control.isWired) bus.interrupt(wireNamed(number));
    else this.#message(number);
  }

  /** Software wrote `icvec`: what is pending drives another wire. */
  rewired(before: Readonly<Record<'civ' | 'fiv' | 'piv', number>>): void {
    const { bus, control } = this.#parts;
    if (!control.isWired) return;
    const now = control.registers.view('icvec');
    for (const { pending, vector } of Object.values(QUEUES))
      if (control.registers.view('ipsr')[pending] && now[vector] !== before[vector]) bus.interrupt(wireNamed(now[vector]));
  }

  /** Software wrote the mask of a vector: what was held back is sent. @spec RISCV-IOMMU "MSI configuration table (msi_cfg_tbl)" */
  unmasked(vector: Vector): void {
    if (!this.#isMasked(vector) && this.#held.delete(vector)) this.#message(vector);
  }

  #isMasked(vector: number): boolean {
    return this.#parts.control.registers.view(`msi_vec_ctl_${vector as Vector}`).M;
  }

  #message(number: number): void {
    if (this.#isMasked(number)) {
      this.#held.add(number);
      return;
    }
    const { bus, part, control, faulted } = this.#parts;
    const vector = number as Vector;
    const address = control.registers.view(`msi_addr_${vector}`).raw;
    if (send(bus, part.PAS, address, control.registers.view(`msi_data_${vector}`).data)) return;
    faulted(FaultRecord.encode({ CAUSE: MSI_WRITE_FAULT, iotval: address }));
  }

  /** Frames that messages of enabled interrupts go to. */
  *targets(): Iterable<Buffer> {
    const { control, part } = this.#parts;
    if (control.isWired) return;
    for (const queue of QUEUE_NAMES) {
      const vector = control.registers.view('icvec')[QUEUES[queue].vector] as Vector;
      if (!control.flag(queue, QUEUES[queue].interruptEnable) || this.#isMasked(vector)) continue;
      const at = messageAt(part.PAS, control.registers.view(`msi_addr_${vector}`).raw);
      if (at !== undefined) yield { page: pageOfWord(at.word), what: `the MSI of its ${queue} queue`, message: true };
    }
  }
}

const wireNamed = (vector: number): string => `wire ${vector}`;

/** The effects of writes to each mask. */
export const maskEffects = (signals: () => Signals): Partial<Record<`msi_vec_ctl_${Vector}`, () => void>> =>
  Object.fromEntries(VECTORS.map((vector) => [`msi_vec_ctl_${vector}`, () => signals().unmasked(vector)]));
