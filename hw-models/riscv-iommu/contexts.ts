/**
 * Structures in memory that say how a device's requests are translated: the device directory with its device contexts, the process
 * directory with its process contexts, and MSI page table entries. A PPN is in units of 4 KiB.
 */
import { bit, bits, oneOf, reserved, uint, word } from '#hw-models/core/bits';

/** log2 of the entries that one level of a directory resolves, from the last level on. @spec RISCV-IOMMU "Data Structures" */
export const DEVICE_INDEX_BITS = { base: [7, 9, 8], extended: [6, 9, 9] } as const;
/** As above, for a process_id. */
export const PROCESS_INDEX_BITS = [8, 9, 3] as const;

/** Words of a device context in either format. */
export const DC_WORDS = { base: 4, extended: 8 } as const;
/** Words of a process context. */
export const PC_WORDS = 2;

const pointer = { rsv54: reserved(63, 54), PPN: uint(53, 10), rsv1: reserved(9, 1), V: bit(0) };

/** Leads to the next table of the device directory. @spec RISCV-IOMMU "Non-leaf DDT entry" */
export const DdtEntry = word(64, 'DDTE', pointer);

/** Leads to the next table of the process directory. @spec RISCV-IOMMU "Non-leaf PDT entry" */
export const PdtEntry = word(64, 'PDTE', pointer);

/** @spec RISCV-IOMMU "Translation control (`tc`)" */
export const Tc = word(64, 'DC.tc', {
  rsv32: reserved(63, 32),
  custom: uint(31, 24),
  rsv12: reserved(23, 12),
  SXL: bit(11),
  SBE: bit(10),
  DPE: bit(9),
  SADE: bit(8),
  GADE: bit(7),
  PRPR: bit(6),
  PDTV: bit(5),
  DTF: bit(4),
  T2GPA: bit(3),
  EN_PRI: bit(2),
  EN_ATS: bit(1),
  V: bit(0),
});

/** Encodings of MODE while fctl.GXL is 0. @spec RISCV-IOMMU "IO hypervisor guest address translation and protection (`iohgatp`)" */
export const Iohgatp = word(64, 'DC.iohgatp', {
  MODE: oneOf(63, 60, { Bare: 0, Sv39x4: 8, Sv48x4: 9, Sv57x4: 10 }),
  GSCID: uint(59, 44),
  PPN: uint(43, 0),
});

/** RCID and MCID exist with capabilities.QOSID only. @spec RISCV-IOMMU "Translation attributes (`ta`)" */
export const DcTa = word(64, 'DC.ta', { rsv32: reserved(63, 32), PSCID: uint(31, 12), rsv0: reserved(11, 0) });

const firstStage = { rsv44: reserved(59, 44), PPN: uint(43, 0) };

/** DC.fsc while PDTV is 0, and PC.fsc; encodings while SXL is 0. @spec RISCV-IOMMU "First-Stage context (`fsc`)" */
export const Iosatp = word(64, 'iosatp', { MODE: oneOf(63, 60, { Bare: 0, Sv39: 8, Sv48: 9, Sv57: 10 }), ...firstStage });

/** DC.fsc while PDTV is 1. @spec RISCV-IOMMU "First-Stage context (`fsc`)" */
export const Pdtp = word(64, 'pdtp', { MODE: oneOf(63, 60, { Bare: 0, PD8: 1, PD17: 2, PD20: 3 }), ...firstStage });

/** @spec RISCV-IOMMU "MSI page table pointer (`msiptp`)" */
export const Msiptp = word(64, 'DC.msiptp', { MODE: oneOf(63, 60, { Off: 0, Flat: 1 }), ...firstStage });

/** @spec RISCV-IOMMU "MSI address mask (`msi_addr_mask`) and pattern (`msi_addr_pattern`)" */
export const MsiAddrMask = word(64, 'DC.msi_addr_mask', { rsv52: reserved(63, 52), mask: bits(51, 0) });
/** As above. */
export const MsiAddrPattern = word(64, 'DC.msi_addr_pattern', { rsv52: reserved(63, 52), pattern: bits(51, 0) });
/** The last word of the extended format. @spec RISCV-IOMMU "Leaf DDT entry" */
export const DcLast = word(64, 'DC, last word', { rsv0: reserved(63, 0) });

/** @spec RISCV-IOMMU "Process-context fields" */
export const PcTa = word(64, 'PC.ta', {
  rsv32: reserved(63, 32),
  PSCID: uint(31, 12),
  rsv3: reserved(11, 3),
  SUM: bit(2),
  ENS: bit(1),
  V: bit(0),
});

const msiPte = { C: bit(63), rsv54: reserved(62, 54) };
const msiMode = { M: oneOf(2, 1, { interruptFile: 1, basic: 3 }), V: bit(0) };

/** The first word of an MSI PTE in basic translate mode; the second has no meaning. @spec RISCV-AIA "MSI page tables" */
export const MsiBasic = word(64, 'MSI PTE, basic translate mode', { ...msiPte, PPN: uint(53, 10), rsv3: reserved(9, 3), ...msiMode });

/** The first word in MRIF mode; the address is in units of 512 bytes. @spec RISCV-AIA "MSI page tables" */
export const MsiFile = word(64, 'MSI PTE, MRIF mode', { ...msiPte, file: uint(53, 7), rsv3: reserved(6, 3), ...msiMode });

/** The second word in MRIF mode. @spec RISCV-AIA "MSI page tables" */
export const MsiNotice = word(64, 'MSI PTE, MRIF mode, second word', {
  rsv61: reserved(63, 61),
  N10: uint(60, 60),
  rsv54: reserved(59, 54),
  NPPN: uint(53, 10),
  N: uint(9, 0),
});
