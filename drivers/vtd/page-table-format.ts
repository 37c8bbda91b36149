/**
 * Page tables of either stage: which a remapping unit takes, and what their entries say.
 *
 * @spec VT-D "First-Stage Translation" and "Second-Stage Translation"
 */
import type { Protection } from '#drivers/contract/iommu';
import { bytesAt, type Meaning, type TableFormat } from '#drivers/parts/page-table';
import { FsPte, SsPte } from '#hw-models/vtd/pte';
import type { Features, Width } from './features';
import type { Stage } from './flushes';

const PAGE = 4096n;
const TABLE_ENTRIES = 512;
/** First physical address that an entry cannot hold. */
export const PHYSICAL_END = 2n ** 52n;

/** What a page table is made for, and takes of the units that walk it. */
export interface Shape {
  readonly stage: Stage;
  readonly width: Width;
  /** First address that cannot be mapped. */
  readonly end: bigint;
  /** Level of the largest leaf: 0 for 4 KiB. */
  readonly largest: number;
  readonly walksSnoop: boolean;
  readonly announces: boolean;
}

/** Bits that levels translate. */
const LEVELS: Readonly<Record<Width, 3 | 4 | 5>> = { 39: 3, 48: 4, 57: 5 };
export const levelsOf = ({ width }: Pick<Shape, 'width'>): 3 | 4 | 5 => LEVELS[width];

/** Leaves of each size need those below it. */
const SECOND_STAGE_LEAVES = [1, 2] as const;

/** The widest first stage; the upper half of its addresses is for those with the sign bit set. */
export function firstStageOf({ cap, inputBits, walksSnoop, announces }: Features): Shape {
  const width = cap.FL5LP ? 57 : 48;
  const end = 2n ** BigInt(Math.min(inputBits, width - 1));
  return { stage: 1, width, end, largest: cap.FL1GP ? 2 : 1, walksSnoop, announces };
}

/** The narrowest second stage that takes every address that a request may have, or as many as there are. */
export function secondStageOf({ cap, inputBits, widths, walksSnoop, announces }: Features): Shape {
  const width = widths.find((each) => each >= inputBits) ?? widths.at(-1)!;
  const missing = SECOND_STAGE_LEAVES.findIndex((mask) => (cap.SLLPS & mask) === 0);
  const largest = missing === -1 ? SECOND_STAGE_LEAVES.length : missing;
  return { stage: 2, width, end: 2n ** BigInt(Math.min(inputBits, width)), largest, walksSnoop, announces };
}

/** Whether a unit can walk it, and needs to be told no more than the one that it was made for. */
export function takes(features: Features, shape: Shape): boolean {
  const { stage, width, end, largest, walksSnoop, announces } = shape;
  if (stage === 1 ? !(features.isScalable && features.ecap.FLTS) : features.isScalable && !features.ecap.SLTS) return false;
  const own = stage === 1 ? firstStageOf(features) : secondStageOf(features);
  const hasWidth = stage === 1 ? width <= own.width : features.widths.includes(width);
  const isWide = end <= 2n ** BigInt(features.inputBits);
  return hasWidth && isWide && largest <= own.largest && walksSnoop === features.walksSnoop && (announces || !features.announces);
}

export const pageSizesOf = ({ largest }: Shape): readonly bigint[] => [0, 1, 2].slice(0, largest + 1).map(bytesAt);

/** Whether an entry can say so: requests without PASID are never privileged, and nothing executes. A first stage cannot but let read. */
export const canExpress = ({ stage }: Shape, { read, write, execute, privileged }: Protection): boolean =>
  (read || (stage === 2 && write)) && !execute && !privileged;

/** How entries are written; accesses through leaves that are written while it `snoops` see what is in the processors' caches. */
export interface Format extends TableFormat {
  readonly shape: Shape;
  snoops: boolean;
}

export const formatOf = (shape: Shape): Format => {
  const levels = levelsOf(shape);
  const format: Format = {
    shape,
    snoops: false,
    top: levels - 1,
    rootOrder: 0,
    entriesAt: () => TABLE_ENTRIES,
    isLeafSize: (level, iova, pa, size) => level <= shape.largest && size >= bytesAt(level) && (iova | pa) % bytesAt(level) === 0n,
    ...(shape.stage === 1 ? FIRST_STAGE : secondStage(() => format.snoops)),
  };
  return format;
};

type Entries = Pick<TableFormat, 'meaningOf' | 'tableEntry' | 'leafEntry' | 'leafAt' | 'restored'>;

const NONE: Meaning = { kind: 'none' };
const frameOf = (pa: bigint): number => Number(pa / PAGE);
const kindAt = (level: number, isLarge: boolean): 'table' | 'leaf' => (level === 0 || isLarge ? 'leaf' : 'table');

/** Accessed and dirty beforehand: nobody asks, and walks then have nothing to write. */
const FIRST_STAGE: Entries = {
  meaningOf: (raw, level) => {
    const { P, PS, ADDR } = FsPte.of(raw);
    return P ? { kind: kindAt(level, PS), pa: BigInt(ADDR) * PAGE } : NONE;
  },
  tableEntry: (pa) => FsPte.encode({ ADDR: frameOf(pa), A: true, US: true, RW: true, P: true }),
  leafEntry: (pa, { write }, level) => FsPte.encode({ ADDR: frameOf(pa), PS: level > 0, D: write, A: true, US: true, RW: write, P: true }),
  leafAt: (leaf, pa, level) => FsPte.with(leaf, { ADDR: frameOf(pa), PS: level > 0 }),
};

/** @param snoops Whether leaves say so. */
const secondStage = (snoops: () => boolean): Entries => ({
  meaningOf: (raw, level) => {
    const { R, W, PS, ADDR } = SsPte.of(raw);
    return R || W ? { kind: kindAt(level, PS), pa: BigInt(ADDR) * PAGE } : NONE;
  },
  tableEntry: (pa) => SsPte.encode({ ADDR: frameOf(pa), W: true, R: true }),
  leafEntry: (pa, { read, write }, level) => SsPte.encode({ ADDR: frameOf(pa), SNP: snoops(), PS: level > 0, W: write, R: read }),
  leafAt: (leaf, pa, level) => SsPte.with(leaf, { ADDR: frameOf(pa), PS: level > 0 }),
  // It, or a part of it, may have been written to while it was not there.
  restored: (leaf) => SsPte.with(leaf, { D: SsPte.of(leaf).W }),
});

/** The bit that says a page was written to, in a leaf of a second stage. */
export const DIRTY = SsPte.mask('D');
