/**
 * What each register of a RISC-V IOMMU consists of, and where it lies. Names are the specification's. A field that is hardwired or WARL
 * is plain here: `control.ts` has the rules.
 */
import { bit, bits, oneOf, reserved, ro, uint, w1c, word, type AnyLayout } from '#hw-models/core/bits';

/** What is supported. @spec RISCV-IOMMU "IOMMU capabilities (capabilities)" */
export const CapabilitiesRegister = word(64, 'capabilities', {
  custom: reserved(63, 56),
  rsv44: reserved(55, 44),
  S: ro(bit(43)),
  NL: ro(bit(42)),
  QOSID: ro(bit(41)),
  PD20: ro(bit(40)),
  PD17: ro(bit(39)),
  PD8: ro(bit(38)),
  PAS: ro(uint(37, 32)),
  DBG: ro(bit(31)),
  HPM: ro(bit(30)),
  IGS: ro(oneOf(29, 28, { MSI: 0, WSI: 1, both: 2 })),
  END: ro(bit(27)),
  T2GPA: ro(bit(26)),
  ATS: ro(bit(25)),
  AMO_HWAD: ro(bit(24)),
  MSI_MRIF: ro(bit(23)),
  MSI_FLAT: ro(bit(22)),
  AMO_MRIF: ro(bit(21)),
  rsv20: reserved(20),
  Sv57x4: ro(bit(19)),
  Sv48x4: ro(bit(18)),
  Sv39x4: ro(bit(17)),
  Sv32x4: ro(bit(16)),
  Svpbmt: ro(bit(15)),
  Svrsw60t59b: ro(bit(14)),
  rsv12: reserved(13, 12),
  Sv57: ro(bit(11)),
  Sv48: ro(bit(10)),
  Sv39: ro(bit(9)),
  Sv32: ro(bit(8)),
  version: ro(uint(7, 0)),
});

/** Which features are on. @spec RISCV-IOMMU "Features-control register (fctl)" */
export const Fctl = word(32, 'fctl', { custom: reserved(31, 16), rsv3: reserved(15, 3), GXL: bit(2), WSI: bit(1), BE: bit(0) });

/** Where the device directory lies, as a page number, and how many levels it has. @spec RISCV-IOMMU "Device-directory-table pointer (ddtp)" */
export const Ddtp = word(64, 'ddtp', {
  rsv54: reserved(63, 54),
  PPN: uint(53, 10),
  rsv5: reserved(9, 5),
  busy: ro(bit(4)),
  iommu_mode: oneOf(3, 0, { Off: 0, Bare: 1, '1LVL': 2, '2LVL': 3, '3LVL': 4 }),
});

const queueBase = { rsv54: reserved(63, 54), PPN: uint(53, 10), rsv5: reserved(9, 5), 'LOG2SZ-1': uint(4, 0) };
const softwareIndex = { index: uint(31, 0) };
const hardwareIndex = { index: ro(uint(31, 0)) };

/** Where the command queue lies, as a page number, and log2 of its entries less 1. @spec RISCV-IOMMU "Command-queue base (cqb)" */
export const Cqb = word(64, 'cqb', queueBase);
/** The next command to fetch. @spec RISCV-IOMMU "Command-queue head (cqh)" */
export const Cqh = word(32, 'cqh', hardwareIndex);
/** Where software queues the next command. @spec RISCV-IOMMU "Command-queue tail (cqt)" */
export const Cqt = word(32, 'cqt', softwareIndex);
/** The same as `cqb` for the fault queue. @spec RISCV-IOMMU "Fault queue base (fqb)" */
export const Fqb = word(64, 'fqb', queueBase);
/** The next record that software reads. @spec RISCV-IOMMU "Fault queue head (fqh)" */
export const Fqh = word(32, 'fqh', softwareIndex);
/** Where the next record goes. @spec RISCV-IOMMU "Fault queue tail (fqt)" */
export const Fqt = word(32, 'fqt', hardwareIndex);
/** The same as `cqb` for the page-request queue. @spec RISCV-IOMMU "Page-request-queue base (pqb)" */
export const Pqb = word(64, 'pqb', queueBase);
/** The next message that software reads. @spec RISCV-IOMMU "Page-request-queue head (pqh)" */
export const Pqh = word(32, 'pqh', softwareIndex);
/** Where the next message goes. @spec RISCV-IOMMU "Page-request-queue tail (pqt)" */
export const Pqt = word(32, 'pqt', hardwareIndex);

const csrStatus = { custom: reserved(31, 28), rsv18: reserved(27, 18), busy: ro(bit(17)) };

