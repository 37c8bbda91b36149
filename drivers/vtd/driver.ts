/**
 * The reference driver of Intel VT-d: host page tables of either stage, and guests' first stages on second stages of the host's, for
 * devices and for their PASIDs. It does what mainline Linux does (`LINUX-VTD`), and more where the catalogue hardens it. Begin with
 * `entries.ts`, which changes what requests are translated by, and `domains.ts`; `iommu.ts` is one remapping unit.
 */
import { done, ok, refuse, type DriverModule, type Platform, type Result, type Started, type Surroundings } from '#drivers/contract/driver';
import type {
  DeviceDescription,
  DirtyRange,
  DomainInfo,
  DomainOrViommu,
  DomainSpec,
  Gather,
  HwInfo,
  Invalidated,
  InvalidationArray,
  IommuCapability,
  Mapping,
  ReservedRegion,
  Unmapped,
} from '#drivers/contract/iommu';
import { HW_INFO, HW_INFO_VTD_ERRATA_772415_SPR17, HwInfoVtd } from '#drivers/contract/uapi';
import { unsupported } from '#drivers/contract/unsupported';
import type { DriverUpcalls, PageResponse } from '#drivers/contract/upcalls';
import { locked } from '#drivers/parts/locked';
import { unwinding } from '#drivers/parts/unwind';
import { toWords } from '#hw-models/core/bits';
import { Devices, LOCK } from './devices';
import { readAndClear, track } from './dirty';
import { Domains } from './domains';
import type { Features } from './features';
import { invalidate } from './guest-invalidations';
import { Iommu } from './iommu';
import { NestedDomain } from './nested-domain';
import type { Report } from './page-requests';
import { PagingDomain } from './paging-domain';

/** Writes there are interrupts. @spec VT-D "Handling Requests to Interrupt Address Range" */
const INTERRUPTS: ReservedRegion = { start: 0xfee0_0000n, length: 0x10_0000n, kind: 'msi' };

/** Accesses of devices snoop unless they ask not to. */
const CAPABLE: Readonly<Record<IommuCapability, (features: Features) => boolean>> = {
  'cache-coherency': () => true,
  'enforce-cache-coherency': ({ ecap }) => ecap.SC,
  'deferred-flush': () => false,
  'dirty-tracking': ({ notesDirty }) => notesDirty,
};

class VtdDriver {
  readonly #platform: Platform;
  readonly #upcalls: DriverUpcalls;
  readonly #iommus: ReadonlyMap<number, Iommu>;
  readonly #domains: Domains;
  readonly #devices: Devices;

  constructor(platform: Platform, upcalls: DriverUpcalls, iommus: ReadonlyMap<number, Iommu>) {
    this.#platform = platform;
    this.#upcalls = upcalls;
    this.#iommus = iommus;
    this.#domains = new Domains(platform);
    this.#devices = new Devices(platform, iommus, this.#domains.byHandle);
    for (const { index, pageRequests } of iommus.values())
      if (pageRequests !== undefined) pageRequests.report = (request) => this.#asksForPage(index, request);
  }

  stop(): Result<null> {
    for (const iommu of this.#iommus.values()) {
      const stopped = iommu.stop();
      if (!stopped.ok) return stopped;
    }
    this.#devices.abandon();
    this.#domains.abandon();
    return done;
  }

  probeDevice(description: DeviceDescription): Result<null> {
    return this.#devices.probe(description);
  }

  releaseDevice(device: number): Result<null> {
    return this.#devices.release(device);
  }

  reservedRegions(device: number): Result<readonly ReservedRegion[]> {
    return this.#of(device, () => ok([INTERRUPTS]));
  }

