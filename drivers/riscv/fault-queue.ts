/** The fault queue of one IOMMU: every record is told to the caller, if its device is known. */
import type { Platform } from '#drivers/contract/driver';
import { NO_PASID } from '#drivers/contract/iommu';
import type { FaultEvent } from '#drivers/contract/upcalls';
import { fromWords, type ViewOf } from '#hw-models/core/bits';
import { causeNamed, FaultRecord, TRANSACTION_TYPES } from '#hw-models/riscv-iommu/fault-record';
import { QUEUES } from '#hw-models/riscv-iommu/queues';
import type { Registers } from './mmio';
import type { QueueMemory } from './queue-memory';

const { entryBytes } = QUEUES.fault;
const WORD_BYTES = 8;

/** What a record says, but for the device that its id stands for. */
export interface Fault extends Omit<FaultEvent, 'device'> {
  readonly id: number;
}

export class FaultQueue {
  readonly #platform: Platform;
  readonly #registers: Registers;
  readonly #memory: QueueMemory;

  constructor(platform: Platform, registers: Registers, memory: QueueMemory) {
    this.#platform = platform;
    this.#registers = registers;
    this.#memory = memory;
  }

  /** Takes every record, and acknowledges the interrupt first: what comes later raises it again. */
  *drain(): Iterable<Fault> {
    this.#registers.write('ipsr', { fip: true });
    const { index: tail } = this.#registers.read('fqt');
    for (let head = this.#registers.read('fqh').index; head !== tail; head = (head + 1) % this.#memory.entries) {
      yield faultOf(this.#recordAt(head));
    }
    this.#registers.write('fqh', { index: tail });
    this.#acknowledge();
  }

  /** Where records were lost, new ones are written again. */
  #acknowledge(): void {
    const { fqof, fqmf, fie } = this.#registers.read('fqcsr');
    if (!fqof && !fqmf) return;
    this.#registers.write('fqcsr', { fqen: true, fie, fqof, fqmf });
    this.#registers.waitFor('fqcsr', { busy: false });
  }

  #recordAt(index: number): ViewOf<typeof FaultRecord> {
    const at = this.#memory.base + BigInt(index * entryBytes);
    const words = Array.from({ length: entryBytes / WORD_BYTES }, (_, word) => this.#platform.read64(at + BigInt(word * WORD_BYTES)));
    return FaultRecord.of(fromWords(words));
  }
}

/** By TTYP: what the device wanted to do; nothing for messages, and for what the IOMMU did by itself. */
const ACCESSES: ReadonlyMap<number, NonNullable<FaultEvent['access']>> = new Map(
  (['read', 'write', 'execute'] as const).flatMap((access) => [
    [TRANSACTION_TYPES[`untranslated ${access}`], access],
    [TRANSACTION_TYPES[`translated ${access}`], access],
  ]),
);

function faultOf({ DID: id, PV, PID, CAUSE, TTYP, iotval }: ViewOf<typeof FaultRecord>): Fault {
  const access = ACCESSES.get(TTYP);
  const hasAddress = access !== undefined || TTYP === TRANSACTION_TYPES.ats;
  return {
    id,
    pasid: PV ? PID : NO_PASID,
    cause: causeNamed(CAUSE),
    ...(hasAddress && { iova: iotval }),
    ...(access && { access }),
  };
}
