/** The reference /dev/iommu above the reference driver of the RISC-V IOMMU. */
import { iommufdOver } from '#drivers/iommufd/driver';
import { driver as riscv } from '#drivers/riscv/driver';

export const driver = iommufdOver(riscv);
