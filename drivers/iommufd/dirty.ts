/** Which pages devices have written: IOMMU_HWPT_SET_DIRTY_TRACKING and IOMMU_HWPT_GET_DIRTY_BITMAP. */
import { done, ok, refuse, type Result } from '#drivers/contract/driver';
import { DIRTY_BITMAP_NO_CLEAR, DIRTY_TRACKING_ENABLE } from '#drivers/contract/uapi-iommufd-values';
import { bytesIn } from './areas';
import type { Context } from './context';
import type { Call, Command } from './frame';
import { HwptPaging } from './hwpt';
import { LAST_IOVA, overflows, overlapping, type IovaRange } from './ranges';

type BitmapFields = Call<'IOMMU_HWPT_GET_DIRTY_BITMAP'>['fields'];

/** What was written before it is enabled does not count. */
export const setDirtyTracking: Command<'IOMMU_HWPT_SET_DIRTY_TRACKING'> = async ({ context: { objects, kernel }, fields }) => {
  if ((fields.flags & ~DIRTY_TRACKING_ENABLE) !== 0) return refuse('EOPNOTSUPP');
  const hwpt = objects.find(fields.hwpt_id, HwptPaging);
  if (!hwpt.ok) return hwpt;
  if (!isTracked(hwpt.value)) return refuse('EOPNOTSUPP');
  const enable = fields.flags === DIRTY_TRACKING_ENABLE;
  for (const area of enable ? hwpt.value.ioas.areas : []) {
    const range = { iova: area.start, size: bytesIn(area), pageSize: leastPage(hwpt.value), clear: true };
    const cleared = await kernel.driver.readAndClearDirty(hwpt.value.domain, range);
    if (!cleared.ok) return cleared;
  }
  return kernel.driver.setDirtyTracking(hwpt.value.domain, enable);
};

export const getDirtyBitmap: Command<'IOMMU_HWPT_GET_DIRTY_BITMAP'> = async ({ context, fields, hasReserved }) => {
  if ((fields.flags & ~DIRTY_BITMAP_NO_CLEAR) !== 0 || hasReserved) return refuse('EOPNOTSUPP');
  const hwpt = context.objects.find(fields.hwpt_id, HwptPaging);
  if (!hwpt.ok) return hwpt;
  const range = rangeOf(context, hwpt.value, fields);
  if (!range.ok) return range;
  if (!isTracked(hwpt.value)) return refuse('EOPNOTSUPP');
  return readRange(context, hwpt.value, fields, range.value);
};

const isTracked = ({ info }: HwptPaging): boolean => info.operations.includes('dirtyTracking');
const leastPage = ({ info }: HwptPaging): bigint => info.pageSizes[0] ?? 1n;

/** `EOVERFLOW`, `EINVAL`: not as aligned as the IOAS asks for, or as the bits of the bitmap. */
function rangeOf({ kernel }: Context, { ioas }: HwptPaging, { iova, length, page_size }: BitmapFields): Result<IovaRange> {
  // Linux takes no bytes at all for everything, when they begin at 0.
  if (length === 0n && (iova !== 0n || !kernel.hardened)) return iova === 0n ? ok({ start: 0n, last: LAST_IOVA }) : refuse('EOVERFLOW');
  if (length === 0n) return refuse('EINVAL');
  const range = { start: iova, last: iova + length - 1n };
  if (overflows(range.last)) return refuse('EOVERFLOW');
  const ends = range.start | (range.last + 1n);
  if ((ends & (ioas.alignment - 1n)) !== 0n || page_size === 0n || (ends & (page_size - 1n)) !== 0n) return refuse('EINVAL');
  return kernel.hardened && (page_size & (page_size - 1n)) !== 0n ? refuse('EINVAL') : ok(range);
}

/** Area by area, up to the first hole, of which Linux says nothing. */
async function readRange(context: Context, hwpt: HwptPaging, fields: BitmapFields, { start, last }: IovaRange): Promise<Result<null>> {
  const { driver, hardened } = context.kernel;
  const clear = (fields.flags & DIRTY_BITMAP_NO_CLEAR) === 0;
  for (let at = start; at <= last;) {
    const area = overlapping(hwpt.ioas.areas, { start: at, last: at });
    if (area === undefined) return hardened ? refuse('EINVAL') : done;
    const end = last < area.last ? last : area.last;
    // Page by page of the hardware, so that a bit may stand for more than one area.
    const pageSize = leastPage(hwpt);
    const dirty = await driver.readAndClearDirty(hwpt.domain, { iova: at, size: end - at + 1n, pageSize, clear });
    if (!dirty.ok) return dirty;
    for (let page = 0n; page * pageSize <= end - at; page++) {
      if (!isSet(dirty.value, page)) continue;
      const marked = mark(context, fields, at + page * pageSize - start, pageSize);
      if (!marked.ok) return marked;
    }
    at = end + 1n;
  }
  return done;
}

const isSet = (bitmap: Uint8Array, bit: bigint): boolean => ((bitmap[Number(bit / 8n)] ?? 0) & (1 << Number(bit % 8n))) !== 0;

/** Sets the bits that stand for bytes of the range; those that are set stay set. `EFAULT`. */
function mark(context: Context, { data, page_size }: BitmapFields, offset: bigint, bytes: bigint): Result<null> {
  for (let bit = offset / page_size; bit <= (offset + bytes - 1n) / page_size; bit++) {
    const at = data + bit / 8n;
    const old = context.copyIn(at, 1);
    const marked = old.ok ? context.copyOut(at, Uint8Array.of(old.value[0]! | (1 << Number(bit % 8n)))) : old;
    if (!marked.ok) return marked;
  }
  return done;
}
