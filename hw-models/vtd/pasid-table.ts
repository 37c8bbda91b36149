/**
 * From a scalable-mode context entry and a PASID to the PASID table entry.
 *
 * Not confirmed: which conditions of an entry are 0x5a and which 0x5b; that pass-through takes the largest AW.
 */
import { fromWords, type ViewOf } from '#hw-models/core/bits';
import { NotModelled } from '#hw-models/core/errors';
import type { MemoryMap } from '#hw-models/core/memory-map';
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import {
  isBeyondDomains,
  isBeyondHost,
  isLargest,
  isPresent,
  reservedBits,
  type Context,
  type Invalid,
  type ScalableContext,
} from '#hw-models/vtd/contexts';
import { Fault } from '#hw-models/vtd/contexts-fault';
import { KnownEntries } from '#hw-models/vtd/contexts-known';
import { PASID_DIRECTORY_WORDS, PASID_WORDS, PasidDirectoryEntry, PasidEntry, PASIDS_PER_TABLE } from '#hw-models/vtd/structures';
import type { Inbound } from '#hw-models/vtd/request';
import { wayOfPasid, type Way } from '#hw-models/vtd/ways';

type Entry = ViewOf<typeof PasidEntry>;

/** What an entry of a PASID directory leads to. */
interface Directory {
  readonly frame: number;
  readonly FPD: boolean;
}

/** What was found for a PASID. */
export interface Pasid {
  readonly way: Way;
  readonly FPD: boolean;
}

const WORDS_PER_FRAME = 512;

const usesFirst = ({ PGTT }: Entry): boolean => PGTT === 'first-stage' || PGTT === 'nested';
const usesSecond = ({ PGTT }: Entry): boolean => PGTT === 'second-stage' || PGTT === 'nested';

/** @spec VT-D "Scalable-Mode PASID Table Entry" */
export const INVALID_PASIDS: readonly Invalid<Entry>[] = [
  { why: 'PGTT is reserved', when: ({ PGTT }) => PGTT === 'reserved' },
  { why: 'there is no first stage', when: ({ PGTT }, { FLTS }) => PGTT === 'first-stage' && !FLTS },
  { why: 'there is no second stage', when: ({ PGTT }, { SLTS }) => PGTT === 'second-stage' && !SLTS },
  { why: 'there is no nested translation', when: ({ PGTT }, { NEST }) => PGTT === 'nested' && !NEST },
  { why: 'there is no pass-through', when: ({ PGTT }, { PT }) => PGTT === 'pass-through' && !PT },
  {
    why: 'AW is not supported',
    when: (entry, { SAGAW }) => usesSecond(entry) && (entry.AW === 'reserved' || !SAGAW.includes(entry.AW)),
  },
  { why: 'AW is not the largest', when: ({ PGTT, AW }, part) => PGTT === 'pass-through' && !isLargest(AW, part) },
  { why: 'FSPM is reserved', when: (entry) => usesFirst(entry) && entry.FSPM === 'reserved' },
  { why: 'there are no five levels', when: (entry, { FL5LP }) => usesFirst(entry) && entry.FSPM === '5-level' && !FL5LP },
];

/** Fields that a part without the capability has reserved; those of memory types always are, since ECAP.MTS is never set. */
const RESERVED_WITHOUT = {
  SLADS: ['SSADE'],
  SMPWC: ['PWSNP'],
  SC: ['PGSNP'],
  SRS: ['SRE', 'WPE', 'SMEP'],
  ERS: ['ERE', 'NXE'],
  EAFS: ['EAFE'],
} as const;
const OF_MEMORY_TYPES = PasidEntry.mask('PAT', 'PCD', 'PWT', 'EMT', 'EMTE', 'CD');

/** Reads PASID directories and tables for one remapping unit. Nothing that is not present is kept here. */
export class PasidTables {
  readonly #part: Capabilities;
  readonly #memory: MemoryMap;
  readonly #met: (way: Way) => void;
  readonly #reserved: bigint;
  readonly #directories = new KnownEntries(PASID_DIRECTORY_WORDS, ([raw]) => this.#directoryOf(raw!));
  /** By PASID: an entry means something else for another one. */
  readonly #known = new Map<number, KnownEntries<Pasid | Fault>>();

