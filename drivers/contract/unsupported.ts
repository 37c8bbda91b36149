/** For drivers that have only some of the methods of `IommuDriver`. */
import { refuse } from '#hw-models/core/result';
import { IOMMU_METHODS, type IommuDriver } from './iommu';

const refused = () => refuse('EOPNOTSUPP');

/** The methods of `driver`, and `EOPNOTSUPP` for the others. The driver keeps its own `this`. */
export const unsupported = (driver: Partial<IommuDriver>): IommuDriver =>
  Object.fromEntries(
    IOMMU_METHODS.map((name) => [name, (driver[name] as ((...args: unknown[]) => unknown) | undefined)?.bind(driver) ?? refused]),
  ) as unknown as IommuDriver;
