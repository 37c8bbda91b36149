/** A domain with a page table: a first stage, or a second stage that guests' first stages may stand on. */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { DomainInfo, Gather, Mapping, Unmapped } from '#drivers/contract/iommu';
import { locked } from '#drivers/parts/locked';
import type { Cut, Cutting, PageTable } from '#drivers/parts/page-table';
import { CacheTags } from './cache-tags';
import type { Attachment, Domain, TagList } from './domain';
import { DomainIds } from './domain-ids';
import { dropping, type Range } from './flushes';
import type { Iommu } from './iommu';
import type { NestedDomain } from './nested-domain';
import { canExpress, levelsOf, pageSizesOf, PHYSICAL_END, takes, type Format } from './page-table-format';
import type { Wanted } from './wanted';

const PAGE = 4096n;

/** What a domain was allocated for. */
export interface Purpose {
  readonly isNestParent: boolean;
  readonly hasDirty: boolean;
  readonly answersFaults: boolean;
}

export class PagingDomain implements Domain {
  readonly object: number;
  readonly attachments = new Set<Attachment>();
  readonly unsettled = new Set<Iommu>();
  readonly tags: CacheTags;
  readonly tagLists: readonly TagList[];
  readonly dids: DomainIds;
  /** Domains that stand on this one. */
  readonly children = new Set<NestedDomain>();
  readonly info: DomainInfo;
  readonly table: PageTable<Format>;
  readonly purpose: Purpose;
  /** Whether entries have it noted which pages are written to. */
  notesDirty = false;
  readonly #platform: Platform;
  #hasMapped = false;
  /** What was cut, by handle, until it is forgotten. */
  readonly #waiting = new Map<number, readonly Cut[]>();
  #next = 1;

