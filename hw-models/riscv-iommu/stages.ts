/**
 * The two stages of translation, each a walk with its cache in front of it and the updates of A and D behind it. A first stage under a
 * second one reads its tables through that.
 */
import { pageStart } from '#hw-models/core/address';
import type { Bus } from '#hw-models/core/hardware';
import type { MemoryMap } from '#hw-models/core/memory-map';
import {
  ACCESS_PENDING,
  canonicalFrame,
  DIRTY_PENDING,
  EXECUTE,
  frameAt,
  READ,
  walk,
  WRITE,
  type EntryReader,
  type LeafEntry,
  type Walked,
} from '#hw-models/core/walk';
import { ACCESS_FAULT, Fault, GUEST_PAGE_FAULT, PAGE_FAULT } from '#hw-models/riscv-iommu/fault';
import { CLEAN, USER } from '#hw-models/riscv-iommu/pte';
import { ACCESSED, DIRTY } from '#hw-models/riscv-iommu/tables';
import type { StageWay } from '#hw-models/riscv-iommu/ways';

/** What the stages need of the machine. */
export type StageBus = Pick<Bus, 'memory' | 'sight' | 'write'>;

/** How a request uses the stages. */
export interface Use {
  /** What faults say it was. */
  readonly access: 'read' | 'write' | 'execute';
  /** The right that an entry must give, or none: then the rights are only looked up. */
  readonly needed: number;
  /** Rights that the entry is used with where it gives them: a write sets D. */
  readonly wanted: number;
  /** Where A is set, D is set with it if the entry gives the right to write. */
  readonly together?: boolean;
  readonly privileged: boolean;
  /** Supervisors may use pages of users, though not execute them. */
  readonly sum: boolean;
}

/** Bits of iotval2: on an access to a table, and that access was a write. @spec RISCV-IOMMU "Fault record" */
const EXPLICIT = 0n;
const TABLE_READ = 1n;
const TABLE_WRITE = 3n;
type Purpose = typeof EXPLICIT | typeof TABLE_READ | typeof TABLE_WRITE;

const WORDS_PER_FRAME = 512;
const WORD_BYTES = 8;

/** Reads tables; what goes wrong on the way is in `fault`, and reads as an entry that is not valid. */
interface TableReader extends EntryReader {
  readonly fault: Fault | undefined;
  /** The physical word, or undefined with a fault. */
  place(word: number): number | undefined;
  /** As `place`, for an update. */
  placeToWrite(word: number): number | undefined;
}

/** The stages of one IOMMU. */
export class Stages {
  readonly #bus: StageBus;
  readonly #map: MemoryMap;

  constructor(bus: StageBus, map: MemoryMap) {
    this.#bus = bus;
    this.#map = map;
  }

  /**
   * The second stage for a guest frame. @param offset Bytes in the frame, for the record.
   * @spec RISCV-PRIV "Guest Physical Address Translation"
   */
  second(way: StageWay, frame: number, use: Use, offset = 0, purpose: Purpose = EXPLICIT): LeafEntry | Fault {
    if (frame >= way.endFrame) return guestFault(use, frame, offset, purpose);
    const cached = this.#bus.sight.cached(way.space, frame);
    const leaf = cached !== undefined && isUsable(cached, use) ? cached : this.#walk(way, frame, use, this.#tables(way, use));
    if (leaf instanceof Fault) return leaf;
    return leaf !== undefined && permitsSecond(leaf, use) ? leaf : guestFault(use, frame, offset, purpose);
  }

  /**
   * The first stage for a frame of an IOVA. @param second What its tables are read through.
   * @spec RISCV-PRIV "Virtual Address Translation Process"
   */
  first(way: StageWay, iovaFrame: number, use: Use, second: StageWay | undefined): LeafEntry | Fault {
    const frame = canonicalFrame(way.endFrame, iovaFrame);
    if (frame === undefined) return new Fault(PAGE_FAULT[use.access]);
    const cached = this.#bus.sight.cached(way.space, frame);
    const leaf = cached !== undefined && isUsable(cached, use) ? cached : this.#walk(way, frame, use, this.#tables(way, use, second));
    if (leaf instanceof Fault) return leaf;
    return leaf !== undefined && permitsFirst(leaf, use) ? leaf : new Fault(PAGE_FAULT[use.access]);
  }

