/** A guest that keeps a first stage in its own memory, at guest physical addresses that its nest parent maps. */
import { ALLOC_NEST_PARENT } from '#drivers/contract/iommu';
import { pageOf, pageOffset, PAGE_SIZE, wordOf } from '#hw-models/core/address';
import { hex } from '#hw-models/core/hex';
import { protection } from '../literals';
import type { Bench } from './bench';
import { NotTested } from './outcomes';
import { systemOf } from './systems/systems';

const INDEXES = 512n;

/** An entry of a guest's tables, with those above it. */
export interface GuestEntry {
  readonly iova: bigint;
  /** Undefined: it is cleared. */
  readonly gpa: bigint | undefined;
  /** Levels between it and the leaves: 1 for one that leads to a table of these. */
  readonly above: 0 | 1;
}

/** A word of a guest's tables. */
interface Stored {
  readonly gpa: bigint;
  readonly value: bigint;
}

/** Writes one entry, and those of the tables above it. */
export function guestMaps(bench: Bench, parent: string, entry: GuestEntry, tables: bigint): void {
  for (const { gpa, value } of storesFor(bench, entry, tables)) store(bench, parent, gpa, value);
}

/** What one entry takes, with those of the tables above it: each table is in the page after the one before, from `tables` on. */
export function storesFor(bench: Bench, { iova, gpa, above: last }: GuestEntry, tables: bigint): readonly Stored[] {
  const { levels, table, leaf } = systemOf(bench).guest;
  return Array.from({ length: levels - last }, (_none, index) => {
    const above = levels - 1 - index;
    const page = tables + BigInt(index) * PAGE_SIZE;
    const at = page + indexAt(iova, above) * 8n;
    if (above > last) return { gpa: at, value: table(pageOf(page) + 1) };
    return { gpa: at, value: gpa === undefined ? 0n : (last > 0 ? table : leaf)(pageOf(gpa)) };
  });
}

/** @param above Levels between the entry and the leaves. */
const indexAt = (iova: bigint, above: number): bigint => (iova / (PAGE_SIZE * INDEXES ** BigInt(above))) % INDEXES;

/** A store by the guest's processor, which sees what its nest parent maps. */
function store({ grants, machine }: Bench, parent: string, gpa: bigint, value: bigint): void {
  const frame = grants.domain(parent)?.space.at(pageOf(gpa));
  if (frame === undefined) throw new NotTested(`setup: the guest has no memory at GPA ${hex(gpa)}: ${parent} does not map it`);
  machine.write(wordOf(BigInt(frame) * PAGE_SIZE + BigInt(pageOffset(gpa))), value);
}

/** Where a guest that nobody says more about has its tables, and what they lead to. */
const TABLES = { gpa: 0x10_0000n, pa: 0x9010_0000n } as const;
const DATA = { gpa: 0x20_0000n, pa: 0x8000_0000n } as const;
const GUEST_BYTES = 0x1_0000n;
const FIRST_PAGE = 0x1000n;
const READ_WRITE = protection('read-write');

/** A nest parent with 64 KiB for the guest's tables and 64 KiB for its data, and tables that lead to the first page of these. */
export async function nestParentWithGuest(bench: Bench, parent: string, device: number, flags = ALLOC_NEST_PARENT): Promise<void> {
  await bench.does(undefined, 'alloc', parent, device, 'paging', flags);
  for (const { gpa, pa } of [TABLES, DATA]) await bench.does(undefined, 'map', parent, { iova: gpa, size: GUEST_BYTES }, pa, READ_WRITE);
  await bench.sets('guestMaps', parent, { iova: FIRST_PAGE, gpa: DATA.gpa, above: 0 }, TABLES.gpa);
}
