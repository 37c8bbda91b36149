/**
 * The calls of the IOMMU domain layer. Each is one critical section: from looking the domain up to the last effect in the back end.
 *
 * An IOMMU, domain or endpoint that does not fit is refused with EINVAL, and any other errno is the back end's.
 * @spec PKVM-19 "kvm_iommu_alloc_domain", "kvm_iommu_free_domain", "kvm_iommu_attach_dev" and "kvm_iommu_detach_dev"
 */
import { done, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { HypDevice, HypInit, HypIommuDriver, KvmDomain } from '#drivers/contract/hyp';
import { DomainTable, UINT_MAX, type Descriptor } from './domain-table';
import type { Memcaches } from './memcache';
import { isComplete, type Mapping, type Operations, type PageRange } from './operations';
import { copyParameters } from './parameters';

/** Serialises domains, device tables and command queues. */
const LOCK = 'iommu_lock';

/** What a host may still do to a domain that has only its own reference. */
const OWN_REFERENCE = 1;

export class DomainLayer implements HypIommuDriver {
  readonly #platform: Platform;
  readonly #memcaches: Memcaches;
  readonly #operations: Operations;
  readonly #tables = new Map<number, DomainTable>();
  #initialised = false;

  constructor(platform: Platform, memcaches: Memcaches, operations: Operations) {
    this.#platform = platform;
    this.#memcaches = memcaches;
    this.#operations = operations;
  }

  init({ memcaches, cpus, operations }: HypInit): Result<null> {
    return this.#locked(() => {
      if (this.#initialised) return refuse('EINVAL');
      if (!isComplete(operations)) return refuse('ENODEV');
      const mapped = this.#memcaches.map(memcaches, cpus);
      if (!mapped.ok) return mapped;
      this.#initialised = true;
      return done;
    });
  }

  initDevice({ iommu, params }: HypDevice): Result<null> {
    return this.#locked(() => {
      if (!this.#initialised || this.#tables.has(iommu)) return refuse('EINVAL');
      const parameters = copyParameters(this.#platform, params);
      const table = new DomainTable(this.#platform, this.#memcaches, parameters);
      // From here on the IOMMU lets nothing through, whatever becomes of its domains.
      const taken = this.#operations.takeOver(iommu, parameters);
      if (!taken.ok) return taken;
      const mapped = table.map();
      if (mapped.ok) this.#tables.set(iommu, table);
      else this.#operations.shutDown(iommu);
      return mapped;
    });
  }

  allocDomain(iommu: number, domain: number, pgd: bigint): Result<null> {
    return this.#locked(() => {
      const descriptor = this.#tableOf(iommu)?.obtain(domain);
      if (descriptor === undefined || descriptor.refs !== 0) return refuse('EINVAL');
      const table = this.#operations.allocIopt({ iommu, domain, pgd: 0n }, pgd);
      if (!table.ok) return table;
      descriptor.record(table.value.pgd);
      return done;
    });
  }

  freeDomain(iommu: number, domain: number): Result<null> {
    return this.#locked(() => {
      const descriptor = this.#tableOf(iommu)?.find(domain);
      if (descriptor === undefined || descriptor.refs !== OWN_REFERENCE) return refuse('EINVAL');
      const freed = this.#operations.freeIopt({ iommu, domain, pgd: descriptor.pgd });
      // A page table that could not be freed may still be in use: its domain keeps it, and its id.
      if (!freed.ok) return freed;
      descriptor.clear();
      return done;
    });
  }

  attachDev(iommu: number, domain: number, endpoint: number): Result<null> {
    return this.#locked(() => {
      const descriptor = this.#tableOf(iommu)?.find(domain);
      if (descriptor === undefined || descriptor.refs === 0 || descriptor.refs === UINT_MAX) return refuse('EINVAL');
      const attached = this.#operations.attachDev({ iommu, domain, pgd: descriptor.pgd }, endpoint);
      if (!attached.ok) return attached;
      descriptor.refs += 1;
      return done;
    });
  }

  detachDev(iommu: number, domain: number, endpoint: number): Result<null> {
    return this.#locked(() => {
      const descriptor = this.#tableOf(iommu)?.find(domain);
      if (descriptor === undefined || descriptor.refs <= OWN_REFERENCE) return refuse('EINVAL');
      const detached = this.#operations.detachDev({ iommu, domain, pgd: descriptor.pgd }, endpoint);
      if (!detached.ok) return detached;
      descriptor.refs -= 1;
      return done;
    });
  }

  mapPages(iommu: number, domain: number, iova: bigint, pa: bigint, pageSize: bigint, pageCount: bigint, prot: number): Result<bigint> {
    const mapping: Mapping = { iova, pa, pageSize, pageCount, prot };
    return this.#onPageTable(iommu, domain, (table) => this.#operations.mapPages(table, mapping));
  }

  unmapPages(iommu: number, domain: number, iova: bigint, pageSize: bigint, pageCount: bigint): Result<bigint> {
    const range: PageRange = { iova, pageSize, pageCount };
    return this.#onPageTable(iommu, domain, (table) => this.#operations.unmapPages(table, range));
  }

  iovaToPhys(iommu: number, domain: number, iova: bigint): Result<bigint> {
    return this.#onPageTable(iommu, domain, (table) => this.#operations.iovaToPhys(table, iova));
  }

  /** Blocks every endpoint and gives every page back to the host. */
  stop(): Result<null> {
    return this.#locked(() => {
      for (const [iommu, table] of this.#tables) {
        const blocked = this.#operations.shutDown(iommu);
        if (!blocked.ok) return blocked;
        for (const [domain, { pgd }] of table.allocated()) this.#operations.abandon({ iommu, domain, pgd });
        table.release();
        this.#tables.delete(iommu);
      }
      this.#initialised = false;
      return done;
    });
  }

  #onPageTable(iommu: number, domain: number, use: (table: KvmDomain) => Result<bigint>): Result<bigint> {
    return this.#locked(() => {
      const descriptor: Descriptor | undefined = this.#tableOf(iommu)?.find(domain);
      if (descriptor === undefined || descriptor.refs === 0) return refuse('EINVAL');
      return use({ iommu, domain, pgd: descriptor.pgd });
    });
  }

  /** The domains of an IOMMU that the back end knows and that was initialised. */
  #tableOf(iommu: number): DomainTable | undefined {
    return this.#operations.getIommuById(iommu) ? this.#tables.get(iommu) : undefined;
  }

  #locked<T>(body: () => Result<T>): Result<T> {
    this.#platform.lock(LOCK);
    const result = body();
    this.#platform.unlock(LOCK);
    return result;
  }
}
