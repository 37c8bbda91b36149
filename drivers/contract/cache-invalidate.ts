/**
 * `CacheInvalidate`: the user-driven invalidation interface of seed 001, one call whatever its version. The version is the driver's
 * profile; what the structure holds is declared by that version's layout.
 */
import type { Answer } from '#hw-models/core/result';
import type { Domain, Device, UserData } from './iommu';

export interface CacheInvalidate {
  /**
   * Invalidates cached translations as the structure at `data` says.
   * @returns Entries handled: 1 for the versions that take one request a call.
   * `EINVAL`: version, granularity or size that the interface does not define. `EFAULT`: unreadable. `ENODEV`: the hardware cannot.
   */
  cacheInvalidate(domain: Domain, device: Device, data: UserData): Answer<{ readonly handled: number }>;
}
