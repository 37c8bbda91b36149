/**
 * What each register of a VT-d remapping unit consists of, and where it lies. Names are the specification's, without `_REG`. Registers of
 * features that this model leaves out are not here: offsets without a register read as 0.
 *
 * Driver-derived (`LINUX-VTD` iommu.h, `QEMU-VTD`): PQH, PQT and the index of FSTS. The rest is also in Intel's published register
 * descriptions of processors.
 */
import { bit, bits, oneOf, reserved, ro, uint, w1c, word, type AnyLayout } from '#hw-models/core/bits';

/** @spec VT-D "Version Register" */
export const Ver = word(32, 'VER', { rsv8: reserved(31, 8), MAX: ro(uint(7, 4)), MIN: ro(uint(3, 0)) });

/** Encodings, not meanings: MGAW is the width less 1, NFR the number less 1, FRO in units of 16 bytes. @spec VT-D "Capability Register" */
export const Cap = word(64, 'CAP', {
  ESRTPS: ro(bit(63)),
  ESIRTPS: ro(bit(62)),
  ECMDS: ro(bit(61)),
  FL5LP: ro(bit(60)),
  PI: ro(bit(59)),
  rsv57: reserved(58, 57),
  FL1GP: ro(bit(56)),
  DRD: ro(bit(55)),
  DWD: ro(bit(54)),
  MAMV: ro(uint(53, 48)),
  NFR: ro(uint(47, 40)),
  PSI: ro(bit(39)),
  rsv38: reserved(38),
  /** Bit 0: 2 MiB, bit 1: 1 GiB. */
  SLLPS: ro(uint(37, 34)),
  FRO: ro(uint(33, 24)),
  rsv23: reserved(23),
  ZLR: ro(bit(22)),
  MGAW: ro(uint(21, 16)),
  rsv13: reserved(15, 13),
  /** Bit 1: 39 bits in 3 levels, bit 2: 48 in 4, bit 3: 57 in 5. */
  SAGAW: ro(uint(12, 8)),
  CM: ro(bit(7)),
  PHMR: ro(bit(6)),
  PLMR: ro(bit(5)),
  RWBF: ro(bit(4)),
  AFL: ro(bit(3)),
  /** Domain-ids have 4 + 2·ND bits. */
  ND: ro(uint(2, 0)),
});

/** PSS is the width less 1, IRO in units of 16 bytes. @spec VT-D "Extended Capability Register" */
export const Ecap = word(64, 'ECAP', {
  rsv58: reserved(63, 58),
  PBDS: ro(bit(57)),
  PTRS: ro(bit(56)),
  HPTS: ro(bit(55)),
  rsv54: reserved(54),
  RPRIVS: ro(bit(53)),
  ADMS: ro(bit(52)),
  PMS: ro(bit(51)),
  TDXIO: ro(bit(50)),
  RPS: ro(bit(49)),
  SMPWC: ro(bit(48)),
  FLTS: ro(bit(47)),
  SLTS: ro(bit(46)),
  SLADS: ro(bit(45)),
  VCS: ro(bit(44)),
  SMTS: ro(bit(43)),
  PDS: ro(bit(42)),
  DIT: ro(bit(41)),
  PASID: ro(bit(40)),
  PSS: ro(uint(39, 35)),
  EAFS: ro(bit(34)),
  NWFS: ro(bit(33)),
  rsv32: reserved(32),
  SRS: ro(bit(31)),
  ERS: ro(bit(30)),
  PRS: ro(bit(29)),
  rsv28: reserved(28),
  DIS: ro(bit(27)),
  NEST: ro(bit(26)),
  MTS: ro(bit(25)),
  rsv24: reserved(24),
  MHMV: ro(uint(23, 20)),
  rsv18: reserved(19, 18),
  IRO: ro(uint(17, 8)),
  SC: ro(bit(7)),
  PT: ro(bit(6)),
  rsv5: reserved(5),
  EIM: ro(bit(4)),
  IR: ro(bit(3)),
  DT: ro(bit(2)),
  QI: ro(bit(1)),
  C: ro(bit(0)),
});

/** Switches, and orders that last for one write: SRTP, SFL, WBF and SIRTP. @spec VT-D "Global Command Register" */
export const Gcmd = word(32, 'GCMD', {
  TE: bit(31),
  SRTP: bit(30),
  SFL: bit(29),
  EAFL: bit(28),
  WBF: bit(27),
  QIE: bit(26),
  IRE: bit(25),
  SIRTP: bit(24),
  CFI: bit(23),
  rsv0: reserved(22, 0),
});

/** @spec VT-D "Global Status Register" */
export const Gsts = word(32, 'GSTS', {
  TES: ro(bit(31)),
  RTPS: ro(bit(30)),
  FLS: ro(bit(29)),
  AFLS: ro(bit(28)),
  WBFS: ro(bit(27)),
  QIES: ro(bit(26)),
  IRES: ro(bit(25)),
  IRTPS: ro(bit(24)),
  CFIS: ro(bit(23)),
  rsv0: reserved(22, 0),
});

