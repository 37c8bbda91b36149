/**
 * The page table of one domain, in the format that it is given. Ranges that do not overlap are mapped on several CPUs at once without a lock: a table is put where
 * nothing was by comparing and exchanging, and taken away only with everything that can lie in it.
 */
import { ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { Mapping, Protection } from '#drivers/contract/iommu';

/** What an entry is. */
export type Meaning = { readonly kind: 'none' } | { readonly kind: 'table' | 'leaf'; readonly pa: bigint };

/** How the entries of a table are written and read. Level 0 is the level of 4 KiB leaves. */
export interface TableFormat {
  /** Level of the root. */
  readonly top: number;
  /** log2 of the pages of the root. */
  readonly rootOrder: number;
  entriesAt(level: number): number;
  /** Whether a leaf of the level fits at the start of a mapping. */
  isLeafSize(level: number, iova: bigint, pa: bigint, size: bigint): boolean;
  /** What an entry says that this driver wrote. */
  meaningOf(raw: bigint, level: number): Meaning;
  tableEntry(pa: bigint): bigint;
  leafEntry(pa: bigint, prot: Protection, level: number): bigint;
  /** The same leaf elsewhere, or on another level. */
  leafAt(leaf: bigint, pa: bigint, level: number): bigint;
  /** A leaf that is put back after it, or what it was divided into, was used for a while. Left out: as it was. */
  restored?(leaf: bigint): bigint;
}

/** Where tables lie. */
export type TableMemory = Pick<
  Platform,
  'read64' | 'write64' | 'cmpxchg64' | 'fetchAnd64' | 'fetchOr64' | 'barrier' | 'pageAlloc' | 'pageFree'
>;

const BYTES = [0, 1, 2, 3, 4].map((level) => 4096n * 512n ** BigInt(level));

/** Bytes that an entry of a level maps. */
export const bytesAt = (level: number): bigint => BYTES[level]!;

const ENTRY_BYTES = 8n;

/** One entry of a table, as it was read. */
export interface Slot {
  readonly at: bigint;
  readonly level: number;
  /** First address that the entry is for. */
  readonly iova: bigint;
  readonly raw: bigint;
  readonly meaning: Meaning;
}

/** An entry that was taken away with all below it, or a leaf that was divided. */
export interface Cut {
  readonly at: bigint;
  /** What is put there to undo it. */
  readonly raw: bigint;
  readonly iova: bigint;
  /** Bytes that it is for. */
  readonly span: bigint;
  /** Those that are not mapped any more. */
  readonly bytes: bigint;
  /** The table that it led to, or that the leaf was divided into. */
  readonly table?: { readonly pa: bigint; readonly level: number };
}

/** What became of a range that was to be taken away. */
export interface Cutting {
  readonly cuts: readonly Cut[];
  readonly divided: readonly Cut[];
  readonly short: boolean;
}

export class PageTable<Format extends TableFormat = TableFormat> {
  readonly format: Format;
  /** Physical address. */
  readonly root: bigint;
  readonly #memory: TableMemory;
  readonly #domain: number;

  private constructor(memory: TableMemory, format: Format, domain: number, root: bigint) {
    this.#memory = memory;
    this.format = format;
    this.#domain = domain;
    this.root = root;
  }

  /** An empty table. `ENOMEM`. @param domain Handle of the domain whose pages they are. */
  static create<Format extends TableFormat>(memory: TableMemory, format: Format, domain: number): Result<PageTable<Format>> {
    const root = memory.pageAlloc({ order: format.rootOrder, owner: { kind: 'domain', handle: domain }, kind: 'page-table' });
    return root.ok ? ok(new PageTable(memory, format, domain, root.value)) : root;
  }

  /** `EEXIST`: something is mapped there. `ENOMEM`. Refused, it may leave tables, and nothing in them. */
  map({ iova, pa, size, prot }: Mapping): Result<null> {
    const leaves: { readonly at: bigint; readonly raw: bigint }[] = [];
    // All of them are found before the first store: a device must not even for a moment get part of a mapping that is refused.
    for (let mapped = 0n; mapped < size;) {
      const slot = this.#slotFor(iova + mapped, pa + mapped, size - mapped);
      if (!slot.ok) return slot;
      leaves.push({ at: slot.value.at, raw: this.format.leafEntry(pa + mapped, prot, slot.value.level) });
      mapped += bytesAt(slot.value.level);
    }
    for (const { at, raw } of leaves) this.#memory.write64(at, raw);
    this.#memory.barrier();
    return ok(null);
  }

  /**
   * Takes away what maps the range. A larger page that reaches beyond it is divided first; `short`: there was no memory to do so, and
   * nothing is taken away. Two calls must not do this at once, as what is divided may have to be joined again.
   */
  cut(iova: bigint, size: bigint): Cutting {
    const divided: Cut[] = [];
    for (const edge of [iova, iova + size]) if (!this.#divideAt(edge, divided).ok) return { divided, cuts: [], short: true };
    const cuts = [...this.#within(this.root, this.format.top, 0n, iova, iova + size)];
    for (const { at } of cuts) this.#memory.write64(at, 0n);
    this.#memory.barrier();
    return { divided, cuts, short: false };
  }

  /** Puts back what was cut, and joins what was divided. */
  restore({ divided, cuts }: Cutting): void {
    for (const { at, raw } of [...divided, ...cuts].reverse()) this.#memory.write64(at, raw);
    this.#memory.barrier();
  }

  /** Gives back the tables of entries that are not there any more. Nothing may lead to them. */
  discard(cuts: readonly Cut[]): void {
    for (const { table } of cuts) if (table !== undefined) this.#release(table.pa, table.level);
  }

  /** `ENOENT`: not mapped. */
  phys(iova: bigint): Result<bigint> {
    const { level, meaning } = this.#descend(iova);
    return meaning.kind === 'leaf' ? ok(meaning.pa + (iova % bytesAt(level))) : refuse('ENOENT');
  }

  /** The leaves that map something of a range. */
  *leaves(iova: bigint, size: bigint): Iterable<Slot> {
    yield* this.#leavesOf(this.root, this.format.top, 0n, iova, iova + size);
  }

  /** Gives every page back. Nothing may lead here any more. */
  release(): void {
    this.#release(this.root, this.format.top);
  }

  /** The empty entry for the largest leaf that begins a mapping, with tables built down to it. `EEXIST`, `ENOMEM`. */
  #slotFor(iova: bigint, pa: bigint, size: bigint): Result<Slot> {
    let slot = this.#slot(this.root, this.format.top, iova);
    while (slot.meaning.kind === 'table' || !this.format.isLeafSize(slot.level, iova, pa, size)) {
      if (slot.meaning.kind === 'leaf') return refuse('EEXIST');
      const table = slot.meaning.kind === 'table' ? ok(slot.meaning.pa) : this.#install(slot, () => 0n);
      if (!table.ok) return table;
      slot = this.#slot(table.value, slot.level - 1, iova);
    }
    return slot.meaning.kind === 'none' ? ok(slot) : refuse('EEXIST');
  }

  /**
   * Makes a leaf that begins before an address and ends after it into smaller ones, which map the same. `ENOMEM`.
   */
  #divideAt(edge: bigint, divided: Cut[]): Result<null> {
    for (let slot = this.#descend(edge); slot.meaning.kind === 'leaf' && slot.iova !== edge; slot = this.#descend(edge)) {
      const { at, raw, iova, level } = slot;
      const { pa } = slot.meaning;
      const table = this.#install(slot, (index) => this.format.leafAt(raw, pa + BigInt(index) * bytesAt(level - 1), level - 1));
      // The hardware has noted an access meanwhile: the leaf is another.
      if (!table.ok && table.errno === 'EEXIST') continue;
      if (!table.ok) return table;
      divided.push({ at, raw: this.#restored(raw), iova, span: bytesAt(level), bytes: 0n, table: { pa: table.value, level: level - 1 } });
    }
    return ok(null);
  }

  /** Puts a table in the place of an entry. @returns The table that is there: another call may have been first. */
  #install({ at, raw, level }: Slot, entry: (index: number) => bigint): Result<bigint> {
    const page = this.#memory.pageAlloc({ order: 0, owner: { kind: 'domain', handle: this.#domain }, kind: 'page-table' });
    if (!page.ok) return page;
    this.#fill(page.value, entry);
    const found = this.#memory.cmpxchg64(at, raw, this.format.tableEntry(page.value));
    if (found === raw) return page;
    this.#memory.pageFree(page.value, 0);
    const other = this.format.meaningOf(found, level);
    return other.kind === 'table' ? ok(other.pa) : refuse('EEXIST');
  }

  /** The hardware must not find in a table what was in its page before. */
  #fill(table: bigint, entry: (index: number) => bigint): void {
    for (let index = 0; index < this.format.entriesAt(0); index++) {
      const raw = entry(index);
      if (raw !== 0n) this.#memory.write64(table + BigInt(index) * ENTRY_BYTES, raw);
    }
    this.#memory.barrier();
  }

  /** The highest entries that have nothing but the range `[from, end)` below them; the root itself stays. */
  *#within(table: bigint, level: number, start: bigint, from: bigint, end: bigint): Iterable<Cut> {
    for (const slot of this.#slots(table, level, start, from, end)) {
      const { at, raw, iova, meaning } = slot;
      if (meaning.kind === 'none') continue;
      const isInside = from <= iova && iova + bytesAt(level) <= end;
      if (meaning.kind === 'leaf') yield { at, raw: this.#restored(raw), iova, span: bytesAt(level), bytes: bytesAt(level) };
      else if (!isInside) yield* this.#within(meaning.pa, level - 1, iova, from, end);
      else
        yield {
          at,
          raw,
          iova,
          span: bytesAt(level),
          bytes: this.#mappedBy(meaning.pa, level - 1, iova),
          table: { pa: meaning.pa, level: level - 1 },
        };
    }
  }

  *#leavesOf(table: bigint, level: number, start: bigint, from: bigint, end: bigint): Iterable<Slot> {
    for (const slot of this.#slots(table, level, start, from, end)) {
      if (slot.meaning.kind === 'table') yield* this.#leavesOf(slot.meaning.pa, level - 1, slot.iova, from, end);
      else if (slot.meaning.kind === 'leaf') yield slot;
    }
  }

  #restored(leaf: bigint): bigint {
    return this.format.restored?.(leaf) ?? leaf;
  }

  /** The entries of a table for `[from, end)`. @param start First address that the table is for. */
  *#slots(table: bigint, level: number, start: bigint, from: bigint, end: bigint): Iterable<Slot> {
    const last = start + BigInt(this.format.entriesAt(level)) * bytesAt(level);
    const first = from > start ? from - (from % bytesAt(level)) : start;
    for (let iova = first; iova < end && iova < last; iova += bytesAt(level)) yield this.#slot(table, level, iova);
  }

  /** Bytes that a table maps. */
  #mappedBy(table: bigint, level: number, start: bigint): bigint {
    const end = start + BigInt(this.format.entriesAt(level)) * bytesAt(level);
    return [...this.#within(table, level, start, start, end)].reduce((sum, { bytes }) => sum + bytes, 0n);
  }

  #release(table: bigint, level: number): void {
    const entries = level > 0 ? this.format.entriesAt(level) : 0;
    for (let index = 0; index < entries; index++) {
      const meaning = this.format.meaningOf(this.#memory.read64(table + BigInt(index) * ENTRY_BYTES), level);
      if (meaning.kind === 'table') this.#release(meaning.pa, level - 1);
    }
    this.#memory.pageFree(table, level === this.format.top ? this.format.rootOrder : 0);
  }

  /** The entry for an address that leads to no table. */
  #descend(iova: bigint): Slot {
    let slot = this.#slot(this.root, this.format.top, iova);
    while (slot.meaning.kind === 'table') slot = this.#slot(slot.meaning.pa, slot.level - 1, iova);
    return slot;
  }

  #slot(table: bigint, level: number, iova: bigint): Slot {
    const at = table + ((iova / bytesAt(level)) % BigInt(this.format.entriesAt(level))) * ENTRY_BYTES;
    const raw = this.#memory.read64(at);
    return { at, level, iova: iova - (iova % bytesAt(level)), raw, meaning: this.format.meaningOf(raw, level) };
  }
}
