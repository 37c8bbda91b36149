/** What is suspected of Linux's /dev/iommu, above the reference driver of the RISC-V IOMMU. */
import { suspectedOver } from '#drivers/iommufd/suspected';
import { driver as riscv } from '#drivers/riscv/driver';

export const driver = suspectedOver(riscv);
