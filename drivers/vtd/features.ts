/** What one remapping unit can do, as this driver asks it. */
import type { ViewOf } from '#hw-models/core/bits';
import type { Cap, Ecap } from '#hw-models/vtd/registers';

/** Bits of an address that a second stage translates. */
export type Width = 39 | 48 | 57;

export interface Features {
  readonly cap: ViewOf<typeof Cap>;
  readonly ecap: ViewOf<typeof Ecap>;
  readonly isScalable: boolean;
  readonly hasPasids: boolean;
  /** Bits of a PASID. */
  readonly pasidBits: number;
  readonly hasNesting: boolean;
  /** Its second stages can note which pages were written to. */
  readonly notesDirty: boolean;
  /** Walks of page tables see what is in the processors' caches. */
  readonly walksSnoop: boolean;
  /** What was not present has to be made known when it is. */
  readonly announces: boolean;
  /** Bits of the widest address that a request may have. */
  readonly inputBits: number;
  /** Widths that a second stage may have, ascending. */
  readonly widths: readonly Width[];
  /** The last domain-id. */
  readonly lastDid: number;
}

/** By bit of CAP.SAGAW. */
const WIDTHS: readonly (readonly [mask: number, width: Width])[] = [
  [2, 39],
  [4, 48],
  [8, 57],
];

/** @spec VT-D "Capability Register" and "Extended Capability Register" */
export function featuresOf(cap: ViewOf<typeof Cap>, ecap: ViewOf<typeof Ecap>): Features {
  const isScalable = ecap.SMTS;
  return {
    ...{ cap, ecap, isScalable },
    hasPasids: isScalable && ecap.PASID,
    pasidBits: ecap.PSS + 1,
    hasNesting: isScalable && ecap.NEST,
    notesDirty: isScalable && ecap.SLADS && ecap.SMPWC,
    walksSnoop: isScalable ? ecap.SMPWC : ecap.C,
    announces: cap.CM || cap.RWBF,
    inputBits: cap.MGAW + 1,
    widths: WIDTHS.flatMap(([mask, width]) => ((cap.SAGAW & mask) === 0 ? [] : [width])),
    lastDid: 2 ** (4 + 2 * cap.ND) - 1,
  };
}
