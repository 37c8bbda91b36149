/** IOMMU_GET_HW_INFO: what hardware a device is behind. */
import { done, refuse, type Result } from '#drivers/contract/driver';
import type { HwInfo } from '#drivers/contract/iommu';
import { HW_INFO } from '#drivers/contract/uapi';
import { HW_INFO_INPUT_TYPE, HwCapabilities } from '#drivers/contract/uapi-iommufd-values';
import { BoundDevice, isCapable } from './bound-device';
import type { Context } from './context';
import type { Command } from './frame';

const NO_INFO: HwInfo = { type: HW_INFO.NONE, data: new Uint8Array() };

export const getHwInfo: Command<'IOMMU_GET_HW_INFO'> = async ({ context, fields, hasReserved, respond }) => {
  if ((fields.flags & ~HW_INFO_INPUT_TYPE) !== 0 || hasReserved) return refuse('EOPNOTSUPP');
  const device = context.objects.find(fields.dev_id, BoundDevice);
  if (!device.ok) return device;
  const { number, description, pasids } = device.value;
  const info = await infoOf(device.value, (fields.flags & HW_INFO_INPUT_TYPE) === 0 ? HW_INFO.NONE : fields.out_data_type);
  if (!info.ok) return info;
  const { type, data } = info.value;
  const copied = copyPadded(context, fields.data_uptr, data, fields.data_len);
  if (!copied.ok) return copied;
  return respond({
    data_len: data.length,
    out_data_type: type,
    out_max_pasid_log2: pasids === 0 ? 0 : Math.log2(pasids),
    out_capabilities: HwCapabilities.encode({
      DIRTY_TRACKING: await isCapable(context.kernel, number, 'dirty-tracking'),
      PCI_ATS_NOT_SUPPORTED: !description.ats,
    }),
  });
};

/** A driver that says nothing when asked for whatever it has says nothing at all. */
async function infoOf({ number, context }: BoundDevice, type: number): Promise<Result<HwInfo>> {
  const { driver } = context.kernel;
  const info = await driver.hwInfo(number, type);
  if (info.ok) return info.value.type === HW_INFO.NONE ? refuse('EOPNOTSUPP') : info;
  if (info.errno !== 'EOPNOTSUPP') return info;
  const any = type === HW_INFO.NONE ? info : await driver.hwInfo(number, HW_INFO.NONE);
  return any.ok || any.errno !== 'EOPNOTSUPP' ? info : { ok: true, value: NO_INFO };
}

/** As much as there is room for, and zeros where there is more. */
function copyPadded(context: Context, address: bigint, data: Uint8Array, room: number): Result<null> {
  const bytes = new Uint8Array(Math.min(room, data.length));
  bytes.set(data.subarray(0, bytes.length));
  const copied = bytes.length === 0 ? done : context.copyOut(address, bytes);
  return copied.ok ? clear(context, address + BigInt(bytes.length), room - bytes.length) : copied;
}

const CHUNK = 4096;

function clear(context: Context, address: bigint, length: number): Result<null> {
  for (let at = 0; at < length; at += CHUNK) {
    const cleared = context.copyOut(address + BigInt(at), new Uint8Array(Math.min(CHUNK, length - at)));
    if (!cleared.ok) return cleared;
  }
  return done;
}
