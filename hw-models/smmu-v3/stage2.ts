/**
 * VMSAv8-64 stage 2 as a page-table format: levels made from the parameters of an STE and the geometry of its granule.
 *
 * A level is made once for each set of parameters, since tables in the hardware's reach are told apart by their level.
 */
import { ACCESS_PENDING, DIRTY_PENDING, EXECUTE, PRIVILEGED_ONLY, READ, UNPRIVILEGED_ONLY, WRITE, framesOf } from '#hw-models/core/walk';
import type { Entry, Level, TableAt } from '#hw-models/core/walk';
import { GEOMETRY, S2AP, STAGE2_LEAVES, STAGE2_TABLES, Stage2Descriptor, XN } from '#hw-models/smmu-v3/tables';
import type { Granule, LookupLevel } from '#hw-models/smmu-v3/tables';

/** What decides how descriptors are read. */
export interface Stage2Format {
  readonly granule: Granule;
  /** Effective output address size in bits. */
  readonly outputBits: number;
  /** What an Access flag of 0 means: a fault, nothing, or an update by the SMMU. @spec SMMU-V3 "STE, Stream Table Entry" fields S2AFFD and S2HA */
  readonly accessFlag: 'checked' | 'ignored' | 'managed';
  /** Whether the SMMU sets the dirty state. @spec SMMU-V3 "STE, Stream Table Entry" field S2HD */
  readonly dirtyState: boolean;
  /** Whether XN tells privileges apart. @spec SMMU-V3 "SMMU_IDR3" field XNX */
  readonly XNX: boolean;
  /** Whether the SMMU has output addresses of 52 bits, and with them blocks of 4 TiB and bits 51:48 in descriptors of the 64K granule. */
  readonly wide: boolean;
}

/** A level of stage 2, as commands select entries. */
export interface Stage2Level extends Level {
  readonly granule: Granule;
  readonly lookup: LookupLevel;
}

/** The descriptor faults, as the events are named. */
type Cause = 'F_TRANSLATION' | 'F_ADDR_SIZE' | 'F_ACCESS';
const none = (cause: Cause): Entry => ({ kind: 'none', cause });
const TRANSLATION = none('F_TRANSLATION');
const ADDRESS_SIZE = none('F_ADDR_SIZE');
const ACCESS = none('F_ACCESS');

type Reader<Value> = (lo: number, hi: number) => Value;

/** Readers of the fields that leaves of every granule and level have. */
interface LeafReaders {
  readonly OAB: Reader<number>;
  readonly OAB_51_48?: Reader<number>;
  readonly XN: Reader<number>;
  readonly Contiguous: Reader<boolean>;
  readonly DBM: Reader<boolean>;
  readonly AF: Reader<boolean>;
  readonly S2AP: Reader<number>;
}

interface TableReaders {
  readonly NLTA: Reader<number>;
  readonly NLTA_51_48?: Reader<number>;
}

/** 4 KiB frames below the bits that an address field keeps apart, [51:48]. */
const FRAMES_OF_48_BITS = framesOf(48);
const WORDS_PER_FRAME = 512;

/** Bits that the SMMU sets in a leaf, at the same place in all. @spec ARM-ARM "Hardware management of the Access flag" */
export const ACCESS_FLAG = STAGE2_LEAVES['4K'][3].mask('AF');
/** S2AP[1]. @spec ARM-ARM "Hardware management of the dirty state" */
export const WRITABLE = STAGE2_LEAVES['4K'][3].encode({ S2AP: 2 });

const LEVELS = new Map<string, Stage2Level>();

/** The level, always the same object for the same parameters. */
export function stage2Level(format: Stage2Format, lookup: LookupLevel): Stage2Level {
  const { granule, outputBits, accessFlag, dirtyState, XNX, wide } = format;
  const flags = `${accessFlag === 'checked' ? '' : `, AF ${accessFlag}`}${dirtyState ? ', dirty state managed' : ''}`;
  const name = `stage 2 level ${lookup} (${granule}, ${outputBits}-bit output${flags})`;
  const key = `${name} ${XNX} ${wide}`;
  let level = LEVELS.get(key);
  if (level === undefined) LEVELS.set(key, (level = makeLevel(name, format, lookup)));
  return level;
}

function makeLevel(name: string, format: Stage2Format, lookup: LookupLevel): Stage2Level {
  const { granule } = format;
  const geometry = GEOMETRY[granule].levels[lookup]!;
  const [, shift] = geometry.index;
  const decodeLeaf =
    geometry.leaf === true || (geometry.leaf === '52-bit' && format.wide) ? leafDecoder(format, lookup, () => level) : undefined;
  const decodeTable = lookup < 3 ? tableDecoder(format, lookup) : undefined;
  const { valid, tableOrPage } = Stage2Descriptor.halves;
  // The second bit says table rather than block; at the last level it has to be set too, and means a page.
  const decodeSet = decodeTable ?? decodeLeaf ?? invalid;
  const decodeClear = decodeTable === undefined ? invalid : (decodeLeaf ?? invalid);
  const level: Stage2Level = {
    name,
    shift,
    joined: geometry.contiguous,
    granule,
    lookup,
    decode: (low, high) => (!valid(low, high) ? TRANSLATION : tableOrPage(low, high) ? decodeSet(low, high) : decodeClear(low, high)),
  };
  return level;
}

