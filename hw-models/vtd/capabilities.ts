/**
 * What one VT-d remapping unit supports, decoded from its capability registers. Field names are the registers'; what revision 4 of the
 * specification calls FS1GP, FS5LP, SSLPS, SSADS, SSTS and FSTS has here the names that Linux and earlier revisions use.
 */
import { NotModelled } from '#hw-models/core/errors';
import type { ResetValues } from '#hw-models/core/registers';
import { FAULT_RECORDING_OFFSET, FAULT_RECORDS, IOTLB_OFFSET, type MAP } from '#hw-models/vtd/registers';

/** Whether hardware sets accessed and dirty flags in first-stage tables that the second stage has read-only: erratum 772415. */
export type Erratum772415 = 'off' | 'top-level' | 'any-level';

/** Bits of an adjusted guest address. */
export type AddressWidth = 39 | 48 | 57;

/** The capabilities of an implementation. @spec VT-D "Capability Register" and "Extended Capability Register" */
export interface Capabilities {
  /** Domain-ids have 4 + 2·ND bits. */
  readonly ND: number;
  /** Later revisions have it clear where SMTS is set; earlier ones do not say so, and this model allows both. */
  readonly RWBF: boolean;
  readonly CM: boolean;
  readonly SAGAW: readonly AddressWidth[];
  /** Bits of the widest address that a request may have. */
  readonly MGAW: number;
  readonly ZLR: boolean;
  /** Large pages of the second stage, besides 4 KiB. */
  readonly SLLPS: readonly ('2M' | '1G')[];
  readonly PSI: boolean;
  /** Fault recording registers. */
  readonly NFR: number;
  readonly MAMV: number;
  readonly DWD: boolean;
  readonly DRD: boolean;
  readonly FL1GP: boolean;
  readonly FL5LP: boolean;
  /** Hardware itself invalidates everything when the root table pointer is set. */
  readonly ESRTPS: boolean;
  /** Accesses to root, context, PASID directory and legacy second-stage structures snoop. */
  readonly C: boolean;
  readonly DT: boolean;
  readonly PT: boolean;
  readonly SC: boolean;
  readonly NEST: boolean;
  readonly PRS: boolean;
  readonly ERS: boolean;
  readonly SRS: boolean;
  readonly NWFS: boolean;
  readonly EAFS: boolean;
  /** Bits of a PASID. */
  readonly PSS: number;
  readonly PASID: boolean;
  readonly PDS: boolean;
  readonly SMTS: boolean;
  readonly SLADS: boolean;
  readonly SLTS: boolean;
  readonly FLTS: boolean;
  /** Accesses to structures that a PASID table entry leads to snoop. */
  readonly SMPWC: boolean;
  /** The context entry names the PASID of requests without one. */
  readonly RPS: boolean;
  readonly ADMS: boolean;
  readonly RPRIVS: boolean;
  /** Bits of a physical address; told by firmware, not by a register. @spec VT-D "DMA Remapping Reporting Structure" */
  readonly HAW: number;
  /** Of some parts, not a capability. */
  readonly erratum772415: Erratum772415;
}

/** A part in scalable mode with nesting, and with everything that this model has. */
export const FULL: Capabilities = {
  ND: 6,
  RWBF: false,
  CM: false,
  SAGAW: [39, 48, 57],
  MGAW: 57,
  ZLR: true,
  SLLPS: ['2M', '1G'],
  PSI: true,
  NFR: 4,
  MAMV: 18,
  DWD: true,
  DRD: true,
  FL1GP: true,
  FL5LP: true,
  ESRTPS: false,
  C: true,
  DT: true,
  PT: true,
  SC: true,
  NEST: true,
  PRS: true,
  ERS: true,
  SRS: true,
  NWFS: true,
  EAFS: true,
  PSS: 20,
  PASID: true,
  PDS: true,
  SMTS: true,
  SLADS: true,
  SLTS: true,
  FLTS: true,
  SMPWC: true,
  RPS: true,
  ADMS: true,
  RPRIVS: true,
  HAW: 52,
  erratum772415: 'off',
};

/** What is meaningless without scalable mode. */
const OF_SCALABLE_MODE = ['NEST', 'PASID', 'PDS', 'SLADS', 'SLTS', 'FLTS', 'SMPWC', 'RPS', 'RPRIVS', 'EAFS', 'ERS', 'SRS', 'PRS'] as const;

/** A part without scalable mode, to be changed further. */
export const LEGACY: Partial<Capabilities> = {
  SMTS: false,
  FL1GP: false,
  FL5LP: false,
  ...Object.fromEntries(OF_SCALABLE_MODE.map((name) => [name, false])),
};

const isBetween = (value: number, least: number, most: number): boolean => Number.isInteger(value) && value >= least && value <= most;

