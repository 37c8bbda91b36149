/** The registers of one SMMU. */
import type { Platform } from '#drivers/contract/driver';
import { NamedRegisters } from '#drivers/parts/registers';
import { MAP } from '#hw-models/smmu-v3/registers';

export class Registers extends NamedRegisters<typeof MAP> {
  /** @param iommu Index of the SMMU. */
  constructor(platform: Platform, iommu: number) {
    super(platform, iommu, MAP);
  }
}
