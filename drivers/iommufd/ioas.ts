/**
 * An IOAS: IOVAs, what is mapped at them, and the domains that hold all of it alike. What devices cannot use is reserved; what the user
 * wants kept free of that is allowed.
 */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { DomainInfo, IommuDriver, Protection } from '#drivers/contract/iommu';
import { bytesIn, fill, unfill, type Area, type Source } from './areas';
import { IommufdObject, type Seat } from './objects';
import { plan } from './plan';
import { LAST_IOVA, overlapping, type IovaRange } from './ranges';
import { PAGE } from './user-memory';

/** What an IOAS needs of the core. */
export interface Machinery {
  readonly platform: Platform;
  readonly driver: IommuDriver;
}

/** Who reserves a range: a domain for what is outside its aperture, a device for its regions. */
export type Reserver = object;

interface Reserved extends IovaRange {
  readonly by: Reserver;
}

/** A domain that holds every area. */
export interface Holder {
  readonly domain: number;
  readonly info: DomainInfo;
}

const EVERYTHING: IovaRange = { start: 0n, last: LAST_IOVA };

export class Ioas extends IommufdObject {
  readonly type = 'ioas';
  readonly #driver: IommuDriver;
  readonly #platform: Platform;
  /** By IOVA, none over another. */
  #areas: readonly Area[] = [];
  #reserved: readonly Reserved[] = [];
  #allowed: readonly IovaRange[] = [];
  #holders: readonly Holder[] = [];
  #joins = true;
  #alignment = 1n;

  constructor(seat: Seat, { platform, driver }: Machinery) {
    super(seat);
    this.#platform = platform;
    this.#driver = driver;
  }

  get areas(): readonly Area[] {
    return this.#areas;
  }

  get reserved(): readonly IovaRange[] {
    return this.#reserved;
  }

  get allowed(): readonly IovaRange[] {
    return this.#allowed;
  }

  /** What start and length of a mapping are multiples of. */
  get alignment(): bigint {
    return this.#alignment;
  }

  /** Whether pages that are neighbours in memory may be mapped as one. */
  get joins(): boolean {
    return this.#joins;
  }

