/**
 * The platform port: everything a driver may touch. Flat, synchronous, and only numbers, bigints, strings, bytes and plain records
 * cross it, so that one method is one JSON message, one WebAssembly import and one event of the trace (questions that change nothing,
 * like `cpu` and `now`, are no events). Words are unsigned, bigints are below 2^64.
 *
 * The hardware advances at these calls and only here. Everything that can run out is here, so that it can be made to run out.
 */
import type { Result } from '#hw-models/core/result';

/** What a page is used for. The sanitizer's allowances and the lock declarations of a manifest name these kinds. */
export const PAGE_KINDS = ['page-table', 'device-table', 'context-table', 'domain-table', 'queue', 'completion', 'object'] as const;
export type PageKind = (typeof PAGE_KINDS)[number];

/** Kinds of page that a driver may hold: those that it allocates, and those that a host has donated to it. */
export const HELD_KINDS = [...PAGE_KINDS, 'donated'] as const;
export type HeldKind = (typeof HELD_KINDS)[number];

/** For whom a page is taken: a domain's is given back when it is freed, a device's when it is released, the driver's own at `stop`. */
export type PageOwner = { readonly kind: 'driver' } | { readonly kind: 'domain' | 'device'; readonly handle: number };

/** A request for `2^order` contiguous 4 KiB pages, aligned to their size, zeroed. */
export interface PageRequest {
  readonly order: number;
  /** Left out: the driver. */
  readonly owner?: PageOwner;
  readonly kind: PageKind;
}

/** Registers of one IOMMU instance are reached by the instance's index and a byte offset. */
export interface MmioPort {
  /** @param iommu Index of the IOMMU instance. @param offset Bytes from the start of its register file. */
  mmioRead32(iommu: number, offset: number): number;
  mmioRead64(iommu: number, offset: number): bigint;
  mmioWrite32(iommu: number, offset: number, value: number): void;
  mmioWrite64(iommu: number, offset: number, value: bigint): void;
  /**
   * Reads a 32-bit register until `(value & mask) === want`, in virtual time.
   * @param timeoutUs Microseconds of virtual time; `ETIMEDOUT` when they have passed.
   */
  pollUntil(iommu: number, offset: number, mask: number, want: number, timeoutUs: number): Result<number>;
}

/**
 * Physical memory. An aligned access is one atomic access of its width. A store becomes visible to the hardware as the architecture
 * says: in program order, or anywhere before the next `barrier`, or, for walkers that do not snoop, only after `clean` and `barrier`.
 */
export interface MemoryPort {
  read8(pa: bigint): number;
  read16(pa: bigint): number;
  read32(pa: bigint): number;
  read64(pa: bigint): bigint;
  write8(pa: bigint, value: number): void;
  write16(pa: bigint, value: number): void;
  write32(pa: bigint, value: number): void;
  write64(pa: bigint, value: bigint): void;
  /** Stores zeros to whole 4 KiB frames, in any order: one event, however many stores. Both arguments are multiples of 4096. */
  zero(pa: bigint, bytes: number): void;
  /** @returns The old value; `value` is stored only if the old value equals `expected`. */
  cmpxchg64(pa: bigint, expected: bigint, value: bigint): bigint;
  /** @returns The old value. */
  fetchAnd64(pa: bigint, mask: bigint): bigint;
  /** @returns The old value. */
  fetchOr64(pa: bigint, mask: bigint): bigint;
  /** Writes back the CPU's caches for `[pa, pa + bytes)`; needed only where a walker does not snoop. */
  clean(pa: bigint, bytes: number): void;
  /** Orders stores before it against stores and register writes after it, as the hardware sees them (DSB ST, dma_wmb, sfence). */
  barrier(): void;
}

