/** The fault queue. */
import type { Attention, Buffer } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import { causeNamed, FaultRecord, TRANSACTION_TYPES } from '#hw-models/riscv-iommu/fault-record';
import { RecordQueue, type QueueParts } from '#hw-models/riscv-iommu/record-queue';

/** @spec RISCV-IOMMU "Fault/Event-Queue (FQ)" */
export class FaultQueue {
  readonly #queue: RecordQueue;

  constructor(parts: QueueParts) {
    this.#queue = new RecordQueue(parts, { queue: 'fault', overflow: 'fqof', memoryFault: 'fqmf', describe });
  }

  /** The queue was switched on or off. */
  switched(): void {
    this.#queue.switched();
  }

  /** Software wrote `fqh`. */
  consumed(): void {
    this.#queue.consumed();
  }

  /** @param raw 256 bits. */
  record(raw: bigint): 'recorded' | 'lost' {
    return this.#queue.put(raw) === 'queued' ? 'recorded' : 'lost';
  }

  attention(): Iterable<Attention> {
    return this.#queue.attention();
  }

  buffers(): Iterable<Buffer> {
    return this.#queue.buffers();
  }
}

/** What no inbound transaction caused, software did. */
function describe(raw: bigint): Attention {
  const { CAUSE, TTYP, DID, PV, PID, iotval } = FaultRecord.of(raw);
  const isOurs = TTYP === TRANSACTION_TYPES.none;
  const who = isOurs ? '' : ` of device_id ${hex(DID)}${PV ? ` with process_id ${hex(PID)}` : ''}`;
  return { what: `fault ${CAUSE}, ${causeNamed(CAUSE)}${who} at ${hex(iotval)}`, protocol: isOurs };
}
