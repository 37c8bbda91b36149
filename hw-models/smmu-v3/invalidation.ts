/**
 * What an invalidation command must drop, and no more: hardware may drop more, software may not count on it.
 */
import type { Bus } from '#hw-models/core/hardware';
import type { Requester } from '#hw-models/core/reach/facts';
import { framesOf, type Level } from '#hw-models/core/walk';
import type { Capabilities } from '#hw-models/smmu-v3/capabilities';
import { spaceOf, spanIsValid, type StreamTable } from '#hw-models/smmu-v3/configure';
import { L1Std } from '#hw-models/smmu-v3/ste';
import type { Stage2Level } from '#hw-models/smmu-v3/stage2';
import { GEOMETRY, type Granule, type LookupLevel } from '#hw-models/smmu-v3/tables';

/** What a command by address selects. @spec SMMU-V3 "Range-based invalidation and level hint" */
export interface AddressRange {
  readonly vmid: number;
  /** First 4 KiB frame, and how many. */
  readonly first: number;
  readonly frames: number;
  readonly leafOnly: boolean;
  /** Undefined: entries of any granule and level. */
  readonly hint: Hint | undefined;
}

/** What entries are; a wrong hint leaves those in the caches that it does not describe. */
export interface Hint {
  readonly granule: Granule;
  /** The level of the leaves, 0 for any. */
  readonly TTL: number;
}

/** What the commands work with. */
export interface InvalidatorParts {
  readonly bus: Bus;
  readonly part: Capabilities;
  /** The Stream table's registers now. */
  table(this: void): StreamTable;
  /** What CR0.VMW says now. */
  wildcardBits(this: void): number;
  /** Cached configuration is about to go. */
  reconfiguring(this: void): void;
}

/** The two kinds of caches. */
const KINDS = ['configuration', 'translations'] as const;

/**
 * Hands invalidations to the caches. Each is complete when a CMD_SYNC behind it is, and until then may have done nothing.
 * @spec SMMU-V3 "Translation tables and TLB invalidation completion behavior" and "Configuration structures and configuration
 * invalidation completion"
 */
export class Invalidator {
  readonly #parts: InvalidatorParts;
  /** Caches that were told to drop everything since the SMMU was last disabled: by commands that are fetched, and complete. */
  readonly #told = new Set<(typeof KINDS)[number]>();
  readonly #emptied = new Set<(typeof KINDS)[number]>();

  constructor(parts: InvalidatorParts) {
    this.#parts = parts;
  }

  /** A CMD_SYNC is complete, and with it all commands before. */
  completed(): void {
    for (const kind of this.#told) this.#emptied.add(kind);
  }

  /** The SMMU was disabled: what it has cached until now it may keep. @spec SMMU-V3 "Reset, Enable and initialization" */
  disabled(): void {
    this.#told.clear();
    this.#emptied.clear();
  }

  /** The caches that may hold anything, as after reset. */
  get unknown(): readonly (typeof KINDS)[number][] {
    return KINDS.filter((kind) => !this.#emptied.has(kind));
  }

  /** Streams `[first, first + count)`. @spec SMMU-V3 "Configuration structure invalidation" */
  streams(first: number, count: number, leafOnly: boolean): void {
    const { bus, table, reconfiguring } = this.#parts;
    reconfiguring();
    const requesters = new Set<Requester>();
    for (const requester of bus.reach.requesters) {
      const { id } = bus.idOf(requester);
      if (id >= first && id < first + count) requesters.add(requester);
    }
    const { format, split } = table();
    const shared =
      !leafOnly &&
      format === 'twoLevel' &&
      this.#emptySpans(Math.floor(first / 2 ** split), Math.floor((first + count - 1) / 2 ** split), split);
    bus.invalidate({ of: 'configuration', requesters, leafOnly, ...(shared && { directories: shared }) });
  }

  allStreams(): void {
    this.#told.add('configuration');
    this.#parts.reconfiguring();
    this.#parts.bus.invalidate({ of: 'configuration', requesters: undefined, leafOnly: false });
  }

  /** All translations of a VMID. @spec SMMU-V3 "CMD_TLBI_S12_VMALL(VMID)" */
  vmid(vmid: number): void {
    for (const tag of this.#matching(vmid)) this.#parts.bus.invalidate({ of: 'translations', space: spaceOf(tag), leafOnly: false });
  }

  allVmids(): void {
    this.#told.add('translations');
    this.#parts.bus.invalidate({ of: 'translations', space: undefined, leafOnly: false });
  }

  /** @spec SMMU-V3 "CMD_TLBI_S2_IPA(VMID, Addr, Leaf)" */
  addresses({ vmid, first, frames, leafOnly, hint }: AddressRange): void {
    const { bus } = this.#parts;
    if (hint !== undefined && !isAlignedFor(hint, first)) {
      bus.note('command', 'the address is not aligned as TTL and TG require: which range is invalidated is UNPREDICTABLE, here none');
      return;
    }
    const only = hint && hinted(hint, leafOnly);
    for (const tag of this.#matching(vmid)) {
      bus.invalidate({ of: 'translations', space: spaceOf(tag), range: { first, frames }, leafOnly, ...(only && { only }) });
    }
  }

  /**
   * A level-1 descriptor is one structure for all streams of its span. When it leads to an array, though, their STEs may be cached as
   * well, and those stay: so for other streams only a descriptor that led nowhere is gone.
   * @spec SMMU-V3 "General properties of the L1STD"
   */
  #emptySpans(first: number, last: number, split: number): (requester: Requester, raw: bigint) => boolean {
    return (requester, raw) => {
      const span = Math.floor(this.#parts.bus.idOf(requester).id / 2 ** split);
      return span >= first && span <= last && !spanIsValid(L1Std.of(raw).Span, split);
    };
  }

  /** Too wide a VMID need not affect anything; wildcards make one match many. @spec SMMU-V3 "TLB invalidation" and "VMID Wildcards" */
  *#matching(vmid: number): Iterable<number> {
    const { part, wildcardBits } = this.#parts;
    if (!part.VMID16 && vmid >= 256) return;
    const count = 2 ** wildcardBits();
    const first = vmid - (vmid % count);
    for (let tag = first; tag < first + count; tag++) yield tag;
  }
}

/** TTL 0 says that leaves may stand at any level, and pages are the smallest. */
function isAlignedFor({ granule, TTL }: Hint, first: number): boolean {
  const { index } = GEOMETRY[granule].levels[(TTL === 0 ? 3 : TTL) as LookupLevel]!;
  return first % framesOf(index[1]) === 0;
}

/** Tables are those between the start of the walk and the leaves. */
function hinted({ granule, TTL }: Hint, leafOnly: boolean): (level: Level, leaf: boolean) => boolean {
  return (level, leaf) => {
    const { granule: used, lookup } = level as Stage2Level;
    if (used !== granule) return false;
    if (TTL === 0) return true;
    return leaf ? lookup === TTL : !leafOnly && lookup < TTL;
  };
}
