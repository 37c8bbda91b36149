/** The shapes of everything that crosses: the platform, the upcalls, the back end, and each interface of a driver. */
import { IOMMU_CAPABILITIES } from './iommu';
import { KVM_IOMMU_OPS } from './hyp';
import { ERRNO_NUMBERS, ERRNOS } from '#hw-models/core/result';
import type { Interface } from './manifest';
import { PAGE_KINDS } from './platform';
import { ask, bytes, call, flag, list, oneOf, optional, record, text, u32, u53, union, word } from './shape';
import type { Method } from './shape';

const ERRNO = oneOf('errno', ERRNOS, Object.values(ERRNO_NUMBERS));

const PAGE_OWNER = union('page_owner', { driver: {}, domain: { handle: u32 }, device: { handle: u32 } });
const PAGE_REQUEST = record('page_request', { order: u32, owner: optional(PAGE_OWNER), kind: oneOf('page_kind', PAGE_KINDS) });
const HYP_PROTECTION = oneOf('hyp_protection', ['owned', 'shared-owned']);

/** The platform port. */
export const PLATFORM = {
  read8: ask({ pa: word }, u32),
  read16: ask({ pa: word }, u32),
  read32: ask({ pa: word }, u32),
  read64: ask({ pa: word }, word),
  write8: ask({ pa: word, value: u32 }),
  write16: ask({ pa: word, value: u32 }),
  write32: ask({ pa: word, value: u32 }),
  write64: ask({ pa: word, value: word }),
  zero: ask({ pa: word, bytes: u53 }),
  cmpxchg64: ask({ pa: word, expected: word, value: word }, word),
  fetchAnd64: ask({ pa: word, mask: word }, word),
  fetchOr64: ask({ pa: word, mask: word }, word),
  clean: ask({ pa: word, bytes: u53 }),
  barrier: ask({}),
  mmioRead32: ask({ iommu: u32, offset: u32 }, u32),
  mmioRead64: ask({ iommu: u32, offset: u32 }, word),
  mmioWrite32: ask({ iommu: u32, offset: u32, value: u32 }),
  mmioWrite64: ask({ iommu: u32, offset: u32, value: word }),
  pollUntil: call({ iommu: u32, offset: u32, mask: u32, want: u32, timeoutUs: u53 }, u32),
  pageAlloc: call({ request: PAGE_REQUEST }, word),
  pageFree: ask({ pa: word, order: u32 }),
  objectAlloc: call({ kind: text }, u32),
  objectFree: ask({ object: u32 }),
  idAlloc: call({ space: text, first: u32, last: u32 }, u32),
  idFree: ask({ space: text, id: u32 }),
  cpu: ask({}, u32),
  lock: ask({ name: text }),
  unlock: ask({ name: text }),
  now: ask({}, u53),
  delay: ask({ microseconds: u53 }),
  copyIn: { ...call({ address: word, length: u32 }, bytes), sizedBy: 'length' },
  copyOut: call({ address: word, bytes }),
  hypPageBytes: ask({}, u32),
  hostDonateHyp: call({ pfn: u53, pages: u53 }),
  hypDonateHost: call({ pfn: u53, pages: u53 }),
  hostShareDma: call({ pfn: u53, pages: u53 }),
  hostUnshareDma: call({ pfn: u53, pages: u53 }),
  createMappings: call({ from: word, to: word, protection: HYP_PROTECTION }),
  kernHypVa: ask({ address: word }, word),
  hypPhys: ask({ address: word }, word),
} as const;

const GUEST_EVENT = record('guest_event', { viommu: u32, type: u32, record: bytes });
const FAULT_EVENT = record('fault_event', {
  device: u32,
  pasid: u32,
  cause: text,
  iova: optional(word),
  access: optional(oneOf('access', ['read', 'write', 'execute'])),
  guest: optional(GUEST_EVENT),
});
const PAGE_FAULT = record('page_fault', {
  device: u32,
  pasid: u32,
  group: u32,
  last: flag,
  iova: word,
  read: flag,
  write: flag,
  execute: flag,
  privileged: flag,
});

/** What a driver tells its caller. */
export const UPCALLS = { reportEvent: call({ event: FAULT_EVENT }), reportPageFault: call({ fault: PAGE_FAULT }) } as const;

