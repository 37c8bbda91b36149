/**
 * The pKVM hypervisor's IOMMU domain layer, to be filled in: it blocks every stream of an SMMU when the SMMU is initialised, and says yes
 * to everything else without doing it. What each method promises stands in the contract, hyp.ts; the machine, the layouts that host and
 * hypervisor share and the rules are described in docs/systems/pkvm.md.
 */
import type { DriverModule, Errno } from '#drivers/contract/driver';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const refuse = (errno: Errno) => ({ ok: false, errno }) as const;
const done = ok(null);

/** SMMU_GBPA: what becomes of streams while the SMMU is disabled. Arm IHI 0070, "SMMU_GBPA". */
const SMMU_GBPA = 0x44;
const GBPA_ABORT = 2 ** 20;
const GBPA_UPDATE = 2 ** 31;
const TIMEOUT_US = 1000;

export const driver: DriverModule = {
  manifest: {
    name: 'my-driver',
    implements: ['hyp'],
    profile: 'pkvm-hardened',
    hardware: 'pkvm',
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
  start: (platform, { backEnd }) => {
    const hyp = {
      init: () => done,
      initDevice: ({ iommu }: { readonly iommu: number }) => {
        // The scenario is the back end, and no SMMU is there.
        if (backEnd !== undefined) return done;
        platform.mmioWrite32(iommu, SMMU_GBPA, GBPA_UPDATE + GBPA_ABORT);
        const updated = platform.pollUntil(iommu, SMMU_GBPA, GBPA_UPDATE, 0, TIMEOUT_US);
        return updated.ok ? done : updated;
      },
      allocDomain: () => done,
      freeDomain: () => done,
      attachDev: () => done,
      detachDev: () => done,
      mapPages: (_iommu: number, _domain: number, _iova: bigint, _pa: bigint, pageSize: bigint, pageCount: bigint) =>
        ok(BigInt.asUintN(64, pageSize * pageCount)),
      unmapPages: (_iommu: number, _domain: number, _iova: bigint, pageSize: bigint, pageCount: bigint) =>
        ok(BigInt.asUintN(64, pageSize * pageCount)),
      iovaToPhys: () => refuse('ENOENT'),
    };
    return ok({ hyp, stop: () => done });
  },
};
