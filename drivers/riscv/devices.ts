/**
 * The devices, and the domain that each is attached to. A device that is attached to none is blocked. Calls come under the locks of
 * different groups: what they share is changed under a lock of our own.
 */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { NO_PASID, type DeviceDescription } from '#drivers/contract/iommu';
import type { Bond } from './bonds';
import { BLOCKED, contextFor, type DeviceContext } from './device-context';
import type { Domain } from './domain';
import type { Iommu } from './iommu';
import type { Slot } from './sequencer';

/** Protects the device directories, and who is attached to what. */
export const LOCK = 'devices';

/** A domain that a device may come to use, and the bond that says so. */
interface Tie {
  readonly domain: Domain;
  readonly bond: Bond;
}

interface Device {
  readonly handle: number;
  readonly iommu: Iommu;
  readonly slots: readonly Slot[];
  domain: Domain | undefined;
  /** With the domain; with others as well after a change that could neither be made nor undone. */
  ties: readonly Tie[];
}

/** Refused, with the device as before; or in part as before and in part not, when hardware did not even let it be undone. */
interface Unchanged {
  readonly refusal: Result<null>;
  readonly isMixed: boolean;
}

export class Devices {
  readonly #platform: Platform;
  readonly #iommus: ReadonlyMap<number, Iommu>;
  readonly #domains: ReadonlyMap<number, Domain>;
  readonly #devices = new Map<number, Device>();

  constructor(platform: Platform, iommus: ReadonlyMap<number, Iommu>, domains: ReadonlyMap<number, Domain>) {
    this.#platform = platform;
    this.#iommus = iommus;
    this.#domains = domains;
  }

  /** The IOMMU of a device. */
  iommuOf(device: number): Iommu | undefined {
    return this.#devices.get(device)?.iommu;
  }

  /** Which device sends requests under an id. */
  withId(iommu: number, id: number): number | undefined {
    return [...this.#devices.values()].find((device) => device.iommu.index === iommu && device.slots.some((slot) => slot.id === id))
      ?.handle;
  }

  probe({ device, iommu: index, ids, ats }: DeviceDescription): Result<null> {
    return this.#locked(() => {
      const iommu = this.#iommus.get(index);
      if (iommu === undefined || ids.length === 0) return refuse('ENODEV');
      if (this.#devices.has(device)) return refuse('EBUSY');
      const slots: Slot[] = [];
      for (const id of new Set(ids)) {
        const at = iommu.directory.obtain(id);
        if (!at.ok) return at;
        slots.push({ id, at: at.value, ats: ats && iommu.capabilities.ATS });
      }
      const blocked = this.#program({ iommu, slots }, BLOCKED);
      if (blocked !== undefined) return blocked.refusal;
      this.#devices.set(device, { handle: device, iommu, slots, domain: undefined, ties: [] });
      return done;
    });
  }

