/** Builds VT-d remapping units for a machine. */
import type { HardwareFactory } from '#hw-models/core/hardware';
import { capabilities, type Capabilities } from '#hw-models/vtd/capabilities';
import { VtdIommu } from '#hw-models/vtd/iommu';

/**
 * A remapping unit with these capabilities. Its machine needs `storeOrder: 'program'`, and snooped walkers unless C or SMPWC is false.
 * Throws `RangeError` for capabilities that the specification rules out, `NotModelled` for those that we leave out.
 */
export function vtd(config: Partial<Capabilities> = {}): HardwareFactory {
  const part = capabilities(config);
  return (bus) => new VtdIommu(bus, part);
}