  /** @param met Is told of every way that is found. */
  constructor(part: Capabilities, memory: MemoryMap, met: (way: Way) => void) {
    this.#part = part;
    this.#memory = memory;
    this.#met = met;
    this.#reserved = reservedBits(PasidEntry, RESERVED_WITHOUT, part) | OF_MEMORY_TYPES;
  }

  /** @spec VT-D "Scalable Mode Address Translation" */
  locate({ PASIDDIRPTR }: Pick<ScalableContext, 'PASIDDIRPTR'>, pasid: number, see: ConfigurationReader): Pasid | Fault {
    const index = Math.floor(pasid / PASIDS_PER_TABLE);
    const word = PASIDDIRPTR * WORDS_PER_FRAME + index;
    if (this.#memory.refuses(word)) return new Fault(0x50);
    see.fetch(word, PASID_DIRECTORY_WORDS, 'directory', isPresent);
    const directory = this.#directories.read(word, see);
    if (directory instanceof Fault) return directory;
    const { frame, FPD } = directory;
    const found = this.#entry(frame * WORDS_PER_FRAME + (pasid - index * PASIDS_PER_TABLE) * PASID_WORDS, pasid, see);
    if (!FPD) return found;
    return found instanceof Fault ? found.under(FPD) : { ...found, FPD };
  }

  #directoryOf(entry: bigint): Directory | Fault {
    const { P, FPD, SMPTBLPTR, raw } = PasidDirectoryEntry.of(entry);
    if (!P) return new Fault(0x51, FPD);
    if (PasidDirectoryEntry.hasReserved(raw) || isBeyondHost(SMPTBLPTR, this.#part)) return new Fault(0x52, FPD);
    return { frame: SMPTBLPTR, FPD };
  }

  #entry(word: number, pasid: number, see: ConfigurationReader): Pasid | Fault {
    if (this.#memory.refuses(word)) return new Fault(0x58);
    see.fetch(word, PASID_WORDS, 'leaf', isPresent);
    return this.#entriesOf(pasid).read(word, see);
  }

  #entriesOf(pasid: number): KnownEntries<Pasid | Fault> {
    let known = this.#known.get(pasid);
    if (known === undefined) {
      known = new KnownEntries(PASID_WORDS, (words) => this.#meaningOf(fromWords(words), pasid));
      this.#known.set(pasid, known);
    }
    return known;
  }

  #meaningOf(raw: bigint, pasid: number): Pasid | Fault {
    const entry = PasidEntry.of(raw);
    const { P, FPD } = entry;
    if (!P) return new Fault(0x59, FPD);
    if ((raw & this.#reserved) !== 0n || this.#isOutside(entry)) return new Fault(0x5a, FPD);
    if (INVALID_PASIDS.some(({ when }) => when(entry, this.#part))) return new Fault(0x5b, FPD);
    if (entry.SLEE && usesSecond(entry)) throw new NotModelled('execute permission of the second stage', 'SLEE of a PASID entry');
    const way = wayOfPasid(entry, pasid, this.#part);
    this.#met(way);
    return { way, FPD };
  }

  /** The root of a first stage under a second one is guest physical. */
  #isOutside(entry: Entry): boolean {
    return (
      isBeyondDomains(entry.DID, this.#part) ||
      (usesSecond(entry) && isBeyondHost(entry.SSPTPTR, this.#part)) ||
      (entry.PGTT === 'first-stage' && isBeyondHost(entry.FSPTPTR, this.#part))
    );
  }
}

/** Why a context entry does not let a request come to a PASID. */
export function blockedBy(context: Context, { type, pasid }: Pick<Inbound, 'type' | 'pasid'>): number | undefined {
  if (type !== 'untranslated' && !context.deviceTlb) return context.mode === 'legacy' ? 0x0d : 0x44;
  if (context.mode === 'legacy') return undefined;
  const { RID_PASID, PASIDE, pasids } = context.entry;
  if (pasid === undefined) return RID_PASID < pasids ? undefined : 0x48;
  if (!PASIDE) return 0x45;
  return pasid < pasids ? undefined : 0x46;
}
