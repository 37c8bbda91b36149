/**
 * `IommuDriver`: the vocabulary of `iommu_ops` and `iommu_domain_ops`, below iommufd.
 * Source: Linux 6.12, include/linux/iommu.h and include/uapi/linux/iommufd.h; types, flags and structures of the user have their numbers.
 *
 * Domains, devices, viommus and vdevices are numbers, not objects, since objects cannot cross a process. Refusals are values. Every
 * method may answer at once or with a promise. A record's key that may be left out is left out, never `undefined`.
 *
 * **The caller's locking**, as in the kernel. *Group*: `probeDevice`, `releaseDevice`, `attach`, `detach`, `replace`, `domainFree` and
 * `enforceCoherency` run under the lock of the device's group, so never two at once for one device. *None*: everything else may run on
 * several CPUs at once and beside the above; `map`, `unmap`, `unmapPages` and `readAndClearDirty` of one domain only for ranges that do
 * not overlap. A domain, device, viommu or vdevice is not freed or released while another call uses it.
 */
import type { Answer, Errno } from '#hw-models/core/result';
import type { PageResponse } from './upcalls';

/** Handle of a domain, given by `domainAlloc`: from 1 to 2^32 - 1, never given again while the domain lives. */
export type Domain = number;
/** Handle of a device; the machine numbers them. */
export type Device = number;
/** Handles that the driver gives, as those of domains. */
export type Viommu = number;
export type Vdevice = number;
/** Handle of a process whose page table devices may share; the machine numbers them. */
export type Process = number;

/**
 * In place of a PASID: requests that carry none. No PASID is this number. 0 is a PASID: where the hardware, or the driver, keeps its
 * configuration for requests without PASID, attaching to it is refused with `EINVAL`.
 */
export const NO_PASID = 0xffff_ffff;

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
  /** Stream, requester or device ids; a device may have several. 32 bits, as in a firmware specifier (SMMUv2: mask above id). */
  readonly ids: readonly number[];
  /** Devices of a group cannot be isolated from one another. */
  readonly group: number;
  /** What firmware reserves for it; `reservedRegions` adds the driver's own. */
  readonly reserved: readonly ReservedRegion[];
  /** It keeps translations of its own. */
  readonly ats: boolean;
  /** It can ask for pages. */
  readonly pri: boolean;
  /** Its accesses can wait for a page. */
  readonly stall: boolean;
  /** Width of its PASIDs in bits; 0 when it has none. */
  readonly pasidBits: number;
  /** Its accesses see what the CPUs' caches hold, where the mapping lets them. */
  readonly coherent: boolean;
  /** They do so whatever the mapping says, as where the path to memory has it so (CANWBS). */
  readonly alwaysCoherent: boolean;
}

/** What `capable` is asked. */
export const IOMMU_CAPABILITIES = ['cache-coherency', 'enforce-cache-coherency', 'deferred-flush', 'dirty-tracking'] as const;
export type IommuCapability = (typeof IOMMU_CAPABILITIES)[number];

export interface HwInfo {
  /** As `enum iommu_hw_info_type`. */
  readonly type: number;
  readonly data: Uint8Array;
}

/** Flags of `domainAlloc`, with the bits of `enum iommufd_hwpt_alloc_flags`. */
export const ALLOC_NEST_PARENT = 1;
export const ALLOC_DIRTY_TRACKING = 2;
export const ALLOC_FAULT_ID_VALID = 4;
export const ALLOC_PASID = 8;

/** A domain, or the viommu that stands before it. */
export type DomainOrViommu = { readonly kind: 'domain'; readonly handle: Domain } | { readonly kind: 'viommu'; readonly handle: Viommu };

