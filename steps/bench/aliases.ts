/** Devices that the hardware cannot tell apart: those of a group whose requests arrive under the same id. They share their grants. */
import type { RequesterInfo } from '#hw-models/core/machine';
import type { Requester } from '#hw-models/core/reach/facts';

export class Aliases {
  readonly #requesters: readonly RequesterInfo[];
  /** Groups that firmware names, by device. */
  readonly #groups = new Map<number, number>();
  /** For each requester those that are alike, itself among them. */
  readonly #alike: Requester[][] = [];
  readonly #byArrival = new Map<string, Requester[]>();

  /** @param requesters All of the machine; it grows. */
  constructor(requesters: readonly RequesterInfo[]) {
    this.#requesters = requesters;
  }

  /** Before the device makes requests. */
  describe(device: number, group: number): void {
    this.#groups.set(device, group);
  }

  of(requester: Requester): readonly Requester[] {
    while (this.#alike.length < this.#requesters.length) this.#add(this.#alike.length);
    return this.#alike[requester]!;
  }

  #add(requester: Requester): void {
    const { device, iommu, id, pasid } = this.#requesters[requester]!;
    const group = this.#groups.get(device);
    const arrival = `${iommu} ${id} ${pasid} ${group === undefined ? `device ${device}` : `group ${group}`}`;
    const alike = this.#byArrival.get(arrival) ?? [];
    this.#byArrival.set(arrival, alike);
    alike.push(requester);
    this.#alike.push(alike);
  }
}
