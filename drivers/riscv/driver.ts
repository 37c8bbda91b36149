/**
 * The reference driver of the RISC-V IOMMU, with guests' first stages on second stages of the host's. Begin with `sequencer.ts`, which
 * changes what a device is translated by, and `domains.ts`; `iommu.ts` is one IOMMU.
 */
import { done, ok, refuse, type DriverModule, type Platform, type Result, type Started, type Surroundings } from '#drivers/contract/driver';
import type {
  DeviceDescription,
  DomainInfo,
  DomainOrViommu,
  DomainSpec,
  Gather,
  HwInfo,
  Invalidated,
  InvalidationArray,
  Mapping,
  Unmapped,
} from '#drivers/contract/iommu';
import { HW_INFO, HwInfoRiscv } from '#drivers/contract/uapi';
import { unsupported } from '#drivers/contract/unsupported';
import type { DriverUpcalls } from '#drivers/contract/upcalls';
import { unwinding } from '#drivers/parts/unwind';
import { toWords } from '#hw-models/core/bits';
import { Devices, LOCK } from './devices';
import { Domains } from './domains';
import { invalidate } from './guest-invalidations';
import { Iommu } from './iommu';
import { NestedDomain } from './nested-domain';
import type { PagingDomain } from './paging-domain';

class RiscvDriver {
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

  /** The registers `capabilities` and `fctl`, from which user space builds the IOMMU that a guest sees. */
  hwInfo(device: number, type: number): Result<HwInfo> {
    const iommu = this.#devices.iommuOf(device);
    if (iommu === undefined) return refuse('ENODEV');
    if (type !== HW_INFO.NONE && type !== HW_INFO.RISCV_IOMMU) return refuse('EOPNOTSUPP');
    const { capabilities, registers } = iommu;
    const info = HwInfoRiscv.encode({ capability: capabilities.raw, fctl: Number(registers.read('fctl').raw) });
    return ok({ type: HW_INFO.RISCV_IOMMU, data: new Uint8Array(BigUint64Array.from(toWords(info, HwInfoRiscv.wordCount)).buffer) });
  }

  domainAlloc(spec: DomainSpec): Result<number> {
    return this.#domains.alloc(spec, this.#devices.iommuOf(spec.device));
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

  /** Tells of every fault that was recorded; requests under ids that no device has are nobody's. */
  irq(index: number, _line: string): Result<null> {
    const iommu = this.#iommus.get(index);
    if (iommu === undefined) return refuse('ENODEV');
    const lock = `faults of IOMMU ${index}`;
    this.#platform.lock(lock);
    for (const { id, ...fault } of iommu.faults.drain()) {
      const device = this.#devices.withId(index, id);
      if (device !== undefined) this.#upcalls.reportEvent({ device, ...fault });
    }
    this.#platform.unlock(lock);
    return done;
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
    const driver = new RiscvDriver(platform, upcalls, started);
    return ok({ iommu: unsupported(driver), stop: () => driver.stop() });
  });
}

export const driver: DriverModule = {
  manifest: {
    name: 'riscv',
    implements: ['iommu'],
    profile: 'riscv-review',
    hardware: 'riscv',
    supports: {
      paging: true,
      identity: true,
      blocked: true,
      replace: true,
      hitless: false,
      pasid: false,
      nesting: true,
      'dirty-tracking': false,
      ats: true,
      'page-faults': false,
      viommu: false,
      gather: true,
      'two-cpus': true,
      'domain-table': false,
    },
    locks: { 'device-table': LOCK },
  },
  start,
};
