/**
 * Sv39, Sv48 and Sv57, and their second stages: which entry of which table an address selects, and what an entry means.
 *
 * @spec RISCV-PRIV "Virtual Address Translation Process" and "Guest Physical Address Translation"
 */
import type { Protection } from '#drivers/contract/iommu';
import { bytesAt, type Meaning, type TableFormat } from '#drivers/parts/page-table';
import { Pte, SCHEMES, type Scheme, type SchemeName } from '#hw-models/riscv-iommu/tables';
import type { Capabilities } from './iommu';

export type { Scheme, SchemeName };

const TABLE_ENTRIES = 512;
const PAGE = 4096n;
/** The largest leaf: 1 GiB. */
const LARGEST_LEVEL = 2;
/** First physical address that an entry cannot hold. */
export const PHYSICAL_END = 2n ** 56n;

const WIDEST_FIRST = { 1: ['Sv57', 'Sv48', 'Sv39'], 2: ['Sv57x4', 'Sv48x4', 'Sv39x4'] } as const satisfies Readonly<
  Record<1 | 2, readonly SchemeName[]>
>;

/** The widest scheme of a stage that an IOMMU has, if it has one. */
export function widestOf(capabilities: Capabilities, stage: 1 | 2): Scheme | undefined {
  const name = WIDEST_FIRST[stage].find((each) => capabilities[each]);
  return name && SCHEMES[name];
}

/** Sizes of leaves, ascending. */
export const PAGE_SIZES = [0, 1, LARGEST_LEVEL].map(bytesAt);

/** Whether a leaf of the level fits at the start of a mapping. */
export const isLeafSize = (level: number, iova: bigint, pa: bigint, size: bigint): boolean =>
  level <= LARGEST_LEVEL && size >= bytesAt(level) && (iova | pa) % bytesAt(level) === 0n;

export const topOf = ({ levels }: Scheme): number => levels - 1;
export const entriesAt = (scheme: Scheme, level: number): number => (level === topOf(scheme) ? scheme.rootEntries : TABLE_ENTRIES);

/** log2 of the pages of the root. */
export const rootOrder = ({ rootEntries }: Scheme): number => Math.log2(rootEntries / TABLE_ENTRIES);

/** First address that has no entry here; of a first stage, the upper half is for addresses with the sign bit set. */
export const inputEnd = ({ stage, inputBits }: Scheme): bigint => 2n ** BigInt(stage === 1 ? inputBits - 1 : inputBits);

const NONE: Meaning = { kind: 'none' };

/** Reads an entry that this driver wrote. */
export function meaningOf(raw: bigint): Meaning {
  if (raw === 0n) return NONE;
  const { V, R, W, X, PPN } = Pte.of(raw);
  return V ? { kind: R || W || X ? 'leaf' : 'table', pa: BigInt(PPN) * PAGE } : NONE;
}

export const tableEntry = (pa: bigint): bigint => Pte.encode({ PPN: Number(pa / PAGE), V: true });

/** Whether an entry can say so: there is no writing without reading, and requests without a process are never privileged. */
export const canExpress = ({ read, write, execute, privileged }: Protection): boolean => (write ? read : read || execute) && !privileged;

/** Accessed and dirty beforehand, as the hardware is not told to note it. */
export const leafEntry = (pa: bigint, { read, write, execute }: Protection): bigint =>
  Pte.encode({ PPN: Number(pa / PAGE), D: write, A: true, U: true, X: execute, W: write, R: read, V: true });

/** The same leaf elsewhere. */
export const leafAt = (leaf: bigint, pa: bigint): bigint => Pte.with(leaf, { PPN: Number(pa / PAGE) });

/** Of a scheme, as page tables use it. */
export interface Format extends TableFormat {
  readonly scheme: Scheme;
}

export const formatOf = (scheme: Scheme): Format => ({
  scheme,
  top: topOf(scheme),
  rootOrder: rootOrder(scheme),
  entriesAt: (level) => entriesAt(scheme, level),
  isLeafSize,
  meaningOf,
  tableEntry,
  leafEntry,
  leafAt,
});
