/**
 * `CacheInvalidate`: the user-driven invalidation of cached translations, one call whatever the version of the interface. The version
 * is the driver's profile; what the structure holds is declared by that version's layout. Domains and devices are those of `IommuDriver`.
 * Source: the patch "iommu_cache_invalidate", version 2, and the review of it, Jan 2019; Linux 5.8; IOMMU_HWPT_INVALIDATE.
 */
import type { Answer } from '#hw-models/core/result';
import type { Device, Domain, Invalidated, UserData } from './iommu';

export interface CacheInvalidate {
  /**
   * Invalidates cached translations as the structure at `data` says; a version whose structure names an array works through it in order.
   * @returns Requests handled: 1 for the versions that take one request a call.
   * `EINVAL`: version, granularity or size that the interface does not define. `EFAULT`: unreadable. `ENODEV`: the hardware cannot.
   */
  cacheInvalidate(domain: Domain, device: Device, data: UserData): Answer<Invalidated>;
}

export const CACHE_INVALIDATE_METHODS = ['cacheInvalidate'] as const satisfies readonly (keyof CacheInvalidate)[];
