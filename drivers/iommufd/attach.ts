/** Attaching, replacing and detaching: what the requests of a group are translated by, and what that reserves. */
import { done, ok, refuse, type Result } from '#drivers/contract/driver';
import { NO_PASID } from '#drivers/contract/iommu';
import type { BoundDevice } from './bound-device';
import { HwptNested, HwptPaging, release, type Hwpt } from './hwpt';
import { allocPaging } from './hwpt-alloc';
import { Ioas } from './ioas';
import { agree, reservedRegions } from './probed-devices';

/** How a device comes to a HWPT. */
export type Change = (device: BoundDevice, hwpt: Hwpt, pasid: number) => Promise<Result<null>>;

/**
 * To a HWPT, or to one that an IOAS has for such devices. `ENOENT`: no such object. `EINVAL`: it is neither.
 * @returns The HWPT in use.
 */
export async function changeTo(device: BoundDevice, pt: number, pasid: number, change: Change): Promise<Result<number>> {
  const object = device.context.objects.get(pt);
  if (object === undefined) return refuse('ENOENT');
  if (object instanceof Ioas) return toIoas(device, object, pasid, change);
  if (!(object instanceof HwptPaging || object instanceof HwptNested)) return refuse('EINVAL');
  const changed = await change(device, object, pasid);
  return changed.ok ? ok(object.id) : changed;
}

/** Any HWPT of the IOAS that was made for this will do, if the driver takes it; the user's own are the user's. */
async function toIoas(device: BoundDevice, ioas: Ioas, pasid: number, change: Change): Promise<Result<number>> {
  const { objects } = device.context;
  for (const hwpt of objects.all(HwptPaging)) {
    if (hwpt.ioas !== ioas || !hwpt.isAutomatic) continue;
    const changed = await change(device, hwpt, pasid);
    if (changed.ok) return ok(hwpt.id);
    if (changed.errno !== 'EINVAL') return changed;
  }
  const made = await allocPaging(device, ioas, { flags: 0, isAutomatic: true }, change === attach ? pasid : undefined);
  if (!made.ok) return made;
  const changed = change === attach ? done : await change(device, made.value, pasid);
  if (!changed.ok) await objects.abandon(made.value);
  else objects.finalise(made.value);
  return changed.ok ? ok(made.value.id) : changed;
}

/** `EBUSY`: it is attached. `EINVAL`: its group is attached to another, or the HWPT is not for this. `EADDRINUSE`: its regions are in use. */
export const attach: Change = async (device, hwpt, pasid) => {
  const { group } = device;
  const attachment = group.attachments.get(pasid);
  if (attachment?.devices.has(device) === true) return refuse('EBUSY');
  if (attachment !== undefined && attachment.hwpt !== hwpt) return refuse('EINVAL');
  const reserved = pasid === NO_PASID ? await reserve(device, hwpt) : done;
  if (!reserved.ok) return reserved;
  if (attachment === undefined) {
    const fit = fits(device, hwpt, pasid);
    const attached = fit.ok ? await group.attach(hwpt, pasid) : fit;
    if (!attached.ok) {
      if (pasid === NO_PASID) hwpt.paging.ioas.unreserve(device);
      return attached;
    }
    group.attachments.set(pasid, { hwpt, devices: new Set([device]) });
  } else attachment.devices.add(device);
  hwpt.users++;
  device.users++;
  return done;
};

/** `EINVAL`: it is not attached, or the HWPT is not for this. Refused, nothing has changed. */
export const replace: Change = async (device, hwpt, pasid) => {
  const { group } = device;
  const attachment = group.attachments.get(pasid);
  if (attachment?.devices.has(device) !== true) return refuse('EINVAL');
  const old = attachment.hwpt;
  if (old === hwpt) return done;
  const moves = pasid === NO_PASID && old.paging.ioas !== hwpt.paging.ioas;
  const replaced = await replaceAll(device, hwpt, pasid, moves);
  if (!replaced.ok) return replaced;
  if (moves) for (const one of attachment.devices) old.paging.ioas.unreserve(one);
  await old.fault?.forget(attachment);
  attachment.hwpt = hwpt;
  hwpt.users += attachment.devices.size;
  old.users -= attachment.devices.size;
  await release(old);
  return done;
};

async function replaceAll(device: BoundDevice, hwpt: Hwpt, pasid: number, moves: boolean): Promise<Result<null>> {
  const { group } = device;
  const { hwpt: old, devices } = group.attachments.get(pasid)!;
  const { ioas } = hwpt.paging;
  const undo = (refusal: Result<null>): Result<null> => {
    if (moves) for (const one of devices) ioas.unreserve(one);
    return refusal;
  };
  for (const one of moves ? devices : []) {
    const reserved = await reserve(one, hwpt);
    if (!reserved.ok) return undo(reserved);
  }
  const fit = fits(device, hwpt, pasid);
  const replaced = fit.ok ? await group.replace(old, hwpt, pasid) : fit;
  return replaced.ok ? done : undo(replaced);
}

/** Nothing is attached afterwards, and nothing to do where nothing was. */
export async function detach(device: BoundDevice, pasid: number): Promise<Result<null>> {
  const { group } = device;
  const attachment = group.attachments.get(pasid);
  if (attachment?.devices.has(device) !== true) return done;
  const { hwpt, devices } = attachment;
  if (devices.size === 1) {
    const detached = await group.detach(hwpt, pasid);
    if (!detached.ok) return detached;
    group.attachments.delete(pasid);
    await hwpt.fault?.forget(attachment);
  }
  devices.delete(device);
  if (pasid === NO_PASID) hwpt.paging.ioas.unreserve(device);
  hwpt.users--;
  device.users--;
  await release(hwpt);
  return done;
}

/** Keeps the regions of a device from being mapped. `EADDRINUSE`. `EINVAL`: they contradict one another. */
async function reserve(device: BoundDevice, hwpt: Hwpt): Promise<Result<null>> {
  const { ioas } = hwpt.paging;
  const regions = await reservedRegions(device.context.kernel.driver, device.description);
  const all = regions.map(({ start, length }) => ioas.reserve({ start, last: start + length - 1n }, device));
  const refused = all.find(({ ok }) => !ok) ?? (agree(regions) ? undefined : refuse('EINVAL'));
  if (refused === undefined) return done;
  ioas.unreserve(device);
  return refused;
}

/** PASIDs need a HWPT that is for them, of the device's other requests too. */
function fits({ group, context: { kernel } }: BoundDevice, hwpt: Hwpt, pasid: number): Result<null> {
  if (pasid === NO_PASID)
    return !hwpt.isForPasids && [...group.attachments.keys()].some((other) => other !== NO_PASID) ? refuse('EINVAL') : done;
  if (!hwpt.isForPasids || group.attachments.get(NO_PASID)?.hwpt.isForPasids === false) return refuse('EINVAL');
  if (!kernel.supports.pasid) return refuse('EOPNOTSUPP');
  if (pasid === 0) return refuse('EINVAL');
  const widest = kernel.devices.inGroup(group.id).filter(({ pasidBits }) => pasidBits > 0);
  return widest.every(({ pasidBits }) => pasid < 2 ** pasidBits) ? done : refuse('EINVAL');
}
