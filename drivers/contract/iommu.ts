/**
 * `IommuDriver`: the vocabulary of `iommu_ops` and `iommu_domain_ops`, below iommufd.
 *
 * Domains, devices, viommus and vdevices are numbers, not objects, since objects cannot cross a process. Refusals are values. Every
 * method may answer at once or with a promise.
 *
 * **The caller's locking**, as in the kernel: attach, detach, replace, release and free run under the lock of the device's group, so
 * never two at once for one device. `map` and `unmap` of ranges that do not overlap may run on several CPUs at once, and beside an
 * attach. Invalidation may run beside anything.
 */
import type { Answer } from '#hw-models/core/result';

/** Handle of a domain, given by `domainAlloc`; never reused while the domain lives. */
export type Domain = number;
/** Handle of a device; the machine numbers them. */
export type Device = number;
export type Viommu = number;
export type Vdevice = number;

/** PASID of the requests that carry none. */
export const NO_PASID = 0;

/** Bytes of the user, in uAPI layout, still in user memory: the driver copies them in. */
export interface UserData {
  readonly type: number;
  readonly address: bigint;
  readonly length: number;
}

export interface ReservedRegion {
  readonly start: bigint;
  readonly length: bigint;
  readonly kind: 'direct' | 'direct-relaxable' | 'reserved' | 'msi' | 'sw-msi';
}

/** What firmware says of a device: where it sits and under which ids its requests arrive. */
export interface DeviceDescription {
  readonly device: Device;
  /** Index of the IOMMU instance that translates for it. */
  readonly iommu: number;
  /** Stream, requester or device ids; a device may have several. */
  readonly ids: readonly number[];
  /** Devices of a group cannot be isolated from one another. */
  readonly group: number;
  readonly reserved: readonly ReservedRegion[];
  readonly ats: boolean;
  readonly pri: boolean;
  /** Width of its PASIDs in bits; 0 when it has none. */
  readonly pasidBits: number;
  readonly coherent: boolean;
}

export interface HwInfo {
  readonly type: number;
  readonly data: Uint8Array;
}

/** Flags of `domainAlloc`, with the bits of `enum iommufd_hwpt_alloc_flags`. */
export const ALLOC_NEST_PARENT = 1;
export const ALLOC_DIRTY_TRACKING = 2;
export const ALLOC_FAULT_ID_VALID = 4;
export const ALLOC_PASID = 8;

export interface DomainSpec {
  readonly type: 'paging' | 'nested' | 'identity' | 'blocked' | 'sva';
  /** The device that the domain is for; others may be attached if they are compatible. */
  readonly device: Device;
  readonly flags: number;
  /** Nested only: the nest parent, or the viommu that holds it. */
  readonly parent?: { readonly domain: Domain } | { readonly viommu: Viommu };
  readonly data?: UserData;
}

/** Operations that a domain may offer; a nested domain has no paging operations. */
export type DomainOperation = 'map' | 'unmap' | 'iovaToPhys' | 'cacheInvalidate' | 'dirtyTracking' | 'enforceCoherency';

export interface DomainInfo {
  readonly type: DomainSpec['type'];
  readonly operations: readonly DomainOperation[];
  /** Bytes, ascending. */
  readonly pageSizes: readonly bigint[];
  /** IOVAs that can be mapped: `[start, last]`. */
  readonly aperture: { readonly start: bigint; readonly last: bigint };
}

export interface Protection {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly privileged: boolean;
  readonly mmio: boolean;
}

export interface Mapping {
  readonly iova: bigint;
  /** PA, or GPA for a domain of a guest. */
  readonly pa: bigint;
  /** Bytes. */
  readonly size: bigint;
  readonly prot: Protection;
}

/** A range whose invalidation was put off, and the table pages that wait for it: opaque to the caller, returned by `unmapPages`. */
export interface Gather {
  readonly start: bigint;
  readonly last: bigint;
  readonly handle: number;
}

export interface Unmapped {
  /** Bytes. */
  readonly size: bigint;
  readonly gather: Gather;
}

/** Raw invalidation entries of the user, as an array in user memory. */
export interface InvalidationArray {
  readonly type: number;
  readonly address: bigint;
  readonly entryLength: number;
  readonly entries: number;
}

/** A partial result that is declared: how many entries the hardware has really completed, and why the next one was not. */
export interface Invalidated {
  readonly handled: number;
  readonly errno?: string;
}

export interface DirtyRange {
  readonly iova: bigint;
  readonly size: bigint;
  /** Bytes for each bit of the bitmap. */
  readonly pageSize: bigint;
  readonly clear: boolean;
}