const KVM_DOMAIN = record('kvm_domain', { iommu: u32, domain: u32, pgd: word });
const IOPT = record('iopt', { pgd: word });

/** The back end below the pKVM calls, where the scenario decides what it answers. */
export const BACK_END = {
  getIommuById: ask({ iommu: u32 }, flag),
  allocIopt: call({ domain: KVM_DOMAIN, pgdHva: word }, IOPT),
  freeIopt: call({ domain: KVM_DOMAIN }),
  attachDev: call({ domain: KVM_DOMAIN, endpoint: u32 }),
  detachDev: call({ domain: KVM_DOMAIN, endpoint: u32 }),
} as const;

const USER_DATA = record('user_data', { type: u32, address: word, length: u32 });
const RESERVED_REGION = record('reserved_region', {
  start: word,
  length: word,
  kind: oneOf('region_kind', ['direct', 'direct-relaxable', 'reserved', 'msi', 'sw-msi']),
});
const DEVICE_DESCRIPTION = record('device_description', {
  device: u32,
  iommu: u32,
  ids: list(u32),
  group: u32,
  reserved: list(RESERVED_REGION),
  ats: flag,
  pri: flag,
  stall: flag,
  pasidBits: u32,
  coherent: flag,
  alwaysCoherent: flag,
});
const HW_INFO = record('hw_info', { type: u32, data: bytes });
const DOMAIN_TYPE = oneOf('domain_type', ['paging', 'nested', 'identity', 'blocked', 'sva']);
const DOMAIN_OR_VIOMMU = union('domain_or_viommu', { domain: { handle: u32 }, viommu: { handle: u32 } });
const DOMAIN_SPEC = record('domain_spec', {
  type: DOMAIN_TYPE,
  device: u32,
  flags: u32,
  parent: optional(DOMAIN_OR_VIOMMU),
  process: optional(u32),
  data: optional(USER_DATA),
});
const VIOMMU_SPEC = record('viommu_spec', { device: u32, parent: u32, type: u32, data: optional(USER_DATA) });
const DOMAIN_OPERATION = oneOf('domain_operation', ['map', 'unmap', 'iovaToPhys', 'cacheInvalidate', 'dirtyTracking', 'enforceCoherency']);
const APERTURE = record('aperture', { start: word, last: word });
const DOMAIN_INFO = record('domain_info', {
  type: DOMAIN_TYPE,
  operations: list(DOMAIN_OPERATION),
  pageSizes: list(word),
  aperture: optional(APERTURE),
});
const PROTECTION = record('protection', { read: flag, write: flag, execute: flag, privileged: flag, coherent: flag, mmio: flag });
const MAPPING = record('mapping', { iova: word, pa: word, size: word, prot: PROTECTION });
const GATHER = record('gather', { start: word, last: word, handle: u32 });
const UNMAPPED = record('unmapped', { size: word, gather: GATHER });
const INVALIDATION_ARRAY = record('invalidation_array', { type: u32, address: word, entryLength: u32, entries: u32 });
const INVALIDATED = record('invalidated', { handled: u32, errno: optional(ERRNO) });
const DIRTY_RANGE = record('dirty_range', { iova: word, size: word, pageSize: word, clear: flag });
const PAGE_RESPONSE = record('page_response', {
  device: u32,
  pasid: u32,
  group: u32,
  code: oneOf('response_code', ['success', 'invalid', 'failure']),
});

