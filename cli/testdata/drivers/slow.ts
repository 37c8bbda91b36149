/** Takes its time for each mapping, but not for ever. */
import { after, ok } from '#drivers/contract/driver';
import type { DriverModule } from '#drivers/contract/driver';
import type { IommuDriver } from '#drivers/contract/iommu';
import { override } from '#drivers/mutants/mutate';
import { driver as toy } from '#drivers/toy/driver';

const MS = 500;
const clock = new Int32Array(new SharedArrayBuffer(4));

const slowly = (iommu: IommuDriver): Partial<IommuDriver> => ({
  map: (...args) => {
    Atomics.wait(clock, 0, 0, MS);
    return iommu.map(...args);
  },
});

export const driver: DriverModule = {
  manifest: { ...toy.manifest, name: 'slow' },
  start: (platform, surroundings) =>
    after(toy.start(platform, surroundings), (started) =>
      started.ok && started.value.iommu !== undefined
        ? ok({ ...started.value, iommu: override(started.value.iommu, slowly(started.value.iommu)) })
        : started,
    ),
};