/** Every combination that the specification rules out, by its statement. @spec VT-D "Extended Capability Register" */
const RULED_OUT: readonly { readonly why: string; readonly when: (part: Capabilities) => boolean }[] = [
  { why: 'ND is not 0 to 6', when: ({ ND }) => !isBetween(ND, 0, 6) },
  {
    why: 'SAGAW names no address width, or one twice',
    when: ({ SAGAW }) => SAGAW.length === 0 || new Set(SAGAW).size !== SAGAW.length || SAGAW.some((width) => ![39, 48, 57].includes(width)),
  },
  { why: 'MGAW is not 1 to 64', when: ({ MGAW }) => !isBetween(MGAW, 1, 64) },
  { why: 'no address width of SAGAW holds an address of MGAW', when: ({ SAGAW, MGAW }) => SAGAW.every((width) => width < MGAW) },
  { why: 'NFR is not 1 to 256', when: ({ NFR }) => !isBetween(NFR, 1, 256) },
  { why: 'MAMV is not 0 to 63', when: ({ MAMV }) => !isBetween(MAMV, 0, 63) },
  { why: 'PSS is not 1 to 20', when: ({ PSS }) => !isBetween(PSS, 1, 20) },
  { why: 'HAW is not 32 to 52', when: ({ HAW }) => !isBetween(HAW, 32, 52) },
  ...OF_SCALABLE_MODE.map((name) => ({ why: `${name} without SMTS`, when: (part: Capabilities) => part[name] && !part.SMTS })),
  { why: 'SMTS without FLTS, SLTS and PT', when: ({ SMTS, FLTS, SLTS, PT }) => SMTS && !FLTS && !SLTS && !PT },
  { why: 'NEST without FLTS and SLTS', when: ({ NEST, FLTS, SLTS }) => NEST && !(FLTS && SLTS) },
  { why: 'FL5LP or FL1GP without FLTS', when: ({ FL5LP, FL1GP, FLTS }) => (FL5LP || FL1GP) && !FLTS },
  { why: 'SLADS without SLTS', when: ({ SLADS, SLTS }) => SLADS && !SLTS },
  { why: 'PRS without DT', when: ({ PRS, DT }) => PRS && !DT },
  { why: 'PDS without DT', when: ({ PDS, DT }) => PDS && !DT },
];

/** Bits of capability registers that this model never sets. */
const ABSENT = [
  ...['AFL', 'PLMR', 'PHMR', 'PI', 'ECMDS', 'ESIRTPS', 'IR', 'EIM', 'MTS', 'DIS', 'DIT'],
  ...['VCS', 'PMS', 'TDXIO', 'HPTS', 'PTRS', 'PBDS'],
] as const;

/** `part` over everything. Throws `RangeError` for what the specification rules out, `NotModelled` for what we leave out. */
export function capabilities(part: Partial<Capabilities> = {}): Capabilities {
  const all: Capabilities = { ...FULL, ...part };
  for (const { why, when } of RULED_OUT) if (when(all)) throw new RangeError(`capabilities of a VT-d remapping unit: ${why}`);
  for (const absent of ABSENT)
    if ((part as Readonly<Record<string, unknown>>)[absent] === true) throw new NotModelled(`VT-d capability ${absent}`);
  if ((part as Readonly<Record<string, unknown>>)['QI'] === false) throw new NotModelled('register-based invalidation', 'ECAP.QI = 0');
  if (all.NFR > FAULT_RECORDS.length) throw new NotModelled(`CAP.NFR above ${FAULT_RECORDS.length}`);
  return all;
}

/** Bits of a domain-id. @spec VT-D "Capability Register" field ND */
export const domainIdBits = ({ ND }: Capabilities): number => 4 + 2 * ND;

const BIT_OF_WIDTH: Readonly<Record<AddressWidth, number>> = { 39: 2, 48: 4, 57: 8 };
const BIT_OF_SIZE = { '2M': 1, '1G': 2 } as const;
/** From this major version on there is no register-based invalidation. @spec VT-D "Invalidation of Translation Caches" */
const MAJOR_VERSION = 6;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What the registers hold after reset. @spec VT-D "Register Descriptions" */
export function resetValues(part: Capabilities): ResetValues<typeof MAP> {
  const { ND, RWBF, CM, ZLR, PSI, MAMV, DWD, DRD, FL1GP, FL5LP, ESRTPS } = part;
  const { C, DT, PT, SC, NEST, PRS, ERS, SRS, NWFS, EAFS, PASID, PDS, SMTS, SLADS, SLTS, FLTS, SMPWC, RPS, ADMS, RPRIVS } = part;
  return {
    VER: { MAX: MAJOR_VERSION, MIN: 0 },
    CAP: {
      ...{ ND, RWBF, CM, ZLR, PSI, MAMV, DWD, DRD, FL1GP, FL5LP, ESRTPS },
      SAGAW: sum(part.SAGAW.map((width) => BIT_OF_WIDTH[width])),
      MGAW: part.MGAW - 1,
      SLLPS: sum(part.SLLPS.map((size) => BIT_OF_SIZE[size])),
      NFR: part.NFR - 1,
      FRO: FAULT_RECORDING_OFFSET / 16,
    },
    ECAP: {
      ...{ C, QI: true, DT, PT, SC, NEST, PRS, ERS, SRS, NWFS, EAFS, PASID, PDS, SMTS, SLADS, SLTS, FLTS, SMPWC, RPS, ADMS, RPRIVS },
      PSS: part.PSS - 1,
      IRO: IOTLB_OFFSET / 16,
    },
    FECTL: { IM: true },
    IECTL: { IM: true },
    PECTL: { IM: true },
  };
}