  /** The physical word of a guest one, as an entry of a process directory is read. */
  guestWord(second: StageWay, word: number, use: Use): number | Fault {
    return this.table(second, word, { ...use, needed: READ, wanted: READ }, TABLE_READ);
  }

  /**
   * The physical word of a guest one, for its entry.
   * @param mustBeDirty Its page must be: the entry is fetched to be updated, and where nobody marks pages it has to be dirty already.
   */
  table(second: StageWay, word: number, use: Use, purpose: Purpose, mustBeDirty = false): number | Fault {
    const frame = Math.floor(word / WORDS_PER_FRAME);
    const index = word - frame * WORDS_PER_FRAME;
    const offset = index * WORD_BYTES;
    const leaf = this.second(second, frame, use, offset, purpose);
    if (leaf instanceof Fault) return leaf;
    if (mustBeDirty && (leaf.attributes! & CLEAN) !== 0) return guestFault(use, frame, offset, purpose);
    const place = frameAt(leaf, frame) * WORDS_PER_FRAME + index;
    return this.#map.refuses(place) ? new Fault(ACCESS_FAULT[use.access]) : place;
  }

  #tables(way: StageWay, use: Use, second?: StageWay): TableReader {
    return second === undefined ? new PhysicalTables(this.#bus, this.#map, way, use) : new GuestTables(this.#bus, this, way, second, use);
  }

  /** A leaf from memory, with A and D set where the entry is used; undefined: a page fault of the stage. */
  #walk(way: StageWay, frame: number, use: Use, reader: TableReader): LeafEntry | Fault | undefined {
    const leaf = this.#update(walk(way.root, frame, reader), frame, use, way, reader);
    if (reader.fault !== undefined) return reader.fault;
    if (leaf !== undefined) this.#bus.sight.fill(way.space, frame, leaf);
    return leaf;
  }

  /** @spec RISCV-PRIV "Virtual Address Translation Process", and RISCV-IOMMU "IOMMU updating of PTE accessed (A) and dirty (D) updates" */
  #update(walked: Walked, frame: number, use: Use, way: StageWay, reader: TableReader): LeafEntry | undefined {
    let { entry } = walked;
    if (entry.kind !== 'page') return undefined;
    const permits = way.scheme.stage === 1 ? permitsFirst : permitsSecond;
    if (updateOf(entry, use) === 0n || !permits(entry, use)) return entry;
    const word = reader.placeToWrite(walked.word);
    if (word === undefined) return undefined;
    const asRead = entry;
    // An update is not made from a stale copy: what memory has now counts.
    const again = (): void => {
      ({ entry } = walk({ word, entries: 1, level: walked.level }, frame, this.#bus.memory));
    };
    again();
    if (entry.kind !== 'page' || !permits(entry, use)) return entry.kind === 'page' ? entry : undefined;
    const update = updateOf(entry, use);
    if (update === 0n) return entry;
    this.#bus.write(word, this.#bus.memory.get(word) | update);
    again();
    return use.needed === 0 ? asRead : entry;
  }
}

/** Where a frame of an IOVA, which a first stage has translated, leads. */
export const outputOf = (way: StageWay, leaf: LeafEntry, iovaFrame: number): number =>
  frameAt(leaf, canonicalFrame(way.endFrame, iovaFrame)!);

const guestFault = ({ access }: Use, frame: number, offset: number, purpose: Purpose): Fault =>
  new Fault(GUEST_PAGE_FAULT[access], pageStart(frame) + BigInt(offset - (offset % 4)) + purpose);

