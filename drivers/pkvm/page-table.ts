/**
 * The stage-2 page table of one domain. Its root is the host's page, given for the purpose; its other tables come from the memcache and
 * go back only when no cache of the SMMU can lead there. Pages of the host are marked while they are mapped, and the mark is taken back
 * only when no endpoint reaches them.
 */
import { ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { LookupLevel } from '#hw-models/smmu-v3/tables';
import type { Invalidations } from './invalidations';
import type { Mapping } from './operations';
import {
  entriesAt,
  indexOf,
  leafDescriptor,
  levelOf,
  meaningOf,
  shiftOf,
  tableDescriptor,
  type Format,
  type Meaning,
} from './page-table-format';
import type { TablePages } from './table-pages';
import type { WalkerMemory } from './walker-memory';

/** Leaves that are invalidated together. */
const BATCH = 64;
const ENTRY_BYTES = 8n;
const LAST_LEVEL = 3;

/** What a page table stands in. */
export interface PageTableParts {
  readonly platform: Platform;
  readonly memory: WalkerMemory;
  readonly pages: TablePages;
  readonly format: Format;
  readonly invalidations: Invalidations;
  /** What the caches tag the table with. */
  readonly vmid: number;
}

/** One entry of a table, as it was read. */
interface Slot {
  readonly at: bigint;
  readonly level: LookupLevel;
  readonly raw: bigint;
  readonly meaning: Meaning;
}

/** A leaf, and the range that it maps. */
interface Leaf {
  readonly at: bigint;
  readonly raw: bigint;
  readonly iova: bigint;
  readonly pa: bigint;
  readonly bytes: bigint;
}

export class PageTable {
  readonly #parts: PageTableParts;
  readonly #root: bigint;

  /** @param root Physical address. */
  constructor(parts: PageTableParts, root: bigint) {
    this.#parts = parts;
    this.#root = root;
  }

  /**
   * Maps page by page. @returns Bytes mapped: fewer than asked for when a table page is missing, or a block after the first cannot be
   * mapped. On any refusal nothing is mapped that was not before. `EEXIST`: something is; `EPERM`, `EINVAL`: not a page that the host may
   * let its devices reach.
   */
  map({ iova, pa, pageSize, pageCount, prot }: Mapping): Result<bigint> {
    const level = levelOf(this.#parts.format, pageSize);
    if (level === undefined) return refuse('EINVAL');
    const size = pageSize * pageCount;
    // Before the first store: a device must not even for a moment get part of a mapping that is refused.
    if (!this.#isFree(iova, size, level)) return refuse('EEXIST');
    for (let done = 0n; done < size; done += pageSize) {
      const mapped = this.#mapOne(iova + done, pa + done, level, prot);
      if (mapped.ok) continue;
      this.#parts.memory.order();
      // Blocks that are there may have taken the place of empty tables, which are not had back.
      const isForGood = level < LAST_LEVEL && done > 0n;
      if (mapped.errno === 'ENOMEM' || isForGood) return ok(done);
      this.unmap(iova, done);
      return mapped;
    }
    this.#parts.memory.order();
    return ok(size);
  }

  /**
   * Unmaps from `iova` on, up to the first address that is not mapped or the first leaf that reaches beyond the range.
   * @returns Bytes unmapped. Refuses, with the leaves as they were, when the SMMU does not answer at all.
   */
  unmap(iova: bigint, size: bigint): Result<bigint> {
    const end = iova + size;
    for (let at = iova; at < end;) {
      const batch = this.#leaves(at, end);
      for (const leaf of batch) this.#parts.memory.write(leaf.at, 0n);
      const forgotten = batch.length === 0 ? ok(null) : this.#forget(batch);
      if (!forgotten.ok) {
        for (const leaf of batch) this.#parts.memory.write(leaf.at, leaf.raw);
        this.#parts.memory.order();
        return at === iova ? forgotten : ok(at - iova);
      }
      for (const { pa, bytes } of batch) this.#unmark(pa, bytes);
      at = batch.reduce((next, { bytes }) => next + bytes, at);
      if (batch.length < BATCH) return ok(at - iova);
    }
    return ok(size);
  }

  /** `ENOENT`: not mapped. */
  phys(iova: bigint): Result<bigint> {
    const { level, meaning } = this.#descend(iova, LAST_LEVEL);
    if (meaning.kind !== 'leaf') return refuse('ENOENT');
    return ok(meaning.pa + (iova % this.#bytesAt(level)));
  }

  /** Gives all tables below the root back, and takes the marks of what is still mapped. Nothing may lead here any more. */
  release(): void {
    this.#releaseBelow(this.#root, this.#parts.format.startLevel);
  }

  #mapOne(iova: bigint, pa: bigint, level: LookupLevel, prot: number): Result<null> {
    const { memory, format } = this.#parts;
    // First, since it may be refused: a table that made room is not had back.
    const marked = this.#mark(pa, this.#bytesAt(level));
    if (!marked.ok) return marked;
    const slot = this.#slotFor(iova, level);
    if (!slot.ok) {
      this.#unmark(pa, this.#bytesAt(level));
      return slot;
    }
    memory.write(slot.value, leafDescriptor(format, level, pa, prot));
    return ok(null);
  }

  /** Whether nothing is mapped in a range, so that leaves of `level` have room. */
  #isFree(iova: bigint, size: bigint, level: LookupLevel): boolean {
    for (let at = iova; at < iova + size;) {
      const { level: reached, meaning } = this.#descend(at, level);
      if (meaning.kind === 'leaf') return false;
      if (meaning.kind === 'table' && !this.#isEmpty(meaning.pa, (reached + 1) as LookupLevel)) return false;
      at += this.#bytesAt(reached) - (at % this.#bytesAt(reached));
    }
    return true;
  }

  /** The invalid entry for a leaf at `level`, with tables built down to it, where `#isFree` found room. `ENOMEM`. */
  #slotFor(iova: bigint, level: LookupLevel): Result<bigint> {
    let slot = this.#descend(iova, level);
    while (slot.level < level && slot.meaning.kind === 'invalid') {
      const table = this.#parts.pages.take();
      if (!table.ok) return table;
      // The SMMU must not find in the table what was in its page before.
      this.#parts.memory.order();
      this.#parts.memory.write(slot.at, tableDescriptor(this.#parts.format, table.value));
      slot = this.#slot(table.value, (slot.level + 1) as LookupLevel, iova);
    }
    return slot.meaning.kind === 'table' ? this.#removeTable(slot, slot.meaning.pa) : ok(slot.at);
  }

  /** A table of nothing makes room for a block: the entry is broken before it is made anew. */
  #removeTable(slot: Slot, table: bigint): Result<bigint> {
    this.#parts.memory.write(slot.at, 0n);
    const { invalidations, vmid } = this.#parts;
    const forgotten = invalidations.vmid(vmid);
    if (!forgotten.ok) {
      this.#parts.memory.write(slot.at, slot.raw);
      return forgotten;
    }
    this.#releaseBelow(table, (slot.level + 1) as LookupLevel);
    this.#parts.pages.give(table);
    return ok(slot.at);
  }

  /** The next leaves from `iova` on, without a gap and none beyond `end`. */
  #leaves(iova: bigint, end: bigint): Leaf[] {
    const found: Leaf[] = [];
    for (let at = iova; at < end && found.length < BATCH;) {
      const { at: where, level, raw, meaning } = this.#descend(at, LAST_LEVEL);
      const bytes = this.#bytesAt(level);
      if (meaning.kind !== 'leaf' || at % bytes !== 0n || at + bytes > end) break;
      found.push({ at: where, raw, iova: at, pa: meaning.pa, bytes });
      at += bytes;
    }
    return found;
  }

  /** The entry of `iova` at `lowest`, or the one above it that leads to no table. */
  #descend(iova: bigint, lowest: LookupLevel): Slot {
    let slot = this.#slot(this.#root, this.#parts.format.startLevel, iova);
    while (slot.level < lowest && slot.meaning.kind === 'table') slot = this.#slot(slot.meaning.pa, (slot.level + 1) as LookupLevel, iova);
    return slot;
  }

  #slot(table: bigint, level: LookupLevel, iova: bigint): Slot {
    const at = table + indexOf(this.#parts.format, level, iova) * ENTRY_BYTES;
    const raw = this.#parts.memory.read(at);
    return { at, level, raw, meaning: meaningOf(this.#parts.format, level, raw) };
  }

  #isEmpty(table: bigint, level: LookupLevel): boolean {
    return this.#entries(table, level).every(
      (meaning) => meaning.kind === 'table' && this.#isEmpty(meaning.pa, (level + 1) as LookupLevel),
    );
  }

  #releaseBelow(table: bigint, level: LookupLevel): void {
    for (const meaning of this.#entries(table, level)) {
      if (meaning.kind === 'leaf') this.#unmark(meaning.pa, this.#bytesAt(level));
      if (meaning.kind !== 'table') continue;
      this.#releaseBelow(meaning.pa, (level + 1) as LookupLevel);
      this.#parts.pages.give(meaning.pa);
    }
  }

  /** What the valid entries of a table mean. */
  #entries(table: bigint, level: LookupLevel): Meaning[] {
    const { format, memory } = this.#parts;
    const found: Meaning[] = [];
    for (let index = 0; index < entriesAt(format, level); index++) {
      const meaning = meaningOf(format, level, memory.read(table + BigInt(index) * ENTRY_BYTES));
      if (meaning.kind !== 'invalid') found.push(meaning);
    }
    return found;
  }

  #forget(leaves: readonly Leaf[]): Result<null> {
    const { invalidations, vmid } = this.#parts;
    return invalidations.leaves(
      vmid,
      leaves.map(({ iova }) => iova),
    );
  }

  #mark(pa: bigint, bytes: bigint): Result<null> {
    return this.#parts.platform.hostShareDma(...this.#hostPages(pa, bytes));
  }

  #unmark(pa: bigint, bytes: bigint): void {
    this.#parts.platform.hostUnshareDma(...this.#hostPages(pa, bytes));
  }

  /** The pages of the hypervisor that `[pa, pa + bytes)` touches: one when a leaf is smaller. */
  #hostPages(pa: bigint, bytes: bigint): [pfn: number, pages: number] {
    const pageBytes = BigInt(this.#parts.platform.hypPageBytes());
    return [Number(pa / pageBytes), Math.max(1, Number(bytes / pageBytes))];
  }

  #bytesAt(level: LookupLevel): bigint {
    return 1n << BigInt(shiftOf(this.#parts.format, level));
  }
}
