/** A guest's first stage on a second stage of the host's. It has no page of memory: its tables are the guest's. */
import { done, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { DomainInfo } from '#drivers/contract/iommu';
import { HwptVtdS1, HwptVtdS1Flags } from '#drivers/contract/uapi';
import type { ViewOf } from '#hw-models/core/bits';
import { CacheTags } from './cache-tags';
import type { Attachment, Domain, TagList } from './domain';
import { DomainIds } from './domain-ids';
import { dropping, type Range } from './flushes';
import type { Iommu } from './iommu';
import type { PagingDomain } from './paging-domain';
import type { Wanted } from './wanted';

/** What a guest says of its first stage. */
type Guest = ViewOf<typeof HwptVtdS1>;

/** Bits of an address that a guest's tables may translate, and their levels. */
const LEVELS: Readonly<Record<number, 4 | 5>> = { 48: 4, 57: 5 };

/** What keeps a guest's first stage from being used on a unit, in the order in which it is looked at. */
const UNFIT: readonly ((guest: Guest, features: Iommu['features']) => boolean)[] = [
  ({ addr_width }) => LEVELS[addr_width] === undefined,
  ({ addr_width }, { cap }) => addr_width === 57 && !cap.FL5LP,
  ({ flags }, { ecap }) => HwptVtdS1Flags.of(flags).SRE && !ecap.SRS,
  ({ flags }, { ecap }) => HwptVtdS1Flags.of(flags).EAFE && !ecap.EAFS,
];

export class NestedDomain implements Domain {
  readonly object: number;
  readonly attachments = new Set<Attachment>();
  readonly unsettled = new Set<Iommu>();
  readonly tags: CacheTags;
  readonly tagLists: readonly TagList[];
  readonly answersFaults = false;
  readonly info: DomainInfo = { type: 'nested', operations: ['cacheInvalidate'], pageSizes: [] };
  readonly parent: PagingDomain;
  readonly #guest: Guest;
  readonly #dids: DomainIds;

  /** @param guest What the guest said, as it was copied. */
  constructor(platform: Platform, object: number, parent: PagingDomain, guest: bigint) {
    this.object = object;
    this.parent = parent;
    this.#guest = HwptVtdS1.of(guest);
    this.#dids = new DomainIds(platform);
    this.tags = new CacheTags(platform);
    this.tagLists = [
      { tags: this.tags, kinds: ['iotlb', 'devtlb'] },
      { tags: parent.tags, kinds: ['nesting-iotlb', 'nesting-devtlb'] },
    ];
    parent.children.add(this);
  }

  get isFree(): boolean {
    return this.attachments.size === 0;
  }

  get wanted(): Wanted {
    const { pgtbl_addr: root, addr_width, flags } = this.#guest;
    const { SRE, WPE, EAFE } = HwptVtdS1Flags.of(flags);
    return { ...this.parent.wanted, first: { root, levels: LEVELS[addr_width] ?? 4, SRE, WPE, EAFE }, snoops: this.parent.snoops };
  }

  fits(iommu: Iommu): Result<null> {
    const parent = this.parent.fits(iommu);
    if (!parent.ok) return parent;
    return UNFIT.some((isUnfit) => isUnfit(this.#guest, iommu.features)) ? refuse('EINVAL') : done;
  }

  takeDid(iommu: Iommu): Result<number> {
    return this.#dids.take(iommu);
  }

  giveDid(iommu: Iommu): void {
    this.#dids.give(iommu);
  }

  /** What the guest changed is forgotten, for every device and PASID that uses it. @param range Left out: everything. */
  flush(range?: Range): Result<null> {
    for (const iommu of this.tags.iommus) {
      const issued = iommu.invalidations.issue(dropping(this.tags.on(iommu), 1, range));
      if (!issued.ok) return issued;
    }
    return done;
  }

  release(): void {
    this.parent.children.delete(this);
  }
}