/** What hardware sets in an entry that is used so. */
function updateOf({ pending = 0, prot }: LeafEntry, { wanted, together }: Use): bigint {
  if (pending === 0) return 0n;
  const accessed = (pending & ACCESS_PENDING) === 0 ? 0n : ACCESSED;
  if ((pending & DIRTY_PENDING) === 0) return accessed;
  const isWritten = (wanted & prot & WRITE) !== 0 || (together === true && accessed !== 0n);
  return isWritten ? accessed | DIRTY : accessed;
}

const isUsable = (leaf: LeafEntry, use: Use): boolean => updateOf(leaf, use) === 0n;

const permitsSecond = ({ prot }: LeafEntry, { needed }: Use): boolean => (prot & needed) === needed;

/** @spec RISCV-IOMMU "Process-context fields", and RISCV-PRIV "Addressing and Memory Protection" */
function permitsFirst({ prot, attributes = 0 }: LeafEntry, { needed, access, privileged, sum }: Use): boolean {
  if ((prot & needed) !== needed) return false;
  const isUsers = (attributes & USER) !== 0;
  return privileged ? !isUsers || (sum && access !== 'execute') : isUsers;
}

/** Tables at physical addresses. */
class PhysicalTables implements TableReader {
  fault: Fault | undefined;
  readonly #memory: EntryReader;
  readonly #map: MemoryMap;
  readonly #use: Use;

  constructor({ sight }: StageBus, map: MemoryMap, { space }: StageWay, use: Use) {
    this.#memory = sight.entries(space);
    this.#map = map;
    this.#use = use;
  }

  low(word: number): number {
    return this.place(word) === undefined ? 0 : this.#memory.low(word);
  }

  high(word: number): number {
    return this.#memory.high(word);
  }

  place(word: number): number | undefined {
    if (!this.#map.refuses(word)) return word;
    this.fault = new Fault(ACCESS_FAULT[this.#use.access]);
    return undefined;
  }

  placeToWrite(word: number): number | undefined {
    return this.place(word);
  }
}

/** Tables at guest physical addresses. */
class GuestTables implements TableReader {
  fault: Fault | undefined;
  readonly #memory: EntryReader;
  readonly #stages: Stages;
  readonly #second: StageWay;
  readonly #use: Use;
  /** How tables are read: where A and D of their entries are managed an entry is fetched to be updated, and its page marked dirty. */
  readonly #reads: Use;
  readonly #isManaged: boolean;
  #word = 0;

  /** @spec RISCV-PRIV "Svadu", on updates of D that follow speculative updates of A */
  constructor({ sight }: StageBus, stages: Stages, { space, isManaged }: StageWay, second: StageWay, use: Use) {
    const { access, privileged, sum } = use;
    this.#memory = sight.entries(space);
    this.#isManaged = isManaged;
    this.#stages = stages;
    this.#second = second;
    this.#use = use;
    this.#reads = { access, needed: READ, wanted: isManaged ? READ | WRITE : READ, together: true, privileged, sum };
  }

  low(word: number): number {
    const place = this.place(word);
    if (place === undefined) return 0;
    this.#word = place;
    return this.#memory.low(place);
  }

  /** Of the entry whose low half was read. */
  high(): number {
    return this.fault === undefined ? this.#memory.high(this.#word) : 0;
  }

  place(word: number): number | undefined {
    return this.#kept(this.#stages.table(this.#second, word, this.#reads, TABLE_READ, this.#isManaged));
  }

  placeToWrite(word: number): number | undefined {
    return this.#kept(this.#stages.table(this.#second, word, { ...this.#use, needed: WRITE, wanted: WRITE }, TABLE_WRITE));
  }

  #kept(place: number | Fault): number | undefined {
    if (!(place instanceof Fault)) return place;
    this.fault = place;
    return undefined;
  }
}

/** The right that an access needs. */
export const RIGHT: Readonly<Record<'read' | 'write' | 'execute', number>> = { read: READ, write: WRITE, execute: EXECUTE };
