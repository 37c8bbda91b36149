/**
 * `HypIommuDriver`: the calls of the pKVM hypervisor's IOMMU domain layer, and `KvmIommuOps`, the back end below it.
 *
 * Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", Feb 2023; `mapPages`, `unmapPages` and `iovaToPhys` are the domain
 * operations that the same series adds next. `iommu`, `domain`, `endpoint` and every address come from an untrusted host: any value
 * may arrive (numbers of 32 bits, bigints of 64), and only an errno may come back. **The caller's locking**: none. Calls arrive on any
 * CPU at any time.
 */
import type { Answer, Result } from '#hw-models/core/result';

/** What the trusted host hands over before it loses its privileges. Addresses are kernel linear addresses. */
export interface HypInit {
  /** The per-CPU memcaches, an array of `KVM_HYP_MEMCACHE` entries in host memory. */
  readonly memcaches: bigint;
  readonly cpus: number;
  /** The operations that the back end has: `init` refuses with `ENODEV` when a needed one is missing. */
  readonly operations: readonly (keyof KvmIommuOps)[];
}

/** The parameters of one IOMMU stand in host memory at `params`, in the layout of `struct kvm_hyp_iommu`; the host may write them later. */
export interface HypDevice {
  readonly iommu: number;
  readonly params: bigint;
}

export interface HypIommuDriver {
  /** Checks the operations, then maps the memcaches, shared with the host. `ENODEV`; the mapping's own errno. */
  init(parameters: HypInit): Answer<null>;
  /** Converts and maps the root of the domain table. The mapping's own errno; the IOMMU is then unusable. */
  initDevice(device: HypDevice): Answer<null>;
  /** @param pgd Kernel linear address of the host's page for the root of the page table. `EINVAL`: bad id, in use, or no page (`needs_page` is then set). */
  allocDomain(iommu: number, domain: number, pgd: bigint): Answer<null>;
  /** `EINVAL`: not allocated, or devices are attached. The back end's errno. */
  freeDomain(iommu: number, domain: number): Answer<null>;
  /** `EINVAL`: not allocated, or references at UINT_MAX. The back end's errno. */
  attachDev(iommu: number, domain: number, endpoint: number): Answer<null>;
  /** `EINVAL`: no device is attached. The back end's errno. */
  detachDev(iommu: number, domain: number, endpoint: number): Answer<null>;
  /** @returns Bytes mapped; fewer than asked for when a table page is missing (`needs_page` is then set). */
  mapPages(iommu: number, domain: number, iova: bigint, pa: bigint, pageSize: bigint, pageCount: bigint, prot: number): Answer<bigint>;
  /** When it answers, no device reaches the old pages. @returns Bytes unmapped. */
  unmapPages(iommu: number, domain: number, iova: bigint, pageSize: bigint, pageCount: bigint): Answer<bigint>;
  /** @returns PA. `ENOENT`: not mapped; `EINVAL`: no such domain. */
  iovaToPhys(iommu: number, domain: number, iova: bigint): Answer<bigint>;
}

export const HYP_METHODS = [
  'init',
  'initDevice',
  'allocDomain',
  'freeDomain',
  'attachDev',
  'detachDev',
  'mapPages',
  'unmapPages',
  'iovaToPhys',
] as const satisfies readonly (keyof HypIommuDriver)[];

/** Bits of `prot` in `mapPages`: IOMMU_READ and IOMMU_WRITE of `include/linux/iommu.h`. */
export const HYP_READ = 1;
export const HYP_WRITE = 2;

/** What the domain layer knows of a domain when it calls the back end. */
export interface KvmDomain {
  readonly iommu: number;
  readonly domain: number;
  /** Root of the page table as the descriptor holds it; 0 before `allocIopt`. */
  readonly pgd: bigint;
}

/** The back end. In a scripted run the suite implements it; otherwise it is part of the driver. */
export interface KvmIommuOps {
  getIommuById(iommu: number): boolean;
  /** @returns The page-table root that the domain shall record, which need not be `pgdHva`. */
  allocIopt(domain: KvmDomain, pgdHva: bigint): Result<{ readonly pgd: bigint }>;
  freeIopt(domain: KvmDomain): Result<null>;
  attachDev(domain: KvmDomain, endpoint: number): Result<null>;
  detachDev(domain: KvmDomain, endpoint: number): Result<null>;
}

/** The operations of the back end, in the order in which `init` looks for them. */
export const KVM_IOMMU_OPS = [
  'getIommuById',
  'allocIopt',
  'freeIopt',
  'attachDev',
  'detachDev',
] as const satisfies readonly (keyof KvmIommuOps)[];
