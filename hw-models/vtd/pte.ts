/**
 * Entries of the translation tables of either stage.
 *
 * Positions of bits are driver-derived: from Linux, QEMU and VirtualBox.
 */
import { bit, uint, word } from '#hw-models/core/bits';

/** Of the first stage. @spec VT-D "First-Stage Paging Entries" */
export const FsPte = word(64, 'first-stage paging entry', {
  XD: bit(63),
  /** For software, like the other fields of this name. */
  IGN_62_52: uint(62, 52),
  /** Of a table or page, in units of 4 KiB. Bit 12 of a large page is PAT. */
  ADDR: uint(51, 12),
  IGN_11: bit(11),
  EA: bit(10),
  IGN_9: bit(9),
  G: bit(8),
  /** PAT in an entry of the last level. */
  PS: bit(7),
  D: bit(6),
  A: bit(5),
  PCD: bit(4),
  PWT: bit(3),
  US: bit(2),
  RW: bit(1),
  P: bit(0),
});

/** Of the second stage, also in legacy mode. @spec VT-D "Second-Stage Paging Entries" */
export const SsPte = word(64, 'second-stage paging entry', {
  IGN_63: bit(63),
  TM: bit(62),
  /** For software, like the other fields of this name. */
  IGN_61_52: uint(61, 52),
  /** Of a table or page, in units of 4 KiB. */
  ADDR: uint(51, 12),
  SNP: bit(11),
  IGN_10: bit(10),
  D: bit(9),
  A: bit(8),
  PS: bit(7),
  IPAT: bit(6),
  EMT: uint(5, 3),
  X: bit(2),
  W: bit(1),
  R: bit(0),
});
