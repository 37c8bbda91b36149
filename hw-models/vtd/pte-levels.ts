/**
 * What an entry of a translation table means to a walk. A right that an entry on the way does not give is not given below it: there is
 * one level for each combination of rights that may come from above.
 *
 * Not confirmed: XD without NXE is ignored.
 */
import { highHalf } from '#hw-models/core/bits';
import {
  ACCESS_PENDING,
  DIRTY_PENDING,
  EXECUTE,
  framesOf,
  READ,
  showProt,
  WRITE,
  type Entry,
  type LeafEntry,
  type Level,
  type TableAt,
} from '#hw-models/core/walk';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import { FsPte, SsPte } from '#hw-models/vtd/pte';

/** Everything beside an entry of the first stage that decides what it means: fields of the PASID entry. */
export interface FirstFormat {
  readonly stage: 1;
  readonly levels: 4 | 5;
  readonly NXE: boolean;
  readonly ERE: boolean;
  readonly SRE: boolean;
  readonly WPE: boolean;
  readonly EAFE: boolean;
  /** Walks snoop: hardware can set flags. */
  readonly PWSNP: boolean;
}

/** Everything beside an entry of the second stage that decides what it means. */
export interface SecondFormat {
  readonly stage: 2;
  readonly levels: 3 | 4 | 5;
  /** Hardware sets A and D. */
  readonly SSADE: boolean;
  /** Walks snoop: hardware can. */
  readonly PWSNP: boolean;
}

export type Format = FirstFormat | SecondFormat;

/** What a leaf of the first stage says beside its page and rights, as `LeafEntry.attributes`: bits of what it does not give to users. */
export const SUPERVISOR = 1;
export const READ_ONLY = 2;

/** How entries end a walk without a page. */
export const NOT_PRESENT = { kind: 'none', cause: 'not present' } as const;
export const RESERVED = { kind: 'none', cause: 'reserved bits' } as const;
/** Its accessed flag is to be set, and cannot be. */
export const UNMARKED = { kind: 'none', cause: 'flags to set' } as const;

/** The bits that hardware sets in each entry that it uses, and in one that it writes through: all in the low half. */
export interface Marks {
  readonly accessed: number;
  readonly dirty: number;
}

// Halves of masks: a walk decodes an entry in a few operations on numbers.
const low = (mask: bigint): number => Number(BigInt.asIntN(32, mask));
const high = (mask: bigint): number => highHalf(mask) | 0;

/** @spec VT-D "Accessed, Extended Accessed, and Dirty Flags" */
export function marksOf(format: Format): Marks {
  if (format.stage === 1) return { accessed: low(format.EAFE ? FsPte.mask('A', 'EA') : FsPte.mask('A')), dirty: FS.D };
  return format.SSADE ? { accessed: SS.A, dirty: SS.D } : { accessed: 0, dirty: 0 };
}

const INDEX_BITS = 9;
const PAGE_SHIFT = 12;
const WORDS_PER_FRAME = 512;
/** The lowest level whose entries never map a page. */
const FIRST_WITHOUT_PAGES = 3;

/** What a level is made of. */
interface Making<F extends Format> {
  readonly format: F;
  readonly part: Capabilities;
  /** 0 is the last. */
  readonly index: number;
  /** What the entries above give. */
  readonly rights: number;
}

const LEVELS = new Map<string, Level>();

/** Where the walk of a table begins. @param frame Of the root: guest physical under a second stage. */
export function rootAt(format: Format, frame: number, part: Capabilities): TableAt {
  const level = levelOf({ format, part, index: format.levels - 1, rights: ALL[format.stage] });
  return { word: frame * WORDS_PER_FRAME, entries: WORDS_PER_FRAME, level };
}

/** The level, always the same object for the same parameters. */
function levelOf(making: Making<Format>): Level {
  const { part, format } = making;
  const { SLLPS, SC, DT, FL1GP, HAW } = part;
  const name = nameOf(making);
  const key = `${name} ${format.stage === 1 ? FL1GP : `${SLLPS.join()} ${SC} ${DT}`} ${HAW}`;
  let level = LEVELS.get(key);
  if (level === undefined) LEVELS.set(key, (level = makeLevel(name, making)));
  return level;
}

function nameOf({ format, index, rights }: Making<Format>): string {
  const flags = Object.entries(format).flatMap(([name, value]) => (value === true ? [name] : []));
  const limits =
    rights === ALL[format.stage]
      ? []
      : [format.stage === 1 ? `${showProt(rights)} ${rights & USERS ? 'users' : 'supervisors'}` : showProt(rights)];
  const said = [...flags, ...limits];
  return `${NAMES[format.stage]} level ${index} (${[`${format.levels}-level`, ...said].join(' ')})`;
}
const NAMES = { 1: 'first-stage', 2: 'second-stage' } as const;

function makeLevel(name: string, { format, part, index, rights }: Making<Format>): Level {
  /** By the rights that are left. */
  const below: (Level | undefined)[] = new Array<undefined>(LIMITS);
  const next = (left: number): Level => (below[left] ??= levelOf({ format, part, index: index - 1, rights: left }));
  const own = (): Level => level;
  const decode =
    format.stage === 1
      ? firstDecoder({ format, part, index, rights }, own, next)
      : secondDecoder({ format, part, index, rights }, own, next);
  const level: Level = { name, shift: PAGE_SHIFT + INDEX_BITS * index, decode };
  return level;
}

/** Bits of an address from the host address width on, in the high half. */
const beyondHost = ({ HAW }: Capabilities): number => high(FsPte.mask('ADDR') - (FsPte.mask('ADDR') % 2n ** BigInt(HAW)));