export interface DomainSpec {
  readonly type: 'paging' | 'nested' | 'identity' | 'blocked' | 'sva';
  /** The device that the domain is for; others may be attached if they are compatible. */
  readonly device: Device;
  /** `ALLOC_…`. A domain that PASIDs are to be attached to has `ALLOC_PASID`; one whose page faults are answered, `ALLOC_FAULT_ID_VALID`. */
  readonly flags: number;
  /** Nested only: the nest parent, or the viommu that holds it. */
  readonly parent?: DomainOrViommu;
  /** Shared only (`sva`): whose page table it is. */
  readonly process?: Process;
  readonly data?: UserData;
}

/** A virtual IOMMU in front of a nest parent. */
export interface ViommuSpec {
  /** A device behind the IOMMU that it stands for. */
  readonly device: Device;
  readonly parent: Domain;
  /** As `enum iommu_viommu_type`. */
  readonly type: number;
  readonly data?: UserData;
}

/** Operations that a domain may offer; a nested domain has no paging operations. */
export type DomainOperation = 'map' | 'unmap' | 'iovaToPhys' | 'cacheInvalidate' | 'dirtyTracking' | 'enforceCoherency';

export interface DomainInfo {
  readonly type: DomainSpec['type'];
  readonly operations: readonly DomainOperation[];
  /** Bytes, ascending; none where nothing can be mapped. */
  readonly pageSizes: readonly bigint[];
  /** IOVAs that can be mapped: `[start, last]`. Left out where nothing can be. */
  readonly aperture?: { readonly start: bigint; readonly last: bigint };
}

export interface Protection {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly privileged: boolean;
  /** Accesses through it see what the CPUs' caches hold (IOMMU_CACHE). */
  readonly coherent: boolean;
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

/** A partial result that is declared: how many entries the hardware has really completed, and why the next one was not, if there is one. */
export interface Invalidated {
  readonly handled: number;
  readonly errno?: Errno;
}

export interface DirtyRange {
  readonly iova: bigint;
  readonly size: bigint;
  /** Bytes for each bit of the bitmap. */
  readonly pageSize: bigint;
  readonly clear: boolean;
}

export interface IommuDriver {
  /** Takes a device. `ENODEV`: not behind this IOMMU, or an id out of range. `ENOMEM`. The device is blocked until it is attached. */
  probeDevice(device: DeviceDescription): Answer<null>;
  /** Gives a device back; it is blocked, and nothing the driver kept for it remains. `ENODEV`: not probed. */
  releaseDevice(device: Device): Answer<null>;
  /** @returns IOVAs that the hardware or the driver keeps from being mapped for it, beyond those of its description. */
  reservedRegions(device: Device): Answer<readonly ReservedRegion[]>;
  /** @param type Requested type, 0 for the default. `EOPNOTSUPP`: the type is not this hardware's. */
  hwInfo(device: Device, type: number): Answer<HwInfo>;
  capable(device: Device, capability: IommuCapability): Answer<boolean>;

  /** `EOPNOTSUPP`: unknown flags, type or data. `EINVAL`: unfit parent or data. `EFAULT`: data unreadable. `ENOMEM`. `ENOSPC`: identifiers used up. */
  domainAlloc(spec: DomainSpec): Answer<Domain>;
  /** `ENOENT`: no such domain. */
  domainInfo(domain: Domain): Answer<DomainInfo>;
  /** Everything the domain held is released. `EBUSY`: still attached or a parent; the domain is unchanged. `ENOENT`: no such domain. */
  domainFree(domain: Domain): Answer<null>;

  /**
   * From its answer on, the device's requests with this PASID are translated by the domain. On refusal nothing has changed.
   * @param pasid Or `NO_PASID`. `EINVAL`: the domain does not fit the device (another may). `EBUSY`: attached elsewhere. `ENOENT`: no such
   * domain. `EOPNOTSUPP`: no PASIDs. `ENODEV`, `ENOMEM`, `ENOSPC`: the device's trouble.
   */
  attach(device: Device, domain: Domain, pasid: number): Answer<null>;
  /** From its answer on, the device (with this PASID) is blocked. `EINVAL`: not attached to this domain. */
  detach(device: Device, domain: Domain, pasid: number): Answer<null>;
  /** As attach, from another domain: during it the device sees the old or the new translation or none. On refusal it keeps the old. `EINVAL`: not attached. */
  replace(device: Device, domain: Domain, pasid: number): Answer<null>;

