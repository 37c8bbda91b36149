/** A device that is bound to a /dev/iommu: its DMA is the user's, and blocked until it is attached. */
import { done, ok, refuse, type Result } from '#drivers/contract/driver';
import type { DeviceDescription, IommuCapability } from '#drivers/contract/iommu';
import { detach } from './attach';
import type { Context, Kernel } from './context';
import { Group } from './groups';
import { IommufdObject, type Seat } from './objects';
import type { Vdevice } from './viommu';

export class BoundDevice extends IommufdObject {
  readonly type = 'device';
  readonly context: Context;
  readonly description: DeviceDescription;
  readonly group: Group;
  /** Its domains are coherent whatever the device asks for. */
  readonly isEnforced: boolean;
  vdevice: Vdevice | undefined;

  constructor(seat: Seat, context: Context, group: Group, description: DeviceDescription, isEnforced: boolean) {
    super(seat);
    this.context = context;
    this.group = group;
    this.description = description;
    this.isEnforced = isEnforced;
    // Whoever bound it: the user cannot destroy it.
    this.users++;
  }

  get number(): number {
    return this.description.device;
  }

  /** PASIDs that it can use. */
  get pasids(): number {
    return pasidsOf(this.context.kernel, this.description);
  }

  async destroy(): Promise<Result<null>> {
    disown(this.context, this.group.id);
    return done;
  }
}

export const pasidsOf = ({ supports }: Kernel, { pasidBits }: DeviceDescription): number =>
  supports.pasid && pasidBits > 0 ? 2 ** pasidBits : 0;

/** What the driver says of a device; one that says nothing cannot do it. */
export async function isCapable({ driver }: Kernel, device: number, capability: IommuCapability): Promise<boolean> {
  const answer = await driver.capable(device, capability);
  return answer.ok && answer.value;
}

/** Where the driver says nothing, firmware does. */
async function isCoherent({ driver }: Kernel, { device, coherent }: DeviceDescription): Promise<boolean> {
  const answer = await driver.capable(device, 'cache-coherency');
  return answer.ok ? answer.value : answer.errno === 'EOPNOTSUPP' && coherent;
}

/**
 * `ENODEV`: no such device. `EINVAL`: it does not see what caches hold, or needs regions as they are and cannot be blocked. `EPERM`:
 * another /dev/iommu has the group. `ENOMEM`. @returns The object's id.
 */
export async function bind(context: Context, device: number): Promise<Result<number>> {
  const { kernel, objects } = context;
  const description = kernel.devices.get(device);
  if (description === undefined) return refuse('ENODEV');
  if (!(await isCoherent(kernel, description))) return refuse('EINVAL');
  const owned = own(context, description);
  if (!owned.ok) return owned;
  const seat = objects.reserve('device');
  if (!seat.ok) {
    disown(context, description.group);
    return seat;
  }
  const isEnforced = await isCapable(kernel, device, 'enforce-cache-coherency');
  const bound = new BoundDevice(seat.value, context, owned.value, description, isEnforced);
  objects.finalise(bound);
  return ok(bound.id);
}

/** As whoever bound it does: it is attached to nothing afterwards. `ENOENT`. */
export async function unbind(context: Context, id: number): Promise<Result<null>> {
  const { objects } = context;
  const found = objects.find(id, BoundDevice);
  if (!found.ok) return found;
  const bound = found.value;
  for (const pasid of [...bound.group.attachments.keys()]) {
    const detached = await detach(bound, pasid);
    if (!detached.ok) return detached;
  }
  if (bound.vdevice !== undefined) {
    const buried = await objects.bury(bound.vdevice);
    if (!buried.ok) return buried;
  }
  bound.users--;
  return objects.remove(id);
}

/** The group's DMA is this user's alone. A device may be bound more than once, and its neighbours too. */
function own(context: Context, { group }: DeviceDescription): Result<Group> {
  const { owners, devices } = context.kernel;
  const owner = owners.get(group);
  if (owner !== undefined && owner.context !== context) return refuse('EPERM');
  // Blocked, it would not reach what firmware lets it use.
  const hasDirect = devices.inGroup(group).some(({ reserved }) => reserved.some(({ kind }) => kind === 'direct'));
  if (owner === undefined && hasDirect) return refuse('EINVAL');
  if (owner === undefined) owners.set(group, { context, devices: 1 });
  else owner.devices++;
  const known = context.groups.get(group) ?? new Group(context.kernel, group);
  context.groups.set(group, known);
  return ok(known);
}

function disown({ kernel: { owners }, groups }: Context, group: number): void {
  const owner = owners.get(group);
  if (owner === undefined || --owner.devices > 0) return;
  owners.delete(group);
  groups.delete(group);
}
