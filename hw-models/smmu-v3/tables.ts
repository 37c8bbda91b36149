/**
 * VMSAv8-64 stage-2 translation tables: descriptors, and the geometry of the three granules as data.
 * Declared for DS = 0: addresses beyond 48 bits exist with the 64K granule only.
 */

import { bit, bits, reserved, uint, word } from '#hw-models/core/bits';

/** Sizes of a page, and so of a table. @spec SMMU-V3 "STE, Stream Table Entry" field S2TG */
export type Granule = '4K' | '16K' | '64K';

/** Lookup levels, 3 the last. */
export type LookupLevel = 0 | 1 | 2 | 3;

/** What the lowest two bits say, at any level. @spec ARM-ARM "Translation table descriptor formats" */
export const Stage2Descriptor = word(64, 'stage-2 descriptor', { rest: bits(63, 2), tableOrPage: bit(1), valid: bit(0) });

const tableTop = { rsv59: reserved(63, 59), ignored51: uint(58, 51), rsv48: reserved(50, 48) };
const tableLow = { ignored2: uint(11, 2), tableOrPage: bit(1), valid: bit(0) };

/**
 * Table descriptors; NLTA is the next table in units of its size, and `NLTA_51_48` what lies above, which only an SMMU with 52-bit
 * output addresses reads.
 * @spec ARM-ARM "VMSAv8-64 Table descriptor format"
 */
export const STAGE2_TABLES = {
  '4K': word(64, 'stage-2 table (4K)', { ...tableTop, NLTA: uint(47, 12), ...tableLow }),
  '16K': word(64, 'stage-2 table (16K)', { ...tableTop, NLTA: uint(47, 14), rsv12: reserved(13, 12), ...tableLow }),
  '64K': word(64, 'stage-2 table (64K)', { ...tableTop, NLTA: uint(47, 16), NLTA_51_48: uint(15, 12), ...tableLow }),
} as const;

const leafTop = {
  rsv60: reserved(63, 60),
  ignored59: bit(59),
  software: uint(58, 56),
  ignored55: bit(55),
  XN: uint(54, 53),
  Contiguous: bit(52),
  DBM: bit(51),
  rsv48: reserved(50, 48),
};
const leafLow = {
  rsv11: reserved(11),
  AF: bit(10),
  SH: uint(9, 8),
  S2AP: uint(7, 6),
  MemAttr: uint(5, 2),
  tableOrPage: bit(1),
  valid: bit(0),
};

/**
 * Block and Page descriptors by granule and level; OAB is the output address in units of the block or page. A level without
 * an entry has no blocks; at level 1 the 64K granule has them only with 52-bit output addresses.
 * @spec ARM-ARM "VMSAv8-64 Block descriptor and Page descriptor formats"
 */
export const STAGE2_LEAVES = {
  '4K': {
    1: word(64, 'stage-2 block (1G)', {
      ...leafTop,
      OAB: uint(47, 30),
      rsv17: reserved(29, 17),
      nT: bit(16),
      rsv12: reserved(15, 12),
      ...leafLow,
    }),
    2: word(64, 'stage-2 block (2M)', {
      ...leafTop,
      OAB: uint(47, 21),
      rsv17: reserved(20, 17),
      nT: bit(16),
      rsv12: reserved(15, 12),
      ...leafLow,
    }),
    3: word(64, 'stage-2 page (4K)', { ...leafTop, OAB: uint(47, 12), ...leafLow }),
  },
  '16K': {
    2: word(64, 'stage-2 block (32M)', {
      ...leafTop,
      OAB: uint(47, 25),
      rsv17: reserved(24, 17),
      nT: bit(16),
      rsv12: reserved(15, 12),
      ...leafLow,
    }),
    3: word(64, 'stage-2 page (16K)', { ...leafTop, OAB: uint(47, 14), rsv12: reserved(13, 12), ...leafLow }),
  },
  '64K': {
    1: word(64, 'stage-2 block (4T)', {
      ...leafTop,
      OAB: uint(47, 42),
      rsv17: reserved(41, 17),
      nT: bit(16),
      OAB_51_48: uint(15, 12),
      ...leafLow,
    }),
    2: word(64, 'stage-2 block (512M)', {
      ...leafTop,
      OAB: uint(47, 29),
      rsv17: reserved(28, 17),
      nT: bit(16),
      OAB_51_48: uint(15, 12),
      ...leafLow,
    }),
    3: word(64, 'stage-2 page (64K)', { ...leafTop, OAB: uint(47, 16), OAB_51_48: uint(15, 12), ...leafLow }),
  },
} as const;

/** What S2AP permits to data. @spec ARM-ARM "Stage 2 data accesses using Direct permissions" */
export const S2AP = [
  { read: false, write: false },
  { read: true, write: false },
  { read: false, write: true },
  { read: true, write: true },
] as const;

/** Who may execute, by XN, when IDR3.XNX is set. @spec ARM-ARM "Stage 2 instruction execution using Direct permissions" */
export const XN = [
  { privileged: true, unprivileged: true },
  { privileged: false, unprivileged: true },
  { privileged: false, unprivileged: false },
  { privileged: true, unprivileged: false },
] as const;

/** One lookup level. */
export interface LevelGeometry {
  /** The bits of the input address that select an entry, both included; the start level may take more above. */
  readonly index: readonly [msb: number, lsb: number];
  /** Whether leaves may stand here; `'52-bit'`: only with 52-bit output addresses. */
  readonly leaf: boolean | '52-bit';
  /** Adjacent entries that the Contiguous bit joins; 1 where it means nothing. */
  readonly contiguous: number;
}