  /** `EEXIST`: part of the range is mapped. `EINVAL`: misaligned, outside the aperture, or no paging domain. `ENOMEM`. All or nothing. */
  map(domain: Domain, mapping: Mapping): Answer<null>;
  /** When it answers, no device reaches the old pages. @returns Bytes unmapped, 0 when nothing was mapped at `iova`. `EINVAL`: misaligned, or no paging domain. */
  unmap(domain: Domain, iova: bigint, size: bigint): Answer<bigint>;
  /** As `unmap`, but the old pages are out of reach only after `iotlbSync` of its gather. Needs `gather`. */
  unmapPages(domain: Domain, iova: bigint, size: bigint): Answer<Unmapped>;
  /** When it answers, no device reaches what the gather is of, and the pages that waited are given back. Once for each gather. */
  iotlbSync(domain: Domain, gather: Gather): Answer<null>;
  /** @returns PA, or GPA for a domain of a guest. `ENOENT`: not mapped. `EINVAL`: no paging domain. */
  iovaToPhys(domain: Domain, iova: bigint): Answer<bigint>;

  /** Entries in order; stops at the first bad one, which is not handled. Refused only when none was looked at. `EOPNOTSUPP`, `EINVAL`: type or length of entries. */
  cacheInvalidate(target: DomainOrViommu, array: InvalidationArray): Answer<Invalidated>;
  /** `EOPNOTSUPP`: type, or hardware that cannot. `EINVAL`: no nest parent, or another IOMMU's. `ENOMEM`. */
  viommuAlloc(spec: ViommuSpec): Answer<Viommu>;
  /** `EBUSY`: it has vdevices or nested domains. */
  viommuFree(viommu: Viommu): Answer<null>;
  /** @param virtualId What the guest calls the device. `EEXIST`: taken, or the device has one. `EINVAL`: another IOMMU's device. */
  vdeviceAlloc(viommu: Viommu, device: Device, virtualId: bigint): Answer<Vdevice>;
  vdeviceFree(vdevice: Vdevice): Answer<null>;

  /** Every access through the domain, now and later, sees what the CPUs' caches hold. @returns Whether that could be done. */
  enforceCoherency(domain: Domain): Answer<boolean>;
  /** `EOPNOTSUPP`: the domain cannot. Twice the same is accepted. */
  setDirtyTracking(domain: Domain, enable: boolean): Answer<null>;
  /** @returns One bit for each `pageSize` bytes from `iova` on, least significant first. */
  readAndClearDirty(domain: Domain, range: DirtyRange): Answer<Uint8Array>;

  /** Answers a group that `DriverUpcalls.reportPageFault` brought. `EINVAL`: unknown or answered. */
  pageResponse(response: PageResponse): Answer<null>;
  /** An interrupt of an IOMMU was raised. Comes inside another call only on another CPU. @param line One of its description's `interrupts`. */
  irq(iommu: number, line: string): Answer<null>;
}

/** Names of the methods; proxies, protocols and headers are made from these lists. */
export const IOMMU_METHODS = [
  'probeDevice',
  'releaseDevice',
  'reservedRegions',
  'hwInfo',
  'capable',
  'domainAlloc',
  'domainInfo',
  'domainFree',
  'attach',
  'detach',
  'replace',
  'map',
  'unmap',
  'unmapPages',
  'iotlbSync',
  'iovaToPhys',
  'cacheInvalidate',
  'viommuAlloc',
  'viommuFree',
  'vdeviceAlloc',
  'vdeviceFree',
  'enforceCoherency',
  'setDirtyTracking',
  'readAndClearDirty',
  'pageResponse',
  'irq',
] as const satisfies readonly (keyof IommuDriver)[];
