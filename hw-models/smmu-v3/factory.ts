/** Builds SMMUv3s for a machine. */
import type { HardwareFactory } from '#hw-models/core/hardware';
import { capabilities, type Capabilities } from '#hw-models/smmu-v3/capabilities';
import { SmmuV3 } from '#hw-models/smmu-v3/iommu';

/** Where an implementation differs from `MODERN`. */
export type SmmuV3Config = Partial<Capabilities>;

/**
 * An SMMUv3 with these capabilities. Its machine needs `storeOrder: 'weak'`, and `snooped` equal to COHACC.
 * Throws `RangeError` for capabilities that the specification rules out, `NotModelled` for those that we leave out.
 */
export function smmuV3(config: SmmuV3Config = {}): HardwareFactory {
  const part = capabilities(config);
  return (bus) => new SmmuV3(bus, part);
}
