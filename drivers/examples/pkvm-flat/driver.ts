/**
 * A second hypervisor driver, made to differ from the reference: one flat table of descriptors for each IOMMU, in the hypervisor's own
 * memory, and the life of a domain as a table of transitions. SMMU and page tables are those of the reference.
 */
import { done, ok, refuse, type DriverModule, type Platform, type Result, type Started, type Surroundings } from '#drivers/contract/driver';
import type { HypDevice, HypInit, HypIommuDriver, KvmDomain } from '#drivers/contract/hyp';
import { driver as reference } from '#drivers/pkvm/driver';
import { Memcaches } from '#drivers/pkvm/memcache';
import { isComplete, withoutPageTables, type Operations } from '#drivers/pkvm/operations';
import { copyParameters } from '#drivers/pkvm/parameters';
import { SmmuBackEnd } from '#drivers/pkvm/smmu-back-end';
import { FlatTable, MOST_REFERENCES } from './flat-table';

const LOCK = 'hyp_iommu';

/** How references change in a call. */
interface Transition {
  /** With how many references a domain may be when the call is made. */
  admits(this: void, references: number): boolean;
  /** What the back end does. @returns The root that the domain has from then on. */
  act(this: void, operations: Operations, domain: KvmDomain): Result<{ readonly pgd: bigint }>;
  /** References afterwards. */
  next(this: void, references: number): number;
}

const keeping = (outcome: Result<null>, { pgd }: KvmDomain): Result<{ readonly pgd: bigint }> => (outcome.ok ? ok({ pgd }) : outcome);

const TRANSITIONS = {
  alloc: (root: bigint): Transition => ({
    admits: (references) => references === 0,
    act: (operations, domain) => operations.allocIopt(domain, root),
    next: () => 1,
  }),
  free: (): Transition => ({
    admits: (references) => references === 1,
    act: (operations, domain) => keeping(operations.freeIopt(domain), { ...domain, pgd: 0n }),
    next: () => 0,
  }),
  attach: (endpoint: number): Transition => ({
    admits: (references) => references > 0 && references < MOST_REFERENCES,
    act: (operations, domain) => keeping(operations.attachDev(domain, endpoint), domain),
    next: (references) => references + 1,
  }),
  detach: (endpoint: number): Transition => ({
    admits: (references) => references > 1,
    act: (operations, domain) => keeping(operations.detachDev(domain, endpoint), domain),
    next: (references) => references - 1,
  }),
} as const;

class FlatLayer implements HypIommuDriver {
  readonly #platform: Platform;
  readonly #memcaches: Memcaches;
  readonly #operations: Operations;
  readonly #tables = new Map<number, FlatTable>();
  #isReady = false;

  constructor(platform: Platform, memcaches: Memcaches, operations: Operations) {
    this.#platform = platform;
    this.#memcaches = memcaches;
    this.#operations = operations;
  }

  init({ memcaches, cpus, operations }: HypInit): Result<null> {
    return this.#alone(() => {
      if (this.#isReady) return refuse('EINVAL');
      const mapped = isComplete(operations) ? this.#memcaches.map(memcaches, cpus) : refuse('ENODEV');
      this.#isReady = mapped.ok;
      return mapped;
    });
  }

  initDevice({ iommu, params }: HypDevice): Result<null> {
    return this.#alone(() => {
      if (!this.#isReady || this.#tables.has(iommu)) return refuse('EINVAL');
      const parameters = copyParameters(this.#platform, params);
      const table = FlatTable.create(this.#platform, parameters.nrDomains);
      if (!table.ok) return table;
      const taken = this.#operations.takeOver(iommu, parameters);
      if (taken.ok) this.#tables.set(iommu, table.value);
      else table.value.release();
      return taken;
    });
  }

  allocDomain(iommu: number, domain: number, pgd: bigint): Result<null> {
    return this.#make(TRANSITIONS.alloc(pgd), iommu, domain);
  }

  freeDomain(iommu: number, domain: number): Result<null> {
    return this.#make(TRANSITIONS.free(), iommu, domain);
  }

  attachDev(iommu: number, domain: number, endpoint: number): Result<null> {
    return this.#make(TRANSITIONS.attach(endpoint), iommu, domain);
  }

  detachDev(iommu: number, domain: number, endpoint: number): Result<null> {
    return this.#make(TRANSITIONS.detach(endpoint), iommu, domain);
  }

  mapPages(iommu: number, domain: number, iova: bigint, pa: bigint, pageSize: bigint, pageCount: bigint, prot: number): Result<bigint> {
    return this.#look(iommu, domain, (of) => this.#operations.mapPages(of, { iova, pa, pageSize, pageCount, prot }));
  }

  unmapPages(iommu: number, domain: number, iova: bigint, pageSize: bigint, pageCount: bigint): Result<bigint> {
    return this.#look(iommu, domain, (of) => this.#operations.unmapPages(of, { iova, pageSize, pageCount }));
  }

  iovaToPhys(iommu: number, domain: number, iova: bigint): Result<bigint> {
    return this.#look(iommu, domain, (of) => this.#operations.iovaToPhys(of, iova));
  }

  stop(): Result<null> {
    return this.#alone(() => {
      for (const [iommu, table] of this.#tables) {
        const blocked = this.#operations.shutDown(iommu);
        if (!blocked.ok) return blocked;
        for (const [domain, { pgd }] of table.used()) this.#operations.abandon({ iommu, domain, pgd });
        table.release();
        this.#tables.delete(iommu);
      }
      return done;
    });
  }

  #make({ admits, act, next }: Transition, iommu: number, domain: number): Result<null> {
    return this.#alone(() => {
      const table = this.#tableOf(iommu);
      const entry = table?.entry(domain);
      if (table === undefined || entry === undefined || !admits(entry.references)) return refuse('EINVAL');
      const acted = act(this.#operations, { iommu, domain, pgd: entry.pgd });
      if (!acted.ok) return acted;
      table.store(domain, { pgd: acted.value.pgd, references: next(entry.references) });
      return done;
    });
  }

  #look(iommu: number, domain: number, use: (of: KvmDomain) => Result<bigint>): Result<bigint> {
    return this.#alone(() => {
      const entry = this.#tableOf(iommu)?.entry(domain);
      return entry === undefined || entry.references === 0 ? refuse('EINVAL') : use({ iommu, domain, pgd: entry.pgd });
    });
  }

  #tableOf(iommu: number): FlatTable | undefined {
    return this.#operations.getIommuById(iommu) ? this.#tables.get(iommu) : undefined;
  }

  #alone<T>(body: () => Result<T>): Result<T> {
    this.#platform.lock(LOCK);
    const result = body();
    this.#platform.unlock(LOCK);
    return result;
  }
}

function start(platform: Platform, { backEnd }: Surroundings): Result<Started> {
  const memcaches = new Memcaches(platform);
  const layer = new FlatLayer(
    platform,
    memcaches,
    backEnd === undefined ? new SmmuBackEnd(platform, memcaches) : withoutPageTables(backEnd),
  );
  return ok({ hyp: layer, stop: () => layer.stop() });
}

export const driver: DriverModule = {
  manifest: {
    name: 'pkvm-flat',
    implements: ['hyp'],
    profile: 'pkvm-hardened',
    hardware: 'pkvm',
    // SMMU and page tables are those of the reference, and with them all that depends on them.
    supports: { ...reference.manifest.supports, 'domain-table': false },
    locks: { 'device-table': LOCK, 'domain-table': LOCK, queue: LOCK },
  },
  start,
};
