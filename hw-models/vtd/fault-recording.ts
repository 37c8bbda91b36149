/** Fault recording registers, and the fault status register. */
import type { ViewOf } from '#hw-models/core/bits';
import type { Attention, Bus } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import type { Control } from '#hw-models/vtd/control';
import { EventSignal } from '#hw-models/vtd/control-events';
import { reasonNamed } from '#hw-models/vtd/fault-reasons';
import type { FaultRecord } from '#hw-models/vtd/fault-record';
import { FAULT_RECORDS, type Frcd, type FaultRecordIndex } from '#hw-models/vtd/registers';

/** Errors of the invalidation queue. Each stops it until software clears it. */
export const QUEUE_ERROR_FLAGS = ['IQE', 'ICE', 'ITE'] as const;
export type QueueErrorFlag = (typeof QUEUE_ERROR_FLAGS)[number];

const PAGE = 4096n;

/** @spec VT-D "Primary Fault Logging" */
export class FaultRecording {
  readonly #bus: Bus;
  readonly #control: Control;
  readonly #signal: EventSignal;
  readonly #indexes: readonly FaultRecordIndex[];
  /** Of the record to fill next. */
  #next = 0;

  constructor(bus: Bus, { NFR }: Capabilities, control: Control) {
    this.#bus = bus;
    this.#control = control;
    this.#signal = new EventSignal(control.registers, 'FECTL', (line) => bus.interrupt(line));
    this.#indexes = FAULT_RECORDS.slice(0, NFR);
  }

  /** Nothing is recorded while an overflow is not cleared. */
  record(fault: FaultRecord): 'recorded' | 'lost' {
    const { registers } = this.#control;
    const index = this.#indexes[this.#next]!;
    if (registers.view('FSTS').PFO) return 'lost';
    if (this.#at(index).F) {
      this.#set({ PFO: true });
      this.#bus.note('fault', 'FSTS.PFO');
      return 'lost';
    }
    registers.set(`FRCD${index}`, { ...fault, F: true });
    this.#next = (this.#next + 1) % this.#indexes.length;
    if (!registers.view('FSTS').PPF) this.#set({ PPF: true, FRI: index });
    return 'recorded';
  }

  /** An error of the invalidation queue. */
  failed(flag: QueueErrorFlag): void {
    this.#set({ [flag]: true });
    this.#bus.note('fault', `FSTS.${flag}`);
  }

  /** The error that stops the invalidation queue. */
  get queueError(): QueueErrorFlag | undefined {
    const status = this.#control.registers.view('FSTS');
    return QUEUE_ERROR_FLAGS.find((flag) => status[flag]);
  }

  /** Software wrote FSTS or a record. */
  cleared(): void {
    const { registers } = this.#control;
    const pending = this.#indexes.some((index) => this.#at(index).F);
    if (!pending) registers.set('FSTS', { PPF: false });
    if (!this.#isSet) this.#signal.served();
  }

  /** Software wrote FECTL. */
  unmasked(): void {
    this.#signal.update();
  }

  *attention(): Iterable<Attention> {
    for (const index of this.#indexes) if (this.#at(index).F) yield { what: shown(this.#at(index)), protocol: false };
    const status = this.#control.registers.view('FSTS');
    if (status.PFO) yield { what: 'FSTS.PFO: fault records are lost', protocol: true };
    for (const flag of QUEUE_ERROR_FLAGS)
      if (status[flag]) yield { what: `FSTS.${flag} with IQH at ${hex(this.#control.registers.view('IQH').QH * 16)}`, protocol: true };
  }

  /** The event is raised only by the first of several conditions. */
  #set(flags: Partial<Record<'PFO' | 'PPF' | QueueErrorFlag, boolean>> & { readonly FRI?: number }): void {
    const wasSet = this.#isSet;
    this.#control.registers.set('FSTS', flags);
    if (!wasSet) this.#signal.raise();
  }

  get #isSet(): boolean {
    const { PFO, PPF, IQE, ICE, ITE } = this.#control.registers.view('FSTS');
    return PFO || PPF || IQE || ICE || ITE;
  }

  #at(index: FaultRecordIndex): ViewOf<typeof Frcd> {
    return this.#control.registers.view(`FRCD${index}`);
  }
}

function shown({ FR, SID, PP, PV, FI }: ViewOf<typeof Frcd>): string {
  return `fault ${reasonNamed(FR)} of source-id ${hex(SID)}${PP ? ` with PASID ${hex(PV)}` : ''} at ${hex(FI * PAGE)}`;
}
