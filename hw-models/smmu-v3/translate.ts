/**
 * The procedure from a transaction to its outcome, after the Stream table look-up: input address, TLB, walk, hardware updates,
 * permission. Stage 1 has its place before `#stage2`: a walk of its own, whose table reads go through that.
 */
import { pageOfWord } from '#hw-models/core/address';
import type { Bus, Outcome, Request } from '#hw-models/core/hardware';
import {
  ACCESS_PENDING,
  DIRTY_PENDING,
  EXECUTE,
  frameAt,
  framesOf,
  PRIVILEGED_ONLY,
  READ,
  rightsOf,
  UNPRIVILEGED_ONLY,
  walk,
  WRITE,
  type LeafEntry,
  type Walked,
} from '#hw-models/core/walk';
import { inputSize, type Capabilities } from '#hw-models/smmu-v3/capabilities';
import type { Configured, Overrides, Passes, Translates } from '#hw-models/smmu-v3/configure';
import type { Faults, Transaction, TranslationFault } from '#hw-models/smmu-v3/faults';
import { ACCESS_FLAG, WRITABLE } from '#hw-models/smmu-v3/stage2';

const ABORTED: Outcome = { kind: 'aborted' };
const PAGE_SHIFT = 12;
const FRAME_SHIFT = 12n;
const OFFSET_MASK = 0xfffn;

/** Answers accesses. @spec SMMU-V3 "Data structures and translation procedure" */
export class Translator {
  readonly #bus: Bus;
  readonly #faults: Faults;
  /** First 4 KiB frame beyond the input and the output addresses. */
  readonly #endOfInput: number;
  readonly #endOfOutput: number;

  constructor(bus: Bus, part: Capabilities, faults: Faults) {
    this.#bus = bus;
    this.#faults = faults;
    this.#endOfInput = framesOf(inputSize(part));
    this.#endOfOutput = framesOf(part.OAS);
  }

  /** @param way Where the stream's configuration sends it. @spec SMMU-V3 "Configuration and Translation lookup" */
  access(request: Request, way: Configured): Outcome {
    if (way.kind === 'translates') return this.#stage2(request, way);
    return way.kind === 'passes' ? this.#bypass(request, way) : this.#faults.configuration(request, way);
  }

  /** @spec SMMU-V3 "Address sizes" */
  #bypass(request: Request, { by, overrides }: Passes): Outcome {
    if (frameOf(request.iova) < this.#endOfOutput) return { kind: 'bypassed', pa: request.iova };
    return by === 'disabled' ? ABORTED : this.#faults.inputSize(transaction(request, overrides));
  }

  /** Steps 1 to 5 of a stage-2 translation. @spec SMMU-V3 "Address sizes", and "Event queue record priorities" for the order */
  #stage2(request: Request, way: Translates): Outcome {
    const { iova } = request;
    const frame = frameOf(iova);
    // Stage 1 is bypassed, and cannot output more than its address size.
    if (frame >= this.#endOfInput) return this.#faults.inputSize(transaction(request, way.overrides));
    if (frame >= way.endFrame) return this.#fault(request, way, 'F_TRANSLATION');
    const right = rightOf(request, way.overrides);
    const privileged = isPrivileged(request, way.overrides);
    let leaf = this.#bus.sight.cached(way.space, frame);
    if (leaf === undefined || !isUsable(leaf, right)) {
      const walked = this.#walk(way, frame, right, privileged);
      const { entry } = walked;
      if (entry.kind === 'none') return this.#noTranslation(request, way, walked);
      leaf = entry;
    }
    if (!permits(leaf.prot, right, privileged)) return this.#fault(request, way, 'F_PERMISSION');
    return { kind: 'translated', pa: outputOf(leaf, frame, iova), sizeLog2: leaf.sizeLog2, prot: rightsOf(leaf.prot) };
  }

