/** The domain-ids of one domain: one on each IOMMU that it is used on. */
import { ok, type Platform, type Result } from '#drivers/contract/driver';
import { unwinding } from '#drivers/parts/unwind';
import type { Iommu } from './iommu';

/** 0 tags what is not present, and this one what passes untranslated. @spec LINUX-VTD "FLPT_DEFAULT_DID" */
export const IDENTITY_DID = 1;

/** A domain-id, the structure that stands for it, and how many use it. */
interface Taken {
  readonly did: number;
  readonly object: number;
  users: number;
}

export class DomainIds {
  readonly #platform: Platform;
  readonly #taken = new Map<Iommu, Taken>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** One more user. `ENOMEM`, `ENOSPC`. @spec LINUX-VTD "domain_attach_iommu" */
  take(iommu: Iommu): Result<number> {
    const known = this.#taken.get(iommu);
    if (known !== undefined) {
      known.users++;
      return ok(known.did);
    }
    return unwinding((take) => {
      const object = take(this.#platform.objectAlloc('domain on an IOMMU'), (given) => this.#platform.objectFree(given));
      if (!object.ok) return object;
      const did = this.#platform.idAlloc(spaceOf(iommu), IDENTITY_DID + 1, iommu.features.lastDid);
      if (did.ok) this.#taken.set(iommu, { did: did.value, object: object.value, users: 1 });
      return did;
    });
  }

  /** One user less. After the last one caches hold nothing under it, or will hold nothing before anybody else gets it. */
  give(iommu: Iommu): void {
    const known = this.#taken.get(iommu)!;
    if (--known.users > 0) return;
    this.#taken.delete(iommu);
    this.#platform.objectFree(known.object);
    iommu.invalidations.whenSettled(() => this.#platform.idFree(spaceOf(iommu), known.did));
  }
}

const spaceOf = ({ index }: Iommu): string => `did of IOMMU ${index}`;
