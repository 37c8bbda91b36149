/**
 * Which IOMMUs may hold translations of a domain, and for which devices. A device is in the list before its context leads to the domain,
 * and until it leads elsewhere: whoever unmaps meanwhile reaches every cache.
 */
import type { Iommu } from './iommu';

/** A device whose context leads to a domain, or may do so soon. */
export interface Bond {
  readonly iommu: Iommu;
  /** Under which its requests arrive. */
  readonly ids: readonly number[];
  /** It keeps translations of its own. */
  readonly ats: boolean;
  /** The structure that stands for it. */
  readonly object: number;
}

export class Bonds {
  /** By IOMMU. Replaced as a whole, so that whoever goes through them may be interrupted. */
  #bonds: readonly Bond[] = [];
  /** IOMMUs that were told to drop everything of the domain, and did not answer. */
  readonly unsettled = new Set<Iommu>();

  get isEmpty(): boolean {
    return this.#bonds.length === 0;
  }

  get all(): readonly Bond[] {
    return this.#bonds;
  }

  link(bond: Bond): void {
    this.#bonds = [...this.#bonds, bond].sort((one, two) => one.iommu.index - two.iommu.index);
  }

  unlink(bond: Bond): void {
    this.#bonds = this.#bonds.filter((other) => other !== bond);
  }

  on(iommu: Iommu): readonly Bond[] {
    return this.#bonds.filter((bond) => bond.iommu === iommu);
  }

  /** Each IOMMU once. */
  get iommus(): readonly Iommu[] {
    return [...new Set([...this.#bonds.map(({ iommu }) => iommu), ...this.unsettled])];
  }
}

/** The ids of devices that keep translations of their own. */
export const atsIdsOf = (bonds: readonly Bond[]): readonly number[] => bonds.flatMap(({ ids, ats }) => (ats ? ids : []));