/** A start level, and the T0SZ values that go with it. */
export interface StartGeometry {
  readonly SL0: number;
  readonly level: LookupLevel;
  /** T0SZ, least and largest, for one table. */
  readonly oneTable: readonly [least: number, largest: number];
  /** T0SZ by the number of tables that lie one after the other. */
  readonly tables: Readonly<Partial<Record<2 | 4 | 8 | 16, number>>>;
  /** Only with small translation tables, IDR3.STT. */
  readonly small?: true;
  /** Only with output addresses of so many bits, IDR5.OAS. @spec ARM-ARM "Intermediate physical address size configuration" */
  readonly leastOAS?: number;
}

/** How one granule divides an address. */
export interface Geometry {
  /** log2 of the bytes of a page. */
  readonly pageShift: number;
  /** Bits of the input address that a table of one page resolves. */
  readonly stride: number;
  readonly levels: Readonly<Partial<Record<LookupLevel, LevelGeometry>>>;
  readonly starts: readonly StartGeometry[];
  /** T0SZ, least and largest; without IDR3.STT the largest is `T0SZ_LARGEST`. The input size caps the least as well. */
  readonly T0SZ: readonly [least: number, largest: number];
}

/** The largest T0SZ without small translation tables. @spec SMMU-V3 "STE, Stream Table Entry" field S2T0SZ */
export const T0SZ_LARGEST = 39;

/**
 * The three granules.
 * @spec ARM-ARM "VMSAv8-64 translation using the 4KB granule", "… 16KB granule", "… 64KB granule" and "The Contiguous bit"
 */
export const GEOMETRY: Readonly<Record<Granule, Geometry>> = {
  '4K': {
    pageShift: 12,
    stride: 9,
    levels: {
      0: { index: [47, 39], leaf: false, contiguous: 1 },
      1: { index: [38, 30], leaf: true, contiguous: 16 },
      2: { index: [29, 21], leaf: true, contiguous: 16 },
      3: { index: [20, 12], leaf: true, contiguous: 16 },
    },
    starts: [
      { SL0: 2, level: 0, oneTable: [16, 24], tables: {}, leastOAS: 44 },
      { SL0: 1, level: 1, oneTable: [25, 33], tables: { 2: 24, 4: 23, 8: 22, 16: 21 } },
      { SL0: 0, level: 2, oneTable: [34, 42], tables: { 2: 33, 4: 32, 8: 31, 16: 30 } },
      { SL0: 3, level: 3, oneTable: [43, 48], tables: { 2: 42, 4: 41, 8: 40, 16: 39 }, small: true },
    ],
    T0SZ: [16, 48],
  },
  '16K': {
    pageShift: 14,
    stride: 11,
    levels: {
      1: { index: [46, 36], leaf: false, contiguous: 1 },
      2: { index: [35, 25], leaf: true, contiguous: 32 },
      3: { index: [24, 14], leaf: true, contiguous: 128 },
    },
    starts: [
      { SL0: 2, level: 1, oneTable: [17, 27], tables: { 2: 16 }, leastOAS: 42 },
      { SL0: 1, level: 2, oneTable: [28, 38], tables: { 2: 27, 4: 26, 8: 25, 16: 24 } },
      { SL0: 0, level: 3, oneTable: [39, 48], tables: { 2: 38, 4: 37, 8: 36, 16: 35 } },
    ],
    T0SZ: [16, 48],
  },
  '64K': {
    pageShift: 16,
    stride: 13,
    levels: {
      1: { index: [51, 42], leaf: '52-bit', contiguous: 1 },
      2: { index: [41, 29], leaf: true, contiguous: 32 },
      3: { index: [28, 16], leaf: true, contiguous: 32 },
    },
    starts: [
      { SL0: 2, level: 1, oneTable: [12, 21], tables: {}, leastOAS: 44 },
      { SL0: 1, level: 2, oneTable: [22, 34], tables: { 2: 21, 4: 20, 8: 19, 16: 18 } },
      { SL0: 0, level: 3, oneTable: [35, 47], tables: { 2: 34, 4: 33, 8: 32, 16: 31 } },
    ],
    T0SZ: [12, 47],
  },
};

/** Where a walk starts. */
export interface WalkStart {
  readonly level: LookupLevel;
  /** Tables one after the other: 1, 2, 4, 8 or 16. */
  readonly tables: number;
  /** log2 of the entries of all of them; the SMMU aligns their base to their size. */
  readonly entriesLog2: number;
}

/** What of an SMMU decides where walks may start. */
export interface StartLimits {
  /** Whether it has small translation tables. */
  readonly STT: boolean;
  /** Its output address size in bits. */
  readonly OAS: number;
}

/**
 * Where a walk starts for these fields of an STE; `undefined` when they do not go together, which makes the STE ILLEGAL.
 * @spec ARM-ARM "Concatenated translation tables" and "Intermediate physical address size configuration"
 */
export function startOf(granule: Granule, SL0: number, T0SZ: number, { STT, OAS }: StartLimits): WalkStart | undefined {
  const { starts, levels } = GEOMETRY[granule];
  const start = starts.find((row) => row.SL0 === SL0);
  if (start === undefined || OAS < (start.leastOAS ?? 0) || ((start.small || T0SZ > T0SZ_LARGEST) && !STT)) return undefined;
  const [least, largest] = start.oneTable;
  const joined = Object.entries(start.tables).find(([, size]) => size === T0SZ);
  if (joined === undefined && !(T0SZ >= least && T0SZ <= largest)) return undefined;
  const [, lsb] = levels[start.level]!.index;
  return { level: start.level, tables: joined ? Number(joined[0]) : 1, entriesLog2: 64 - T0SZ - lsb };
}
