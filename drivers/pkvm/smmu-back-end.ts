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
    const smmu = this.#smmu(iommu);
    const pageBytes = this.#platform.hypPageBytes();
    const pgd = this.#platform.kernHypVa(pgdHva);
    const root = this.#platform.hypPhys(pgd);
    if (!smmu.hasVmid(domain)) return refuse('EINVAL');
    if (root % BigInt(pageBytes) !== 0n || !smmu.parts.pages.reaches(root)) return refuse('EINVAL');
    const donated = this.#platform.hostDonateHyp(Number(root / BigInt(pageBytes)), 1);
    if (!donated.ok) return donated;
    this.#platform.zero(root, pageBytes);
    smmu.parts.memory.zeroed(root, pageBytes);
    return ok({ pgd });
  }

  /** The id is the tag of what the caches hold, and they lead to the tables: both are free when nothing is left there. */
  freeIopt(domain: KvmDomain): Result<null> {
    const forgotten = this.#smmu(domain.iommu).parts.invalidations.vmid(domain.domain);
    if (forgotten.ok) this.abandon(domain);
    return forgotten;
  }

  attachDev({ iommu, domain, pgd }: KvmDomain, endpoint: number): Result<null> {
    return this.#smmu(iommu).attach(endpoint, domain, this.#platform.hypPhys(pgd));
  }

  detachDev({ iommu, domain }: KvmDomain, endpoint: number): Result<null> {
    return this.#smmu(iommu).detach(endpoint, domain);
  }

  /** `EOPNOTSUPP`: no such permission. `E2BIG`: beyond 64 bits. `ERANGE`: beyond the address sizes. `EINVAL`: no such size, or misaligned. */
  mapPages(domain: KvmDomain, mapping: Mapping): Result<bigint> {
    const { pa, pageSize, pageCount, prot } = mapping;
    if (prot === 0 || (prot & ~(HYP_READ | HYP_WRITE)) !== 0) return refuse('EOPNOTSUPP');
    const checked = this.#check(domain, mapping);
    if (!checked.ok) return checked;
    const end = pa + pageSize * pageCount;
    if (end > ADDRESS_END) return refuse('E2BIG');
    if (pa % pageSize !== 0n) return refuse('EINVAL');
    if (end > 1n << BigInt(this.#smmu(domain.iommu).parts.format.oas)) return refuse('ERANGE');
    return this.#pageTable(domain).map(mapping);
  }

  /** As `mapPages`, but for what only a mapping has. */
  unmapPages(domain: KvmDomain, range: PageRange): Result<bigint> {
    const checked = this.#check(domain, range);
    if (!checked.ok) return checked;
    return this.#pageTable(domain).unmap(range.iova, range.pageSize * range.pageCount);
  }

  /** `ENOENT`: not mapped. */
  iovaToPhys(domain: KvmDomain, iova: bigint): Result<bigint> {
    if (iova >= 1n << BigInt(this.#smmu(domain.iommu).parts.format.ias)) return refuse('ENOENT');
    return this.#pageTable(domain).phys(iova);
  }

  shutDown(iommu: number): Result<null> {
    return this.#smmu(iommu).shutDown();
  }

  abandon(domain: KvmDomain): void {
    this.#pageTable(domain).release();
    const root = this.#platform.hypPhys(domain.pgd);
    const pageBytes = this.#platform.hypPageBytes();
    this.#platform.zero(root, pageBytes);
    this.#platform.hypDonateHost(Number(root / BigInt(pageBytes)), 1);
  }

  /** Whether the range is one of pages that the domain's table can have. */
  #check({ iommu }: KvmDomain, { iova, pageSize, pageCount }: PageRange): Result<null> {
    const { format } = this.#smmu(iommu).parts;
    if (levelOf(format, pageSize) === undefined) return refuse('EINVAL');
    const end = iova + pageSize * pageCount;
    if (end > ADDRESS_END) return refuse('E2BIG');
    if (iova % pageSize !== 0n) return refuse('EINVAL');
    return end > 1n << BigInt(format.ias) ? refuse('ERANGE') : done;
  }

  #pageTable({ iommu, domain, pgd }: KvmDomain): PageTable {
    const { memory, pages, format, invalidations } = this.#smmu(iommu).parts;
    const parts = { platform: this.#platform, memory, pages, format, invalidations, vmid: domain };
    return new PageTable(parts, this.#platform.hypPhys(pgd));
  }

  /** The domain layer calls for no other IOMMUs. */
  #smmu(iommu: number): SmmuV3 {
    return this.#smmus.get(iommu)!;
  }
}
