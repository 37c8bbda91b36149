/** The toy driver with something else in place of what it does for d2. */
import { after, ok } from '#drivers/contract/driver';
import type { DriverModule } from '#drivers/contract/driver';
import type { IommuDriver } from '#drivers/contract/iommu';
import { override } from '#drivers/mutants/mutate';
import { driver as toy } from '#drivers/toy/driver';

export const ATTACHED = { ok: true, value: null } as const;

/** @param attach Called instead of `attach` for d2; may answer anything. */
export function toyWith(name: string, attach: () => unknown): DriverModule {
  const change = (iommu: IommuDriver): Partial<IommuDriver> => ({
    attach: (device, domain, pasid) => (device === 2 ? (attach() as typeof ATTACHED) : iommu.attach(device, domain, pasid)),
  });
  return {
    manifest: { ...toy.manifest, name },
    start: (platform, surroundings) =>
      after(toy.start(platform, surroundings), (started) => {
        if (!started.ok || started.value.iommu === undefined) return started;
        return ok({ ...started.value, iommu: override(started.value.iommu, change(started.value.iommu)) });
      }),
  };
}
