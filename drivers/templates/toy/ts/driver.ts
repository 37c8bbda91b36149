/**
 * A driver of the toy IOMMU, to be filled in: it enables the hardware with an empty device table, so that every device is blocked, and
 * says yes to everything else without doing it. What each method promises stands in the contract, iommu.ts; the hardware is described
 * in docs/systems/toy.md.
 */
import type { DriverModule, Errno } from '#drivers/contract/driver';
import type { IommuDriver } from '#drivers/contract/iommu';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const refuse = (errno: Errno) => ({ ok: false, errno }) as const;
const done = ok(null);
const unsupported = () => refuse('EOPNOTSUPP');

/** Registers of IOMMU 0, in bytes from the start of its register file. */
const CONTROL = 0x00;
const CONTROL_ENABLE = 1n;

export const driver: DriverModule = {
  manifest: {
    name: 'my-driver',
    implements: ['iommu'],
    profile: 'toy',
    hardware: 'toy',
    supports: {
      paging: true,
      identity: false,
      blocked: false,
      replace: false,
      hitless: false,
      pasid: false,
      nesting: false,
      'dirty-tracking': false,
      ats: false,
      'page-faults': false,
      viommu: false,
      gather: false,
      'two-cpus': true,
      'domain-table': false,
    },
    locks: {},
  },
  // Everything that the driver knows belongs in here: this is called for each scenario.
  start: (platform) => {
    let nextDomain = 1;
    const table = platform.pageAlloc({ order: 0, kind: 'device-table' });
    if (!table.ok) return table;
    platform.barrier();
    platform.mmioWrite64(0, CONTROL, table.value | CONTROL_ENABLE);

    const iommu: IommuDriver = {
      probeDevice: () => done,
      releaseDevice: () => done,
      reservedRegions: () => ok([]),
      hwInfo: unsupported,
      capable: () => ok(false),
      domainAlloc: ({ type }) => (type === 'paging' ? ok(nextDomain++) : refuse('EOPNOTSUPP')),
      domainInfo: unsupported,
      domainFree: () => done,
      attach: () => done,
      detach: () => done,
      replace: unsupported,
      map: () => done,
      unmap: (_domain, _iova, size) => ok(size),
      unmapPages: unsupported,
      iotlbSync: unsupported,
      iovaToPhys: () => refuse('ENOENT'),
      cacheInvalidate: unsupported,
      viommuAlloc: unsupported,
      viommuFree: unsupported,
      vdeviceAlloc: unsupported,
      vdeviceFree: unsupported,
      enforceCoherency: unsupported,
      setDirtyTracking: unsupported,
      readAndClearDirty: unsupported,
      pageResponse: unsupported,
      irq: unsupported,
    };
    const stop = () => {
      platform.mmioWrite64(0, CONTROL, 0n);
      platform.pageFree(table.value, 0);
      return done;
    };
    return ok({ iommu, stop });
  },
};
