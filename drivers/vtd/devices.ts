/**
 * The devices, and the domains that they, and their PASIDs, are attached to. What is attached to none is blocked. Calls come under the
 * locks of different groups: what they share is changed under a lock of our own.
 */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { NO_PASID, type DeviceDescription } from '#drivers/contract/iommu';
import { locked } from '#drivers/parts/locked';
import { unwinding } from '#drivers/parts/unwind';
import { Device } from './device';
import type { Attachment, Domain, Tie } from './domain';
import type { Unchanged } from './entries';
import type { Iommu } from './iommu';
import type { Slot } from './slots';

/** Protects the tables that lead to entries, the entries, and who is attached to what. */
export const LOCK = 'devices';

/** Requests of a device, with a PASID or without, that go to another domain, or to none. */
interface Move {
  readonly device: Device;
  readonly pasid: number;
  readonly domain: Domain | undefined;
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

  get(device: number): Device | undefined {
    return this.#devices.get(device);
  }

  /** Which device sends requests under an id. */
  withId(iommu: number, id: number): Device | undefined {
    return [...this.#devices.values()].find((device) => device.iommu.index === iommu && device.ids.includes(id));
  }

  probe(description: DeviceDescription): Result<null> {
    return this.locked(() => {
      const iommu = this.#iommus.get(description.iommu);
      if (iommu === undefined || description.ids.length === 0) return refuse('ENODEV');
      if (this.#devices.has(description.device)) return refuse('EBUSY');
      const device = Device.create(iommu, description);
      if (!device.ok) return device;
      this.#devices.set(description.device, device.value);
      return done;
    });
  }

  release(handle: number): Result<null> {
    return this.locked(() => {
      const device = this.#devices.get(handle);
      if (device === undefined) return refuse('ENODEV');
      const released = device.isScalable ? device.release() : this.#move({ device, pasid: NO_PASID, domain: undefined });
      if (!released.ok) return released;
      for (const [pasid, before] of [...device.attachments]) this.#enter({ device, pasid, domain: undefined }, before, undefined);
      this.#devices.delete(handle);
      return released;
    });
  }

  attach(handle: number, domainHandle: number, pasid: number): Result<null> {
    return this.#between(handle, domainHandle, pasid, (device, domain) => {
      const fit = domain.fits(device.iommu);
      if (!fit.ok) return fit;
      return device.attachments.has(pasid) ? refuse('EBUSY') : this.#move({ device, pasid, domain });
    });
  }

