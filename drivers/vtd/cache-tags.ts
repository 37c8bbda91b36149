/**
 * Where translations of a domain may be cached, and under which tags. A tag is in the list before an entry leads to the domain, and until
 * it leads elsewhere: whoever unmaps meanwhile reaches every cache. What a nested domain's users are given stands in its parent's list
 * too, as it comes from the parent's table.
 *
 * @spec LINUX-VTD "cache_tag_assign" and "cache_tag_flush_range" of cache.c
 */
import { ok, type Platform, type Result } from '#drivers/contract/driver';
import type { Iommu } from './iommu';
import { taggedPasid, type Source } from './slots';

export type CacheKind = 'iotlb' | 'devtlb' | 'nesting-iotlb' | 'nesting-devtlb';

export interface CacheTag {
  readonly kind: CacheKind;
  readonly iommu: Iommu;
  readonly did: number;
  readonly source: Source;
}

/** A tag, the structure that stands for it, and how many attachments share it. */
interface Counted {
  readonly tag: CacheTag;
  readonly key: string;
  readonly object: number;
  users: number;
}

/** Sources with the same PASID share what an IOTLB holds; what devices hold is each one's. */
const keyOf = ({ kind, iommu, did, source }: CacheTag): string =>
  [kind, iommu.index, did, taggedPasid(source), ...(kind.endsWith('devtlb') ? [source.pasid ?? '-', ...source.ids] : [])].join(' ');

export class CacheTags {
  readonly #platform: Platform;
  /** Replaced as a whole, so that whoever goes through them may be interrupted. */
  #tags: readonly Counted[] = [];

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  get all(): readonly CacheTag[] {
    return this.#tags.map(({ tag }) => tag);
  }

  /** Each IOMMU once, in order. */
  get iommus(): readonly Iommu[] {
    return [...new Set(this.all.map(({ iommu }) => iommu))].sort((one, two) => one.index - two.index);
  }

  on(iommu: Iommu): readonly CacheTag[] {
    return this.all.filter((tag) => tag.iommu === iommu);
  }

  /** `ENOMEM`. */
  assign(tag: CacheTag): Result<CacheTag> {
    const key = keyOf(tag);
    const known = this.#tags.find((other) => other.key === key);
    if (known !== undefined) {
      known.users++;
      return ok(known.tag);
    }
    const object = this.#platform.objectAlloc('cache tag');
    if (!object.ok) return object;
    this.#tags = [...this.#tags, { tag, key, object: object.value, users: 1 }];
    return ok(tag);
  }

  unassign(tag: CacheTag): void {
    const counted = this.#tags.find((other) => other.key === keyOf(tag))!;
    if (--counted.users > 0) return;
    this.#tags = this.#tags.filter((other) => other !== counted);
    this.#platform.objectFree(counted.object);
  }
}
