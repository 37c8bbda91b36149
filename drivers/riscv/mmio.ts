/** The registers of one RISC-V IOMMU. */
import type { Platform } from '#drivers/contract/driver';
import { NamedRegisters } from '#drivers/parts/registers';
import { MAP } from '#hw-models/riscv-iommu/registers';

export class Registers extends NamedRegisters<typeof MAP> {
  /** @param iommu Index of the IOMMU instance. */
  constructor(platform: Platform, iommu: number) {
    super(platform, iommu, MAP);
  }
}
