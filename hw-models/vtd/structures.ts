/**
 * The structures that lead from a source-id and a PASID to what a request is translated by: root, context and PASID tables.
 *
 * Positions of bits are driver-derived: from Linux, QEMU and VirtualBox. Names are those of revision 4 of the specification, but for
 * SLEE, which has no other. Not confirmed: that SLEE and the fields of memory types (CD to PAT) are still there in revision 4.1.
 */
import { bit, oneOf, reserved, uint, word, type Field } from '#hw-models/core/bits';

/** Bits of an address that a second stage translates, by their encoding. @spec VT-D "Context Entry" field AW */
const WIDTHS = { 39: 1, 48: 2, 57: 3 } as const;
const CODES = [undefined, 39, 48, 57] as const;

/** AW, read as the number of bits. */
function addressWidth(msb: number, lsb: number): Field<39 | 48 | 57 | 'reserved'> {
  const { access, get, put } = uint(msb, lsb);
  return {
    ...{ msb, lsb, access, names: WIDTHS },
    get: (word) => CODES[get(word)] ?? 'reserved',
    put: (width) => {
      if (width === 'reserved') throw new RangeError(`no encoding of [${msb}:${lsb}] is named reserved`);
      return put(WIDTHS[width]);
    },
  };
}

/** @spec VT-D "Root Entry" */
export const RootEntry = word(128, 'root entry', {
  rsv64: reserved(127, 64),
  /** In units of 4 KiB. */
  CTP: uint(63, 12),
  rsv1: reserved(11, 1),
  P: bit(0),
});

/** One half of an entry: for devices 0 to 15 of the bus, or for 16 to 31. @spec VT-D "Scalable-Mode Root Entry" */
export const ScalableRootHalf = word(64, 'scalable-mode root entry, one half', {
  /** LCTP or UCTP, in units of 4 KiB. */
  CTP: uint(63, 12),
  rsv1: reserved(11, 1),
  /** LP or UP. */
  P: bit(0),
});

/** @spec VT-D "Context Entry" */
export const ContextEntry = word(128, 'context entry', {
  rsv88: reserved(127, 88),
  DID: uint(87, 72),
  rsv71: reserved(71),
  /** For software. */
  IGN: uint(70, 67),
  AW: addressWidth(66, 64),
  /** In units of 4 KiB. */
  SSPTPTR: uint(63, 12),
  rsv4: reserved(11, 4),
  TT: oneOf(3, 2, { 'second-stage': 0, 'second-stage and device TLB': 1, 'pass-through': 2 }),
  FPD: bit(1),
  P: bit(0),
});

/** @spec VT-D "Scalable-Mode Context Entry" */
export const ScalableContextEntry = word(256, 'scalable-mode context entry', {
  rsv85: reserved(255, 85),
  RID_PRIV: bit(84),
  RID_PASID: uint(83, 64),
  /** In units of 4 KiB. */
  PASIDDIRPTR: uint(63, 12),
  /** log2 of the entries of the PASID directory, less 7. */
  PDTS: uint(11, 9),
  rsv5: reserved(8, 5),
  PRE: bit(4),
  PASIDE: bit(3),
  DTE: bit(2),
  FPD: bit(1),
  P: bit(0),
});

/** @spec VT-D "Scalable-Mode PASID Directory Entry" */
export const PasidDirectoryEntry = word(64, 'PASID directory entry', {
  /** In units of 4 KiB. */
  SMPTBLPTR: uint(63, 12),
  rsv2: reserved(11, 2),
  FPD: bit(1),
  P: bit(0),
});

/** @spec VT-D "Scalable-Mode PASID Table Entry" */
export const PasidEntry = word(512, 'PASID table entry', {
  rsv192: reserved(511, 192),
  /** In units of 4 KiB; guest physical in nested translation. */
  FSPTPTR: uint(191, 140),
  rsv136: reserved(139, 136),
  EAFE: bit(135),
  SMEP: bit(134),
  NXE: bit(133),
  WPE: bit(132),
  FSPM: oneOf(131, 130, { '4-level': 0, '5-level': 1 }),
  ERE: bit(129),
  SRE: bit(128),
  PAT: uint(127, 96),
  PCD: bit(95),
  PWT: bit(94),
  EMT: uint(93, 91),
  EMTE: bit(90),
  CD: bit(89),
  PGSNP: bit(88),
  PWSNP: bit(87),
  rsv80: reserved(86, 80),
  DID: uint(79, 64),
  /** In units of 4 KiB. */
  SSPTPTR: uint(63, 12),
  rsv10: reserved(11, 10),
  SSADE: bit(9),
  PGTT: oneOf(8, 6, { 'first-stage': 1, 'second-stage': 2, nested: 3, 'pass-through': 4 }),
  SLEE: bit(5),
  AW: addressWidth(4, 2),
  FPD: bit(1),
  P: bit(0),
});

/** Words of 64 bits of each structure's entries. */
export const ROOT_WORDS = 2;
export const CONTEXT_WORDS = { legacy: 2, scalable: 4 } as const;
export const PASID_DIRECTORY_WORDS = 1;
export const PASID_WORDS = 8;

/** Devices and functions of a bus that one context table is for. */
export const CONTEXTS_PER_TABLE = { legacy: 256, scalable: 128 } as const;
/** Entries of a PASID table. */
export const PASIDS_PER_TABLE = 64;
/** PDTS counts from here: log2 of the entries of the smallest PASID directory. */
export const SMALLEST_DIRECTORY_LOG2 = 7;
