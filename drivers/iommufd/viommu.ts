/** Virtual IOMMUs before a nest parent, and what a guest calls the devices behind them. */
import { done, refuse, type Result } from '#drivers/contract/driver';
import type { UserData } from '#drivers/contract/iommu';
import { TYPE_DEFAULT } from '#drivers/contract/uapi-iommufd-values';
import { BoundDevice } from './bound-device';
import type { Context } from './context';
import type { Command } from './frame';
import { HwptPaging } from './hwpt';
import { IommufdObject, type Seat } from './objects';
import type { Veventq } from './veventq';

export class Viommu extends IommufdObject {
  readonly type = 'viommu';
  readonly paging: HwptPaging;
  /** Index of the IOMMU that it stands for. */
  readonly iommu: number;
  /** As the driver below knows it. */
  readonly handle: number;
  /** By what the guest calls them. */
  readonly vdevices = new Map<bigint, Vdevice>();
  /** By type of event. */
  readonly queues = new Map<number, Veventq>();

  constructor(seat: Seat, paging: HwptPaging, iommu: number, handle: number) {
    super(seat);
    this.paging = paging;
    this.iommu = iommu;
    this.handle = handle;
    paging.users++;
  }

  async destroy(): Promise<Result<null>> {
    const freed = await this.paging.context.kernel.driver.viommuFree(this.handle);
    if (freed.ok) this.paging.users--;
    return freed;
  }
}

export class Vdevice extends IommufdObject {
  readonly type = 'vdevice';
  readonly #viommu: Viommu;
  readonly #device: BoundDevice;
  readonly #virtualId: bigint;
  readonly #handle: number;

  constructor(seat: Seat, viommu: Viommu, device: BoundDevice, virtualId: bigint, handle: number) {
    super(seat);
    this.#viommu = viommu;
    this.#device = device;
    this.#virtualId = virtualId;
    this.#handle = handle;
    viommu.users++;
    viommu.vdevices.set(virtualId, this);
    device.vdevice = this;
  }

  async destroy(): Promise<Result<null>> {
    const freed = await this.#device.context.kernel.driver.vdeviceFree(this.#handle);
    if (!freed.ok) return freed;
    this.#device.vdevice = undefined;
    this.#viommu.vdevices.delete(this.#virtualId);
    this.#viommu.users--;
    return done;
  }
}

export const viommuAlloc: Command<'IOMMU_VIOMMU_ALLOC'> = async ({ context, fields, give }) => {
  const { objects, kernel } = context;
  if (fields.flags !== 0 || fields.type === TYPE_DEFAULT) return refuse('EOPNOTSUPP');
  if (kernel.hardened && fields.__reserved !== 0n) return refuse('EOPNOTSUPP');
  const device = objects.find(fields.dev_id, BoundDevice);
  if (!device.ok) return device;
  if (!kernel.supports.viommu) return refuse('EOPNOTSUPP');
  const paging = objects.find(fields.hwpt_id, HwptPaging);
  if (!paging.ok) return paging;
  if (!paging.value.isNestParent) return refuse('EINVAL');
  const { number, description } = device.value;
  const data: UserData = { type: fields.type, address: fields.data_uptr, length: fields.data_len };
  const seat = objects.reserve('viommu');
  if (!seat.ok) return seat;
  const spec = { device: number, parent: paging.value.domain, type: fields.type, ...(fields.data_len > 0 && { data }) };
  const handle = await kernel.driver.viommuAlloc(spec);
  if (!handle.ok) return aborted(context, seat.value, handle);
  const viommu = new Viommu(seat.value, paging.value, description.iommu, handle.value);
  return give(viommu, { out_viommu_id: viommu.id });
};

export const vdeviceAlloc: Command<'IOMMU_VDEVICE_ALLOC'> = async ({ context, fields, give }) => {
  const { objects, kernel } = context;
  const viommu = objects.find(fields.viommu_id, Viommu);
  if (!viommu.ok) return viommu;
  const device = objects.find(fields.dev_id, BoundDevice);
  if (!device.ok) return device;
  const { number, description, vdevice } = device.value;
  if (description.iommu !== viommu.value.iommu) return refuse('EINVAL');
  if (vdevice !== undefined || viommu.value.vdevices.has(fields.virt_id)) return refuse('EEXIST');
  const seat = objects.reserve('vdevice');
  if (!seat.ok) return seat;
  const handle = await kernel.driver.vdeviceAlloc(viommu.value.handle, number, fields.virt_id);
  if (!handle.ok) return aborted(context, seat.value, handle);
  const made = new Vdevice(seat.value, viommu.value, device.value, fields.virt_id, handle.value);
  return give(made, { out_vdevice_id: made.id });
};

function aborted<R extends Result<never>>({ objects }: Context, seat: Seat, refusal: R): R {
  objects.abort(seat);
  return refusal;
}
