/**
 * What devices keep of translations that they were told. A device under an entry that allows it asks first, and brings the address that it
 * was told from then on. Filled on use in every mode. How it asks is not told from an untranslated request: faults of both are recorded.
 */
import type { Told } from '#hw-models/core/hardware';
import { firstOf, frameAt, framesOf, READ, WRITE } from '#hw-models/core/walk';
import type { Found, Inbound } from '#hw-models/vtd/request';

/** Which requests of a device: those of one process, or those without a PASID. */
export interface DeviceTlbTag {
  readonly id: number;
  readonly pasid: number | undefined;
}

/** What an invalidation covers. */
export interface DeviceTlbRange {
  readonly ids: (id: number) => boolean;
  /** `all`: whatever the PASID, with and without. */
  readonly pasid: number | undefined | 'all';
  /** Input frames; undefined: all. */
  readonly range?: Frames;
  /** Blocks that the device may have asked for again meanwhile. Undefined: none. */
  readonly spares?: (block: DeviceTlbBlock) => boolean;
}

/** Frames of addresses of requests. */
interface Frames {
  readonly first: number;
  readonly frames: number;
}

/** What one answer was for, and the spaces that it was found under. */
export interface DeviceTlbBlock extends Frames {
  readonly spaces: readonly string[];
}

/** One translation, for the aligned block of frames that its leaf maps. */
interface Kept {
  readonly kind: 'page';
  readonly page: number;
  readonly sizeLog2: number;
  readonly prot: number;
  readonly spaces: readonly string[];
}

type Blocks = Map<number, Kept>;

/** The device TLBs of all devices behind one remapping unit. @spec VT-D "Device-TLB Operation" */
export class DeviceTlbs {
  /** By tag; the first frames of blocks within. */
  readonly #kept = new Map<number, { readonly tag: DeviceTlbTag; readonly blocks: Blocks }>();

  /** No device has asked for anything so far. */
  get isEmpty(): boolean {
    return this.#kept.size === 0;
  }

  /** The frame that the device was told for a request, if it may be made so. */
  look({ id, pasid, access, privileged }: Inbound, frame: number): number | undefined {
    if (access === 'execute' || privileged) return undefined;
    const blocks = this.#kept.get(keyOf({ id, pasid }))?.blocks;
    const needed = access === 'write' ? WRITE : READ;
    for (const [first, kept] of blocks ?? [])
      if (frame >= first && frame < first + framesOf(kept.sizeLog2) && (kept.prot & needed) !== 0) return frameAt(kept, frame);
    return undefined;
  }

  /** The device is told what was found for its request. @param page Frame of the answer. */
  fill(
    { id, pasid, access, privileged }: Inbound,
    frame: number,
    page: number,
    { sizeLog2, prot, spaces, deviceTlb, bypassed }: Found,
  ): void {
    if (!deviceTlb || access === 'execute' || privileged) return;
    const frames = framesOf(bypassed ? PAGE_SHIFT : sizeLog2);
    const kept = { kind: 'page', page: page - (page % frames), sizeLog2: bypassed ? PAGE_SHIFT : sizeLog2, prot, spaces } as const;
    const key = keyOf({ id, pasid });
    let known = this.#kept.get(key);
    if (known === undefined) this.#kept.set(key, (known = { tag: { id, pasid }, blocks: new Map<number, Kept>() }));
    known.blocks.set(firstOf(kept, frame), kept);
  }

  /** What a device has been told of domains of the host's: where a guest's first stage leads is the guest's affair. */
  *told({ id, pasid }: DeviceTlbTag): Iterable<Told> {
    for (const [input, { page, sizeLog2, prot, spaces }] of this.#kept.get(keyOf({ id, pasid }))?.blocks ?? [])
      if (spaces.length === 1) yield { input, page, frames: framesOf(sizeLog2), prot: prot & (READ | WRITE) };
  }

  /** A device-TLB invalidation. */
  invalidate({ ids, pasid, range, spares }: DeviceTlbRange): void {
    for (const { tag, blocks } of this.#kept.values()) {
      if (!ids(tag.id) || (pasid !== 'all' && pasid !== tag.pasid)) continue;
      dropFrom(blocks, (first, { sizeLog2, spaces }) => {
        const block = { first, frames: framesOf(sizeLog2), spaces };
        return (range === undefined || overlap(block, range)) && spares?.(block) !== true;
      });
    }
  }

  /** Where devices are told of invalidations of the remapping unit too: CM. */
  invalidateSpace(space: string | undefined): void {
    for (const { blocks } of this.#kept.values()) dropFrom(blocks, (_, { spaces }) => space === undefined || spaces.includes(space));
  }
}

const PAGE_SHIFT = 12;

function dropFrom(blocks: Blocks, isCovered: (first: number, kept: Kept) => boolean): void {
  for (const [first, kept] of blocks) if (isCovered(first, kept)) blocks.delete(first);
}

/** Whether two ranges have a frame in common. */
export const overlap = (one: Frames, other: Frames): boolean =>
  one.first < other.first + other.frames && other.first < one.first + one.frames;

const PASIDS = 2 ** 20;
const keyOf = ({ id, pasid }: DeviceTlbTag): number => id * (PASIDS + 1) + (pasid ?? PASIDS);
