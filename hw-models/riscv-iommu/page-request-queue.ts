/** The page-request queue, and its records of 128 bits. */
import { bit, bits, reserved, uint, word } from '#hw-models/core/bits';
import type { Attention, Buffer } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import { RecordQueue, type Placement, type QueueParts } from '#hw-models/riscv-iommu/record-queue';
import type { PageRequest } from '#hw-models/riscv-iommu/request';

/** The address is in units of 4 KiB. Neither R nor W, and L: a "Stop Marker". @spec RISCV-IOMMU "Page-Request-Queue (PQ)" */
export const PageRequestRecord = word(128, 'page request', {
  PageAddress: bits(127, 76),
  PageRequestGroupIndex: uint(75, 67),
  L: bit(66),
  W: bit(65),
  R: bit(64),
  DID: uint(63, 40),
  rsv35: reserved(39, 35),
  EXEC: bit(34),
  PRIV: bit(33),
  PV: bit(32),
  PID: uint(31, 12),
  rsv0: reserved(11, 0),
});

/** @spec RISCV-IOMMU "Page-Request-Queue (PQ)" */
export class PageRequestQueue {
  readonly #queue: RecordQueue;

  constructor(parts: QueueParts) {
    this.#queue = new RecordQueue(parts, { queue: 'page-request', overflow: 'pqof', memoryFault: 'pqmf', describe });
  }

  /** The queue was switched on or off. */
  switched(): void {
    this.#queue.switched();
  }

  /** Software wrote `pqh`. */
  consumed(): void {
    this.#queue.consumed();
  }

  /** Whoever sent the message gets no answer from here. */
  queue(request: PageRequest): Placement {
    const { deviceId, processId, privileged, execute, read, write, last, group, iova } = request;
    const hasProcess = processId !== undefined;
    return this.#queue.put(
      PageRequestRecord.encode({
        DID: deviceId,
        PV: hasProcess,
        PID: processId ?? 0,
        PRIV: hasProcess && privileged,
        EXEC: hasProcess && execute,
        R: read,
        W: write,
        L: last,
        PageRequestGroupIndex: group,
        PageAddress: iova / PAGE,
      }),
    );
  }

  attention(): Iterable<Attention> {
    return this.#queue.attention();
  }

  buffers(): Iterable<Buffer> {
    return this.#queue.buffers();
  }
}

const PAGE = 4096n;

function describe(raw: bigint): Attention {
  const { DID, PageRequestGroupIndex, PageAddress } = PageRequestRecord.of(raw);
  return {
    what: `page request of device_id ${hex(DID)} in group ${hex(PageRequestGroupIndex)} at ${hex(PageAddress * PAGE)}`,
    protocol: false,
  };
}
