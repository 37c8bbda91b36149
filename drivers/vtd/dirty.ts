/** Which pages of a domain were written to, as the leaves of its table have it noted. */
import { ok, refuse, type Result } from '#drivers/contract/driver';
import type { DirtyRange } from '#drivers/contract/iommu';
import { bytesAt, type Slot } from '#drivers/parts/page-table';
import type { TableMemory } from '#drivers/parts/page-table';
import type { Devices } from './devices';
import { DIRTY } from './page-table-format';
import type { PagingDomain } from './paging-domain';

const BITS_PER_BYTE = 8;

/** In every entry that leads to the table, through a guest's first stage or not; or in none. `EOPNOTSUPP`. */
export function track(devices: Devices, domain: PagingDomain, enable: boolean): Result<null> {
  if (!domain.purpose.hasDirty) return refuse('EOPNOTSUPP');
  return devices.locked(() => {
    const before = domain.notesDirty;
    domain.notesDirty = enable;
    const refreshed = devices.refresh(domain.users);
    if (!refreshed.ok) domain.notesDirty = before;
    return refreshed;
  });
}

/** What is cleared, caches are told: until then they would not note it again. Refused, it is noted as before. */
export function readAndClear(memory: TableMemory, domain: PagingDomain, range: DirtyRange): Result<Uint8Array> {
  const { iova, size, pageSize, clear } = range;
  if (!domain.purpose.hasDirty) return refuse('EOPNOTSUPP');
  if (!domain.isRange(iova, size) || pageSize <= 0n || iova % pageSize !== 0n) return refuse('EINVAL');
  const pages = (size + pageSize - 1n) / pageSize;
  const bitmap = new Uint8Array(Number((pages + 7n) / BigInt(BITS_PER_BYTE)));
  const dirty = [...domain.table.leaves(iova, size)].filter(({ raw }) => (raw & DIRTY) !== 0n);
  for (const leaf of dirty) note(bitmap, leaf, range);
  if (!clear || dirty.length === 0) return ok(bitmap);
  for (const { at } of dirty) memory.fetchAnd64(at, ~DIRTY & ALL);
  memory.barrier();
  const flushed = domain.flush({ start: iova, last: iova + size - 1n, leafOnly: true });
  if (flushed.ok) return ok(bitmap);
  for (const { at } of dirty) memory.fetchOr64(at, DIRTY);
  memory.barrier();
  return flushed;
}

const ALL = 2n ** 64n - 1n;

/** A leaf says so for every page of it that the range has. */
function note(bitmap: Uint8Array, { iova, level }: Slot, range: DirtyRange): void {
  const start = iova > range.iova ? iova : range.iova;
  const end = iova + bytesAt(level) < range.iova + range.size ? iova + bytesAt(level) : range.iova + range.size;
  for (let page = (start - range.iova) / range.pageSize; page * range.pageSize + range.iova < end; page++) {
    const index = Number(page);
    bitmap[Math.floor(index / BITS_PER_BYTE)]! |= 2 ** (index % BITS_PER_BYTE);
  }
}
