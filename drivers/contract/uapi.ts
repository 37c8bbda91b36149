/** Structures of the user, as bytes in user memory: numbers of `include/uapi/linux/iommufd.h`, and layouts of what has no number there. */
import { bit, bits, reserved, uint, word } from '#hw-models/core/bits';

/** `enum iommu_hwpt_data_type`. The RISC-V type is not merged and has no number: this one is ours. */
export const HWPT_DATA = { NONE: 0, VTD_S1: 1, ARM_SMMUV3: 2, RISCV_IOMMU: 64 } as const;

/** `enum iommu_hw_info_type`; RISC-V as above. */
export const HW_INFO = { NONE: 0, INTEL_VTD: 1, ARM_SMMUV3: 2, RISCV_IOMMU: 64 } as const;

/** `enum iommu_hwpt_invalidate_data_type`; RISC-V as above: its entries are raw commands of 16 bytes. */
export const INVALIDATE_DATA = { VTD_S1: 0, ARM_SMMUV3: 1, RISCV_IOMMU: 64 } as const;

/** `IOMMU_DOMAIN_NESTED` with a RISC-V IOMMU, as the review asks for it: the guest's device context, inlined. Its first half is enough. */
export const HwptRiscv = word(512, 'iommu_hwpt_riscv_iommu', {
  reserved7: reserved(511, 448),
  msi_addr_pattern: bits(447, 384),
  msi_addr_mask: bits(383, 320),
  msiptp: bits(319, 256),
  fsc: bits(255, 192),
  ta: bits(191, 128),
  iohgatp: bits(127, 64),
  tc: bits(63, 0),
});
/** Bytes that the user must give, and may. */
export const HWPT_RISCV_BYTES = { least: 32, most: 64 } as const;

/** What `hwInfo` answers: the registers of these names. */
export const HwInfoRiscv = word(128, 'iommu_hw_info_riscv_iommu', {
  rsv96: reserved(127, 96),
  fctl: uint(95, 64),
  capability: bits(63, 0),
});

/** `struct iommu_hwpt_vtd_s1`: a guest's first stage. */
export const HwptVtdS1 = word(192, 'iommu_hwpt_vtd_s1', {
  __reserved: reserved(191, 160),
  addr_width: uint(159, 128),
  pgtbl_addr: bits(127, 64),
  flags: bits(63, 0),
});

/** `enum iommu_hwpt_vtd_s1_flags`. */
export const HwptVtdS1Flags = word(64, 'iommu_hwpt_vtd_s1_flags', {
  rsv3: reserved(63, 3),
  WPE: bit(2),
  EAFE: bit(1),
  SRE: bit(0),
});

/** `struct iommu_hwpt_vtd_s1_invalidate`. */
export const HwptVtdS1Invalidate = word(192, 'iommu_hwpt_vtd_s1_invalidate', {
  __reserved: reserved(191, 160),
  flags: uint(159, 128),
  npages: bits(127, 64),
  addr: bits(63, 0),
});

/** `enum iommu_hwpt_vtd_s1_invalidate_flags`. */
export const VTD_INV_FLAGS_LEAF = 1;

/** `struct iommu_hw_info_vtd`: the capability registers as they are. */
export const HwInfoVtd = word(192, 'iommu_hw_info_vtd', {
  ecap_reg: bits(191, 128),
  cap_reg: bits(127, 64),
  __reserved: reserved(63, 32),
  flags: uint(31, 0),
});

/** `enum iommu_hw_info_vtd_flags`. */
export const HW_INFO_VTD_ERRATA_772415_SPR17 = 1;
