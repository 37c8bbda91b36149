/** What a guest asks to have forgotten, entry by entry. */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { Invalidated, InvalidationArray } from '#drivers/contract/iommu';
import { HwptVtdS1Invalidate, INVALIDATE_DATA, VTD_INV_FLAGS_LEAF } from '#drivers/contract/uapi';
import type { Extent } from './flushes';
import { numberOf } from './guest-data';
import type { NestedDomain } from './nested-domain';

const PAGE = 4096n;
/** As many pages are all of them. */
const EVERYTHING = 2n ** 64n - 1n;
const ADDRESSES = 2n ** 64n;
const ENTRY_BYTES = HwptVtdS1Invalidate.width / 8;

/** Ranges that are dropped together. With few devices one wait of the queue is for all of them. */
const BATCH = 128;

/** `EINVAL`: no such type or length of entries. `EFAULT`: the first entry cannot be read. Entries that are counted are complete. */
export function invalidate(platform: Platform, domain: NestedDomain, array: InvalidationArray): Result<Invalidated> {
  const { type, address, entryLength, entries } = array;
  if (type !== INVALIDATE_DATA.VTD_S1) return refuse('EINVAL');
  // Somebody asks whether the type is known.
  if (entries === 0) return ok({ handled: 0 });
  if (entryLength !== ENTRY_BYTES) return refuse('EINVAL');
  const ranges: Extent[] = [];
  let complete = 0;
  for (let handled = 0; handled < entries; handled++) {
    const copied = platform.copyIn(address + BigInt(handled * ENTRY_BYTES), ENTRY_BYTES);
    if (!copied.ok && handled === 0) return copied;
    const carriedOut = copied.ok ? carryOut(domain, numberOf(copied.value), ranges) : copied;
    if (!carriedOut.ok || ranges.length === BATCH || handled === entries - 1) {
      const dropped = drop(domain, ranges.splice(0));
      if (!dropped.ok) return ok({ handled: complete, errno: dropped.errno });
      complete = handled + 1;
    }
    if (!carriedOut.ok) return ok({ handled, errno: carriedOut.errno });
  }
  return ok({ handled: entries });
}

const drop = (domain: NestedDomain, ranges: readonly Extent[]): Result<null> => (ranges.length === 0 ? done : domain.flush(ranges));

/** `EOPNOTSUPP`: what has no meaning yet. `EINVAL`: no range. @param ranges Takes what is to be dropped with others. */
function carryOut(domain: NestedDomain, raw: bigint, ranges: Extent[]): Result<null> {
  const { flags, addr, npages } = HwptVtdS1Invalidate.of(raw);
  if ((flags !== 0 && flags !== VTD_INV_FLAGS_LEAF) || HwptVtdS1Invalidate.hasReserved(raw)) return refuse('EOPNOTSUPP');
  if (addr % PAGE !== 0n || (npages === EVERYTHING && addr !== 0n)) return refuse('EINVAL');
  if (npages === EVERYTHING) return domain.flush();
  if (npages === 0n || addr + npages * PAGE > ADDRESSES) return refuse('EINVAL');
  ranges.push({ start: addr, last: addr + npages * PAGE - 1n, leafOnly: flags === VTD_INV_FLAGS_LEAF });
  return done;
}