  /**
   * A walk, with the updates that the access makes; only valid translations are kept.
   * @spec SMMU-V3 "Translation tables and TLB invalidation completion behavior", ARM-ARM "Translation Lookaside Buffers"
   */
  #walk(way: Translates, frame: number, right: number, privileged: boolean): Walked {
    const { memory, sight } = this.#bus;
    let walked = walk(way.root, frame, sight.entries(way.space));
    if (updateFor(walked, right, privileged) !== 0n) {
      // An update must not be made from a stale copy: what memory has now counts. @spec ARM-ARM "Hardware management of the dirty state"
      walked = this.#again(walked, frame);
      const update = updateFor(walked, right, privileged);
      if (update !== 0n) {
        this.#bus.write(walked.word, memory.get(walked.word) | update);
        walked = this.#again(walked, frame);
      }
    }
    const { entry } = walked;
    if (entry.kind === 'page' && (pendingOf(entry) & ACCESS_PENDING) === 0) sight.fill(way.space, frame, entry);
    return walked;
  }

  /** The walk goes on from the last entry, as memory has it. */
  #again({ word, level }: Walked, frame: number): Walked {
    return walk({ word, entries: 1, level }, frame, this.#bus.memory);
  }

  #noTranslation(request: Request, way: Translates, { entry, word }: Walked): Outcome {
    const { holes } = this.#bus.memory;
    if (holes.size > 0 && holes.has(pageOfWord(word))) return this.#faults.walkAborted(transaction(request, way.overrides), word);
    return this.#fault(request, way, (entry as { readonly cause: TranslationFault }).cause);
  }

  #fault(request: Request, way: Translates, cause: TranslationFault): Outcome {
    return this.#faults.stage2(transaction(request, way.overrides), cause, way);
  }
}

/** The 4 KiB frame of an address. Wrapped at each step, which keeps it in a machine register. */
const frameOf = (iova: bigint): number => Number(BigInt.asUintN(64, BigInt.asUintN(64, iova) >> FRAME_SHIFT));

const pendingOf = ({ pending = 0 }: LeafEntry): number => pending;

/** Whether a cached leaf serves an access, or the tables have to be read for an update that it needs. */
function isUsable(leaf: LeafEntry, right: number): boolean {
  const pending = pendingOf(leaf);
  return pending === 0 || ((pending & ACCESS_PENDING) === 0 && right !== WRITE);
}

/** The bits that the SMMU sets before the access, none where the access is not permitted. @spec SMMU-V3 "Translation tables and Access flag/Dirty state" */
function updateFor({ entry }: Walked, right: number, privileged: boolean): bigint {
  if (entry.kind !== 'page') return 0n;
  const pending = pendingOf(entry);
  if (pending === 0 || !permits(entry.prot, right, privileged)) return 0n;
  const access = (pending & ACCESS_PENDING) === 0 ? 0n : ACCESS_FLAG;
  return (pending & DIRTY_PENDING) !== 0 && right === WRITE ? access | WRITABLE : access;
}

function permits(prot: number, right: number, privileged: boolean): boolean {
  if ((prot & right) === 0) return false;
  return right !== EXECUTE || (prot & (privileged ? UNPRIVILEGED_ONLY : PRIVILEGED_ONLY)) === 0;
}

/** The output address; blocks are rarer than pages, and a division is dear. */
function outputOf(leaf: LeafEntry, frame: number, iova: bigint): bigint {
  const output = leaf.sizeLog2 === PAGE_SHIFT ? leaf.page : frameAt(leaf, frame);
  return BigInt.asUintN(64, (BigInt(output) << FRAME_SHIFT) | (iova & OFFSET_MASK));
}

/** All writes are data; a read is what the STE makes of it. @spec SMMU-V3 "Attribute support" */
function rightOf({ access }: Request, { instruction }: Overrides): number {
  if (access === 'write') return WRITE;
  return (instruction === 'incoming' ? access === 'execute' : instruction === 'instruction') ? EXECUTE : READ;
}

const isPrivileged = ({ privileged }: Request, { privilege }: Overrides): boolean =>
  privilege === 'incoming' ? privileged : privilege === 'privileged';

/** The attributes that a record shows. */
const transaction = (request: Request, overrides: Overrides): Transaction => ({
  request,
  read: request.access !== 'write',
  instruction: rightOf(request, overrides) === EXECUTE,
  privileged: isPrivileged(request, overrides),
});
