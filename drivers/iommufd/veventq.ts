/** Events of a guest's own for its virtual IOMMU: a queue of so many, and a record in place of those that it had no room for. */
import { done, ok, refuse, type Result } from '#drivers/contract/driver';
import { TYPE_DEFAULT, VEVENT_LOST_EVENTS, VeventHeader } from '#drivers/contract/uapi-iommufd-values';
import { bytesFrom } from './bytes';
import type { Context } from './context';
import { noPosition, openFor } from './event-file';
import type { Readiness } from './files';
import type { Command } from './frame';
import { IommufdObject, type Seat } from './objects';
import { Viommu } from './viommu';

interface Vevent {
  readonly sequence: number;
  /** Left out where events were lost. */
  readonly record?: Uint8Array;
}

const HEADER_BYTES = VeventHeader.width / 8;
/** Sequence numbers end here and begin again at 0. */
const SEQUENCES = 2 ** 31;

export class Veventq extends IommufdObject {
  readonly type = 'veventq';
  readonly #context: Context;
  readonly #viommu: Viommu;
  readonly #event: number;
  readonly #depth: number;
  #events: readonly Vevent[] = [];
  #sequence = 0;

  constructor(seat: Seat, context: Context, viommu: Viommu, event: number, depth: number) {
    super(seat);
    this.#context = context;
    this.#viommu = viommu;
    this.#event = event;
    this.#depth = depth;
    viommu.users++;
    viommu.queues.set(event, this);
  }

  /** A record that there is no room for is lost, and its number with it. */
  push(record: Uint8Array): void {
    const sequence = this.#sequence;
    const kept = this.#events.filter((event) => event.record !== undefined);
    const isFull = kept.length === this.#depth;
    // The mark of lost events is at the end, once: it is moved there, or what comes takes its place.
    const before = this.#events.at(-1)?.record === undefined ? this.#events.slice(0, -1) : this.#events;
    this.#events = [...before, isFull ? { sequence } : { sequence, record }];
    this.#sequence = (sequence + 1) % SEQUENCES;
  }

  poll(): Readiness {
    return { readable: this.#events.length > 0, writable: false };
  }

  /** Whole events, as many as there is room for. `ESPIPE`. `EINVAL`: not even the first. `EFAULT`: it stays. */
  read(buffer: bigint, length: number, offset: bigint): Result<number> {
    if (noPosition(offset) !== undefined) return refuse('ESPIPE');
    let bytes = 0;
    for (const event of this.#events) {
      const record = bytesOf(event);
      if (record.length > length - bytes) return bytes === 0 ? refuse('EINVAL') : ok(bytes);
      const copied = this.#context.copyOut(buffer + BigInt(bytes), record);
      if (!copied.ok) return bytes === 0 ? copied : ok(bytes);
      this.#events = this.#events.slice(1);
      bytes += record.length;
    }
    return ok(bytes);
  }

  async destroy(): Promise<Result<null>> {
    this.#viommu.queues.delete(this.#event);
    this.#viommu.users--;
    return done;
  }
}

function bytesOf({ sequence, record }: Vevent): Uint8Array {
  const header = bytesFrom(VeventHeader.encode({ sequence, flags: record === undefined ? VEVENT_LOST_EVENTS : 0 }), HEADER_BYTES);
  return Uint8Array.from([...header, ...(record ?? [])]);
}

export const veventqAlloc: Command<'IOMMU_VEVENTQ_ALLOC'> = async ({ context, fields, hasReserved, give }) => {
  const { objects, kernel } = context;
  if (fields.flags !== 0 || hasReserved || fields.type === TYPE_DEFAULT) return refuse('EOPNOTSUPP');
  if (fields.veventq_depth === 0) return refuse('EINVAL');
  const viommu = objects.find(fields.viommu_id, Viommu);
  if (!viommu.ok) return viommu;
  if (viommu.value.queues.has(fields.type)) return refuse('EEXIST');
  const seat = objects.reserve('veventq');
  if (!seat.ok) return seat;
  const queue = new Veventq(seat.value, context, viommu.value, fields.type, fields.veventq_depth);
  const given = await give(queue, { out_veventq_id: queue.id, out_veventq_fd: kernel.files.next });
  if (!given.ok) return given;
  openFor(context, queue, { read: (...args) => queue.read(...args), poll: () => queue.poll() });
  return done;
};
