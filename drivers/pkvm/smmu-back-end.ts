/** The back end over SMMUv3: stage-2 page tables, and the domain's id as VMID. Every SMMU has its own format and its own tables. */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { HYP_READ, HYP_WRITE, type KvmDomain } from '#drivers/contract/hyp';
import type { Memcaches } from './memcache';
import type { Mapping, Operations, PageRange } from './operations';
import { PageTable } from './page-table';
import { levelOf } from './page-table-format';
import type { Parameters } from './parameters';
import { takeOver } from './smmu-take-over';
import type { SmmuV3 } from './smmu-v3';

/** First address that 64 bits do not hold. */
const ADDRESS_END = 1n << 64n;

export class SmmuBackEnd implements Operations {
  readonly #platform: Platform;
  readonly #memcaches: Memcaches;
  readonly #smmus = new Map<number, SmmuV3>();

  constructor(platform: Platform, memcaches: Memcaches) {
    this.#platform = platform;
    this.#memcaches = memcaches;
  }

  takeOver(iommu: number, parameters: Parameters): Result<null> {
    const smmu = takeOver(this.#platform, this.#memcaches, parameters);
    if (!smmu.ok) return smmu;
    this.#smmus.set(iommu, smmu.value);
    return done;
  }

  getIommuById(iommu: number): boolean {
    return this.#smmus.has(iommu);
  }

  /** Takes the host's page for the root. `EINVAL`: the page or the id does not suit the SMMU. `EPERM`: it is not the host's to give. */
  allocIopt({ iommu, domain }: KvmDomain, pgdHva: bigint): Result<{ readonly pgd: bigint }> {
    const { hasVmid, pages, memory } = this.#smmu(iommu);
    if (!hasVmid(domain)) return refuse('EINVAL');
    const pgd = this.#platform.kernHypVa(pgdHva);
    const root = this.#platform.hypPhys(pgd);
    if (root % this.#pageBytes !== 0n || !pages.reaches(root)) return refuse('EINVAL');
    const donated = this.#platform.hostDonateHyp(this.#pfn(root), 1);
    if (!donated.ok) return donated;
    this.#platform.zero(root, Number(this.#pageBytes));
    memory.zeroed(root, Number(this.#pageBytes));
    return ok({ pgd });
  }

  freeIopt(domain: KvmDomain): Result<null> {
    // The id is the tag of the caches, and the tables are in them: both are used again only when nothing is left there.
    const forgotten = this.#smmu(domain.iommu).invalidations.vmid(domain.domain);
    if (forgotten.ok) this.abandon(domain);
    return forgotten;
  }

  attachDev({ iommu, domain, pgd }: KvmDomain, endpoint: number): Result<null> {
    return this.#smmu(iommu).attach(endpoint, domain, this.#platform.hypPhys(pgd));
  }

  detachDev({ iommu, domain }: KvmDomain, endpoint: number): Result<null> {
    return this.#smmu(iommu).detach(endpoint, domain);
  }
}
