/** How the tables of a stage are read and written: directly, or through a second stage. */
import type { MemoryMap } from '#hw-models/core/memory-map';
import { frameAt, type LeafEntry } from '#hw-models/core/walk';
import type { Erratum772415 } from '#hw-models/vtd/capabilities';
import { Fault } from '#hw-models/vtd/contexts-fault';
import { NOT_PRESENT, UNMARKED } from '#hw-models/vtd/pte-levels';
import type { StageBus, Stages, Use } from '#hw-models/vtd/stages';
import { FIRST_REASONS, SECOND_REASONS, type Purpose } from '#hw-models/vtd/stages-reasons';
import { firstFault, secondFault } from '#hw-models/vtd/stages-rights';
import type { FirstStageWay, StageWay } from '#hw-models/vtd/ways';

/** An entry that a walk came to. */
export interface Step {
  /** As tables name it: guest physical under a second stage. */
  readonly word: number;
  /** Where it lies. */
  readonly place: number;
  readonly isTop: boolean;
}

/** One stage in one use. */
export interface StageUse {
  readonly way: StageWay;
  readonly use: Use;
  /** Where an entry lies. */
  place(word: number, isTop: boolean): number | Fault;
  /** Sets bits of an entry, or says why not. */
  set(step: Step, bits: bigint): Fault | undefined;
  /** Why the leaf does not let the request through. */
  refusal(leaf: LeafEntry): Fault | undefined;
  /** For an entry that ends the walk. */
  ended(cause: string): Fault;
  /** Flags are to be set and cannot be. */
  unmarked(): Fault;
}

const WORDS_PER_FRAME = 512;

/** A second stage. */
export class SecondStageUse implements StageUse {
  readonly way: StageWay;
  readonly use: Use;
  readonly #bus: StageBus;
  readonly #map: MemoryMap;
  readonly #purpose: Purpose;

  constructor(bus: StageBus, map: MemoryMap, way: StageWay, use: Use, purpose: Purpose) {
    this.#bus = bus;
    this.#map = map;
    this.way = way;
    this.use = use;
    this.#purpose = purpose;
  }

  place(word: number, isTop: boolean): number | Fault {
    return this.#map.refuses(word) ? this.#fault(SECOND_REASONS[this.#purpose][isTop ? 'root' : 'entry']) : word;
  }

  set({ place }: Step, bits: bigint): undefined {
    this.#bus.write(place, this.#bus.memory.get(place) | bits);
  }

  refusal(leaf: LeafEntry): Fault | undefined {
    return secondFault(leaf, this.#purpose, this.use);
  }

  ended(cause: string): Fault {
    if (cause === UNMARKED.cause) return this.unmarked();
    const { reserved, read, write } = SECOND_REASONS[this.#purpose];
    return new Fault(cause !== NOT_PRESENT.cause ? reserved : this.use.access === 'write' ? write : read, false, 2, true);
  }

  unmarked(): Fault {
    return this.#fault(SECOND_REASONS[this.#purpose].flags);
  }

  #fault(reason: number): Fault {
    return new Fault(reason, false, 2);
  }
}

/** A first stage whose tables lie at physical addresses. */
export class FirstStageUse implements StageUse {
  readonly way: FirstStageWay;
  readonly use: Use;
  protected readonly bus: StageBus;
  readonly #map: MemoryMap;

  constructor(bus: StageBus, map: MemoryMap, way: FirstStageWay, use: Use) {
    this.bus = bus;
    this.#map = map;
    this.way = way;
    this.use = use;
  }

  place(word: number, isTop: boolean): number | Fault {
    return this.#map.refuses(word) ? ofFirst(FIRST_REASONS[isTop ? 'root' : 'entry']) : word;
  }

  set({ place }: Step, bits: bigint): Fault | undefined {
    this.bus.write(place, this.bus.memory.get(place) | bits);
    return undefined;
  }

  refusal(leaf: LeafEntry): Fault | undefined {
    return firstFault(leaf, this.way, this.use);
  }

  ended(cause: string): Fault {
    if (cause === UNMARKED.cause) return this.unmarked();
    return new Fault(cause === NOT_PRESENT.cause ? FIRST_REASONS.absent : FIRST_REASONS.reserved, false, 1, true);
  }

  unmarked(): Fault {
    return ofFirst(FIRST_REASONS.flags);
  }
}

/** A first stage whose tables lie in the memory of a guest. */
export class NestedStageUse extends FirstStageUse {
  readonly #stages: Stages;
  readonly #second: StageWay;
  readonly #erratum: Erratum772415;
  /** As whom entries are read. */
  readonly #reads: Use;

  constructor(
    bus: StageBus,
    map: MemoryMap,
    way: FirstStageWay,
    use: Use,
    second: { stages: Stages; way: StageWay; erratum: Erratum772415 },
  ) {
    super(bus, map, way, use);
    this.#stages = second.stages;
    this.#second = second.way;
    this.#erratum = second.erratum;
    this.#reads = { requester: use.requester, access: 'read', privileged: false };
  }

  override place(word: number, isTop: boolean): number | Fault {
    const place = this.#through(word, isTop, this.#reads);
    return typeof place === 'number' ? super.place(place, isTop) : place;
  }

  /** The page of the entry is written to: that takes the right of the second stage, but for the erratum. */
  override set({ word, place, isTop }: Step, bits: bigint): Fault | undefined {
    const written = this.#through(word, isTop, { ...this.#reads, access: 'write' });
    if (written instanceof Fault && !(written.reason === SECOND_REASONS['first-stage entry'].write && this.#isIgnored(isTop)))
      return written;
    const { memory } = this.bus;
    const at = written instanceof Fault ? place : written;
    this.bus.writeFor(this.use.requester, Math.floor(word / WORDS_PER_FRAME), at, memory.get(at) | bits);
    return undefined;
  }

  #isIgnored(isTop: boolean): boolean {
    return this.#erratum === 'any-level' || (this.#erratum === 'top-level' && isTop);
  }

  #through(word: number, isTop: boolean, use: Use): number | Fault {
    const frame = Math.floor(word / WORDS_PER_FRAME);
    const purpose = isTop ? 'first-stage root' : 'first-stage entry';
    const leaf = this.#stages.second(this.#second, frame, use, purpose);
    return leaf instanceof Fault ? leaf : frameAt(leaf, frame) * WORDS_PER_FRAME + (word - frame * WORDS_PER_FRAME);
  }
}

const ofFirst = (reason: number): Fault => new Fault(reason, false, 1);