  constructor(platform: Platform, object: number, table: PageTable<Format>, purpose: Purpose) {
    this.#platform = platform;
    this.object = object;
    this.table = table;
    this.purpose = purpose;
    this.tags = new CacheTags(platform);
    this.tagLists = [{ tags: this.tags, kinds: ['iotlb', 'devtlb'] }];
    this.dids = new DomainIds(platform);
    this.info = {
      type: 'paging',
      operations: ['map', 'unmap', 'iovaToPhys', 'enforceCoherency', ...(purpose.hasDirty ? (['dirtyTracking'] as const) : [])],
      pageSizes: pageSizesOf(this.#shape),
      aperture: { start: 0n, last: this.#shape.end - 1n },
    };
  }

  get isFree(): boolean {
    return this.attachments.size === 0 && this.children.size === 0;
  }

  /** Everybody whose entries lead here, through a guest's first stage or not. */
  get users(): readonly Attachment[] {
    return [this, ...this.children].flatMap(({ attachments }) => [...attachments]);
  }

  get answersFaults(): boolean {
    return this.purpose.answersFaults;
  }

  get snoops(): boolean {
    return this.table.format.snoops;
  }

  get wanted(): Wanted {
    const { root, format } = this.table;
    if (format.shape.stage === 1) return { first: { root, levels: levelsOf(format.shape) as 4 | 5 }, snoops: this.snoops };
    return { second: { root, width: format.shape.width }, notesDirty: this.notesDirty };
  }

  fits({ features }: Iommu): Result<null> {
    const { isNestParent, hasDirty } = this.purpose;
    const lacks = (this.snoops && !features.ecap.SC) || (hasDirty && !features.notesDirty) || (isNestParent && !features.hasNesting);
    return lacks || !takes(features, this.#shape) ? refuse('EINVAL') : done;
  }

  takeDid(iommu: Iommu): Result<number> {
    return this.dids.take(iommu);
  }

  giveDid(iommu: Iommu): void {
    this.dids.give(iommu);
  }

  release(): void {
    for (const cuts of this.#waiting.values()) this.table.discard(cuts);
    this.table.release();
  }

  /** Leaves that are written from now on snoop. @returns Whether that is true of all that the domain maps. */
  enforceCoherency(): boolean {
    const isLate = this.#shape.stage === 2 && this.#hasMapped && !this.snoops;
    if (isLate || this.users.some(({ iommu }) => !iommu.features.ecap.SC)) return false;
    this.table.format.snoops = true;
    return true;
  }

  /** Under a guest's first stage everything can be written to, since hardware may do so even if it must not. */
  map(mapping: Mapping): Result<null> {
    const { iova, pa, size, prot } = mapping;
    if (!this.isRange(iova, size) || pa % PAGE !== 0n || pa + size > PHYSICAL_END) return refuse('EINVAL');
    if (!canExpress(this.#shape, prot) || (this.purpose.isNestParent && !prot.write)) return refuse('EINVAL');
    this.#hasMapped = true;
    const mapped = this.table.map(mapping);
    if (!mapped.ok) return mapped;
    const announced = this.#announce({ start: iova, last: iova + size - 1n, leafOnly: false });
    return announced.ok ? announced : this.#takeBack(iova, size, announced);
  }

  /** Refused, with everything as it was, when hardware does not answer, or there is no memory to divide a larger page. */
  unmap(iova: bigint, size: bigint): Result<bigint> {
    return this.#locked(() => {
      const cutting = this.#cut(iova, size);
      if (!cutting.ok) return cutting;
      const { cuts } = cutting.value;
      const forgotten = this.#forget(cuts);
      if (!forgotten.ok) return this.#undo(cutting.value, forgotten);
      this.table.discard(cuts);
      return ok(bytesOf(cuts));
    });
  }

  unmapPages(iova: bigint, size: bigint): Result<Unmapped> {
    return this.#locked(() => {
      const cutting = this.#cut(iova, size);
      if (!cutting.ok) return cutting;
      const { cuts } = cutting.value;
      return ok({ size: bytesOf(cuts), gather: { start: iova, last: iova + size - 1n, handle: this.#keep(cuts) } });
    });
  }

  /** `EINVAL`: no such gather, or one that was handed in before. Refused otherwise, it may be handed in again. */
  iotlbSync({ handle }: Gather): Result<null> {
    const cuts = this.#waiting.get(handle);
    if (cuts === undefined) return refuse('EINVAL');
    const forgotten = this.#forget(cuts);
    if (forgotten.ok && this.#waiting.delete(handle)) this.table.discard(cuts);
    return forgotten;
  }

  iovaToPhys(iova: bigint): Result<bigint> {
    return iova < this.#shape.end ? this.table.phys(iova) : refuse('ENOENT');
  }

  /** Whether there is room for a mapping: whole pages that the table has entries for. */
  isRange(iova: bigint, size: bigint): boolean {
    return size > 0n && (iova | size) % PAGE === 0n && iova + size <= this.#shape.end;
  }

  /** On every IOMMU that may hold something of a range, however many devices are behind it. */
  flush(range: Range): Result<null> {
    for (const iommu of this.tags.iommus) {
      const issued = iommu.invalidations.issue(dropping(this.tags.on(iommu), this.#shape.stage, range));
      if (!issued.ok) return issued;
    }
    return done;
  }

  #announce(range: Range): Result<null> {
    for (const iommu of this.tags.iommus) {
      const announced = iommu.invalidations.announce(dropping(this.tags.on(iommu), this.#shape.stage, range));
      if (!announced.ok) return announced;
    }
    return done;
  }

  #takeBack(iova: bigint, size: bigint, refusal: Result<never>): Result<never> {
    return this.#locked(() => {
      const { cuts } = this.table.cut(iova, size);
      if (this.#forget(cuts).ok) this.table.discard(cuts);
      else this.#keep(cuts);
      return refusal;
    });
  }

  #cut(iova: bigint, size: bigint): Result<Cutting> {
    if (!this.isRange(iova, size)) return refuse('EINVAL');
    const cutting = this.table.cut(iova, size);
    return cutting.short ? this.#undo(cutting, refuse('ENOMEM')) : ok(cutting);
  }

  /** What was divided is joined again: its tables go when no cache leads there. */
  #undo<R extends Result<never>>(cutting: Cutting, refusal: R): R {
    this.table.restore(cutting);
    const { divided } = cutting;
    if (this.#forget(divided).ok) this.table.discard(divided);
    else this.#keep(divided);
    return refusal;
  }

  /** Keeps tables until they are forgotten, or the domain is not needed any more. @returns Their handle. */
  #keep(cuts: readonly Cut[]): number {
    const handle = this.#next++;
    this.#waiting.set(handle, cuts);
    return handle;
  }

  /** No cache leads through what was cut any more. */
  #forget(cuts: readonly Cut[]): Result<null> {
    if (cuts.length === 0) return done;
    const start = cuts.reduce((least, { iova }) => (iova < least ? iova : least), cuts[0]!.iova);
    const last = cuts.map(({ iova, span }) => iova + span - 1n).reduce((most, one) => (one > most ? one : most));
    return this.flush({ start, last, leafOnly: cuts.every(({ table }) => table === undefined) });
  }

  /** One at a time: what one call may have to join again, no other has cut meanwhile. */
  #locked<T>(body: () => T): T {
    return locked(this.#platform, `pages of object ${this.object}`, body);
  }

  get #shape(): Format['shape'] {
    return this.table.format.shape;
  }
}

const bytesOf = (cuts: readonly Cut[]): bigint => cuts.reduce((sum, { bytes }) => sum + bytes, 0n);
