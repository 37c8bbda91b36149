/** What an entry of a translation table means to a walk. */
import { highHalf } from '#hw-models/core/bits';
import {
  ACCESS_PENDING,
  DIRTY_PENDING,
  EXECUTE,
  framesOf,
  READ,
  WRITE,
  type Entry,
  type LeafEntry,
  type Level,
  type TableAt,
} from '#hw-models/core/walk';
import { Pte, type Scheme } from '#hw-models/riscv-iommu/tables';

/** Everything beside an entry that decides what it means. */
export interface Format {
  readonly scheme: Scheme;
  /** Whether A and D are set by hardware: SADE or GADE. */
  readonly hardwareUpdates: boolean;
  readonly Svpbmt: boolean;
  readonly Svrsw60t59b: boolean;
}

/** What a leaf says beside its page and rights, as `LeafEntry.attributes`. */
export const USER = 1;
export const GLOBAL = 2;
/** W is set and D is not, and hardware does not set it. */
export const CLEAN = 4;
/** Times PBMT. */
const MEMORY_TYPE = 8;
const MEMORY_TYPES = ['PMA', 'NC', 'IO'] as const;

/** @spec RISCV-PRIV "Svpbmt" */
export const memoryTypeOf = ({ attributes = 0 }: LeafEntry): (typeof MEMORY_TYPES)[number] =>
  MEMORY_TYPES[Math.floor(attributes / MEMORY_TYPE)]!;

/** A page fault of the stage. */
export const PAGE_FAULT: Entry = { kind: 'none', cause: 'page fault' };

const LEVELS = new Map<string, Level>();
const INDEX_BITS = 9;
const PAGE_SHIFT = 12;
const WORDS_PER_FRAME = 512;
/** NAPOT: 64 KiB, the only size. @spec RISCV-PRIV "Svnapot" */
const NAPOT_LOG2 = 16;
const NAPOT_FRAMES = 16;
const NAPOT_PPN = 8;

/** Where the walk of a table begins. @param frame Of the root: physical, or guest physical under a second stage. */
export function rootAt(format: Format, frame: number): TableAt {
  const { levels, rootEntries } = format.scheme;
  return { word: frame * WORDS_PER_FRAME, entries: rootEntries, level: levelOf(format, levels - 1) };
}

/** The level, always the same object for the same parameters; 0 is the last. */
function levelOf(format: Format, index: number): Level {
  const { scheme, hardwareUpdates, Svpbmt, Svrsw60t59b } = format;
  const name = `${scheme.name} level ${index}${hardwareUpdates ? ' (A and D managed)' : ''}`;
  const key = `${name} ${Svpbmt} ${Svrsw60t59b}`;
  let level = LEVELS.get(key);
  if (level === undefined) LEVELS.set(key, (level = makeLevel(name, format, index)));
  return level;
}

// Bits of the low half that are read one by one: a walk decodes an entry in a few operations.
const low = (mask: bigint): number => Number(mask);
const [V, R, W, X, U, G, A, D] = (['V', 'R', 'W', 'X', 'U', 'G', 'A', 'D'] as const).map((name) => low(Pte.mask(name))) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const high = (mask: bigint): number => highHalf(mask) | 0;
const N = high(Pte.mask('N'));
const PBMT = high(Pte.mask('PBMT'));
/** What NC adds to the high half: memory types are numbered in units of it. */
const NC = high(Pte.encode({ PBMT: 'NC' }));

class NextTable implements TableAt {
  readonly kind = 'table';
  readonly word: number;
  readonly entries = WORDS_PER_FRAME;
  readonly level: Level;

  constructor(word: number, level: Level) {
    this.word = word;
    this.level = level;
  }

  get table(): TableAt {
    return this;
  }
}

/**
 * Steps 3 to 6 of the algorithm, without the access: validity, reserved bits, alignment, accessed and dirty.
 * @spec RISCV-PRIV "Virtual Address Translation Process"
 */
function makeLevel(name: string, format: Format, index: number): Level {
  const { Svrsw60t59b, scheme } = format;
  const shift = PAGE_SHIFT + INDEX_BITS * index;
  const next = index > 0 ? levelOf(format, index - 1) : undefined;
  const { PPN } = Pte.halves;
  const reservedHigh = high(Pte.reservedMask) | (Svrsw60t59b ? 0 : high(Pte.mask('RSW_60_59')));
  // In an entry that leads to a table these are reserved as well.
  const tableHigh = reservedHigh | high(Pte.mask('N', 'PBMT'));
  const tableLow = D | A | U;
  const leaf = leafDecoder(format, shift, scheme.stage, () => level);
  const level: Level = {
    name,
    shift,
    joined: index === 0 ? NAPOT_FRAMES : 1,
    decode: (lo, hi) => {
      if ((lo & V) === 0 || (hi & reservedHigh) !== 0) return PAGE_FAULT;
      if ((lo & (R | W | X)) !== 0) return leaf(lo, hi);
      if (next === undefined || (lo & tableLow) !== 0 || (hi & tableHigh) !== 0) return PAGE_FAULT;
      return new NextTable(PPN(lo, hi) * WORDS_PER_FRAME, next);
    },
  };
  return level;
}

function leafDecoder(
  { hardwareUpdates, Svpbmt }: Format,
  shift: number,
  stage: 1 | 2,
  own: () => Level,
): (lo: number, hi: number) => Entry {
  const { PPN } = Pte.halves;
  const frames = framesOf(shift);
  return (lo, hi) => {
    // Write without read is reserved; at the second stage every access is one of a user.
    if ((lo & (R | W)) === W || (stage === 2 && (lo & U) === 0)) return PAGE_FAULT;
    const type = (hi & PBMT) / NC;
    if (type !== 0 && (!Svpbmt || type === MEMORY_TYPES.length)) return PAGE_FAULT;
    let page = PPN(lo, hi);
    let sizeLog2 = shift;
    if ((hi & N) !== 0) {
      if (shift !== PAGE_SHIFT || page % NAPOT_FRAMES !== NAPOT_PPN) return PAGE_FAULT;
      page -= NAPOT_PPN;
      sizeLog2 = NAPOT_LOG2;
    } else if (page !== Math.floor(page / frames) * frames) return PAGE_FAULT;
    let pending = 0;
    if ((lo & A) === 0) {
      if (!hardwareUpdates) return PAGE_FAULT;
      pending = ACCESS_PENDING;
    }
    let prot = ((lo & R) === 0 ? 0 : READ) | ((lo & X) === 0 ? 0 : EXECUTE);
    let attributes = ((lo & U) === 0 ? 0 : USER) | ((lo & G) === 0 || stage === 2 ? 0 : GLOBAL) | (type * MEMORY_TYPE);
    if ((lo & W) !== 0) {
      if ((lo & D) === 0 && !hardwareUpdates) attributes |= CLEAN;
      else {
        prot |= WRITE;
        if ((lo & D) === 0) pending |= DIRTY_PENDING;
      }
    }
    return { kind: 'page', page, sizeLog2, prot, pending, attributes, level: own() };
  };
}
