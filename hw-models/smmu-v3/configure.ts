/**
 * From a stream to where its configuration sends it: the Stream table look-up and the reading of an STE. One procedure, for accesses
 * and for the question of where an access could be sent, because what it reads it reads through a `ConfigurationReader`.
 */
import { pageOfWord } from '#hw-models/core/address';
import { fromWords, type ViewOf } from '#hw-models/core/bits';
import { NotModelled } from '#hw-models/core/errors';
import { hex } from '#hw-models/core/hex';
import type { Memory } from '#hw-models/core/memory';
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import { framesOf, type TableAt } from '#hw-models/core/walk';
import type { Capabilities } from '#hw-models/smmu-v3/capabilities';
import type { StrtabBase, StrtabBaseCfg } from '#hw-models/smmu-v3/registers';
import { L1Std, L1STD_SIZE, Ste, STE_SIZE } from '#hw-models/smmu-v3/ste';
import { illegality, outputSize, type SteView } from '#hw-models/smmu-v3/ste-validity';
import { stage2Level } from '#hw-models/smmu-v3/stage2';
import { startOf, type Granule } from '#hw-models/smmu-v3/tables';

const STE_WORDS = STE_SIZE / L1STD_SIZE;

/** Where the Stream table is, decoded from its registers. */
export interface StreamTable {
  readonly format: 'linear' | 'twoLevel';
  /** First word of the linear table or of the level-1 table. */
  readonly word: number;
  /** log2 of the StreamIDs that it may hold. */
  readonly idBits: number;
  /** StreamID bits that the second level resolves. */
  readonly split: number;
}

/**
 * What the registers say. A base is aligned down to the size that LOG2SIZE gives its table, even where fewer StreamIDs exist.
 * @spec SMMU-V3 "SMMU_STRTAB_BASE" and "SMMU_STRTAB_BASE_CFG"
 */
export function streamTableOf(
  { ADDR }: ViewOf<typeof StrtabBase>,
  { FMT, SPLIT, LOG2SIZE }: ViewOf<typeof StrtabBaseCfg>,
  part: Capabilities,
): StreamTable {
  const format = FMT === 'twoLevel' && part.ST_LEVEL === 'twoLevel' ? 'twoLevel' : 'linear';
  const split = SPLIT === 8 || SPLIT === 10 ? SPLIT : 6;
  const words = format === 'linear' ? STE_WORDS * 2 ** LOG2SIZE : Math.max(STE_WORDS, 2 ** (LOG2SIZE - split));
  const word = (Number(ADDR) * STE_WORDS) % wordsOf(part);
  return { format, word: word - (word % words), idBits: Math.min(LOG2SIZE, part.SIDSIZE), split };
}

/** Words of the table, or of its first level. */
export const tableWords = ({ format, idBits, split }: StreamTable): number =>
  format === 'linear' ? STE_WORDS * 2 ** idBits : Math.max(1, 2 ** (idBits - split));

/** Words that output addresses reach. */
const wordsOf = ({ OAS }: Capabilities): number => 2 ** OAS / L1STD_SIZE;

/** Who asks. */
export interface Stream {
  readonly id: number;
  readonly substream: number | undefined;
}

/** Permission attributes that replace those of the transaction. @spec SMMU-V3 "Replace" */
export interface Overrides {
  readonly privilege: 'incoming' | 'unprivileged' | 'privileged';
  readonly instruction: 'incoming' | 'data' | 'instruction';
}

/** What the bus gives. */
export const INCOMING: Overrides = { privilege: 'incoming', instruction: 'incoming' };

/** An abort, with or without an event. */
export interface Stops {
  readonly kind: 'stops';
  readonly key: string;
  readonly event?: 'C_BAD_STREAMID' | 'F_STE_FETCH' | 'C_BAD_STE' | 'C_BAD_SUBSTREAMID';
  /** The word whose fetch was aborted. */
  readonly fetched?: number;
}

/** No translation; `disabled` while the SMMU is, when nothing is recorded. */
export interface Passes {
  readonly kind: 'passes';
  readonly key: string;
  readonly by: 'STE' | 'disabled';
  readonly overrides: Overrides;
}

/** Stage 2 alone. */
export interface Translates {
  readonly kind: 'translates';
  readonly key: string;
  readonly space: string;
  readonly root: TableAt;
  /** First 4 KiB frame beyond the input range. */
  readonly endFrame: number;
  readonly overrides: Overrides;
  /** Whether translation faults are recorded, S2R. */
  readonly records: boolean;
  /** Whether they stall, S2S. */
  readonly stalls: boolean;
}

/** Where a stream's configuration sends it. */
export type Configured = Stops | Passes | Translates;

