/** A guest that keeps a first stage in its own memory: Sv39, at guest physical addresses that its nest parent maps. */
import { ALLOC_NEST_PARENT } from '#drivers/contract/iommu';
import { pageOf, pageOffset, PAGE_SIZE, wordOf } from '#hw-models/core/address';
import { hex } from '#hw-models/core/hex';
import { Pte, SCHEMES } from '#hw-models/riscv-iommu/tables';
import { protection } from '../literals';
import type { Bench } from './bench';
import { NotTested } from './outcomes';

const { levels } = SCHEMES.Sv39;
const INDEXES = 512n;

/** A leaf that every access of a user may use. */
const LEAF = { V: true, R: true, W: true, X: true, U: true, A: true, D: true } as const;

/**
 * Writes one leaf of 4 KiB, and the tables above it: each in the page after the one before, from `tables` on. @param gpa Undefined: the
 * leaf is cleared.
 */
export function guestMaps(bench: Bench, parent: string, iova: bigint, gpa: bigint | undefined, tables: bigint): void {
  for (let level = 0; level < levels; level++) {
    const at = tables + BigInt(level) * PAGE_SIZE + indexAt(iova, level) * 8n;
    if (level < levels - 1) store(bench, parent, at, Pte.encode({ V: true, PPN: pageOf(tables) + level + 1 }));
    else store(bench, parent, at, gpa === undefined ? 0n : Pte.encode({ ...LEAF, PPN: pageOf(gpa) }));
  }
}

const indexAt = (iova: bigint, level: number): bigint => (iova / (PAGE_SIZE * INDEXES ** BigInt(levels - 1 - level))) % INDEXES;

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
export async function nestParentWithGuest(bench: Bench, parent: string, device: number): Promise<void> {
  await bench.does(undefined, 'alloc', parent, device, 'paging', ALLOC_NEST_PARENT);
  for (const { gpa, pa } of [TABLES, DATA]) await bench.does(undefined, 'map', parent, { iova: gpa, size: GUEST_BYTES }, pa, READ_WRITE);
  await bench.sets('guestMaps', parent, FIRST_PAGE, DATA.gpa, TABLES.gpa);
}