/** RTA is in units of 4 KiB. Acts from GCMD.SRTP on. @spec VT-D "Root Table Address Register" */
export const Rtaddr = word(64, 'RTADDR', {
  RTA: uint(63, 12),
  TTM: oneOf(11, 10, { legacy: 0, scalable: 1, abort: 3 }),
  rsv0: reserved(9, 0),
});

/** @spec VT-D "Context Command Register" */
export const Ccmd = word(64, 'CCMD', {
  ICC: bit(63),
  CIRG: uint(62, 61),
  CAIG: ro(uint(60, 59)),
  rsv34: reserved(58, 34),
  FM: uint(33, 32),
  SID: uint(31, 16),
  DID: uint(15, 0),
});

/** @spec VT-D "Fault Status Register" */
export const Fsts = word(32, 'FSTS', {
  rsv16: reserved(31, 16),
  FRI: ro(uint(15, 8)),
  rsv7: reserved(7),
  ITE: w1c(bit(6)),
  ICE: w1c(bit(5)),
  IQE: w1c(bit(4)),
  rsv2: reserved(3, 2),
  PPF: ro(bit(1)),
  PFO: w1c(bit(0)),
});

const eventControl = { IM: bit(31), IP: ro(bit(30)), rsv0: reserved(29, 0) };
const eventData = { EIMD: uint(31, 16), IMD: uint(15, 0) };
const eventAddress = { MA: uint(31, 2), rsv0: reserved(1, 0) };
const eventUpperAddress = { MUA: uint(31, 0) };

/** @spec VT-D "Fault Event Control Register" */
export const Fectl = word(32, 'FECTL', eventControl);
/** @spec VT-D "Fault Event Data Register" */
export const Fedata = word(32, 'FEDATA', eventData);
/** In units of 4 bytes. @spec VT-D "Fault Event Address Register" */
export const Feaddr = word(32, 'FEADDR', eventAddress);
/** @spec VT-D "Fault Event Upper Address Register" */
export const Feuaddr = word(32, 'FEUADDR', eventUpperAddress);

/** In units of 16 bytes, whatever IQA.DW says. @spec VT-D "Invalidation Queue Head Register" */
export const Iqh = word(64, 'IQH', { rsv19: reserved(63, 19), QH: ro(uint(18, 4)), rsv0: reserved(3, 0) });
/** As above. @spec VT-D "Invalidation Queue Tail Register" */
export const Iqt = word(64, 'IQT', { rsv19: reserved(63, 19), QT: uint(18, 4), rsv0: reserved(3, 0) });
/** A page number; DW: descriptors of 256 bits; QS: log2 of the pages. @spec VT-D "Invalidation Queue Address Register" */
export const Iqa = word(64, 'IQA', { IQA: uint(63, 12), DW: bit(11), rsv3: reserved(10, 3), QS: uint(2, 0) });
/** @spec VT-D "Invalidation Completion Status Register" */
export const Ics = word(32, 'ICS', { rsv1: reserved(31, 1), IWC: w1c(bit(0)) });
/** @spec VT-D "Invalidation Event Control Register" */
export const Iectl = word(32, 'IECTL', eventControl);
/** @spec VT-D "Invalidation Event Data Register" */
export const Iedata = word(32, 'IEDATA', eventData);
/** In units of 4 bytes. @spec VT-D "Invalidation Event Address Register" */
export const Ieaddr = word(32, 'IEADDR', eventAddress);
/** @spec VT-D "Invalidation Event Upper Address Register" */
export const Ieuaddr = word(32, 'IEUADDR', eventUpperAddress);

/** What IQERCD.IQEI says. @spec VT-D "Invalidation Queue Error Record Register" */
export const QUEUE_ERRORS = { none: 0, tail: 1, fetch: 2, type: 3, reserved: 4, width: 5, 'fetch-order': 6 } as const;

/** @spec VT-D "Invalidation Queue Error Record Register" */
export const Iqercd = word(64, 'IQERCD', {
  ICESID: ro(uint(63, 48)),
  ITESID: ro(uint(47, 32)),
  rsv4: reserved(31, 4),
  IQEI: ro(uint(3, 0)),
});