  /** The registers as they are. That guests' tables must not lie where a second stage only lets read is said of every unit. */
  hwInfo(device: number, type: number): Result<HwInfo> {
    return this.#of(device, ({ cap, ecap }) => {
      if (type !== HW_INFO.NONE && type !== HW_INFO.INTEL_VTD) return refuse('EOPNOTSUPP');
      const info = HwInfoVtd.encode({ flags: HW_INFO_VTD_ERRATA_772415_SPR17, cap_reg: cap.raw, ecap_reg: ecap.raw });
      return ok({ type: HW_INFO.INTEL_VTD, data: new Uint8Array(BigUint64Array.from(toWords(info, HwInfoVtd.wordCount)).buffer) });
    });
  }

  capable(device: number, capability: IommuCapability): Result<boolean> {
    return this.#of(device, (features) => ok(CAPABLE[capability](features)));
  }

  domainAlloc(spec: DomainSpec): Result<number> {
    return this.#domains.alloc(spec, this.#devices.get(spec.device)?.iommu);
  }

  domainInfo(domain: number): Result<DomainInfo> {
    const known = this.#domains.byHandle.get(domain);
    return known === undefined ? refuse('ENOENT') : ok(known.info);
  }

  domainFree(domain: number): Result<null> {
    return this.#domains.free(domain);
  }

  attach(device: number, domain: number, pasid: number): Result<null> {
    return this.#devices.attach(device, domain, pasid);
  }

  detach(device: number, domain: number, pasid: number): Result<null> {
    return this.#devices.detach(device, domain, pasid);
  }

  replace(device: number, domain: number, pasid: number): Result<null> {
    return this.#devices.replace(device, domain, pasid);
  }

  map(domain: number, mapping: Mapping): Result<null> {
    return this.#paging(domain, (paging) => paging.map(mapping));
  }

  unmap(domain: number, iova: bigint, size: bigint): Result<bigint> {
    return this.#paging(domain, (paging) => paging.unmap(iova, size));
  }

  unmapPages(domain: number, iova: bigint, size: bigint): Result<Unmapped> {
    return this.#paging(domain, (paging) => paging.unmapPages(iova, size));
  }

  iotlbSync(domain: number, gather: Gather): Result<null> {
    return this.#paging(domain, (paging) => paging.iotlbSync(gather));
  }

  iovaToPhys(domain: number, iova: bigint): Result<bigint> {
    return this.#paging(domain, (paging) => paging.iovaToPhys(iova));
  }

  cacheInvalidate(target: DomainOrViommu, array: InvalidationArray): Result<Invalidated> {
    if (target.kind === 'viommu') return refuse('EOPNOTSUPP');
    const domain = this.#domains.byHandle.get(target.handle);
    if (domain === undefined) return refuse('ENOENT');
    return domain instanceof NestedDomain ? invalidate(this.#platform, domain, array) : refuse('EOPNOTSUPP');
  }

  /** Entries of attached devices snoop as well, or nothing does. */
  enforceCoherency(handle: number): Result<boolean> {
    const domain = this.#domains.byHandle.get(handle);
    if (domain === undefined) return refuse('ENOENT');
    if (!(domain instanceof PagingDomain)) return refuse('EOPNOTSUPP');
    return this.#devices.locked(() => {
      const before = domain.snoops;
      if (!domain.enforceCoherency()) return ok(false);
      const refreshed = this.#devices.refresh(domain.users);
      if (!refreshed.ok) domain.table.format.snoops = before;
      return refreshed.ok ? ok(true) : refreshed;
    });
  }

  setDirtyTracking(handle: number, enable: boolean): Result<null> {
    const domain = this.#domains.byHandle.get(handle);
    if (domain === undefined) return refuse('ENOENT');
    return domain instanceof PagingDomain ? track(this.#devices, domain, enable) : refuse('EOPNOTSUPP');
  }

  readAndClearDirty(handle: number, range: DirtyRange): Result<Uint8Array> {
    return this.#paging(handle, (domain) => readAndClear(this.#platform, domain, range));
  }

  /** Tells of every fault that was recorded; requests under ids that no device has are nobody's. */
  irq(index: number, line: string): Result<null> {
    const iommu = this.#iommus.get(index);
    if (iommu === undefined) return refuse('ENODEV');
    if (line === 'page-request') return iommu.pageRequests?.serve() ?? done;
    return locked(this.#platform, `faults of IOMMU ${index}`, () => {
      for (const { id, ...fault } of iommu.faults.drain()) {
        const device = this.#devices.withId(index, id);
        if (device !== undefined) this.#upcalls.reportEvent({ device: device.handle, ...fault });
      }
      return done;
    });
  }

  pageResponse(response: PageResponse): Result<null> {
    const device = this.#devices.get(response.device);
    return device?.iommu.pageRequests?.respond(device.ids, response) ?? refuse('EINVAL');
  }

  /** @returns Whether somebody will answer. */
  #asksForPage(iommu: number, { id, ...request }: Parameters<Report>[0]): boolean {
    const device = this.#devices.withId(iommu, id);
    if (device?.attachments.get(request.pasid)?.domain.answersFaults !== true) return false;
    return this.#upcalls.reportPageFault({ device: device.handle, ...request }).ok;
  }

  #of<T>(device: number, body: (features: Features) => Result<T>): Result<T> {
    const known = this.#devices.get(device);
    return known === undefined ? refuse('ENODEV') : body(known.iommu.features);
  }

  #paging<T>(handle: number, use: (domain: PagingDomain) => Result<T>): Result<T> {
    const domain = this.#domains.paging(handle);
    return domain.ok ? use(domain.value) : domain;
  }
}

function start(platform: Platform, { iommus, upcalls }: Surroundings): Result<Started> {
  return unwinding((take) => {
    const started = new Map<number, Iommu>();
    for (const description of iommus) {
      const iommu = take(Iommu.start(platform, description), (other) => other.stop());
      if (!iommu.ok) return iommu;
      started.set(description.iommu, iommu.value);
    }
    const driver = new VtdDriver(platform, upcalls, started);
    return ok({ iommu: unsupported(driver), stop: () => driver.stop() });
  });
}

export const driver: DriverModule = {
  manifest: {
    name: 'vtd',
    implements: ['iommu'],
    profile: 'vtd-mainline',
    hardware: 'vtd',
    supports: {
      paging: true,
      identity: true,
      blocked: true,
      replace: true,
      hitless: false,
      pasid: true,
      nesting: true,
      'dirty-tracking': true,
      ats: true,
      'page-faults': true,
      viommu: false,
      gather: true,
      'two-cpus': true,
      'domain-table': false,
    },
    locks: { 'device-table': LOCK, 'context-table': LOCK },
  },
  start,
};
