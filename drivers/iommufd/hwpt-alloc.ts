/** Making HWPTs. What is made here can be found by nobody yet: the caller finalises it or gives it up. */
import { done, ok, refuse, type Result } from '#drivers/contract/driver';
import {
  ALLOC_DIRTY_TRACKING,
  ALLOC_FAULT_ID_VALID,
  ALLOC_NEST_PARENT,
  ALLOC_PASID,
  type DomainInfo,
  type DomainSpec,
  type UserData,
} from '#drivers/contract/iommu';
import { attach } from './attach';
import { isCapable, type BoundDevice } from './bound-device';
import type { Context } from './context';
import { HwptNested, HwptPaging, type Ground, type Hwpt, type Made } from './hwpt';
import type { Ioas } from './ioas';
import type { ObjectType, Seat } from './objects';

/** What a HWPT is asked to be. */
export interface Asked {
  readonly flags: number;
  readonly data?: UserData;
}

const PAGING_FLAGS = ALLOC_NEST_PARENT | ALLOC_DIRTY_TRACKING | ALLOC_FAULT_ID_VALID | ALLOC_PASID;
const NESTED_FLAGS = ALLOC_FAULT_ID_VALID | ALLOC_PASID;

/**
 * With everything of its IOAS in it. `EOPNOTSUPP`: flags, or data, that the driver does not take. Else as the driver refuses, or what is
 * mapped cannot be in it.
 * @param pasid The device is attached to it with this before it is filled, as some drivers need it; undefined: it is not.
 */
export async function allocPaging(
  device: BoundDevice,
  ioas: Ioas,
  { flags, data, isAutomatic }: Asked & { readonly isAutomatic: boolean },
  pasid?: number,
): Promise<Result<HwptPaging>> {
  const { context, number } = device;
  if (hasOthers(flags, PAGING_FLAGS)) return refuse('EOPNOTSUPP');
  if (has(flags, ALLOC_FAULT_ID_VALID) && has(flags, ALLOC_NEST_PARENT)) return refuse('EOPNOTSUPP');
  if (has(flags, ALLOC_DIRTY_TRACKING) && !(await isCapable(context.kernel, number, 'dirty-tracking'))) return refuse('EOPNOTSUPP');
  const traits = { isNestParent: has(flags, ALLOC_NEST_PARENT), isAutomatic };
  const made = await make(context, 'hwpt-paging', specOf(device, 'paging', { flags, ...(data && { data }) }), (seat, domain) => {
    return new HwptPaging(seat, domain, ioas, traits);
  });
  if (!made.ok) return made;
  const ready = await makeReady(device, made.value, pasid);
  if (!ready.ok) await context.objects.abandon(made.value);
  return ready.ok ? made : ready;
}

async function makeReady(device: BoundDevice, hwpt: HwptPaging, pasid: number | undefined): Promise<Result<null>> {
  const { driver } = device.context.kernel;
  if (device.isEnforced) {
    const enforced = await driver.enforceCoherency(hwpt.domain);
    if (!enforced.ok || !enforced.value) return enforced.ok ? refuse('EINVAL') : enforced;
  }
  const attached = pasid === undefined ? done : await attach(device, hwpt, pasid);
  if (!attached.ok) return attached;
  const filled = await hwpt.fill();
  if (!filled.ok && pasid !== undefined) await unattach(device, hwpt, pasid);
  return filled;
}

/** As detach, of a HWPT that nobody has seen. */
async function unattach(device: BoundDevice, hwpt: Hwpt, pasid: number): Promise<void> {
  await device.group.detach(hwpt, pasid);
  device.group.attachments.delete(pasid);
  hwpt.paging.ioas.unreserve(device);
  hwpt.users--;
  device.users--;
}

/** A guest's tables on a nest parent, or on the viommu that has it. `EOPNOTSUPP`: flags, no data, or a driver that has no such. `EINVAL`: an unfit parent. */
export async function allocNested(device: BoundDevice, ground: Ground, { flags, data }: Asked): Promise<Result<HwptNested>> {
  const { context } = device;
  const { supports } = context.kernel;
  const { paging, viommu } = ground;
  if (hasOthers(flags, NESTED_FLAGS) || data === undefined || !supports.nesting) return refuse('EOPNOTSUPP');
  if (viommu === undefined && (paging.isAutomatic || !paging.isNestParent)) return refuse('EINVAL');
  const parent =
    viommu === undefined ? ({ kind: 'domain', handle: paging.domain } as const) : ({ kind: 'viommu', handle: viommu.handle } as const);
  const spec = { ...specOf(device, 'nested', { flags, data }), parent };
  return make(context, 'hwpt-nested', spec, (seat, domain) => new HwptNested(seat, domain, ground));
}

/** Faults are this core's affair unless the driver takes part in them. */
function specOf({ number, context }: BoundDevice, type: 'paging' | 'nested', { flags, data }: Asked): DomainSpec {
  const passed = context.kernel.supports['page-faults'] ? flags : flags & ~ALLOC_FAULT_ID_VALID;
  return { type, device: number, flags: passed, ...(data && { data }) };
}

/** A domain that is not of the type that was asked for is no use. */
async function make<H extends Hwpt>(
  context: Context,
  type: ObjectType,
  spec: DomainSpec,
  wrap: (seat: Seat, made: Made) => H,
): Promise<Result<H>> {
  const { objects, kernel } = context;
  const seat = objects.reserve(type);
  if (!seat.ok) return seat;
  const domain = await kernel.driver.domainAlloc(spec);
  if (!domain.ok) {
    objects.abort(seat.value);
    return domain;
  }
  const info = await kernel.driver.domainInfo(domain.value);
  const usable: Result<DomainInfo> = info.ok && info.value.type !== spec.type ? refuse('EOPNOTSUPP') : info;
  if (!usable.ok) {
    await kernel.driver.domainFree(domain.value);
    objects.abort(seat.value);
    return usable;
  }
  return ok(wrap(seat.value, { context, domain: domain.value, info: usable.value, isForPasids: has(spec.flags, ALLOC_PASID) }));
}

const has = (flags: number, flag: number): boolean => (flags & flag) !== 0;
const hasOthers = (flags: number, known: number): boolean => (flags & ~known) !== 0;