/** In units of 32 bytes. @spec VT-D "Page Request Queue Head Register" */
export const Pqh = word(64, 'PQH', { rsv19: reserved(63, 19), PQH: uint(18, 5), rsv0: reserved(4, 0) });
/** As above. @spec VT-D "Page Request Queue Tail Register" */
export const Pqt = word(64, 'PQT', { rsv19: reserved(63, 19), PQT: uint(18, 5), rsv0: reserved(4, 0) });
/** A page number; PQS: log2 of the pages. @spec VT-D "Page Request Queue Address Register" */
export const Pqa = word(64, 'PQA', { PQA: uint(63, 12), rsv3: reserved(11, 3), PQS: uint(2, 0) });
/** @spec VT-D "Page Request Status Register" */
export const Prs = word(32, 'PRS', { rsv2: reserved(31, 2), PRO: w1c(bit(1)), PPR: w1c(bit(0)) });
/** @spec VT-D "Page Request Event Control Register" */
export const Pectl = word(32, 'PECTL', eventControl);
/** @spec VT-D "Page Request Event Data Register" */
export const Pedata = word(32, 'PEDATA', eventData);
/** In units of 4 bytes. @spec VT-D "Page Request Event Address Register" */
export const Peaddr = word(32, 'PEADDR', eventAddress);
/** @spec VT-D "Page Request Event Upper Address Register" */
export const Peuaddr = word(32, 'PEUADDR', eventUpperAddress);

/** @spec VT-D "Fault Recording Registers" */
export const Frcd = word(128, 'FRCD', {
  F: w1c(bit(127)),
  T1: ro(bit(126)),
  AT: ro(uint(125, 124)),
  PV: ro(uint(123, 104)),
  FR: ro(uint(103, 96)),
  PP: ro(bit(95)),
  EXE: ro(bit(94)),
  PRIV: ro(bit(93)),
  T2: ro(bit(92)),
  rsv80: reserved(91, 80),
  SID: ro(uint(79, 64)),
  FI: ro(bits(63, 12)),
  rsv0: reserved(11, 0),
});

/** @spec VT-D "Invalidate Address Register" */
export const Iva = word(64, 'IVA', { ADDR: bits(63, 12), rsv7: reserved(11, 7), IH: bit(6), AM: uint(5, 0) });
/** @spec VT-D "IOTLB Invalidate Register" */
export const Iotlb = word(64, 'IOTLB', {
  IVT: bit(63),
  rsv62: reserved(62),
  IIRG: uint(61, 60),
  rsv59: reserved(59),
  IAIG: ro(uint(58, 57)),
  rsv50: reserved(56, 50),
  DR: bit(49),
  DW: bit(48),
  DID: uint(47, 32),
  rsv0: reserved(31, 0),
});

/** Where this model has the registers whose place CAP.FRO and ECAP.IRO tell, in bytes. */
export const FAULT_RECORDING_OFFSET = 0x400;
export const IOTLB_OFFSET = 0x500;

/** The most fault recording registers that this model has room for. */
export const FAULT_RECORDS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const;
export type FaultRecordIndex = (typeof FAULT_RECORDS)[number];

interface Placed<L extends AnyLayout> {
  readonly at: number;
  readonly layout: L;
}

const faultRecords = Object.fromEntries(
  FAULT_RECORDS.map((index) => [`FRCD${index}`, { at: FAULT_RECORDING_OFFSET + index * 16, layout: Frcd }]),
) as { readonly [I in FaultRecordIndex as `FRCD${I}`]: Placed<typeof Frcd> };

/** The registers and their offsets. @spec VT-D "Register Location" */
export const MAP = {
  VER: { at: 0x00, layout: Ver },
  CAP: { at: 0x08, layout: Cap },
  ECAP: { at: 0x10, layout: Ecap },
  GCMD: { at: 0x18, layout: Gcmd },
  GSTS: { at: 0x1c, layout: Gsts },
  RTADDR: { at: 0x20, layout: Rtaddr },
  CCMD: { at: 0x28, layout: Ccmd },
  FSTS: { at: 0x34, layout: Fsts },
  FECTL: { at: 0x38, layout: Fectl },
  FEDATA: { at: 0x3c, layout: Fedata },
  FEADDR: { at: 0x40, layout: Feaddr },
  FEUADDR: { at: 0x44, layout: Feuaddr },
  IQH: { at: 0x80, layout: Iqh },
  IQT: { at: 0x88, layout: Iqt },
  IQA: { at: 0x90, layout: Iqa },
  ICS: { at: 0x9c, layout: Ics },
  IECTL: { at: 0xa0, layout: Iectl },
  IEDATA: { at: 0xa4, layout: Iedata },
  IEADDR: { at: 0xa8, layout: Ieaddr },
  IEUADDR: { at: 0xac, layout: Ieuaddr },
  IQERCD: { at: 0xb0, layout: Iqercd },
  PQH: { at: 0xc0, layout: Pqh },
  PQT: { at: 0xc8, layout: Pqt },
  PQA: { at: 0xd0, layout: Pqa },
  PRS: { at: 0xdc, layout: Prs },
  PECTL: { at: 0xe0, layout: Pectl },
  PEDATA: { at: 0xe4, layout: Pedata },
  PEADDR: { at: 0xe8, layout: Peaddr },
  PEUADDR: { at: 0xec, layout: Peuaddr },
  ...faultRecords,
  IVA: { at: IOTLB_OFFSET, layout: Iva },
  IOTLB: { at: IOTLB_OFFSET + 8, layout: Iotlb },
} as const;

/** A register by its name. */
export type RegisterName = keyof typeof MAP;