  release(handle: number): Result<null> {
    return this.#locked(() => {
      const device = this.#devices.get(handle);
      if (device === undefined) return refuse('ENODEV');
      const blocked = this.#move(device, undefined);
      if (blocked.ok) this.#devices.delete(handle);
      return blocked;
    });
  }

  attach(handle: number, domainHandle: number, pasid: number): Result<null> {
    return this.#between(handle, domainHandle, pasid, (device, domain) =>
      device.domain === undefined ? this.#moveTo(device, domain) : refuse('EBUSY'),
    );
  }

  replace(handle: number, domainHandle: number, pasid: number): Result<null> {
    return this.#between(handle, domainHandle, pasid, (device, domain) => {
      if (device.domain === undefined) return refuse('EINVAL');
      return device.domain === domain ? done : this.#moveTo(device, domain);
    });
  }

  detach(handle: number, domainHandle: number, pasid: number): Result<null> {
    return this.#locked(() => {
      const device = this.#devices.get(handle);
      const domain = this.#domains.get(domainHandle);
      if (pasid !== NO_PASID || domain === undefined || device?.domain !== domain) return refuse('EINVAL');
      return this.#move(device, undefined);
    });
  }

  /** Forgets every device. Nothing may be translated any more. */
  abandon(): void {
    for (const { ties } of this.#devices.values()) for (const { bond } of ties) this.#platform.objectFree(bond.object);
    this.#devices.clear();
  }

  #moveTo(device: Device, domain: Domain): Result<null> {
    const fit = domain.fits(device.iommu);
    return fit.ok ? this.#move(device, domain) : fit;
  }

  /** The new bond is there before the device is, and the old one goes after it. Refused, the device is where it was. */
  #move(device: Device, domain: Domain | undefined): Result<null> {
    // A tag is clean before it is used.
    const settled = device.iommu.invalidations.settle();
    if (!settled.ok) return settled;
    const ties = this.#tie(device, domain);
    if (!ties.ok) return ties;
    const unchanged = this.#program(device, domain?.context ?? BLOCKED);
    if (unchanged?.isMixed === true) device.ties = [...device.ties, ...ties.value];
    else if (unchanged !== undefined) this.#untie(ties.value);
    if (unchanged !== undefined) return unchanged.refusal;
    const before = device.ties;
    device.domain?.devices.delete(device.handle);
    domain?.devices.add(device.handle);
    device.domain = domain;
    device.ties = ties.value;
    this.#untie(before);
    return done;
  }

  /** A bond with a domain whose translations are cached. `ENOMEM`. */
  #tie({ iommu, slots }: Device, domain: Domain | undefined): Result<readonly Tie[]> {
    if (domain?.isTagged !== true) return ok([]);
    const object = this.#platform.objectAlloc('bond');
    if (!object.ok) return object;
    const bond = { iommu, ids: slots.map(({ id }) => id), ats: slots.some(({ ats }) => ats), object: object.value };
    domain.bonds.link(bond);
    return ok([{ domain, bond }]);
  }

  /** Takes bonds away. What cannot be forgotten now is owed: the IOMMU forgets it before anything else, and the domain lives until then. */
  #untie(ties: readonly Tie[]): void {
    for (const { domain, bond } of ties) {
      domain.bonds.unlink(bond);
      this.#platform.objectFree(bond.object);
      if (!domain.isUsedOn(bond.iommu) && !domain.forget(bond.iommu).ok) domain.bonds.unsettled.add(bond.iommu);
    }
  }

  /** All ids of a device get the same context, or none does. @returns What became of it when it was not done. */
  #program({ iommu, slots }: Pick<Device, 'iommu' | 'slots'>, asked: DeviceContext): Unchanged | undefined {
    const { sequencer } = iommu;
    const before = slots.map((slot) => sequencer.read(slot));
    for (const [count, slot] of slots.entries()) {
      const changed = sequencer.change(slot, contextFor(asked, slot.ats));
      if (changed.ok) continue;
      const undone = slots.slice(0, count).map((other, index) => sequencer.change(other, before[index]!).ok);
      return { refusal: changed, isMixed: undone.includes(false) };
    }
    return undefined;
  }

  /** What is asked of a device and a domain. `EOPNOTSUPP`: of a process. `ENODEV`, `ENOENT`: of what is not there. */
  #between(handle: number, domainHandle: number, pasid: number, body: (device: Device, domain: Domain) => Result<null>): Result<null> {
    return this.#locked(() => {
      const device = this.#devices.get(handle);
      const domain = this.#domains.get(domainHandle);
      if (pasid !== NO_PASID) return refuse('EOPNOTSUPP');
      if (device === undefined) return refuse('ENODEV');
      return domain === undefined ? refuse('ENOENT') : body(device, domain);
    });
  }

  #locked<T>(body: () => Result<T>): Result<T> {
    this.#platform.lock(LOCK);
    const result = body();
    this.#platform.unlock(LOCK);
    return result;
  }
}
