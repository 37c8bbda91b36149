/** Invalidation messages on their way to devices, between the fetch of a descriptor and the wait that completes it. */
import { pageOf } from '#hw-models/core/address';
import type { Invalidation } from '#hw-models/core/reach/facts';
import { overlap, type DeviceTlbBlock, type DeviceTlbRange, type DeviceTlbs } from '#hw-models/vtd/device-tlb';
import type { InvalidateDeviceTlb, RespondToGroup } from '#hw-models/vtd/invalidation-orders';

/** The devices behind the remapping unit, as PCIe messages reach them. */
export interface Endpoints {
  /** An "Invalidation Request" is sent; its completion may never come. */
  invalidate(message: InvalidateDeviceTlb): 'done' | 'timeout';
  respond(message: RespondToGroup): void;
}

type Translations = Invalidation & { readonly of: 'translations' };

/**
 * A device that was told to forget a translation may ask again before the remapping unit has forgotten it too.
 * @spec VT-D "Device-TLB Invalidation"
 */
export class DeviceMessages {
  readonly #devices: DeviceTlbs;
  readonly #endpoints: Endpoints;
  /** Messages that were answered, each with what translations were dropped after it. */
  readonly #answered: { readonly message: InvalidateDeviceTlb; readonly later: Translations[] }[] = [];
  /** A device that has not answered since the last wait. */
  #silent: number | undefined;

  constructor(devices: DeviceTlbs, endpoints: Endpoints) {
    this.#devices = devices;
    this.#endpoints = endpoints;
  }

  send(message: InvalidateDeviceTlb): void {
    if (this.#endpoints.invalidate(message) === 'timeout') this.#silent ??= message.sid;
    else this.#answered.push({ message, later: [] });
  }

  respond(message: RespondToGroup): void {
    this.#endpoints.respond(message);
  }

  /** The remapping unit drops translations. */
  dropped(invalidation: Translations): void {
    for (const { later } of this.#answered) later.push(invalidation);
  }

  /** The source-id of a device that does not answer. It is asked for once. */
  takeSilent(): number | undefined {
    const silent = this.#silent;
    this.#silent = undefined;
    return silent;
  }

  complete(): void {
    for (const { message, later } of this.#answered.splice(0))
      this.#devices.invalidate({ ...coveredBy(message), spares: (block) => later.some((one) => isFrom(block, one)) });
  }
}

/** What a message is about. */
function coveredBy(message: InvalidateDeviceTlb): Pick<DeviceTlbRange, 'ids' | 'pasid' | 'range'> {
  const ids = (id: number): boolean => id === message.sid;
  const range = sizedRange(message);
  if (message.kind === 'dev_tlb_inv') return { ids, pasid: undefined, range };
  return { ids, pasid: message.global === true ? 'all' : message.pasid, range };
}

const ALL_FRAMES = 2 ** 52;

/** With a size in the address its lowest 0 says it: 2 pages for bit 12, 4 for bit 13. @spec VT-D "Device-TLB Invalidate Descriptor" */
function sizedRange({ address, size }: InvalidateDeviceTlb): { readonly first: number; readonly frames: number } {
  const page = pageOf(address);
  let frames = 1;
  if (size === true) for (frames = 2; frames < ALL_FRAMES && Math.floor((page % frames) / (frames / 2)) === 1; frames *= 2);
  return { first: page - (page % frames), frames };
}

/** Whether a device may have been told of a block through what an invalidation drops. Ranges of an inner stage are of other addresses. */
function isFrom(block: DeviceTlbBlock, { space, range }: Translations): boolean {
  const at = space === undefined ? 0 : block.spaces.indexOf(space as string);
  return at > 0 || (at === 0 && (range === undefined || overlap(block, range)));
}
