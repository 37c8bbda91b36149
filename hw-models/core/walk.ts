/**
 * One page-walk engine; a format is a chain of levels, and a level is data plus a decoder of one 8-byte entry.
 *
 * Pages are 4 KiB frame numbers and words are PA / 8, both exact in a `number`; see docs/decisions on word sizes.
 */

/** Bits of what an entry lets a device do. */
export const READ = 1;
export const WRITE = 2;
export const EXECUTE = 4;
/** Limits of EXECUTE to accesses of one privilege; no rights of their own. */
export const PRIVILEGED_ONLY = 8;
export const UNPRIVILEGED_ONLY = 16;

/** The rights in a protection, without their limits. */
export const rightsOf = (prot: number): number => prot & (READ | WRITE | EXECUTE);

/** What one table entry refers to. */
export type Entry =
  | { readonly kind: 'none'; /** As the architecture names the fault. */ readonly cause: string }
  | { readonly kind: 'table'; readonly table: TableAt }
  | LeafEntry;

export interface LeafEntry {
  readonly kind: 'page';
  /** First output frame. */
  readonly page: number;
  /**
   * log2 of the bytes mapped, at least 12. More than an entry of its level maps when a cache may hold the leaf as one with its
   * neighbours: then `page` is the first output frame of the aligned group.
   */
  readonly sizeLog2: number;
  /** READ, WRITE and EXECUTE, and limits of the last. */
  readonly prot: number;
  /** `ACCESS_PENDING` and `DIRTY_PENDING`: what the hardware has to set in the entry itself. */
  readonly pending?: number;
  /** The level whose entry it is, where invalidations select by level. */
  readonly level?: Level;
  /** What else the entry says of accesses, numbered by its format: who may make them, their memory type. */
  readonly attributes?: number;
}

/** The access flag has to be set before any use of the entry. */
export const ACCESS_PENDING = 1;
/** The dirty state has to be set before a write. */
export const DIRTY_PENDING = 2;

/**
 * The protection that a stale copy of a leaf still gives: what needs an update of the entry looks at memory first, and finds the
 * entry gone.
 * @spec ARM-ARM "Hardware management of the Access flag" and "Hardware management of the dirty state"
 */
export function staleProt({ prot, pending = 0 }: LeafEntry): number {
  if ((pending & ACCESS_PENDING) !== 0) return 0;
  return (pending & DIRTY_PENDING) === 0 ? prot : prot & ~WRITE;
}

/** Where a table lies. */
export interface TableAt {
  readonly word: number;
  readonly entries: number;
  readonly level: Level;
}

export interface Level {
  /** For reports: "stage 2 level 1 (4K)". */
  readonly name: string;
  /** log2 of the bytes that one entry maps, at least 12. */
  readonly shift: number;
  /** Adjacent entries that a leaf may say a cache can hold as one; a power of two, 1 when absent. */
  readonly joined?: number;
  /** @param low Bits 31:0 of the entry. @param high Bits 63:32. */
  decode(low: number, high: number): Entry;
}

/** Reads one entry of a table; the caches of a model stand behind it. */
export interface EntryReader {
  low(word: number): number;
  high(word: number): number;
}

/** How a walk ended: at a leaf, or at an entry that leads nowhere. */
export interface Walked {
  readonly entry: Exclude<Entry, { kind: 'table' }>;
  /** The last entry read. */
  readonly word: number;
  readonly level: Level;
}

/** Walks from `table` for the input frame `page`, which the caller has checked against the input size. */
export function walk(table: TableAt, page: number, reader: EntryReader): Walked {
  let { word: base, level, entries } = table;
  for (;;) {
    const word = base + remainder(Math.floor(page / framesOf(level.shift)), entries);
    const entry = level.decode(reader.low(word), reader.high(word));
    if (entry.kind !== 'table') return { entry, word, level };
    ({ word: base, level, entries } = entry.table);
  }
}

/** Frames that a leaf or an entry of a level maps. */
export const framesOf = (sizeLog2: number): number => FRAMES[sizeLog2 - 12]!;
// A look-up is several times faster than a power, and a division than the remainder of numbers beyond 32 bits.
const FRAMES: readonly number[] = Array.from({ length: 53 }, (_, log2) => 2 ** log2);
const remainder = (value: number, powerOfTwo: number): number => value - Math.floor(value / powerOfTwo) * powerOfTwo;

/** The first input frame that `leaf` maps, given one that it does. */
export const firstOf = (leaf: LeafEntry, page: number): number => page - remainder(page, framesOf(leaf.sizeLog2));

/** The output frame for input frame `page` through `leaf`. */
export const frameAt = (leaf: LeafEntry, page: number): number => leaf.page + remainder(page, framesOf(leaf.sizeLog2));

/** Frames that 64 bits of address have: the last ones are those of negative addresses. */
const ALL_FRAMES = 2 ** 52;

/**
 * The frame that tables are indexed with whose input is signed: without the copies of the sign. Undefined where they are no copies.
 * @param endFrame Frames of the input range.
 */
export function canonicalFrame(endFrame: number, frame: number): number | undefined {
  const half = endFrame / 2;
  if (frame < half) return frame;
  return frame >= ALL_FRAMES - half ? frame - (ALL_FRAMES - endFrame) : undefined;
}

/** `rw-`, as reports show it. */
export const showProt = (prot: number): string => `${prot & READ ? 'r' : '-'}${prot & WRITE ? 'w' : '-'}${prot & EXECUTE ? 'x' : '-'}`;
