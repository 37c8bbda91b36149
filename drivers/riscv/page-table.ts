/**
 * The page table of one domain. Ranges that do not overlap are mapped on several CPUs at once without a lock: a table is put where
 * nothing was by comparing and exchanging, and taken away only with everything that can lie in it.
 */
import { ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { Mapping } from '#drivers/contract/iommu';
import {
  bytesAt,
  entriesAt,
  indexOf,
  isLeafSize,
  leafAt,
  leafEntry,
  meaningOf,
  rootOrder,
  tableEntry,
  topOf,
  type Meaning,
  type Scheme,
} from './page-table-format';

const ENTRY_BYTES = 8n;

/** One entry of a table, as it was read. */
interface Slot {
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
  /** What the entry was. */
  readonly raw: bigint;
  readonly iova: bigint;
  /** That are not mapped any more. */
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

export class PageTable {
  readonly scheme: Scheme;
  /** Physical address. */
  readonly root: bigint;
  readonly #platform: Platform;
  readonly #domain: number;

  private constructor(platform: Platform, scheme: Scheme, domain: number, root: bigint) {
    this.#platform = platform;
    this.scheme = scheme;
    this.#domain = domain;
    this.root = root;
  }

  /** An empty table. `ENOMEM`. @param domain Handle of the domain whose pages they are. */
  static create(platform: Platform, scheme: Scheme, domain: number): Result<PageTable> {
    const root = platform.pageAlloc({ order: rootOrder(scheme), owner: { kind: 'domain', handle: domain }, kind: 'page-table' });
    return root.ok ? ok(new PageTable(platform, scheme, domain, root.value)) : root;
  }

  /** `EEXIST`: something is mapped there. `ENOMEM`. Refused, it may leave tables, and nothing in them. */
  map({ iova, pa, size, prot }: Mapping): Result<null> {
    const leaves: { readonly at: bigint; readonly raw: bigint }[] = [];
    // All of them are found before the first store: a device must not even for a moment get part of a mapping that is refused.
    for (let mapped = 0n; mapped < size;) {
      const slot = this.#slotFor(iova + mapped, pa + mapped, size - mapped);
      if (!slot.ok) return slot;
      leaves.push({ at: slot.value.at, raw: leafEntry(pa + mapped, prot) });
      mapped += bytesAt(slot.value.level);
    }
    for (const { at, raw } of leaves) this.#platform.write64(at, raw);
    this.#platform.barrier();
    return ok(null);
  }

  /**
   * Takes away what maps the range. A larger page that reaches beyond it is divided first; `short`: there was no memory to do so, and
   * nothing is taken away. Two calls must not do this at once, as what is divided may have to be joined again.
   */
  cut(iova: bigint, size: bigint): Cutting {
    const divided: Cut[] = [];
    for (const edge of [iova, iova + size]) if (!this.#divideAt(edge, divided).ok) return { divided, cuts: [], short: true };
    const cuts = [...this.#within(this.root, topOf(this.scheme), 0n, iova, iova + size)];
    for (const { at } of cuts) this.#platform.write64(at, 0n);
    this.#platform.barrier();
    return { divided, cuts, short: false };
  }

  /** Puts back what was cut, and joins what was divided. */
  restore({ divided, cuts }: Cutting): void {
    for (const { at, raw } of [...divided, ...cuts].reverse()) this.#platform.write64(at, raw);
    this.#platform.barrier();
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

  /** Gives every page back. Nothing may lead here any more. */
  release(): void {
    this.#release(this.root, topOf(this.scheme));
  }

  /** The empty entry for the largest leaf that begins a mapping, with tables built down to it. `EEXIST`, `ENOMEM`. */
  #slotFor(iova: bigint, pa: bigint, size: bigint): Result<Slot> {
    let slot = this.#slot(this.root, topOf(this.scheme), iova);
    while (slot.meaning.kind === 'table' || !isLeafSize(slot.level, iova, pa, size)) {
      if (slot.meaning.kind === 'leaf') return refuse('EEXIST');
      const table = slot.meaning.kind === 'table' ? ok(slot.meaning.pa) : this.#install(slot, () => 0n);
      if (!table.ok) return table;
      slot = this.#slot(table.value, slot.level - 1, iova);
    }
    return slot.meaning.kind === 'none' ? ok(slot) : refuse('EEXIST');
  }

  /**
   * Makes a leaf that begins before an address and ends after it into smaller ones, which map the same. `ENOMEM`.
   * @spec RISCV-IOMMU "Accessed (A)/Dirty (D) bit updates and page promotions"
   */
  #divideAt(edge: bigint, divided: Cut[]): Result<null> {
    for (let slot = this.#descend(edge); slot.meaning.kind === 'leaf' && slot.iova !== edge; slot = this.#descend(edge)) {
      const { at, raw, iova, level } = slot;
      const { pa } = slot.meaning;
      const table = this.#install(slot, (index) => leafAt(raw, pa + BigInt(index) * bytesAt(level - 1)));
      if (!table.ok) return table;
      divided.push({ at, raw, iova, bytes: 0n, table: { pa: table.value, level: level - 1 } });
    }
    return ok(null);
  }

  /** Puts a table in the place of an entry. @returns The table that is there: another call may have been first. */
  #install({ at, raw }: Slot, entry: (index: number) => bigint): Result<bigint> {
    const page = this.#platform.pageAlloc({ order: 0, owner: { kind: 'domain', handle: this.#domain }, kind: 'page-table' });
    if (!page.ok) return page;
    this.#fill(page.value, entry);
    const found = this.#platform.cmpxchg64(at, raw, tableEntry(page.value));
    if (found === raw) return page;
    this.#platform.pageFree(page.value, 0);
    const other = meaningOf(found);
    return other.kind === 'table' ? ok(other.pa) : refuse('EEXIST');
  }

  /** The hardware must not find in a table what was in its page before. */
  #fill(table: bigint, entry: (index: number) => bigint): void {
    for (let index = 0; index < entriesAt(this.scheme, 0); index++) {
      const raw = entry(index);
      if (raw !== 0n) this.#platform.write64(table + BigInt(index) * ENTRY_BYTES, raw);
    }
    this.#platform.barrier();
  }

  /** The highest entries that have nothing but the range `[from, end)` below them; the root itself stays. */
  *#within(table: bigint, level: number, start: bigint, from: bigint, end: bigint): Iterable<Cut> {
    for (const slot of this.#slots(table, level, start, from, end)) {
      const { at, raw, iova, meaning } = slot;
      if (meaning.kind === 'none') continue;
      const isInside = from <= iova && iova + bytesAt(level) <= end;
      if (meaning.kind === 'leaf') yield { at, raw, iova, bytes: bytesAt(level) };
      else if (!isInside) yield* this.#within(meaning.pa, level - 1, iova, from, end);
      else yield { at, raw, iova, bytes: this.#mappedBy(meaning.pa, level - 1, iova), table: { pa: meaning.pa, level: level - 1 } };
    }
  }

  /** The entries of a table for `[from, end)`. @param start First address that the table is for. */
  *#slots(table: bigint, level: number, start: bigint, from: bigint, end: bigint): Iterable<Slot> {
    const last = start + BigInt(entriesAt(this.scheme, level)) * bytesAt(level);
    const first = from > start ? from - (from % bytesAt(level)) : start;
    for (let iova = first; iova < end && iova < last; iova += bytesAt(level)) yield this.#slot(table, level, iova);
  }

  /** Bytes that a table maps. */
  #mappedBy(table: bigint, level: number, start: bigint): bigint {
    const end = start + BigInt(entriesAt(this.scheme, level)) * bytesAt(level);
    return [...this.#within(table, level, start, start, end)].reduce((sum, { bytes }) => sum + bytes, 0n);
  }

  #release(table: bigint, level: number): void {
    const entries = level > 0 ? entriesAt(this.scheme, level) : 0;
    for (let index = 0; index < entries; index++) {
      const meaning = meaningOf(this.#platform.read64(table + BigInt(index) * ENTRY_BYTES));
      if (meaning.kind === 'table') this.#release(meaning.pa, level - 1);
    }
    this.#platform.pageFree(table, level === topOf(this.scheme) ? rootOrder(this.scheme) : 0);
  }

  /** The entry for an address that leads to no table. */
  #descend(iova: bigint): Slot {
    let slot = this.#slot(this.root, topOf(this.scheme), iova);
    while (slot.meaning.kind === 'table') slot = this.#slot(slot.meaning.pa, slot.level - 1, iova);
    return slot;
  }

  #slot(table: bigint, level: number, iova: bigint): Slot {
    const at = table + indexOf(this.scheme, level, iova) * ENTRY_BYTES;
    const raw = this.#platform.read64(at);
    return { at, level, iova: iova - (iova % bytesAt(level)), raw, meaning: meaningOf(raw) };
  }
}
