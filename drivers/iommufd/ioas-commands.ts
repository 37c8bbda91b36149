/** The ioctls of an IOAS. */
import { done, ok, refuse, type Result } from '#drivers/contract/driver';
import { IovaRange as RangeRecord } from '#drivers/contract/uapi-iommufd';
import { MAP_FIXED_IOVA, MAP_READABLE, MAP_WRITEABLE } from '#drivers/contract/uapi-iommufd-values';
import { protectionOf } from './areas';
import { bytesFrom, numberOf } from './bytes';
import type { Context } from './context';
import type { Command } from './frame';
import { Ioas } from './ioas';
import { Pages } from './pages';
import { holes, LAST_IOVA, overflows, overlapping, type IovaRange } from './ranges';
import { PAGE } from './user-memory';

const EVERYTHING: IovaRange = { start: 0n, last: LAST_IOVA };
const RANGE_BYTES = RangeRecord.width / 8;
const MAP_FLAGS = MAP_FIXED_IOVA | MAP_WRITEABLE | MAP_READABLE;

/** The kernel keeps the last address as a mark. */
const isTooLarge = (...values: readonly bigint[]): boolean => values.some((value) => value === LAST_IOVA);
const isFixed = (flags: number): boolean => (flags & MAP_FIXED_IOVA) !== 0;

export const ioasAlloc: Command<'IOMMU_IOAS_ALLOC'> = async ({ context: { kernel, objects }, fields, give }) => {
  if (fields.flags !== 0) return refuse('EOPNOTSUPP');
  const seat = objects.reserve('ioas');
  if (!seat.ok) return seat;
  const ioas = new Ioas(seat.value, kernel);
  return give(ioas, { out_ioas_id: ioas.id });
};

/** As many ranges as there is room for, and how many there are. */
export const ioasIovaRanges: Command<'IOMMU_IOAS_IOVA_RANGES'> = ({ context, fields, hasReserved, respond }) => {
  if (hasReserved) return refuse('EOPNOTSUPP');
  const ioas = context.objects.find(fields.ioas_id, Ioas);
  if (!ioas.ok) return ioas;
  const ranges = holes(ioas.value.reserved, EVERYTHING);
  for (const [index, range] of ranges.slice(0, fields.num_iovas).entries()) {
    const at = fields.allowed_iovas + BigInt(index * RANGE_BYTES);
    const copied = context.copyOut(at, bytesFrom(RangeRecord.encode(range), RANGE_BYTES));
    if (!copied.ok) return copied;
  }
  const responded = respond({ num_iovas: ranges.length, out_iova_alignment: ioas.value.alignment });
  if (!responded.ok) return responded;
  return ranges.length > fields.num_iovas ? refuse('EMSGSIZE') : done;
};

export const ioasAllowIovas: Command<'IOMMU_IOAS_ALLOW_IOVAS'> = ({ context, fields, hasReserved }) => {
  if (hasReserved) return refuse('EOPNOTSUPP');
  const ioas = context.objects.find(fields.ioas_id, Ioas);
  if (!ioas.ok) return ioas;
  const ranges = loadRanges(context, fields.allowed_iovas, fields.num_iovas);
  return ranges.ok ? ioas.value.allow(ranges.value) : ranges;
};

/** `EFAULT`. `EINVAL`: a range of nothing, or over another. */
function loadRanges(context: Context, address: bigint, count: number): Result<readonly IovaRange[]> {
  const ranges: IovaRange[] = [];
  for (let index = 0; index < count; index++) {
    const copied = context.copyIn(address + BigInt(index * RANGE_BYTES), RANGE_BYTES);
    if (!copied.ok) return copied;
    const { start, last } = RangeRecord.of(numberOf(copied.value));
    if (start >= last || overlapping(ranges, { start, last }) !== undefined) return refuse('EINVAL');
    ranges.push({ start, last });
  }
  return ok(ranges);
}

export const ioasMap: Command<'IOMMU_IOAS_MAP'> = async ({ context, fields, hasReserved, respond }) => {
  const { flags, iova, length, user_va } = fields;
  if ((flags & ~MAP_FLAGS) !== 0 || hasReserved) return refuse('EOPNOTSUPP');
  if (isTooLarge(iova, length)) return refuse('EOVERFLOW');
  if ((flags & (MAP_WRITEABLE | MAP_READABLE)) === 0) return refuse('EINVAL');
  const ioas = context.objects.find(fields.ioas_id, Ioas);
  if (!ioas.ok) return ioas;
  if (overflows(user_va + length)) return refuse('EOVERFLOW');
  if (length === 0n || length > LAST_IOVA - PAGE) return refuse('EINVAL');
  const prot = protectionOf(flags);
  const pages = new Pages(context.kernel.users, user_va, prot.write);
  const mapped = await ioas.value.map([{ pages, startByte: user_va - pages.start, length }], isFixed(flags) ? iova : undefined, prot);
  return mapped.ok ? respond({ iova: mapped.value }) : mapped;
};

export const ioasCopy: Command<'IOMMU_IOAS_COPY'> = async ({ context: { objects }, fields, respond }) => {
  const { flags, length, src_iova, dst_iova } = fields;
  if ((flags & ~MAP_FLAGS) !== 0) return refuse('EOPNOTSUPP');
  if (isTooLarge(length, src_iova, dst_iova)) return refuse('EOVERFLOW');
  if ((flags & (MAP_WRITEABLE | MAP_READABLE)) === 0) return refuse('EINVAL');
  const from = objects.find(fields.src_ioas_id, Ioas);
  if (!from.ok) return from;
  const range = rangeOf(src_iova, length);
  const sources = range.ok ? from.value.sources(range.value) : range;
  if (!sources.ok) return sources;
  const to = objects.find(fields.dst_ioas_id, Ioas);
  if (!to.ok) return to;
  const mapped = await to.value.map(sources.value, isFixed(flags) ? dst_iova : undefined, protectionOf(flags));
  return mapped.ok ? respond({ dst_iova: mapped.value }) : mapped;
};

/** 0 and the last count stand for everything, and then there may be nothing. */
export const ioasUnmap: Command<'IOMMU_IOAS_UNMAP'> = async ({ context: { objects }, fields, respond }) => {
  const { iova, length } = fields;
  const ioas = objects.find(fields.ioas_id, Ioas);
  if (!ioas.ok) return ioas;
  const isAll = iova === 0n && length === LAST_IOVA;
  if (!isAll && isTooLarge(iova, length)) return refuse('EOVERFLOW');
  const range = isAll ? ok(EVERYTHING) : rangeOf(iova, length);
  if (!range.ok) return range;
  const unmapped = await ioas.value.unmap(range.value);
  if (!unmapped.ok) return unmapped;
  if (unmapped.value === 0n && !isAll) return refuse('ENOENT');
  return respond({ length: unmapped.value });
};

/** `EINVAL`: of nothing. `EOVERFLOW`. */
function rangeOf(start: bigint, length: bigint): Result<IovaRange> {
  if (length === 0n) return refuse('EINVAL');
  const last = start + length - 1n;
  return overflows(last) ? refuse('EOVERFLOW') : ok({ start, last });
}

/** What is mapped of the user's addresses belongs to the process that mapped it; of files nothing is mapped here. */
export const ioasChangeProcess: Command<'IOMMU_IOAS_CHANGE_PROCESS'> = ({ context, hasReserved }) => {
  if (hasReserved) return refuse('EOPNOTSUPP');
  return context.objects.all(Ioas).some(({ areas }) => areas.length > 0) ? refuse('EINVAL') : done;
};
