/**
 * The pKVM hypervisor's IOMMU domain layer over SMMUv3 stage 2: the reference driver of the hardened profile. Start with
 * `domain-layer.ts`; `smmu-back-end.ts` is what stands below it unless the suite brings its own.
 */
import { ok, type DriverModule, type Platform, type Result, type Started, type Surroundings } from '#drivers/contract/driver';
import { DomainLayer } from './domain-layer';
import { Memcaches } from './memcache';
import { withoutPageTables } from './operations';
import { SmmuBackEnd } from './smmu-back-end';

function start(platform: Platform, { backEnd }: Surroundings): Result<Started> {
  const memcaches = new Memcaches(platform);
  const operations = backEnd === undefined ? new SmmuBackEnd(platform, memcaches) : withoutPageTables(backEnd);
  const layer = new DomainLayer(platform, memcaches, operations);
  return ok({ hyp: layer, stop: () => layer.stop() });
}

export const driver: DriverModule = {
  manifest: {
    name: 'pkvm',
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
      'domain-table': true,
    },
    locks: { 'device-table': 'iommu_lock', donated: 'iommu_lock', queue: 'iommu_lock' },
  },
  start,
};
