/** The translation tables of both stages: how addresses are divided, and what an entry consists of. */
import { bit, oneOf, reserved, uint, word } from '#hw-models/core/bits';

/** How an address of either stage is divided. @spec RISCV-PRIV "Sv39: Page-Based 39-bit Virtual-Memory System" and its successors */
export interface Scheme {
  readonly name: string;
  readonly stage: 1 | 2;
  /** Bits of the input address; of a first stage, the highest is the sign. */
  readonly inputBits: number;
  readonly levels: 3 | 4 | 5;
  /** Entries of the root table: four times as many at the second stage. @spec RISCV-PRIV "Guest Physical Address Translation" */
  readonly rootEntries: 512 | 2048;
}

const first = (name: string, levels: 3 | 4 | 5): Scheme => ({ name, stage: 1, inputBits: 12 + 9 * levels, levels, rootEntries: 512 });
const second = (name: string, levels: 3 | 4 | 5): Scheme => ({ name, stage: 2, inputBits: 14 + 9 * levels, levels, rootEntries: 2048 });

export const SCHEMES = {
  Sv39: first('Sv39', 3),
  Sv48: first('Sv48', 4),
  Sv57: first('Sv57', 5),
  Sv39x4: second('Sv39x4', 3),
  Sv48x4: second('Sv48x4', 4),
  Sv57x4: second('Sv57x4', 5),
} as const;
export type SchemeName = keyof typeof SCHEMES;

/** Bits of an entry; RSW is for software, and so are the bits above it with Svrsw60t59b. @spec RISCV-PRIV "Addressing and Memory Protection" */
export const Pte = word(64, 'PTE', {
  N: bit(63),
  PBMT: oneOf(62, 61, { PMA: 0, NC: 1, IO: 2 }),
  RSW_60_59: uint(60, 59),
  rsv54: reserved(58, 54),
  PPN: uint(53, 10),
  RSW: uint(9, 8),
  D: bit(7),
  A: bit(6),
  G: bit(5),
  U: bit(4),
  X: bit(3),
  W: bit(2),
  R: bit(1),
  V: bit(0),
});

/** The bits that hardware sets. */
export const ACCESSED = Pte.mask('A');
export const DIRTY = Pte.mask('D');