/** What an entry gives to users, beside READ, WRITE and EXECUTE. */
const USERS = 8;
const ALL = { 1: READ | WRITE | EXECUTE | USERS, 2: READ | WRITE } as const;
/** Combinations of them. */
const LIMITS = ALL[1] + 1;

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

type Decoder = (lo: number, hi: number) => Entry;

const FS = {
  P: low(FsPte.mask('P')),
  RW: low(FsPte.mask('RW')),
  US: low(FsPte.mask('US')),
  PS: low(FsPte.mask('PS')),
  D: low(FsPte.mask('D')),
  XD: high(FsPte.mask('XD')),
} as const;

/** @spec VT-D "First-Stage Paging Entries" and "Access Rights" */
function firstDecoder({ format, part, index, rights }: Making<FirstFormat>, own: () => Level, next: (rights: number) => Level): Decoder {
  const { NXE, PWSNP } = format;
  const reservedHigh = beyondHost(part);
  const mapsPages = hasPages(index, part.FL1GP ? ['2M', '1G'] : ['2M']);
  const { accessed } = marksOf(format);
  const frames = framesOf(PAGE_SHIFT + INDEX_BITS * index);
  const { ADDR } = FsPte.halves;
  return (lo, hi) => {
    if ((lo & FS.P) === 0) return NOT_PRESENT;
    if ((hi & reservedHigh) !== 0) return RESERVED;
    const isPage = index === 0 || (lo & FS.PS) !== 0;
    if (isPage && !mapsPages) return RESERVED;
    let page = ADDR(lo, hi);
    if (isPage && index > 0) {
      // Bit 12 is PAT.
      page -= page % 2;
      if (page % frames !== 0) return RESERVED;
    }
    if (!PWSNP && (lo & accessed) !== accessed) return UNMARKED;
    let left = rights;
    if ((lo & FS.RW) === 0) left &= ~WRITE;
    if ((lo & FS.US) === 0) left &= ~USERS;
    if (NXE && (hi & FS.XD) !== 0) left &= ~EXECUTE;
    if (!isPage) return new NextTable(page * WORDS_PER_FRAME, next(left));
    const prot = givenBy(left, format);
    const pending = ((lo & accessed) === accessed ? 0 : ACCESS_PENDING) | ((prot & WRITE) !== 0 && (lo & FS.D) === 0 ? DIRTY_PENDING : 0);
    const attributes = ((left & USERS) === 0 ? SUPERVISOR : 0) | ((left & WRITE) === 0 ? READ_ONLY : 0);
    return { kind: 'page', page, sizeLog2: own().shift, prot, pending, attributes, level: own() } satisfies LeafEntry;
  };
}

/** What somebody may do: users, or supervisors where their requests are let through. */
function givenBy(left: number, { SRE, WPE, ERE }: FirstFormat): number {
  if ((left & USERS) === 0 && !SRE) return 0;
  return READ | ((left & WRITE) !== 0 || (SRE && !WPE) ? WRITE : 0) | ((left & EXECUTE) !== 0 && ERE ? EXECUTE : 0);
}

const SS = {
  rights: low(SsPte.mask('R', 'W')),
  PS: low(SsPte.mask('PS')),
  SNP: low(SsPte.mask('SNP')),
  A: low(SsPte.mask('A')),
  D: low(SsPte.mask('D')),
  TM: high(SsPte.mask('TM')),
} as const;

/** R and W have the places of READ and WRITE. @spec VT-D "Second-Stage Paging Entries" */
function secondDecoder({ format, part, index, rights }: Making<SecondFormat>, own: () => Level, next: (rights: number) => Level): Decoder {
  const { SSADE, PWSNP } = format;
  const needsMark = SSADE && !PWSNP;
  const always = beyondHost(part);
  const pageHigh = always | (part.DT ? 0 : SS.TM);
  const pageLow = part.SC ? 0 : SS.SNP;
  const mapsPages = hasPages(index, part.SLLPS);
  const frames = framesOf(PAGE_SHIFT + INDEX_BITS * index);
  const { ADDR } = SsPte.halves;
  return (lo, hi) => {
    if ((lo & SS.rights) === 0) return NOT_PRESENT;
    const isPage = index === 0 || (lo & SS.PS) !== 0;
    const left = lo & rights;
    const page = ADDR(lo, hi);
    if (!isPage) {
      if ((hi & (always | SS.TM)) !== 0 || (lo & SS.SNP) !== 0) return RESERVED;
      if (needsMark && (lo & SS.A) === 0) return UNMARKED;
      return left === 0 ? NOT_PRESENT : new NextTable(page * WORDS_PER_FRAME, next(left));
    }
    if (!mapsPages || (hi & pageHigh) !== 0 || (lo & pageLow) !== 0 || page % frames !== 0) return RESERVED;
    if (needsMark && (lo & SS.A) === 0) return UNMARKED;
    if (left === 0) return NOT_PRESENT;
    const isDirtied = (left & WRITE) !== 0 && (lo & SS.D) === 0;
    const pending = SSADE ? ((lo & SS.A) === 0 ? ACCESS_PENDING : 0) | (isDirtied ? DIRTY_PENDING : 0) : 0;
    return { kind: 'page', page, sizeLog2: own().shift, prot: left, pending, attributes: 0, level: own() } satisfies LeafEntry;
  };
}

/** Whether an entry of the level may map a page. */
const hasPages = (index: number, large: readonly ('2M' | '1G')[]): boolean =>
  index === 0 || (index < FIRST_WITHOUT_PAGES && large.includes(index === 1 ? '2M' : '1G'));
