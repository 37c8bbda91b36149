/** The toy driver with something else in place of its `domainAlloc`. */
import { after, ok } from '#drivers/contract/driver';
import type { DriverModule } from '#drivers/contract/driver';
import type { IommuDriver } from '#drivers/contract/iommu';
import { override } from '#drivers/parts/override';
import { driver as toy } from '#drivers/toy/driver';

export function toyAllocating(name: string, domainAlloc: IommuDriver['domainAlloc']): DriverModule {
  return {
    manifest: { ...toy.manifest, name },
    start: (platform, surroundings) =>
      after(toy.start(platform, surroundings), (started) =>
        started.ok && started.value.iommu !== undefined
          ? ok({ ...started.value, iommu: override(started.value.iommu, { domainAlloc }) })
          : started,
      ),
  };
}
