/**
 * From a source-id to its context entry. One procedure, for requests and for the question of where a request could be sent, because what
 * it reads it reads through a `ConfigurationReader`.
 *
 * Not confirmed: which conditions 0x43 stands for, and what becomes of pass-through with an AW that is not the largest.
 */
import { fromWords, type Fields, type Layout, type ViewOf } from '#hw-models/core/bits';
import type { MemoryMap } from '#hw-models/core/memory-map';
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import { domainIdBits, type Capabilities } from '#hw-models/vtd/capabilities';
import type { RootPointer } from '#hw-models/vtd/control';
import { KnownEntries } from '#hw-models/vtd/contexts-known';
import { Fault } from '#hw-models/vtd/contexts-fault';
import {
  CONTEXT_WORDS,
  CONTEXTS_PER_TABLE,
  ContextEntry,
  PASIDS_PER_TABLE,
  ROOT_WORDS,
  RootEntry,
  ScalableContextEntry,
  ScalableRootHalf,
  SMALLEST_DIRECTORY_LOG2,
} from '#hw-models/vtd/structures';
import { wayOfContext, type Way } from '#hw-models/vtd/ways';

/** What was found for a source-id. */
export type Context =
  | { readonly mode: 'legacy'; readonly way: Way; readonly deviceTlb: boolean; readonly FPD: boolean }
  | { readonly mode: 'scalable'; readonly entry: ScalableContext; readonly deviceTlb: boolean; readonly FPD: boolean };

/** What a scalable-mode context entry says: fields of so wide a word are not read for each request. */
export interface ScalableContext extends Pick<
  ViewOf<typeof ScalableContextEntry>,
  'PASIDDIRPTR' | 'PASIDE' | 'PRE' | 'RID_PASID' | 'RID_PRIV'
> {
  /** For so many the PASID directory has entries. */
  readonly pasids: number;
}

/** What leads to context entries. */
export type TablePointer = RootPointer & { readonly mode: 'legacy' | 'scalable' };

export const leadsToTables = (root: RootPointer): root is TablePointer => root.mode === 'legacy' || root.mode === 'scalable';

const WORD_BYTES = 8;
const WORDS_PER_FRAME = 512;
const FUNCTIONS_PER_BUS = 256;

/** A condition under which an entry is not valid. */
export interface Invalid<Entry> {
  readonly why: string;
  readonly when: (entry: Entry, part: Capabilities) => boolean;
}

const isSupported = (AW: 39 | 48 | 57 | 'reserved', { SAGAW }: Capabilities): boolean => AW !== 'reserved' && SAGAW.includes(AW);

/** @spec VT-D "Context Entry" */
export const INVALID_CONTEXTS: readonly Invalid<ViewOf<typeof ContextEntry>>[] = [
  { why: 'TT is reserved', when: ({ TT }) => TT === 'reserved' },
  { why: 'there are no device TLBs', when: ({ TT }, { DT }) => TT === 'second-stage and device TLB' && !DT },
  { why: 'there is no pass-through', when: ({ TT }, { PT }) => TT === 'pass-through' && !PT },
  { why: 'AW is not supported', when: ({ AW }, part) => !isSupported(AW, part) },
  { why: 'AW is not the largest', when: ({ TT, AW }, part) => TT === 'pass-through' && !isLargest(AW, part) },
];

export const isLargest = (AW: 39 | 48 | 57 | 'reserved', { SAGAW }: Capabilities): boolean => AW === Math.max(...SAGAW);

/** @spec VT-D "Scalable-Mode Context Entry" */
export const INVALID_SCALABLE_CONTEXTS: readonly Invalid<ViewOf<typeof ScalableContextEntry>>[] = [
  { why: 'PRE takes DTE', when: ({ PRE, DTE }) => PRE && !DTE },
];

/** Whether a frame number names memory beyond the host address width. */
export const isBeyondHost = (frame: number, { HAW }: Capabilities): boolean => frame >= 2 ** (HAW - 12);

/** Whether a domain-id has bits that the part has reserved. @spec VT-D "Capability Register" field ND */
export const isBeyondDomains = (DID: number, part: Capabilities): boolean => DID >= 2 ** domainIdBits(part);

/** Fields that a part without the capability has reserved, by the capability. */
export type ReservedWithout<Field extends string> = Readonly<Partial<Record<keyof Capabilities, readonly Field[]>>>;

/** The bits that must be zero in an entry. */
export function reservedBits<F extends Fields>(layout: Layout<F>, without: ReservedWithout<keyof F & string>, part: Capabilities): bigint {
  const fields = Object.entries(without).flatMap(([capability, names]) => (part[capability as keyof Capabilities] === false ? names : []));
  return layout.reservedMask | layout.mask(...fields);
}

/** @spec VT-D "Scalable-Mode Context Entry" */
const RESERVED_WITHOUT = { DT: ['DTE'], PASID: ['PASIDE'], PRS: ['PRE'], RPS: ['RID_PASID'], RPRIVS: ['RID_PRIV'] } as const;

/** P is bit 0 of every structure. */
export const isPresent = (first: bigint): boolean => BigInt.asUintN(1, first) === 1n;

/** What the two modes have each of their own. */
interface Directory {
  readonly rootWords: number;
  /** Of a context entry. */
  readonly words: number;
  /** Entries of a context table. */
  readonly contexts: number;
  readonly reach: 'leaf' | 'directory';
  /** Reasons for which a root entry, and a context entry, cannot be read. */
  readonly rootRefused: number;
  readonly refused: number;
  /** They lead to frames. */
  readonly roots: KnownEntries<number | Fault>;
  readonly entries: KnownEntries<Context | Fault>;
}