/** Switches and errors of the command queue. @spec RISCV-IOMMU "Command-queue CSR (cqcsr)" */
export const Cqcsr = word(32, 'cqcsr', {
  ...csrStatus,
  cqon: ro(bit(16)),
  rsv12: reserved(15, 12),
  fence_w_ip: w1c(bit(11)),
  cmd_ill: w1c(bit(10)),
  cmd_to: w1c(bit(9)),
  cqmf: w1c(bit(8)),
  rsv2: reserved(7, 2),
  cie: bit(1),
  cqen: bit(0),
});

/** Switches and errors of the fault queue. @spec RISCV-IOMMU "Fault queue CSR (fqcsr)" */
export const Fqcsr = word(32, 'fqcsr', {
  ...csrStatus,
  fqon: ro(bit(16)),
  rsv10: reserved(15, 10),
  fqof: w1c(bit(9)),
  fqmf: w1c(bit(8)),
  rsv2: reserved(7, 2),
  fie: bit(1),
  fqen: bit(0),
});

/** Switches and errors of the page-request queue. @spec RISCV-IOMMU "Page-request-queue CSR (pqcsr)" */
export const Pqcsr = word(32, 'pqcsr', {
  ...csrStatus,
  pqon: ro(bit(16)),
  rsv10: reserved(15, 10),
  pqof: w1c(bit(9)),
  pqmf: w1c(bit(8)),
  rsv2: reserved(7, 2),
  pie: bit(1),
  pqen: bit(0),
});

/** Interrupts that software has not served. @spec RISCV-IOMMU "Interrupt pending status register (ipsr)" */
export const Ipsr = word(32, 'ipsr', {
  rsv16: reserved(31, 16),
  custom: reserved(15, 8),
  rsv4: reserved(7, 4),
  pip: w1c(bit(3)),
  pmip: w1c(bit(2)),
  fip: w1c(bit(1)),
  cip: w1c(bit(0)),
});

/** Counters that overflowed. @spec RISCV-IOMMU "Performance-monitoring counter overflow status (iocountovf)" */
export const Iocountovf = word(32, 'iocountovf', { HPM: ro(uint(31, 1)), CY: ro(bit(0)) });
/** Counters that stand still. @spec RISCV-IOMMU "Performance-monitoring counter inhibits (iocountinh)" */
export const Iocountinh = word(32, 'iocountinh', { HPM: uint(31, 1), CY: bit(0) });
/** Clock cycles. @spec RISCV-IOMMU "Performance-monitoring cycles counter (iohpmcycles)" */
export const Iohpmcycles = word(64, 'iohpmcycles', { OF: bit(63), counter: bits(62, 0) });
/** How often an event came. @spec RISCV-IOMMU "Performance-monitoring event counters (iohpmctr1-31)" */
export const Iohpmctr = word(64, 'iohpmctr', { counter: bits(63, 0) });
/** The event that a counter counts. @spec RISCV-IOMMU "Performance-monitoring event selectors (iohpmevt1-31)" */
export const Iohpmevt = word(64, 'iohpmevt', {
  OF: bit(63),
  IDT: bit(62),
  DV_GSCV: bit(61),
  PV_PSCV: bit(60),
  DID_GSCID: uint(59, 36),
  PID_PSCID: uint(35, 16),
  DMASK: bit(15),
  eventID: uint(14, 0),
});

/** The IOVA to translate for software, as a page number. @spec RISCV-IOMMU "Translation-request IOVA (tr_req_iova)" */
export const TrReqIova = word(64, 'tr_req_iova', { vpn: bits(63, 12), rsv0: reserved(11, 0) });
/** Who asks for the translation, and for what. @spec RISCV-IOMMU "Translation-request control (tr_req_ctl)" */
export const TrReqCtl = word(64, 'tr_req_ctl', {
  DID: uint(63, 40),
  custom: reserved(39, 36),
  rsv33: reserved(35, 33),
  PV: bit(32),
  PID: uint(31, 12),
  rsv4: reserved(11, 4),
  NW: bit(3),
  Exe: bit(2),
  Priv: bit(1),
  'Go/Busy': bit(0),
});
/** The translation. @spec RISCV-IOMMU "Translation-response (tr_response)" */
export const TrResponse = word(64, 'tr_response', {
  custom: reserved(63, 60),
  rsv54: reserved(59, 54),
  PPN: ro(bits(53, 10)),
  S: ro(bit(9)),
  PBMT: ro(oneOf(8, 7, { PMA: 0, NC: 1, IO: 2 })),
  rsv1: reserved(6, 1),
  fault: ro(bit(0)),
});

/** Identifiers of the IOMMU's own accesses. @spec RISCV-IOMMU "IOMMU QoS ID (iommu_qosid)" */
export const IommuQosid = word(32, 'iommu_qosid', {
  rsv28: reserved(31, 28),
  MCID: uint(27, 16),
  rsv12: reserved(15, 12),
  RCID: uint(11, 0),
});

