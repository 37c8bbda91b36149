/** Which command carries out which ioctl. Mapping of files is left out: it is refused as by a kernel that does not know it. */
import { done, refuse } from '#drivers/contract/driver';
import { TYPE_DEFAULT } from '#drivers/contract/uapi-iommufd-values';
import { getDirtyBitmap, setDirtyTracking } from './dirty';
import { openFor } from './event-file';
import { FaultQueue } from './fault-queue';
import type { Command, Commands } from './frame';
import { getHwInfo } from './hw-info';
import { HwptNested } from './hwpt';
import { hwptAlloc } from './hwpt-commands';
import { ioasAlloc, ioasAllowIovas, ioasChangeProcess, ioasCopy, ioasIovaRanges, ioasMap, ioasUnmap } from './ioas-commands';
import { option, vfioIoas } from './options';
import { overflows } from './ranges';
import { vdeviceAlloc, Viommu, viommuAlloc } from './viommu';
import { veventqAlloc } from './veventq';

const destroy: Command<'IOMMU_DESTROY'> = async ({ context, fields }) => {
  const object = context.objects.get(fields.id);
  const removed = await context.objects.remove(fields.id);
  if (removed.ok && context.compatible === object) context.compatible = undefined;
  return removed;
};

/** How many entries were carried out is told whatever becomes of it, and when it cannot be told nothing else counts. */
const hwptInvalidate: Command<'IOMMU_HWPT_INVALIDATE'> = async (call) => {
  const { handled, outcome } = await invalidate(call);
  const responded = call.respond({ entry_num: handled });
  return responded.ok ? outcome : responded;
};

const invalidate = async ({ context, fields, hasReserved }: Parameters<typeof hwptInvalidate>[0]) => {
  const { data_type: type, data_uptr: address, entry_len: entryLength, entry_num: entries } = fields;
  if (hasReserved) return { handled: 0, outcome: refuse('EOPNOTSUPP') };
  if (entries > 0 && (address === 0n || entryLength === 0)) return { handled: 0, outcome: refuse('EINVAL') };
  const object = context.objects.get(fields.hwpt_id);
  if (object === undefined) return { handled: 0, outcome: refuse('ENOENT') };
  if (!(object instanceof HwptNested || object instanceof Viommu)) return { handled: 0, outcome: refuse('EINVAL') };
  const target =
    object instanceof Viommu ? ({ kind: 'viommu', handle: object.handle } as const) : ({ kind: 'domain', handle: object.domain } as const);
  const answer = await context.kernel.driver.cacheInvalidate(target, { type, address, entryLength, entries });
  if (!answer.ok) return { handled: 0, outcome: answer };
  const { handled, errno } = answer.value;
  return { handled, outcome: errno === undefined ? done : refuse(errno) };
};

const faultQueueAlloc: Command<'IOMMU_FAULT_QUEUE_ALLOC'> = async ({ context, fields, give }) => {
  if (fields.flags !== 0) return refuse('EOPNOTSUPP');
  const seat = context.objects.reserve('fault');
  if (!seat.ok) return seat;
  const queue = new FaultQueue(seat.value, context);
  const given = await give(queue, { out_fault_id: queue.id, out_fault_fd: context.kernel.files.next });
  if (!given.ok) return given;
  const read = (...where: Parameters<FaultQueue['read']>) => queue.read(...where);
  const write = (...where: Parameters<FaultQueue['write']>) => queue.write(...where);
  openFor(context, queue, { read, write, poll: () => queue.poll() });
  return done;
};

/** No driver below offers queues of the hardware. */
const hwQueueAlloc: Command<'IOMMU_HW_QUEUE_ALLOC'> = ({ context, fields }) => {
  if (fields.flags !== 0 || fields.type === TYPE_DEFAULT) return refuse('EOPNOTSUPP');
  if (fields.length === 0n) return refuse('EINVAL');
  if (overflows(fields.nesting_parent_iova + fields.length - 1n)) return refuse('EOVERFLOW');
  const viommu = context.objects.find(fields.viommu_id, Viommu);
  return viommu.ok ? refuse('EOPNOTSUPP') : viommu;
};

export const COMMANDS: Commands = {
  IOMMU_DESTROY: destroy,
  IOMMU_IOAS_ALLOC: ioasAlloc,
  IOMMU_IOAS_ALLOW_IOVAS: ioasAllowIovas,
  IOMMU_IOAS_COPY: ioasCopy,
  IOMMU_IOAS_IOVA_RANGES: ioasIovaRanges,
  IOMMU_IOAS_MAP: ioasMap,
  IOMMU_IOAS_UNMAP: ioasUnmap,
  IOMMU_OPTION: option,
  IOMMU_VFIO_IOAS: vfioIoas,
  IOMMU_HWPT_ALLOC: hwptAlloc,
  IOMMU_GET_HW_INFO: getHwInfo,
  IOMMU_HWPT_SET_DIRTY_TRACKING: setDirtyTracking,
  IOMMU_HWPT_GET_DIRTY_BITMAP: getDirtyBitmap,
  IOMMU_HWPT_INVALIDATE: hwptInvalidate,
  IOMMU_FAULT_QUEUE_ALLOC: faultQueueAlloc,
  IOMMU_VIOMMU_ALLOC: viommuAlloc,
  IOMMU_VDEVICE_ALLOC: vdeviceAlloc,
  IOMMU_IOAS_CHANGE_PROCESS: ioasChangeProcess,
  IOMMU_VEVENTQ_ALLOC: veventqAlloc,
  IOMMU_HW_QUEUE_ALLOC: hwQueueAlloc,
};
