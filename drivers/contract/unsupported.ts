/** For drivers that have only some of the methods of `IommuDriver`. */
import { refuse } from '#hw-models/core/result';
import type { IommuDriver } from './iommu';

/** The methods of `driver`, and `EOPNOTSUPP` for the others. The driver keeps its own `this`. */
export function unsupported(driver: Partial<IommuDriver>): IommuDriver {
  return new Proxy(driver, {
    get: (on, name) => {
      // Awaiting the driver must not look like calling it.
      if (typeof name === 'symbol' || name === 'then') return undefined;
      const method: unknown = Reflect.get(on, name);
      return typeof method === 'function' ? (method.bind(on) as unknown) : () => refuse('EOPNOTSUPP');
    },
  }) as IommuDriver;
}
