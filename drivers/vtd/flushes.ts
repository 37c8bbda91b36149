/**
 * What drops a range of a domain from the caches of one remapping unit.
 *
 * @spec LINUX-VTD "cache_tag_flush_range" and "calculate_psi_aligned_address" of cache.c
 */
import { iotlbDomain, iotlbPages, pIotlbPages, pIotlbPasid, type Pages } from './commands';
import type { CacheTag, CacheKind } from './cache-tags';
import { devTlbsOf, taggedPasid } from './slots';

const PAGE = 4096n;

/** Input addresses, in bytes. */
export interface Extent {
  readonly start: bigint;
  readonly last: bigint;
  /** No table that leads there has changed. */
  readonly leafOnly: boolean;
}

/** One, or several that are dropped together. */
export type Range = Extent | readonly Extent[];

/** The fewest pages, of a size and place that a descriptor can name, that cover a range. */
export function covering({ start, last, leafOnly }: Extent): Pages {
  let [first, end, order] = [start / PAGE, last / PAGE, 0];
  for (; first !== end; order++) [first, end] = [first / 2n, end / 2n];
  return { address: first * 2n ** BigInt(order) * PAGE, order, leafOnly };
}

/** Who has the page table that changed. */
export type Stage = 1 | 2;

/** Each descriptor once. @param range Left out: all of the domain. */
export function dropping(tags: readonly CacheTag[], stage: Stage, range?: Range): readonly bigint[] {
  const extents = range === undefined ? [undefined] : [...distinct([range].flat())];
  return [...new Set(extents.flatMap((extent) => droppingOne(tags, stage, extent && covering(extent))))];
}

/** Arrays of guests repeat themselves, and a descriptor takes long to make. */
const distinct = (extents: readonly Extent[]): Iterable<Extent> =>
  new Map(extents.map((extent) => [`${extent.start} ${extent.last} ${extent.leafOnly}`, extent])).values();

/** In order: whoever keeps translations could ask an IOTLB for them again. */
function droppingOne(tags: readonly CacheTag[], stage: Stage, pages: Pages | undefined): readonly bigint[] {
  const of = (kinds: readonly CacheKind[]): readonly CacheTag[] => tags.filter(({ kind }) => kinds.includes(kind));
  return [
    ...of(['iotlb', 'nesting-iotlb']).map((tag) => (stage === 1 ? firstStage(tag, pages) : secondStage(tag, pages))),
    ...of(['devtlb']).flatMap(({ source }) => devTlbsOf(source, pages)),
    // Which of a guest's addresses led to the range is not known.
    ...of(['nesting-devtlb']).flatMap(({ source }) => devTlbsOf(source)),
  ];
}

function firstStage({ iommu, did, source }: CacheTag, pages: Pages | undefined): bigint {
  const pasid = taggedPasid(source);
  return pages === undefined || isTooMuch(iommu.features, pages) ? pIotlbPasid(did, pasid) : pIotlbPages(did, pasid, pages);
}

/** A guest's tables may lie in the range: what leads through them is not a leaf's affair. */
function secondStage({ kind, iommu, did }: CacheTag, pages: Pages | undefined): bigint {
  if (pages === undefined || isTooMuch(iommu.features, pages)) return iotlbDomain(did);
  return iotlbPages(did, kind === 'nesting-iotlb' ? { ...pages, leafOnly: false } : pages);
}

const isTooMuch = ({ cap }: CacheTag['iommu']['features'], { order }: Pages): boolean => !cap.PSI || order > cap.MAMV;
