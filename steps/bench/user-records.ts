/** Records in user memory that features write and look at. */
import { IovaRange } from '#drivers/contract/uapi-iommufd';
import { PageResponseRecord, Pgfault, VeventHeader } from '#drivers/contract/uapi-iommufd-values';
import { bits, word, type AnyLayout } from '#hw-models/core/bits';

/** A part of the bitmap that IOMMU_HWPT_GET_DIRTY_BITMAP fills. */
export const Bitmap = word(64, 'bitmap', { bits: bits(63, 0) });

/** By name. */
export const RECORDS: Readonly<Record<string, AnyLayout>> = Object.fromEntries(
  [IovaRange, Pgfault, PageResponseRecord, VeventHeader, Bitmap].map((layout) => [layout.name, layout]),
);
export const RECORD_NAMES: readonly string[] = Object.keys(RECORDS);