/** The vector of each interrupt. @spec RISCV-IOMMU "Interrupt-cause-to-vector register (icvec)" */
export const Icvec = word(64, 'icvec', {
  custom: reserved(63, 32),
  rsv16: reserved(31, 16),
  piv: uint(15, 12),
  pmiv: uint(11, 8),
  fiv: uint(7, 4),
  civ: uint(3, 0),
});

/** Where the message of a vector goes, in units of 4 bytes. @spec RISCV-IOMMU "MSI configuration table (msi_cfg_tbl)" */
export const MsiAddr = word(64, 'msi_addr', { rsv56: reserved(63, 56), ADDR: bits(55, 2), rsv0: reserved(1, 0) });
/** What it writes. @spec RISCV-IOMMU "MSI configuration table (msi_cfg_tbl)" */
export const MsiData = word(32, 'msi_data', { data: uint(31, 0) });
/** Whether it is held back. @spec RISCV-IOMMU "MSI configuration table (msi_cfg_tbl)" */
export const MsiVecCtl = word(32, 'msi_vec_ctl', { rsv1: reserved(31, 1), M: bit(0) });

/** Every vector that the registers have room for. */
export const VECTORS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const;
export type Vector = (typeof VECTORS)[number];

interface Placed<L extends AnyLayout> {
  readonly at: number;
  readonly layout: L;
}

const row = <N extends string, L extends AnyLayout>(name: N, at: number, layout: L): Readonly<Record<N, Placed<L>>> =>
  ({ [name]: { at, layout } }) as Record<N, Placed<L>>;

type MessageTable = { readonly [V in Vector as `msi_addr_${V}`]: Placed<typeof MsiAddr> } & {
  readonly [V in Vector as `msi_data_${V}`]: Placed<typeof MsiData>;
} & { readonly [V in Vector as `msi_vec_ctl_${V}`]: Placed<typeof MsiVecCtl> };

const messages = Object.assign(
  {},
  ...VECTORS.map((vector) => ({
    ...row(`msi_addr_${vector}`, 0x300 + vector * 16, MsiAddr),
    ...row(`msi_data_${vector}`, 0x308 + vector * 16, MsiData),
    ...row(`msi_vec_ctl_${vector}`, 0x30c + vector * 16, MsiVecCtl),
  })),
) as MessageTable;

/** Counters of the performance monitor besides its cycles. */
const COUNTERS = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
] as const;
type Counter = (typeof COUNTERS)[number];

type Counters = { readonly [C in Counter as `iohpmctr${C}`]: Placed<typeof Iohpmctr> } & {
  readonly [C in Counter as `iohpmevt${C}`]: Placed<typeof Iohpmevt>;
};

const counters = Object.assign(
  {},
  ...COUNTERS.map((counter) => ({
    ...row(`iohpmctr${counter}`, 0x60 + counter * 8, Iohpmctr),
    ...row(`iohpmevt${counter}`, 0x158 + counter * 8, Iohpmevt),
  })),
) as Counters;

/** The registers and their offsets. @spec RISCV-IOMMU "Register layout" */
export const MAP = {
  capabilities: { at: 0x000, layout: CapabilitiesRegister },
  fctl: { at: 0x008, layout: Fctl },
  ddtp: { at: 0x010, layout: Ddtp },
  cqb: { at: 0x018, layout: Cqb },
  cqh: { at: 0x020, layout: Cqh },
  cqt: { at: 0x024, layout: Cqt },
  fqb: { at: 0x028, layout: Fqb },
  fqh: { at: 0x030, layout: Fqh },
  fqt: { at: 0x034, layout: Fqt },
  pqb: { at: 0x038, layout: Pqb },
  pqh: { at: 0x040, layout: Pqh },
  pqt: { at: 0x044, layout: Pqt },
  cqcsr: { at: 0x048, layout: Cqcsr },
  fqcsr: { at: 0x04c, layout: Fqcsr },
  pqcsr: { at: 0x050, layout: Pqcsr },
  ipsr: { at: 0x054, layout: Ipsr },
  iocountovf: { at: 0x058, layout: Iocountovf },
  iocountinh: { at: 0x05c, layout: Iocountinh },
  iohpmcycles: { at: 0x060, layout: Iohpmcycles },
  ...counters,
  tr_req_iova: { at: 0x258, layout: TrReqIova },
  tr_req_ctl: { at: 0x260, layout: TrReqCtl },
  tr_response: { at: 0x268, layout: TrResponse },
  iommu_qosid: { at: 0x270, layout: IommuQosid },
  icvec: { at: 0x2f8, layout: Icvec },
  ...messages,
} as const;

/** A register by its name. */
export type RegisterName = keyof typeof MAP;