/** What a driver owns. Each allocation is counted, can be made to fail by number, and must be given back once. */
export interface ResourcePort {
  /** @returns Physical address of the first page. `ENOMEM`. */
  pageAlloc(request: PageRequest): Result<bigint>;
  pageFree(pa: bigint, order: number): void;
  /** A structure that the driver keeps for itself (kzalloc). @returns A handle. `ENOMEM`. */
  objectAlloc(kind: string): Result<number>;
  objectFree(object: number): void;
  /** A free identifier of a hardware space (`vmid`, `pscid`, …) within `[first, last]`. `ENOSPC`. */
  idAlloc(space: string, first: number, last: number): Result<number>;
  idFree(space: string, id: number): void;
}

/** Locks and processors. A lock is named by the driver; taking one that another CPU holds waits in the schedule, not in the driver. */
export interface CpuPort {
  /** The CPU that runs this call; it changes between calls and, in a race, inside one. */
  cpu(): number;
  lock(name: string): void;
  unlock(name: string): void;
  /** Virtual time, microseconds since the machine was built. */
  now(): number;
  delay(microseconds: number): void;
}

/** The only way to user memory, so that double fetches, changes between fetches and bad pointers are visible. */
export interface UserPort {
  /** `EFAULT` when any byte is unreadable. */
  copyIn(address: bigint, length: number): Result<Uint8Array>;
  /** `EFAULT` when any byte is unwritable. */
  copyOut(address: bigint, bytes: Uint8Array): Result<null>;
}

/** How a page that the hypervisor maps at EL2 is to be recorded. */
export type HypProtection = 'owned' | 'shared-owned';

/**
 * The hypervisor's own port (pKVM): page ownership between host and hypervisor, and its address spaces. Drivers that do not run at EL2
 * never call it: a machine without a hypervisor answers `ENODEV`, and the two address conversions are the identity.
 */
export interface HypPort {
  /** Bytes of a page of the hypervisor: 4096, 16384 or 65536; donations and mappings are in such pages. */
  hypPageBytes(): number;
  /** Moves `pages` pages (of `hypPageBytes`) from host to hypervisor. `EPERM`: the host does not own each of them alone. `EINVAL`: not memory. */
  hostDonateHyp(pfn: number, pages: number): Result<null>;
  /** Moves `pages` pages back. `EPERM`: the hypervisor does not own each of them alone. */
  hypDonateHost(pfn: number, pages: number): Result<null>;
  /** Marks pages of the host as reachable by its devices; counted. While any count stands they cannot be donated. `EPERM`: not the host's. */
  hostShareDma(pfn: number, pages: number): Result<null>;
  /** Takes one mark back. `EPERM`: not marked. */
  hostUnshareDma(pfn: number, pages: number): Result<null>;
  /** Maps hypervisor addresses `[from, to)` at EL2, whole pages, before or after de-privilege. `EINVAL`, `EPERM`, or an injected errno. */
  createMappings(from: bigint, to: bigint, protection: HypProtection): Result<null>;
  /** Kernel linear address to hypervisor address (arithmetic only: the result need not be mapped). */
  kernHypVa(address: bigint): bigint;
  /** Hypervisor address to physical address (arithmetic only). */
  hypPhys(address: bigint): bigint;
}

/** The whole port. */
export interface Platform extends MemoryPort, MmioPort, ResourcePort, CpuPort, UserPort, HypPort {}

/** Names of the methods of the port, by what they do to the machine; proxies, mutants and traces are made from this list. */
export const PLATFORM_METHODS = [
  'read8',
  'read16',
  'read32',
  'read64',
  'write8',
  'write16',
  'write32',
  'write64',
  'zero',
  'cmpxchg64',
  'fetchAnd64',
  'fetchOr64',
  'clean',
  'barrier',
  'mmioRead32',
  'mmioRead64',
  'mmioWrite32',
  'mmioWrite64',
  'pollUntil',
  'pageAlloc',
  'pageFree',
  'objectAlloc',
  'objectFree',
  'idAlloc',
  'idFree',
  'cpu',
  'lock',
  'unlock',
  'now',
  'delay',
  'copyIn',
  'copyOut',
  'hypPageBytes',
  'hostDonateHyp',
  'hypDonateHost',
  'hostShareDma',
  'hostUnshareDma',
  'createMappings',
  'kernHypVa',
  'hypPhys',
] as const satisfies readonly (keyof Platform)[];
