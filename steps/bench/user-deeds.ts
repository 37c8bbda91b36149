/** What the user does in one step that is several calls of /dev/iommu. */
import { NO_PASID } from '#drivers/contract/iommu';
import { PageResponseRecord } from '#drivers/contract/uapi-iommufd-values';
import { hex } from '#hw-models/core/hex';
import type { Result } from '#hw-models/core/result';
import type { Rows } from './systems/system';
import { must } from './user-ioctl';
import type { Fields, UserProcess } from './user-process';
import { Bitmap } from './user-records';
import type { Range } from './verb';

/** Memory of its own, mapped for devices. */
export async function has(user: UserProcess, name: string, bytes: bigint, mapped: Rows): Promise<Result<Fields>> {
  user.remember(name, 'memory', must(await user.iommufd.userAlloc(Number(bytes), true)), Number(bytes));
  return user.ioctl('IOMMU_IOAS_MAP', mapped);
}

/** What is made to take page faults, by the names that it gets. */
export interface Faulting {
  readonly hwpt: string;
  readonly ioas: string;
  readonly queue: string;
  readonly file: string;
}

/** A fault queue, a HWPT whose page faults come there, and a device that is attached to it. */
export async function takesFaults(user: UserProcess, device: string, pasid: number | undefined, made: Faulting): Promise<Result<Fields>> {
  const queue = await user.ioctl('IOMMU_FAULT_QUEUE_ALLOC', [
    ['out_fault_id', made.queue],
    ['out_fault_fd', made.file],
  ]);
  if (!queue.ok) return queue;
  const hwpt = await user.ioctl('IOMMU_HWPT_ALLOC', [
    ['dev_id', device],
    ['pt_id', made.ioas],
    ['flags', pasid === undefined ? 'FAULT_ID_VALID' : 'FAULT_ID_VALID + PASID'],
    ['fault_id', made.queue],
    ['out_hwpt_id', made.hwpt],
  ]);
  if (!hwpt.ok) return hwpt;
  const attached = await user.iommufd.attach(await user.file(), user.id(device), user.id(made.hwpt), pasid ?? NO_PASID);
  return attached.ok ? hwpt : attached;
}

/** To one group of page faults. */
export async function answers(user: UserProcess, file: string, cookie: number, code: number): Promise<Result<Fields>> {
  const at = user.spare;
  await user.put(PageResponseRecord.name, hex(at), [
    ['cookie', `${cookie}`],
    ['code', `${code}`],
  ]);
  return user.counted(await user.iommufd.write(await user.file(file), at, PageResponseRecord.width / 8, 0n));
}

/** The bitmap of a range in a HWPT, which is at most one word, has to be what a step says. */
export async function findsDirty(
  user: UserProcess,
  hwpt: string,
  where: Range,
  pageSize: bigint,
  stays: boolean,
  bits: bigint,
): Promise<Result<Fields>> {
  const at = hex(user.spare);
  await user.put(Bitmap.name, at, []);
  const answer = await user.ioctl('IOMMU_HWPT_GET_DIRTY_BITMAP', [
    ['hwpt_id', hwpt],
    ['flags', stays ? 'NO_CLEAR' : '0'],
    ['iova', hex(where.iova)],
    ['length', hex(where.size)],
    ['page_size', hex(pageSize)],
    ['data', at],
  ]);
  if (answer.ok) await user.expectRecord(Bitmap.name, at, [['bits', hex(bits)]]);
  return answer;
}