/** Reads root and context tables for one remapping unit. Nothing that is not present is kept here. */
export class Contexts {
  readonly #part: Capabilities;
  readonly #memory: MemoryMap;
  readonly #met: (way: Way) => void;
  readonly #reserved: bigint;
  readonly #legacy: Directory = {
    ...{ rootWords: ROOT_WORDS, words: CONTEXT_WORDS.legacy, contexts: CONTEXTS_PER_TABLE.legacy },
    ...{ reach: 'leaf', rootRefused: 0x08, refused: 0x09 },
    roots: new KnownEntries(ROOT_WORDS, (words) => this.#root(fromWords(words))),
    entries: new KnownEntries(CONTEXT_WORDS.legacy, (words) => this.#context(fromWords(words))),
  };
  /** Each half of a root entry is one by itself. Many PASIDs have their entries below a context entry. */
  readonly #scalable: Directory = {
    ...{ rootWords: 1, words: CONTEXT_WORDS.scalable, contexts: CONTEXTS_PER_TABLE.scalable },
    ...{ reach: 'directory', rootRefused: 0x38, refused: 0x40 },
    roots: new KnownEntries(1, ([half]) => this.#scalableRoot(half!)),
    entries: new KnownEntries(CONTEXT_WORDS.scalable, (words) => this.#scalableContext(fromWords(words))),
  };

  /** @param met Is told of every way that is found. */
  constructor(part: Capabilities, memory: MemoryMap, met: (way: Way) => void) {
    this.#part = part;
    this.#memory = memory;
    this.#met = met;
    this.#reserved = reservedBits(ScalableContextEntry, RESERVED_WITHOUT, part);
  }

  /** @spec VT-D "Legacy Mode Address Translation" and "Scalable Mode Address Translation" */
  locate(root: TablePointer, id: number, see: ConfigurationReader): Context | Fault {
    const { rootWords, words, contexts, reach, rootRefused, refused, roots, entries } =
      root.mode === 'legacy' ? this.#legacy : this.#scalable;
    const bus = Math.floor(id / FUNCTIONS_PER_BUS);
    const devfn = id % FUNCTIONS_PER_BUS;
    const half = devfn < contexts ? 0 : 1;
    const rootWord = firstWord(root) + bus * ROOT_WORDS + half;
    if (this.#memory.refuses(rootWord)) return new Fault(rootRefused);
    see.fetch(rootWord, rootWords, 'directory', isPresent);
    const frame = roots.read(rootWord, see);
    if (typeof frame !== 'number') return frame;
    const word = frame * WORDS_PER_FRAME + (devfn - half * contexts) * words;
    if (this.#memory.refuses(word)) return new Fault(refused);
    see.fetch(word, words, reach, isPresent);
    return entries.read(word, see);
  }

  #root(entry: bigint): number | Fault {
    const { P, CTP, raw } = RootEntry.of(entry);
    if (!P) return new Fault(0x01);
    return RootEntry.hasReserved(raw) || isBeyondHost(CTP, this.#part) ? new Fault(0x0a) : CTP;
  }

  #scalableRoot(half: bigint): number | Fault {
    const { P, CTP, raw } = ScalableRootHalf.of(half);
    if (!P) return new Fault(0x39);
    return ScalableRootHalf.hasReserved(raw) || isBeyondHost(CTP, this.#part) ? new Fault(0x3a) : CTP;
  }

  #context(raw: bigint): Context | Fault {
    const entry = ContextEntry.of(raw);
    const { FPD, SSPTPTR, TT, DID } = entry;
    if (!entry.P) return new Fault(0x02, FPD);
    const usesTable = TT === 'second-stage' || TT === 'second-stage and device TLB';
    const isOutside = isBeyondDomains(DID, this.#part) || (usesTable && isBeyondHost(SSPTPTR, this.#part));
    if (ContextEntry.hasReserved(raw) || isOutside) return new Fault(0x0b, FPD);
    if (INVALID_CONTEXTS.some(({ when }) => when(entry, this.#part))) return new Fault(0x03, FPD);
    const way = wayOfContext(entry, this.#part);
    this.#met(way);
    return { mode: 'legacy', way, deviceTlb: TT === 'second-stage and device TLB', FPD };
  }

  #scalableContext(raw: bigint): Context | Fault {
    const entry = ScalableContextEntry.of(raw);
    const { P, FPD, DTE, PASIDDIRPTR, PDTS, PASIDE, PRE, RID_PASID, RID_PRIV } = entry;
    if (!P) return new Fault(0x41, FPD);
    if ((raw & this.#reserved) !== 0n || isBeyondHost(PASIDDIRPTR, this.#part)) return new Fault(0x42, FPD);
    if (INVALID_SCALABLE_CONTEXTS.some(({ when }) => when(entry, this.#part))) return new Fault(0x43, FPD);
    const pasids = PASIDS_PER_TABLE * 2 ** (PDTS + SMALLEST_DIRECTORY_LOG2);
    return { mode: 'scalable', entry: { PASIDDIRPTR, pasids, PASIDE, PRE, RID_PASID, RID_PRIV }, deviceTlb: DTE, FPD };
  }
}

/** Word of the first root entry. The address is that of a page: the number is exact. */
const firstWord = ({ address }: RootPointer): number => Number(BigInt.asUintN(64, address)) / WORD_BYTES;
