/** Builds RISC-V IOMMUs for a machine. */
import type { HardwareFactory } from '#hw-models/core/hardware';
import { capabilities, type Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { RiscvIommu } from '#hw-models/riscv-iommu/iommu';

/**
 * A RISC-V IOMMU with these capabilities. Its machine needs `storeOrder: 'weak'` and snooped walkers.
 * Throws `RangeError` for capabilities that the specification rules out, `NotModelled` for those that we leave out.
 */
export function riscvIommu(config: Partial<Capabilities> = {}): HardwareFactory {
  const part = capabilities(config);
  return (bus) => new RiscvIommu(bus, part);
}
