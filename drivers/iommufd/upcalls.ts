/** What the driver below tells: page faults and guests' events go to the user's queues, the rest to whoever is above. */
import { done, refuse, type Result } from '#drivers/contract/driver';
import type { DriverUpcalls, FaultEvent, PageFault } from '#drivers/contract/upcalls';
import type { Context, Kernel } from './context';
import { Viommu } from './viommu';

type GuestEvent = NonNullable<FaultEvent['guest']>;

export class Upcalls implements DriverUpcalls {
  readonly #above: DriverUpcalls;
  readonly #kernel: () => Kernel;
  readonly #contexts: () => Iterable<Context>;
  /** Requests whose group is not whole yet, by what tells groups apart. */
  readonly #partial = new Map<string, readonly PageFault[]>();

  /** @param kernel It comes to be after the driver below, which is given this. */
  constructor(above: DriverUpcalls, kernel: () => Kernel, contexts: () => Iterable<Context>) {
    this.#above = above;
    this.#kernel = kernel;
    this.#contexts = contexts;
  }

  reportEvent = (event: FaultEvent): Result<null> =>
    event.guest === undefined ? this.#above.reportEvent(event) : this.#toGuest(event.guest);

  reportPageFault = (fault: PageFault): Result<null> => {
    const { owners, devices } = this.#kernel();
    const group = devices.get(fault.device)?.group ?? -1;
    const attachment = owners.get(group)?.context.groups.get(group)?.attachments.get(fault.pasid);
    const queue = attachment?.hwpt.fault;
    if (attachment === undefined || queue === undefined) return refuse('EOPNOTSUPP');
    const key = `${fault.device} ${fault.pasid} ${fault.group}`;
    const faults = [...(this.#partial.get(key) ?? []), fault];
    if (!fault.last) {
      this.#partial.set(key, faults);
      return done;
    }
    this.#partial.delete(key);
    const bound = [...attachment.devices];
    const { id } = bound.find(({ number }) => number === fault.device) ?? bound[0]!;
    queue.push({ faults, attachment, deviceId: id });
    return done;
  };

  #toGuest({ viommu: handle, type, record }: GuestEvent): Result<null> {
    for (const { objects } of this.#contexts()) {
      const viommu = objects.all(Viommu).find((one) => one.handle === handle);
      const queue = viommu?.queues.get(type);
      if (queue === undefined) continue;
      queue.push(record);
      return done;
    }
    return refuse('EOPNOTSUPP');
  }
}