const invalid = (): Entry => TRANSLATION;

/** A Table descriptor and the table that it leads to, in one object: a walk makes one at each level. */
class NextTable implements TableAt {
  readonly kind = 'table';
  readonly word: number;
  readonly entries: number;
  readonly level: Level;

  constructor(word: number, entries: number, level: Level) {
    this.word = word;
    this.entries = entries;
    this.level = level;
  }

  get table(): TableAt {
    return this;
  }
}

/** @spec ARM-ARM "VMSAv8-64 Table descriptor format" */
function tableDecoder(format: Stage2Format, lookup: LookupLevel): Reader<Entry> {
  const { granule, outputBits, wide } = format;
  const { pageShift, stride } = GEOMETRY[granule];
  const { NLTA, NLTA_51_48 }: TableReaders = STAGE2_TABLES[granule].halves;
  const tableFrames = framesOf(pageShift);
  const endFrame = framesOf(outputBits);
  const entries = 2 ** stride;
  const level = stage2Level(format, (lookup + 1) as LookupLevel);
  return (low, high) => {
    let frame = NLTA(low, high) * tableFrames;
    if (wide && NLTA_51_48 !== undefined) frame += NLTA_51_48(low, high) * FRAMES_OF_48_BITS;
    if (frame >= endFrame) return ADDRESS_SIZE;
    return new NextTable(frame * WORDS_PER_FRAME, entries, level);
  };
}

/** Checks in the order of the faults' priority: output address, Access flag; permission is the access's affair. @spec ARM-ARM "MMU fault prioritization from a single address translation stage" */
function leafDecoder(format: Stage2Format, lookup: LookupLevel, own: () => Level): Reader<Entry> {
  const { granule, outputBits, accessFlag, dirtyState, wide } = format;
  const { index, contiguous } = GEOMETRY[granule].levels[lookup]!;
  const layouts: Readonly<Partial<Record<LookupLevel, { readonly halves: LeafReaders }>>> = STAGE2_LEAVES[granule];
  const { OAB, OAB_51_48, XN: readXn, Contiguous, DBM, AF, S2AP: readAp } = layouts[lookup]!.halves;
  const [, shift] = index;
  const frames = framesOf(shift);
  const endFrame = framesOf(outputBits);
  const joinedLog2 = shift + Math.log2(contiguous);
  const joinedFrames = framesOf(joinedLog2);
  const protections = protectionsOf(format.XNX);
  return (low, high) => {
    let page = OAB(low, high) * frames;
    if (wide && OAB_51_48 !== undefined) page += OAB_51_48(low, high) * FRAMES_OF_48_BITS;
    if (page >= endFrame) return ADDRESS_SIZE;
    let pending = 0;
    if (accessFlag !== 'ignored' && !AF(low, high)) {
      if (accessFlag === 'checked') return ACCESS;
      pending = ACCESS_PENDING;
    }
    const ap = readAp(low, high);
    let prot = protections[ap * XN.length + readXn(low, high)]!;
    if (dirtyState && !S2AP[ap]!.write && DBM(low, high)) {
      prot += WRITE;
      pending += DIRTY_PENDING;
    }
    let sizeLog2 = shift;
    if (contiguous > 1 && Contiguous(low, high)) {
      // One cache entry may answer for the whole aligned group, with the output address of any member.
      sizeLog2 = joinedLog2;
      page -= page % joinedFrames;
    }
    return { kind: 'page', page, sizeLog2, prot, pending, level: own() };
  };
}

/** Protections by S2AP and XN. @spec ARM-ARM "Stage 2 instruction execution using Direct permissions" */
function protectionsOf(XNX: boolean): readonly number[] {
  return S2AP.flatMap(({ read, write }) =>
    XN.map(({ privileged, unprivileged }, xn) => {
      const data = (read ? READ : 0) + (write ? WRITE : 0);
      // Without XNX the lower bit of XN is reserved and the upper one speaks for both privileges.
      if (!XNX) return data + (xn < 2 ? EXECUTE : 0);
      if (!privileged && !unprivileged) return data;
      return data + EXECUTE + (unprivileged ? 0 : PRIVILEGED_ONLY) + (privileged ? 0 : UNPRIVILEGED_ONLY);
    }),
  );
}
