/**
 * The two stages of translation, each a walk with its cache in front of it and the updates of A and D behind it. A first stage under a
 * second one reads its tables through that, and has its flags set through it. PWSNP decides whether flags can be set; which stores walks
 * see is decided by the machine.
 *
 * Not confirmed: flags are set only once the walk has come to a page that the request may use.
 */
import type { Bus } from '#hw-models/core/hardware';
import type { MemoryMap } from '#hw-models/core/memory-map';
import type { Requester } from '#hw-models/core/reach/facts';
import {
  ACCESS_PENDING,
  canonicalFrame,
  DIRTY_PENDING,
  framesOf,
  type EntryReader,
  type LeafEntry,
  type Level,
} from '#hw-models/core/walk';
import type { Erratum772415 } from '#hw-models/vtd/capabilities';
import { Fault } from '#hw-models/vtd/contexts-fault';
import { FIRST_REASONS, SECOND_REASONS, type Purpose } from '#hw-models/vtd/stages-reasons';
import { firstFault, secondFault } from '#hw-models/vtd/stages-rights';
import { FirstStageUse, NestedStageUse, SecondStageUse, type StageUse, type Step } from '#hw-models/vtd/stages-tables';
import type { FirstStageWay, StageWay } from '#hw-models/vtd/ways';

/** What the stages need of the machine. */
export type StageBus = Pick<Bus, 'memory' | 'sight' | 'write' | 'writeFor'>;

/** How a request uses the stages. */
export interface Use {
  readonly requester: Requester;
  readonly access: 'read' | 'write' | 'execute';
  /** It is one of a supervisor. */
  readonly privileged: boolean;
}

/** A walk that came to a page. */
interface Walked {
  readonly leaf: LeafEntry;
  readonly level: Level;
  /** Hardware has nothing to set in the entries that it used. */
  readonly isMarked: boolean;
}

/** An entry that a walk used, and the bits of its low half that hardware has to set. */
interface Marking extends Step {
  readonly missing: number;
}

/** The stages of one remapping unit. */
export class Stages {
  readonly #bus: StageBus;
  readonly #map: MemoryMap;
  readonly #erratum: Erratum772415;

  constructor(bus: StageBus, map: MemoryMap, erratum: Erratum772415) {
    this.#bus = bus;
    this.#map = map;
    this.#erratum = erratum;
  }

  /** The second stage for a frame of its input. @spec VT-D "Second-Stage Translation" */
  second(way: StageWay, frame: number, use: Use, purpose: Purpose): LeafEntry | Fault {
    if (frame >= way.endFrame) return new Fault(SECOND_REASONS[purpose].width, false, 2);
    const cached = this.#bus.sight.cached(way.space, frame);
    if (cached !== undefined && isMarked(cached, use)) return secondFault(cached, purpose, use) ?? cached;
    return this.#fill(frame, new SecondStageUse(this.#bus, this.#map, way, use, purpose));
  }

  /** The first stage for a frame of an IOVA. @param second What its tables are read through. @spec VT-D "First-Stage Translation" */
  first(way: FirstStageWay, iovaFrame: number, use: Use, second: StageWay | undefined): LeafEntry | Fault {
    const frame = canonicalFrame(way.endFrame, iovaFrame);
    if (frame === undefined) return new Fault(FIRST_REASONS.canonical, false, 1);
    const cached = this.#bus.sight.cached(way.space, frame);
    if (cached !== undefined && isMarked(cached, use)) return firstFault(cached, way, use) ?? cached;
    if (second === undefined) return this.#fill(frame, new FirstStageUse(this.#bus, this.#map, way, use));
    const nested = { stages: this, way: second, erratum: this.#erratum };
    return this.#fill(frame, new NestedStageUse(this.#bus, this.#map, way, use, nested));
  }

  /** What no cache gives. */
  #fill(frame: number, stage: StageUse): LeafEntry | Fault {
    const { sight } = this.#bus;
    const { space } = stage.way;
    const walked = this.#walk(frame, stage, sight.entries(space));
    if (walked instanceof Fault) return walked;
    const leaf = stage.refusal(walked.leaf) ?? (walked.isMarked ? walked.leaf : this.#mark(frame, stage));
    if (!(leaf instanceof Fault)) sight.fill(space, frame, leaf);
    return leaf;
  }

  /** @param steps Takes the entries that it used, the one of the page last. */
  #walk(frame: number, stage: StageUse, memory: EntryReader, steps?: Marking[]): Walked | Fault {
    const { marks, root } = stage.way;
    let { word: base, level, entries } = root;
    let isComplete = true;
    for (let isTop = true; ; isTop = false) {
      const word = base + indexIn(frame, level, entries);
      const place = stage.place(word, isTop);
      if (typeof place !== 'number') return place;
      const lo = memory.low(place);
      const entry = level.decode(lo, memory.high(place));
      if (entry.kind === 'none') return stage.ended(entry.cause);
      const isWritten = entry.kind === 'page' && stage.use.access === 'write';
      const missing = (isWritten ? marks.accessed | marks.dirty : marks.accessed) & ~lo;
      isComplete &&= missing === 0;
      steps?.push({ word, place, isTop, missing });
      if (entry.kind === 'page') return { leaf: entry, level, isMarked: isComplete };
      ({ word: base, level, entries } = entry.table);
    }
  }

  /** Flags are not set by what a stale copy says: what memory has now counts. */
  #mark(frame: number, stage: StageUse): LeafEntry | Fault {
    const { memory } = this.#bus;
    const steps: Marking[] = [];
    const walked = this.#walk(frame, stage, memory, steps);
    if (walked instanceof Fault) return walked;
    const canSet = stage.way.format.PWSNP || walked.isMarked;
    const refusal = stage.refusal(walked.leaf) ?? (canSet ? this.#set(steps, stage) : stage.unmarked());
    if (refusal !== undefined) return refusal;
    const { place } = steps.at(-1)!;
    const entry = walked.level.decode(memory.low(place), memory.high(place));
    return entry.kind === 'page' ? entry : walked.leaf;
  }

  #set(steps: readonly Marking[], stage: StageUse): Fault | undefined {
    for (const step of steps) {
      const fault = step.missing === 0 ? undefined : stage.set(step, BigInt(step.missing));
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
}

/** Of the entry of a table that is for a frame. Not by remainders, which are slow beyond 32 bits. */
function indexIn(frame: number, { shift }: Level, entries: number): number {
  const index = Math.floor(frame / framesOf(shift));
  return index - Math.floor(index / entries) * entries;
}

/** Whether hardware has nothing to set in a cached entry before the use. */
const isMarked = ({ pending = 0 }: LeafEntry, { access }: Use): boolean =>
  (pending & (access === 'write' ? ACCESS_PENDING | DIRTY_PENDING : ACCESS_PENDING)) === 0;