const IOMMU = {
  probeDevice: call({ device: DEVICE_DESCRIPTION }),
  releaseDevice: call({ device: u32 }),
  reservedRegions: call({ device: u32 }, list(RESERVED_REGION)),
  hwInfo: call({ device: u32, type: u32 }, HW_INFO),
  capable: call({ device: u32, capability: oneOf('iommu_capability', IOMMU_CAPABILITIES) }, flag),
  domainAlloc: call({ spec: DOMAIN_SPEC }, u32),
  domainInfo: call({ domain: u32 }, DOMAIN_INFO),
  domainFree: call({ domain: u32 }),
  attach: call({ device: u32, domain: u32, pasid: u32 }),
  detach: call({ device: u32, domain: u32, pasid: u32 }),
  replace: call({ device: u32, domain: u32, pasid: u32 }),
  map: call({ domain: u32, mapping: MAPPING }),
  unmap: call({ domain: u32, iova: word, size: word }, word),
  unmapPages: call({ domain: u32, iova: word, size: word }, UNMAPPED),
  iotlbSync: call({ domain: u32, gather: GATHER }),
  iovaToPhys: call({ domain: u32, iova: word }, word),
  cacheInvalidate: call({ target: DOMAIN_OR_VIOMMU, array: INVALIDATION_ARRAY }, INVALIDATED),
  viommuAlloc: call({ spec: VIOMMU_SPEC }, u32),
  viommuFree: call({ viommu: u32 }),
  vdeviceAlloc: call({ viommu: u32, device: u32, virtualId: word }, u32),
  vdeviceFree: call({ vdevice: u32 }),
  enforceCoherency: call({ domain: u32 }, flag),
  setDirtyTracking: call({ domain: u32, enable: flag }),
  readAndClearDirty: call({ domain: u32, range: DIRTY_RANGE }, bytes),
  pageResponse: call({ response: PAGE_RESPONSE }),
  irq: call({ iommu: u32, line: text }),
} as const;

const FILE_MAPPING = record('file_mapping', { offset: word, length: u32, write: flag, execute: flag, shared: flag });

const IOMMUFD = {
  open: call({}, u32),
  close: call({ file: u32 }),
  userAlloc: call({ length: u32, writable: flag }, word),
  userRead: call({ address: word, length: u32 }, bytes),
  userWrite: call({ address: word, bytes }),
  ioctl: call({ file: u32, request: u32, argument: word }, u32),
  read: call({ file: u32, buffer: word, length: u32, offset: word }, u32),
  write: call({ file: u32, buffer: word, length: u32, offset: word }, u32),
  poll: call({ file: u32 }, record('readiness', { readable: flag, writable: flag })),
  mmap: call({ file: u32, mapping: FILE_MAPPING }, word),
  munmap: call({ address: word, length: u32 }),
  bind: call({ file: u32, device: u32 }, u32),
  unbind: call({ file: u32, deviceId: u32 }),
  attach: call({ file: u32, deviceId: u32, pt: u32, pasid: u32 }, u32),
  replace: call({ file: u32, deviceId: u32, pt: u32, pasid: u32 }, u32),
  detach: call({ file: u32, deviceId: u32, pasid: u32 }),
} as const;

const HYP_INIT = record('hyp_init', { memcaches: word, cpus: u32, operations: list(oneOf('kvm_iommu_op', KVM_IOMMU_OPS)) });
const HYP_DEVICE = record('hyp_device', { iommu: u32, params: word });

const HYP = {
  init: call({ parameters: HYP_INIT }),
  initDevice: call({ device: HYP_DEVICE }),
  allocDomain: call({ iommu: u32, domain: u32, pgd: word }),
  freeDomain: call({ iommu: u32, domain: u32 }),
  attachDev: call({ iommu: u32, domain: u32, endpoint: u32 }),
  detachDev: call({ iommu: u32, domain: u32, endpoint: u32 }),
  mapPages: call({ iommu: u32, domain: u32, iova: word, pa: word, pageSize: word, pageCount: word, prot: u32 }, word),
  unmapPages: call({ iommu: u32, domain: u32, iova: word, pageSize: word, pageCount: word }, word),
  iovaToPhys: call({ iommu: u32, domain: u32, iova: word }, word),
} as const;

const CACHE_INVALIDATE = { cacheInvalidate: call({ domain: u32, device: u32, data: USER_DATA }, INVALIDATED) } as const;

/** What may be called of a driver, by interface. */
export const INTERFACE_SHAPES = {
  iommu: IOMMU,
  iommufd: IOMMUFD,
  hyp: HYP,
  'cache-invalidate': CACHE_INVALIDATE,
} as const satisfies Readonly<Record<Interface, Readonly<Record<string, Method>>>>;

const IOMMU_DESCRIPTION = record('iommu_description', { iommu: u32, coherent: flag, interrupts: list(text) });

/** What `start` is told besides: the machine as firmware describes it, and whether the scenario is the back end. */
export const SURROUNDINGS = record('surroundings', { iommus: list(IOMMU_DESCRIPTION), scripted: flag });

/** Beginning and end of every driver. */
export const LIFE = { start: call({ surroundings: SURROUNDINGS }), stop: call({}) } as const;