export type PageResponse = 'success' | 'invalid' | 'failure';

export interface IommuDriver {
  /** Takes a device. `ENODEV`: not behind this IOMMU, or an id out of range. `ENOMEM`. The device is blocked until it is attached. */
  probeDevice(device: DeviceDescription): Answer<null>;
  /** Gives a device back; it is blocked, and nothing the driver kept for it remains. */
  releaseDevice(device: Device): Answer<null>;
  /** @param type Requested type, 0 for the default. `EOPNOTSUPP`: the type is not this hardware's. */
  hwInfo(device: Device, type: number): Answer<HwInfo>;
  capable(device: Device, capability: 'cache-coherency' | 'deferred-flush' | 'enforce-cache-coherency' | 'dirty-tracking'): Answer<boolean>;

  /** `EOPNOTSUPP`: unknown flags, type or data. `EINVAL`: unfit parent. `ENOMEM`. `ENOSPC`: identifiers used up. */
  domainAlloc(spec: DomainSpec): Answer<Domain>;
  domainInfo(domain: Domain): Answer<DomainInfo>;
  /** Everything the domain held is released. `EBUSY`: still attached or a parent; the domain is unchanged. */
  domainFree(domain: Domain): Answer<null>;

  /** `EINVAL`: the domain does not fit the device (another may). `EBUSY`: attached elsewhere. `ENODEV`, `ENOMEM`, `ENOSPC`: the device's trouble. On refusal nothing has changed. */
  attach(device: Device, domain: Domain, pasid: number): Answer<null>;
  /** From its answer on, the device (with this PASID) is blocked. `EINVAL`: not attached to this domain. */
  detach(device: Device, domain: Domain, pasid: number): Answer<null>;
  /** As attach, from another domain: during it the device sees the old or the new translation or none. On refusal it keeps the old. */
  replace(device: Device, domain: Domain, pasid: number): Answer<null>;

  /** `EEXIST`: part of the range is mapped. `EINVAL`: misaligned, outside the aperture, or no paging domain. `ENOMEM`. All or nothing. */
  map(domain: Domain, mapping: Mapping): Answer<null>;
  /** When it answers, no device reaches the old pages. @returns Bytes unmapped, 0 when nothing was mapped at `iova`. `EINVAL`: misaligned. */
  unmap(domain: Domain, iova: bigint, size: bigint): Answer<bigint>;
  /** As `unmap`, but the old pages are out of reach only after `iotlbSync` of its gather. Needs `gather`. */
  unmapPages(domain: Domain, iova: bigint, size: bigint): Answer<Unmapped>;
  iotlbSync(domain: Domain, gather: Gather): Answer<null>;
  /** `ENOENT`: not mapped. */
  iovaToPhys(domain: Domain, iova: bigint): Answer<bigint>;

  /** Entries in order; stops at the first bad one, which is not handled. */
  cacheInvalidate(target: { readonly domain: Domain } | { readonly viommu: Viommu }, array: InvalidationArray): Answer<Invalidated>;
  viommuAlloc(device: Device, parent: Domain, type: number, data?: UserData): Answer<Viommu>;
  viommuFree(viommu: Viommu): Answer<null>;
  vdeviceAlloc(viommu: Viommu, device: Device, virtualId: bigint): Answer<Vdevice>;
  vdeviceFree(vdevice: Vdevice): Answer<null>;

  enforceCoherency(domain: Domain): Answer<boolean>;
  setDirtyTracking(domain: Domain, enable: boolean): Answer<null>;
  /** @returns One bit for each `pageSize` bytes from `iova` on, least significant first. */
  readAndClearDirty(domain: Domain, range: DirtyRange): Answer<Uint8Array>;

  /** Answers a page request that `DriverUpcalls.reportPageFault` brought. `EINVAL`: unknown or answered. */
  pageResponse(device: Device, request: number, response: PageResponse): Answer<null>;
  /** The interrupt line `line` of an IOMMU was raised. */
  irq(iommu: number, line: string): Answer<null>;
}

export interface FaultEvent {
  readonly device: Device;
  readonly pasid: number;
  /** As the architecture names it. */
  readonly cause: string;
  readonly iova: bigint;
  /** The record as the hardware wrote it, for a viommu's guest. */
  readonly record?: Uint8Array;
}

/** Driver to caller. */
export interface DriverUpcalls {
  reportEvent(event: FaultEvent): void;
  reportPageFault(device: Device, pasid: number, request: number, iova: bigint, write: boolean): void;
}
