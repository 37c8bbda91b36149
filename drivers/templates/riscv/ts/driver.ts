/**
 * A driver of the RISC-V IOMMU, to be filled in: it enables IOMMU 0 with an empty device directory, so that every device is blocked, and
 * says yes to everything else without doing it. What each method promises stands in the contract, iommu.ts; registers, tables and
 * commands are laid out in docs/registers/riscv-iommu.md.
 */
import type { DriverModule, Errno } from '#drivers/contract/driver';
import type { IommuDriver } from '#drivers/contract/iommu';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const refuse = (errno: Errno) => ({ ok: false, errno }) as const;
const done = ok(null);
const unsupported = () => refuse('EOPNOTSUPP');

/** The device directory's pointer, in bytes from the start of the register file: PPN at bit 10, busy, iommu_mode. */
const DDTP = 0x10;
const DDTP_BUSY = 0x10;
const DDTP_MODE = 0x0f;
const MODE_OFF = 0;
const MODE_3LVL = 4;
const TIMEOUT_US = 1000;

/** A directory's page is aligned to 4 KiB: its number goes two bits below its address. */
const ddtpOf = (root: bigint, mode: number): bigint => (root >> 2n) | BigInt(mode);

export const driver: DriverModule = {
  manifest: {
    name: 'my-driver',
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
    // A mode that the IOMMU does not have reads back as another.
    const setMode = (root: bigint, mode: number) => {
      platform.mmioWrite64(0, DDTP, ddtpOf(root, mode));
      return platform.pollUntil(0, DDTP, DDTP_BUSY | DDTP_MODE, mode, TIMEOUT_US);
    };
    const directory = platform.pageAlloc({ order: 0, kind: 'device-table' });
    if (!directory.ok) return directory;
    platform.barrier();
    const enabled = setMode(directory.value, MODE_3LVL);
    if (!enabled.ok) return enabled;

    const iommu: IommuDriver = {
      probeDevice: () => done,
      releaseDevice: () => done,
      reservedRegions: () => ok([]),
      hwInfo: unsupported,
      capable: () => ok(false),
      domainAlloc: ({ type }) => (type === 'sva' ? refuse('EOPNOTSUPP') : ok(nextDomain++)),
      domainInfo: unsupported,
      domainFree: () => done,
      attach: () => done,
      detach: () => done,
      replace: () => done,
      map: () => done,
      unmap: (_domain, _iova, size) => ok(size),
      unmapPages: unsupported,
      iotlbSync: unsupported,
      iovaToPhys: () => refuse('ENOENT'),
      cacheInvalidate: (_target, { entries }) => ok({ handled: entries }),
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
      const disabled = setMode(0n, MODE_OFF);
      if (!disabled.ok) return disabled;
      platform.pageFree(directory.value, 0);
      return done;
    };
    return ok({ iommu, stop });
  },
};
