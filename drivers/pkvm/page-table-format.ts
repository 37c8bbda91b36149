/**
 * VMSAv8-64 stage 2 for one IOMMU: granule, address sizes and where walks start, from its own parameters.
 *
 * @spec ARM-ARM "VMSAv8-64 translation using the 4KB granule", "… 16KB granule" and "… 64KB granule"
 */
import { HYP_READ, HYP_WRITE } from '#drivers/contract/hyp';
import type { AnyLayout } from '#hw-models/core/bits';
import { GEOMETRY, STAGE2_LEAVES, STAGE2_TABLES, startOf, type Granule, type LookupLevel } from '#hw-models/smmu-v3/tables';
import type { Parameters } from './parameters';

/** Normal write-back memory, for the page and for its inner and outer caches. */
const MEM_ATTR_WRITE_BACK = 0xf;
const INNER_SHAREABLE = 3;
/** Not for instructions, at any privilege. */
const EXECUTE_NEVER = 2;
const LAST_LEVEL = 3;

const GRANULES: ReadonlyMap<number, Granule> = new Map([
  [4096, '4K'],
  [16_384, '16K'],
  [65_536, '64K'],
]);

export interface Format {
  readonly granule: Granule;
  /** Bits of an input and of an output address. */
  readonly ias: number;
  readonly oas: number;
  readonly T0SZ: number;
  readonly SL0: number;
  readonly startLevel: LookupLevel;
  /** Entries of the root, and of every other table. */
  readonly rootEntries: number;
  readonly tableEntries: number;
}

/** Output addresses of 52 bits have descriptors of another shape. */
const LARGEST_SIZE = 48;

/**
 * The format that the parameters ask for, if there is one: fewest levels for which one table is the root.
 * @param OAS Of the SMMU, in bits: which decides where walks may start.
 */
export function formatOf({ granule: bytes, ias, oas }: Pick<Parameters, 'granule' | 'ias' | 'oas'>, OAS: number): Format | undefined {
  const granule = GRANULES.get(bytes);
  if (granule === undefined || ias > LARGEST_SIZE || oas > LARGEST_SIZE) return undefined;
  const T0SZ = 64 - ias;
  const { stride, starts } = GEOMETRY[granule];
  const fits = starts.flatMap(({ SL0 }) => {
    const start = startOf(granule, SL0, T0SZ, { STT: false, OAS });
    return start === undefined ? [] : [{ SL0, ...start }];
  });
  const start = fits.find(({ tables }) => tables === 1) ?? fits[0];
  if (start === undefined) return undefined;
  const { SL0, level: startLevel, entriesLog2 } = start;
  return { granule, ias, oas, T0SZ, SL0, startLevel, rootEntries: 2 ** entriesLog2, tableEntries: 2 ** stride };
}

/** log2 of the bytes that an entry of a level maps. */
export const shiftOf = ({ granule }: Format, level: LookupLevel): number => GEOMETRY[granule].levels[level]!.index[1];

/** The level at which leaves map `bytes`, if walks come to one. */
export function levelOf({ granule, startLevel }: Format, bytes: bigint): LookupLevel | undefined {
  const levels = Object.entries(GEOMETRY[granule].levels).filter(([level]) => Number(level) >= startLevel);
  const found = levels.find(([, { leaf, index }]) => leaf === true && 1n << BigInt(index[1]) === bytes);
  return found && (Number(found[0]) as LookupLevel);
}

export const entriesAt = (format: Format, level: LookupLevel): number =>
  level === format.startLevel ? format.rootEntries : format.tableEntries;

/** Which entry of a table of the level an input address selects. */
export const indexOf = (format: Format, level: LookupLevel, iova: bigint): bigint =>
  (iova >> BigInt(shiftOf(format, level))) % BigInt(entriesAt(format, level));

/** What a descriptor is at its level. */
export type Meaning = { readonly kind: 'invalid' } | { readonly kind: 'table' | 'leaf'; readonly pa: bigint };

const INVALID: Meaning = { kind: 'invalid' };

/** Reads a descriptor that this driver wrote. */
export function meaningOf(format: Format, level: LookupLevel, raw: bigint): Meaning {
  if (raw === 0n) return INVALID;
  const { NLTA, tableOrPage } = STAGE2_TABLES[format.granule].of(raw);
  if (tableOrPage && level < LAST_LEVEL) return { kind: 'table', pa: BigInt(NLTA) << BigInt(GEOMETRY[format.granule].pageShift) };
  const { OAB } = leafLayout(format, level).of(raw) as unknown as { readonly OAB: number };
  return { kind: 'leaf', pa: BigInt(OAB) << BigInt(shiftOf(format, level)) };
}

export const tableDescriptor = ({ granule }: Format, pa: bigint): bigint =>
  STAGE2_TABLES[granule].encode({ NLTA: Number(pa >> BigInt(GEOMETRY[granule].pageShift)), tableOrPage: true, valid: true });

/** @param prot HYP_READ and HYP_WRITE, one at least. */
export function leafDescriptor(format: Format, level: LookupLevel, pa: bigint, prot: number): bigint {
  const S2AP = ((prot & HYP_READ) !== 0 ? 1 : 0) + ((prot & HYP_WRITE) !== 0 ? 2 : 0);
  return leafLayout(format, level).encode({
    OAB: Number(pa >> BigInt(shiftOf(format, level))),
    XN: EXECUTE_NEVER,
    AF: true,
    SH: INNER_SHAREABLE,
    S2AP,
    MemAttr: MEM_ATTR_WRITE_BACK,
    tableOrPage: level === LAST_LEVEL,
    valid: true,
  });
}

const leafLayout = ({ granule }: Format, level: LookupLevel): AnyLayout =>
  (STAGE2_LEAVES[granule] as Readonly<Partial<Record<LookupLevel, AnyLayout>>>)[level]!;