/** What the TLB tags stage-2 entries with. @spec SMMU-V3 "TLB tagging, VMIDs, ASIDs and participation in broadcast TLB maintenance" */
export const spaceOf = (vmid: number): string => `VMID ${vmid}`;

const NO_STREAM: Configured = { kind: 'stops', key: 'C_BAD_STREAMID', event: 'C_BAD_STREAMID' };
const ABORT: Configured = { kind: 'stops', key: 'abort' };
const BAD_STE: Configured = { kind: 'stops', key: 'C_BAD_STE', event: 'C_BAD_STE' };
const BAD_SUBSTREAM: Configured = { kind: 'stops', key: 'C_BAD_SUBSTREAMID', event: 'C_BAD_SUBSTREAMID' };
const fetchAborted = (word: number): Configured => ({ kind: 'stops', key: 'F_STE_FETCH', event: 'F_STE_FETCH', fetched: word });

const MEANINGS_KEPT = 4096;

/**
 * Reads Stream tables for one SMMU. Any entry in reach may have been fetched at any time, valid or not, each 64-bit word at its own: what
 * a word reads as is the `ConfigurationReader`'s affair.
 * @spec SMMU-V3 "Configuration structures and configuration invalidation completion"
 */
export class Configurator {
  readonly #part: Capabilities;
  readonly #memory: Memory;
  readonly #endWord: number;
  readonly #meanings = new Map<bigint, Configured>();

  constructor(part: Capabilities, memory: Memory) {
    this.#part = part;
    this.#memory = memory;
    this.#endWord = wordsOf(part);
  }

  /** @spec SMMU-V3 "Stream table lookup", and "Event queue record priorities" for the order of its errors */
  configure(table: StreamTable, stream: Stream, see: ConfigurationReader): Configured {
    const { id } = stream;
    if (id >= 2 ** table.idBits) return NO_STREAM;
    if (table.format === 'linear') return this.#entry(table.word + id * STE_WORDS, stream, see);
    const word = table.word + Math.floor(id / 2 ** table.split);
    if (this.#aborts(word)) return fetchAborted(word);
    see.fetch(word, 1, 'directory');
    const second = secondLevel(see.read(word), table, id);
    return second === undefined ? NO_STREAM : this.#entry(second, stream, see);
  }

  /** Nothing of a failed fetch is kept. @spec SMMU-V3 "Configuration structures and configuration invalidation completion" */
  #aborts(word: number): boolean {
    return word >= this.#endWord || (this.#memory.holes.size > 0 && this.#memory.holes.has(pageOfWord(word)));
  }

  #entry(word: number, { substream }: Stream, see: ConfigurationReader): Configured {
    if (this.#aborts(word)) return fetchAborted(word);
    see.fetch(word, STE_WORDS, 'leaf');
    const first = see.read(word);
    const { V, Config } = Ste.of(first);
    if (!V) return BAD_STE;
    if (Config === 'abort' || Config === 'reserved') return ABORT;
    // Fields of the doublewords above belong to features that this part does not have.
    const words = Config === 'bypass' ? [first, see.read(word + 1)] : [first, see.read(word + 1), see.read(word + 2), see.read(word + 3)];
    const way = this.#meaningOf(fromWords(words));
    // A SubstreamID has no meaning without stage 1.
    return substream === undefined || way.kind === 'stops' ? way : BAD_SUBSTREAM;
  }

  /** What an STE that does not abort says; entries are read far more often than they change. */
  #meaningOf(raw: bigint): Configured {
    let way = this.#meanings.get(raw);
    if (way === undefined) {
      way = this.#interpret(Ste.of(raw));
      if (this.#meanings.size >= MEANINGS_KEPT) this.#meanings.clear();
      this.#meanings.set(raw, way);
    }
    return way;
  }

