/**
 * Identification registers: what an implementation supports. Constant after reset, so every field is read-only.
 */

import { bit, bits, oneOf, reserved, ro, uint, word } from '#hw-models/core/bits';

/** log2 of address sizes by the encoding that OAS and S2PS share, in bits. @spec SMMU-V3 "SMMU_IDR5" */
export const ADDRESS_SIZES = [32, 36, 40, 42, 44, 48, 52, 56] as const;

/** Stages, table formats, queues and models of faults. @spec SMMU-V3 "SMMU_IDR0" */
export const Idr0 = word(32, 'SMMU_IDR0', {
  rsv31: reserved(31),
  RME_IMPL: ro(bit(30)),
  rsv29: reserved(29),
  ST_LEVEL: ro(oneOf(28, 27, { linear: 0, twoLevel: 1 })),
  TERM_MODEL: ro(bit(26)),
  STALL_MODEL: ro(oneOf(25, 24, { stallOrTerminate: 0, terminate: 1, stall: 2 })),
  ATSRECERR: ro(bit(23)),
  TTENDIAN: ro(oneOf(22, 21, { mixed: 0, little: 2, big: 3 })),
  VATOS: ro(bit(20)),
  CD2L: ro(bit(19)),
  VMID16: ro(bit(18)),
  VMW: ro(bit(17)),
  PRI: ro(bit(16)),
  ATOS: ro(bit(15)),
  SEV: ro(bit(14)),
  MSI: ro(bit(13)),
  ASID16: ro(bit(12)),
  NS1ATS: ro(bit(11)),
  ATS: ro(bit(10)),
  Hyp: ro(bit(9)),
  DORMHINT: ro(bit(8)),
  HTTU: ro(oneOf(7, 6, { none: 0, access: 1, accessAndDirty: 2, accessOfTablesToo: 3 })),
  BTM: ro(bit(5)),
  COHACC: ro(bit(4)),
  TTF: ro(oneOf(3, 2, { VMSAv8_32: 1, VMSAv8_64: 2, both: 3 })),
  S1P: ro(bit(1)),
  S2P: ro(bit(0)),
});

/** Sizes of identifiers and queues, each as log2. @spec SMMU-V3 "SMMU_IDR1" */
export const Idr1 = word(32, 'SMMU_IDR1', {
  ECMDQ: ro(bit(31)),
  TABLES_PRESET: ro(bit(30)),
  QUEUES_PRESET: ro(bit(29)),
  REL: ro(bit(28)),
  ATTR_TYPES_OVR: ro(bit(27)),
  ATTR_PERMS_OVR: ro(bit(26)),
  CMDQS: ro(uint(25, 21)),
  EVENTQS: ro(uint(20, 16)),
  PRIQS: ro(uint(15, 11)),
  SSIDSIZE: ro(uint(10, 6)),
  SIDSIZE: ro(uint(5, 0)),
});

/** Where the VATOS page lies. @spec SMMU-V3 "SMMU_IDR2" */
export const Idr2 = word(32, 'SMMU_IDR2', { rsv: reserved(31, 10), BA_VATOS: ro(uint(9, 0)) });

/** Extensions of SMMUv3.1 and later. @spec SMMU-V3 "SMMU_IDR3" */
export const Idr3 = word(32, 'SMMU_IDR3', {
  rsv24: reserved(31, 24),
  AIE: ro(bit(23)),
  MTEPERM: ro(bit(22)),
  THE: ro(bit(21)),
  S2PO: ro(bit(20)),
  S2PI: ro(bit(19)),
  S1PI: ro(bit(18)),
  EPAN: ro(bit(17)),
  PASIDTT: ro(bit(16)),
  DPT: ro(bit(15)),
  PTWNNC: ro(bit(14)),
  E0PD: ro(bit(13)),
  BBML: ro(uint(12, 11)),
  RIL: ro(bit(10)),
  STT: ro(bit(9)),
  FWB: ro(bit(8)),
  MPAM: ro(bit(7)),
  rsv6: reserved(6),
  PPS: ro(bit(5)),
  XNX: ro(bit(4)),
  PBHA: ro(bit(3)),
  HAD: ro(bit(2)),
  rsv0: reserved(1, 0),
});

/** Left to the implementation. @spec SMMU-V3 "SMMU_IDR4" */
export const Idr4 = word(32, 'SMMU_IDR4', { IMPDEF: ro(bits(31, 0)) });

/** Granules and the output address size, see `ADDRESS_SIZES`. @spec SMMU-V3 "SMMU_IDR5" */
export const Idr5 = word(32, 'SMMU_IDR5', {
  STALL_MAX: ro(uint(31, 16)),
  rsv12: reserved(15, 12),
  VAX: ro(uint(11, 10)),
  rsv9: reserved(9),
  D128: ro(bit(8)),
  DS: ro(bit(7)),
  GRAN64K: ro(bit(6)),
  GRAN16K: ro(bit(5)),
  GRAN4K: ro(bit(4)),
  rsv3: reserved(3),
  OAS: ro(uint(2, 0)),
});

/** Enhanced Command queues; all zero without IDR1.ECMDQ. @spec SMMU-V3 "SMMU_IDR6" */
export const Idr6 = word(32, 'SMMU_IDR6', {
  rsv28: reserved(31, 28),
  CMDQ_CONTROL_PAGE_LOG2NUMP: ro(uint(27, 24)),
  rsv20: reserved(23, 20),
  CMDQ_CONTROL_PAGE_LOG2NUMQ: ro(uint(19, 16)),
  rsv0: reserved(15, 0),
});

/** Who made the part. @spec SMMU-V3 "SMMU_IIDR" */
export const Iidr = word(32, 'SMMU_IIDR', {
  ProductID: ro(uint(31, 20)),
  Variant: ro(uint(19, 16)),
  Revision: ro(uint(15, 12)),
  Implementer: ro(uint(11, 0)),
});

/** Version of the architecture: minor 2 is SMMUv3.2. @spec SMMU-V3 "SMMU_AIDR" */
export const Aidr = word(32, 'SMMU_AIDR', {
  rsv: reserved(31, 8),
  ArchMajorRev: ro(uint(7, 4)),
  ArchMinorRev: ro(uint(3, 0)),
});
