/** IOMMU_HWPT_ALLOC, and what it is given. */
import { done, refuse, type Result } from '#drivers/contract/driver';
import { ALLOC_FAULT_ID_VALID } from '#drivers/contract/iommu';
import { HWPT_DATA } from '#drivers/contract/uapi';
import { BoundDevice } from './bound-device';
import { FaultQueue } from './fault-queue';
import type { Call, Command } from './frame';
import { HwptPaging, type Hwpt } from './hwpt';
import { allocNested, allocPaging, type Asked } from './hwpt-alloc';
import { Ioas } from './ioas';
import { Viommu } from './viommu';

type Fields = Call<'IOMMU_HWPT_ALLOC'>['fields'];

export const hwptAlloc: Command<'IOMMU_HWPT_ALLOC'> = async ({ context, fields, give }) => {
  const { objects, kernel } = context;
  if (fields.__reserved !== 0n || (kernel.hardened && fields.__reserved2 !== 0n)) return refuse('EOPNOTSUPP');
  if ((fields.data_type === HWPT_DATA.NONE) !== (fields.data_len === 0)) return refuse('EINVAL');
  const device = objects.find(fields.dev_id, BoundDevice);
  if (!device.ok) return device;
  const made = await allocOn(device.value, fields);
  if (!made.ok) return made;
  const faulting = answerFaults(made.value, fields);
  if (!faulting.ok) {
    await objects.abandon(made.value);
    return faulting;
  }
  return give(made.value, { out_hwpt_id: made.value.id });
};

/** `EINVAL`: no such object, or one that no HWPT can stand on. */
async function allocOn(device: BoundDevice, fields: Fields): Promise<Result<Hwpt>> {
  const asked = askedOf(fields);
  const on = device.context.objects.get(fields.pt_id);
  if (on instanceof Ioas) return allocPaging(device, on, { ...asked, isAutomatic: false });
  if (on instanceof HwptPaging) return allocNested(device, { paging: on }, asked);
  if (on instanceof Viommu && on.iommu === device.description.iommu) return allocNested(device, { paging: on.paging, viommu: on }, asked);
  return refuse('EINVAL');
}

const askedOf = ({ flags, data_type, data_len, data_uptr }: Fields): Asked => ({
  flags,
  ...(data_len > 0 && { data: { type: data_type, address: data_uptr, length: data_len } }),
});

/** `ENOENT`: no such fault queue. */
function answerFaults(hwpt: Hwpt, { flags, fault_id }: Fields): Result<null> {
  if ((flags & ALLOC_FAULT_ID_VALID) === 0) return done;
  const fault = hwpt.context.objects.find(fault_id, FaultQueue);
  if (!fault.ok) return fault;
  hwpt.answerFaultsBy(fault.value);
  return done;
}