  replace(handle: number, domainHandle: number, pasid: number): Result<null> {
    return this.#between(handle, domainHandle, pasid, (device, domain) => {
      const now = device.attachments.get(pasid);
      if (now === undefined) return refuse('EINVAL');
      if (now.domain === domain) return done;
      const fit = domain.fits(device.iommu);
      return fit.ok ? this.#move({ device, pasid, domain }) : fit;
    });
  }

  detach(handle: number, domainHandle: number, pasid: number): Result<null> {
    return this.locked(() => {
      const device = this.#devices.get(handle);
      const domain = this.#domains.get(domainHandle);
      if (domain === undefined || device?.attachments.get(pasid)?.domain !== domain) return refuse('EINVAL');
      return this.#move({ device, pasid, domain: undefined });
    });
  }

  /** Brings the entries of attachments in line with what their domains want now, where that is a bit. Refused: none is. */
  refresh(attachments: readonly Attachment[]): Result<null> {
    const changes = attachments.flatMap(({ iommu, slots, domain, ties }) =>
      slots.map((slot) => ({ iommu, slot, before: iommu.entries.read(slot), next: encode(iommu, slot, domain, ties) })),
    );
    for (const [count, { iommu, slot, next }] of changes.entries()) {
      const unchanged = iommu.entries.amend(slot, next);
      if (unchanged === undefined) continue;
      for (const { iommu: other, slot: changed, before } of changes.slice(0, count)) other.entries.amend(changed, before);
      return unchanged.refusal;
    }
    return done;
  }

  /** Forgets every device. Nothing may be translated any more. */
  abandon(): void {
    for (const device of this.#devices.values()) {
      for (const { ties } of device.attachments.values()) for (const tie of ties) tie.release();
      device.abandon();
    }
    this.#devices.clear();
  }

  locked<T>(body: () => T): T {
    return locked(this.#platform, LOCK, body);
  }

  /** The new ties are there before the requests are, and the old ones go after them. Refused, the requests go where they went. */
  #move(move: Move): Result<null> {
    const { device, pasid, domain } = move;
    const { iommu, attachments } = device;
    if (domain?.answersFaults === true && !device.pri) return refuse('ENODEV');
    // A tag is clean before it is used.
    const settled = iommu.invalidations.settle();
    if (!settled.ok) return settled;
    const slots = device.slots(pasid);
    if (!slots.ok) return slots;
    const ties = this.#tie(move);
    if (!ties.ok) return ties;
    const before = attachments.get(pasid);
    const unchanged = this.#program(iommu, slots.value, domain, ties.value);
    if (unchanged !== undefined) {
      if (unchanged.isMixed) this.#untieLater(move, ties.value);
      else for (const tie of ties.value) tie.release();
      return unchanged.refusal;
    }
    this.#enter(move, before, domain && { iommu, slots: slots.value, domain, ties: ties.value });
    return done;
  }

  /** Caches may still lead to where requests do not go after all. */
  #untieLater({ device: { iommu }, domain }: Move, ties: readonly Tie[]): void {
    for (const tie of ties) iommu.invalidations.whenSettled(() => tie.release());
    if (iommu.invalidations.isOwing) domain?.unsettled.add(iommu);
  }

  #enter({ device, pasid }: Move, before: Attachment | undefined, after: Attachment | undefined): void {
    if (before !== undefined) {
      if (device.pri && pasid !== NO_PASID) device.iommu.pageRequests?.forget(device.ids, pasid);
      before.domain.attachments.delete(before);
      for (const tie of before.ties) tie.release();
      if (device.iommu.invalidations.isOwing) before.domain.unsettled.add(device.iommu);
    }
    if (after === undefined) {
      device.attachments.delete(pasid);
      return;
    }
    device.attachments.set(pasid, after);
    after.domain.attachments.add(after);
  }

  /** A domain-id, and tags in the lists of all whose translations caches will hold. `ENOSPC`, `ENOMEM`. */
  #tie({ device, pasid, domain }: Move): Result<readonly Tie[]> {
    if (domain === undefined) return ok([]);
    const { iommu } = device;
    const source = device.source(pasid);
    return unwinding((take) => {
      const undo: (() => void)[] = [];
      const did = take(domain.takeDid(iommu), () => domain.giveDid(iommu));
      if (!did.ok) return did;
      for (const { tags, kinds } of domain.tagLists) {
        for (const kind of source.ats ? kinds : kinds.slice(0, 1)) {
          const tag = take(tags.assign({ kind, iommu, did: did.value, source }), (given) => tags.unassign(given));
          if (!tag.ok) return tag;
          undo.push(() => tags.unassign(tag.value));
        }
      }
      const release = (): void => {
        for (const unassign of undo) unassign();
        domain.giveDid(iommu);
      };
      return ok([{ did: did.value, release }]);
    });
  }

  /** All ids of a device get the same, or none does. @returns What became of it when it was not done. */
  #program(iommu: Iommu, slots: readonly Slot[], domain: Domain | undefined, ties: readonly Tie[]): Unchanged | undefined {
    const { entries } = iommu;
    const before = slots.map((slot) => entries.read(slot));
    for (const [count, slot] of slots.entries()) {
      const unchanged = entries.change(slot, encode(iommu, slot, domain, ties));
      if (unchanged === undefined) continue;
      const undone = slots.slice(0, count).map((other, index) => entries.change(other, before[index]!, 'stopped'));
      return { ...unchanged, isMixed: unchanged.isMixed || undone.some((result) => result !== undefined) };
    }
    return undefined;
  }

  /** What is asked of a device and a domain. `ENODEV`, `ENOENT`: of what is not there. */
  #between(handle: number, domainHandle: number, pasid: number, body: (device: Device, domain: Domain) => Result<null>): Result<null> {
    return this.locked(() => {
      const device = this.#devices.get(handle);
      if (device === undefined) return refuse('ENODEV');
      const fit = device.checkPasid(pasid);
      if (!fit.ok) return fit;
      const domain = this.#domains.get(domainHandle);
      return domain === undefined ? refuse('ENOENT') : body(device, domain);
    });
  }
}

/** What a domain wants an entry to be. A domain that wants it not present needs no domain-id. */
const encode = ({ features }: Iommu, { kind, source }: Slot, domain: Domain | undefined, ties: readonly Tie[]): bigint =>
  kind.encode(domain?.wanted, ties.at(-1)?.did ?? 0, features, source);