  get #domains(): readonly number[] {
    return this.#holders.map(({ domain }) => domain);
  }

  async destroy(): Promise<Result<null>> {
    const unmapped = await this.unmap(EVERYTHING);
    return unmapped.ok ? done : unmapped;
  }

  /**
   * Maps sources one after another, everywhere or nowhere. @param at Or undefined: wherever there is room.
   * `EINVAL`, `EOVERFLOW`, `EEXIST`, `ENOSPC`, `EPERM`: to be written, and what it was mapped from before was not. `EFAULT`, `ENOMEM`, and
   * what a domain refuses. @returns The IOVA of the first.
   */
  async map(sources: readonly Source[], at: bigint | undefined, prot: Protection): Promise<Result<bigint>> {
    const structures = this.#structures(sources.length);
    if (!structures.ok) return structures;
    const planned = plan(this, sources, at, prot, structures.value);
    const filled = planned.ok ? await this.#fill(planned.value, this.#domains) : planned;
    if (!planned.ok || !filled.ok) {
      for (const structure of structures.value) this.#platform.objectFree(structure);
      return filled as Result<never>;
    }
    this.#areas = [...this.#areas, ...planned.value].sort((a, b) => (a.start < b.start ? -1 : 1));
    return ok(planned.value[0]!.start);
  }

  /**
   * Takes away what lies in a range, whole areas, from the lowest on. `ENOENT`: an area reaches beyond it. `EBUSY`: one is in use. What was
   * taken before stays away. @returns Bytes.
   */
  async unmap(range: IovaRange): Promise<Result<bigint>> {
    let bytes = 0n;
    for (let area = overlapping(this.#areas, range); area !== undefined; area = overlapping(this.#areas, range)) {
      if (area.locks > 0) return refuse('EBUSY');
      if (area.start < range.start || area.last > range.last) return refuse('ENOENT');
      const removed = await this.#remove(area);
      if (!removed.ok) return removed;
      bytes += bytesIn(area);
    }
    return ok(bytes);
  }

  /** What is mapped at a range without a gap. `ENOENT`: there is one. */
  sources({ start, last }: IovaRange): Result<readonly Source[]> {
    const sources: Source[] = [];
    for (let at = start; at <= last;) {
      const area = overlapping(this.#areas, { start: at, last: at });
      if (area === undefined) return refuse('ENOENT');
      const end = last < area.last ? last : area.last;
      sources.push({ pages: area.pages, startByte: area.startByte + at - area.start, length: end - at + 1n });
      at = end + 1n;
    }
    return ok(sources);
  }

  /** Keeps a range from being mapped. `EADDRINUSE`: something is mapped there, or allowed. */
  reserve(range: IovaRange, by: Reserver): Result<null> {
    if (overlapping(this.#areas, range) !== undefined || overlapping(this.#allowed, range) !== undefined) return refuse('EADDRINUSE');
    this.#reserved = [...this.#reserved, { ...range, by }];
    return done;
  }

  unreserve(by: Reserver): void {
    this.#reserved = this.#reserved.filter((reserved) => reserved.by !== by);
  }

  /** What may not be reserved from now on, instead of what was. `EADDRINUSE`: some of it is; nothing has changed. */
  allow(ranges: readonly IovaRange[]): Result<null> {
    if (ranges.some((range) => overlapping(this.#reserved, range) !== undefined)) return refuse('EADDRINUSE');
    this.#allowed = ranges;
    return done;
  }

  /** From its answer on the domain holds every area. Refused, it holds none. `EINVAL`: pages that are too large. `EADDRINUSE`: areas that it cannot hold. */
  async add(holder: Holder): Promise<Result<null>> {
    const [least = PAGE] = holder.info.pageSizes;
    const alignment = least > this.#alignment ? least : this.#alignment;
    if (alignment > PAGE) return refuse('EINVAL');
    if (!this.#isAligned(alignment)) return refuse('EADDRINUSE');
    for (const outside of outsideOf(holder.info)) {
      const reserved = this.reserve(outside, holder);
      if (!reserved.ok) return this.#without(holder, reserved);
    }
    const filled = await this.#fill(this.#areas, [holder.domain]);
    if (!filled.ok) return this.#without(holder, filled);
    this.#alignment = alignment;
    this.#holders = [...this.#holders, holder];
    return done;
  }

  /** The domain holds nothing any more. Refused by what cannot be unmapped, which stays. */
  async remove(holder: Holder): Promise<Result<null>> {
    for (const area of this.#areas) {
      const unfilled = await unfill(this.#driver, holder.domain, area);
      if (!unfilled.ok) return unfilled;
    }
    this.#holders = this.#holders.filter((other) => other !== holder);
    this.unreserve(holder);
    this.#align();
    return done;
  }

  /** Maps every page for itself from now on, or no longer. `EINVAL`: there are mappings in domains. `EADDRINUSE`: or some that are no pages. */
  join(joins: boolean): Result<null> {
    if (joins === this.#joins) return done;
    if (!joins && this.#holders.length > 0 && this.#areas.length > 0) return refuse('EINVAL');
    if (!joins && !this.#isAligned(PAGE)) return refuse('EADDRINUSE');
    this.#joins = joins;
    this.#align();
    return done;
  }

  #without(holder: Holder, refusal: Result<null>): Result<null> {
    this.unreserve(holder);
    return refusal;
  }

  #isAligned(alignment: bigint): boolean {
    return this.#areas.every((area) => (area.start | area.length | (area.startByte % PAGE)) % alignment === 0n);
  }

  #align(): void {
    const least = this.#holders.map(({ info: { pageSizes } }) => pageSizes[0] ?? PAGE);
    this.#alignment = [this.#joins ? 1n : PAGE, ...least].reduce((most, one) => (one > most ? one : most));
  }

  #structures(count: number): Result<readonly number[]> {
    const taken: number[] = [];
    while (taken.length < count) {
      const structure = this.#platform.objectAlloc('area');
      if (!structure.ok) {
        for (const one of taken) this.#platform.objectFree(one);
        return structure;
      }
      taken.push(structure.value);
    }
    return ok(taken);
  }

  /** All of them in all of the domains, or none in any. */
  async #fill(areas: readonly Area[], domains: readonly number[]): Promise<Result<null>> {
    const undo: (() => Promise<Result<null>>)[] = [];
    for (const area of areas) {
      for (const domain of domains) {
        const filled = await fill(this.#driver, domain, area, this.#joins);
        if (filled.ok) undo.unshift(() => unfill(this.#driver, domain, area));
        else return undoing(undo, filled);
      }
    }
    return done;
  }

  async #remove(area: Area): Promise<Result<null>> {
    for (const domain of this.#domains) {
      const unfilled = await unfill(this.#driver, domain, area);
      if (!unfilled.ok) return unfilled;
    }
    this.#areas = this.#areas.filter((other) => other !== area);
    this.#platform.objectFree(area.structure);
    return done;
  }
}

async function undoing(undo: readonly (() => Promise<Result<null>>)[], refusal: Result<null>): Promise<Result<null>> {
  for (const step of undo) await step();
  return refusal;
}

function outsideOf({ aperture }: DomainInfo): readonly IovaRange[] {
  if (aperture === undefined) return [];
  const { start, last } = aperture;
  return [...(start > 0n ? [{ start: 0n, last: start - 1n }] : []), ...(last < LAST_IOVA ? [{ start: last + 1n, last: LAST_IOVA }] : [])];
}