  #interpret(ste: SteView): Configured {
    if (illegality(ste, this.#part) !== undefined) return BAD_STE;
    if (ste.Config === 'bypass')
      return { kind: 'passes', key: `bypass${attributesOf(ste, this.#part)}`, by: 'STE', overrides: overridesOf(ste, this.#part) };
    this.#refuseUnmodelled(ste);
    return translates(ste, this.#part);
  }

  #refuseUnmodelled({ Config, S2AA64, S2ENDI }: SteView): void {
    if (Config !== 'stage2') throw new NotModelled('stage 1 translation', 'STE.Config');
    if (!S2AA64) throw new NotModelled('VMSAv8-32 long descriptors at stage 2', 'STE.S2AA64');
    if (S2ENDI) throw new NotModelled('big-endian translation tables', 'STE.S2ENDI');
  }
}

/**
 * The word of the STE that a level-1 descriptor leads to, if it leads to one.
 * @spec SMMU-V3 "General properties of the L1STD"
 */
function secondLevel(raw: bigint, { split }: StreamTable, id: number): number | undefined {
  const { Span, L2Ptr } = L1Std.of(raw);
  if (!spanIsValid(Span, split)) return undefined;
  const entries = 2 ** (Span - 1);
  const index = id % 2 ** split;
  if (index >= entries) return undefined;
  const array = Number(L2Ptr) * STE_WORDS;
  return array - (array % (entries * STE_WORDS)) + index * STE_WORDS;
}

/** Whether a level-1 descriptor leads to an array at all. @spec SMMU-V3 "L1STD, Level 1 Stream Table Descriptor" field Span */
export const spanIsValid = (Span: number, split: number): boolean => Span >= 1 && Span <= 11 && Span <= split + 1;

/** Everything that the SMMU uses of a stage-2 STE is in the key, as it takes effect. */
function translates(ste: SteView, part: Capabilities): Translates {
  const granule = ste.S2TG as Granule;
  const { level, entriesLog2 } = startOf(granule, ste.S2SL0, ste.S2T0SZ, part)!;
  const outputBits = Math.min(outputSize(ste, part), granule === '64K' ? 52 : 48);
  const accessFlag = ste.S2HA ? 'managed' : ste.S2AFFD ? 'ignored' : 'checked';
  const format = { granule, outputBits, accessFlag, dirtyState: ste.S2HA && ste.S2HD, XNX: part.XNX, wide: part.OAS === 52 } as const;
  const entries = 2 ** entriesLog2;
  const root: TableAt = { word: alignedRoot(ste, entries, part), entries, level: stage2Level(format, level) };
  const space = spaceOf(ste.S2VMID);
  const inputBits = 64 - ste.S2T0SZ;
  const faults = ste.S2S ? 'stalls' : ste.S2R ? 'faults are recorded' : 'faults are silent';
  const key = `${space}: table at ${hex(root.word * L1STD_SIZE)}, ${root.level.name}, ${inputBits}-bit input, ${faults}${walkOf(ste, part)}${attributesOf(ste, part)}`;
  return {
    kind: 'translates',
    key,
    space,
    root,
    endFrame: framesOf(inputBits),
    overrides: overridesOf(ste, part),
    records: ste.S2R,
    stalls: ste.S2S,
  };
}

/**
 * The SMMU ignores the low bits of the base, as many as the start table has; 64 bytes at least where S2PS says 52 bits, even with a
 * granule that has only 48.
 * @spec SMMU-V3 "STE, Stream Table Entry" field S2TTB
 */
function alignedRoot(ste: SteView, entries: number, part: Capabilities): number {
  const word = Number(ste.S2TTB) * 2;
  return word - (word % Math.max(entries, outputSize(ste, part) === 52 ? STE_WORDS : 1));
}

/** Permission overrides of an STE. @spec SMMU-V3 "STE, Stream Table Entry" fields PRIVCFG and INSTCFG */
function overridesOf({ PRIVCFG, INSTCFG }: SteView, { ATTR_PERMS_OVR }: Capabilities): Overrides {
  if (!ATTR_PERMS_OVR) return INCOMING;
  return { privilege: PRIVCFG === 'reserved' ? 'incoming' : PRIVCFG, instruction: INSTCFG === 'reserved' ? 'incoming' : INSTCFG };
}

/** How the walk accesses memory, and what becomes of memory types. */
function walkOf({ S2IR0, S2OR0, S2SH0, S2FWB }: SteView, { FWB }: Capabilities): string {
  const cached = S2IR0 !== 'nonCacheable' || S2OR0 !== 'nonCacheable';
  const shareability = !cached ? 'outerShareable' : S2SH0 === 'reserved' ? 'nonShareable' : S2SH0;
  return `, walks ${S2IR0}/${S2OR0} ${shareability}${FWB && S2FWB ? ', FWB' : ''}`;
}

/** The overrides in effect, for the key. @spec SMMU-V3 "STE, Stream Table Entry" fields MTCFG, ALLOCCFG and SHCFG */
function attributesOf(ste: SteView, part: Capabilities): string {
  const { privilege, instruction } = overridesOf(ste, part);
  const said = [privilege, instruction].filter((override) => override !== 'incoming').map((override) => `, ${override}`);
  if (part.ATTR_TYPES_OVR) {
    if (ste.MTCFG) said.push(`, memory type ${ste.MemAttr}`);
    // Below 8 the incoming hints are used, whatever the other bits.
    if (ste.ALLOCCFG >= 8) said.push(`, allocation ${ste.ALLOCCFG}`);
    if (ste.SHCFG !== 'incoming') said.push(`, ${ste.SHCFG}`);
  }
  return said.join('');
}
