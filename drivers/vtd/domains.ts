/** The domains by handle, and how each type is made. */
import { ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { ALLOC_DIRTY_TRACKING, ALLOC_FAULT_ID_VALID, ALLOC_NEST_PARENT, ALLOC_PASID, type DomainSpec } from '#drivers/contract/iommu';
import { HWPT_DATA } from '#drivers/contract/uapi';
import { DomainsByHandle } from '#drivers/parts/domains-by-handle';
import { PageTable } from '#drivers/parts/page-table';
import { unwinding } from '#drivers/parts/unwind';
import { StaticDomain, type Domain } from './domain';
import type { Features } from './features';
import { copyFirstStage } from './guest-data';
import type { Iommu } from './iommu';
import { NestedDomain } from './nested-domain';
import { firstStageOf, formatOf, secondStageOf, type Shape } from './page-table-format';
import { PagingDomain, type Purpose } from './paging-domain';

/** A domain that is being made. */
interface Making {
  readonly spec: DomainSpec;
  readonly iommu: Iommu;
  readonly handle: number;
}

type Maker = (making: Making) => Result<Domain>;

const FLAGS = ALLOC_NEST_PARENT | ALLOC_DIRTY_TRACKING | ALLOC_PASID | ALLOC_FAULT_ID_VALID;

const isWithin = (flags: number, known: number): boolean => (flags & ~known) === 0;

export class Domains extends DomainsByHandle<Domain, PagingDomain> {
  readonly #platform: Platform;
  #next = 1;

  constructor(platform: Platform) {
    super(platform);
    this.#platform = platform;
  }

  /** @param iommu Of the device that the domain is for. */
  alloc(spec: DomainSpec, iommu: Iommu | undefined): Result<number> {
    if (!isWithin(spec.flags, FLAGS)) return refuse('EOPNOTSUPP');
    if (iommu === undefined) return refuse('ENODEV');
    const handle = this.#next++;
    const made = this.#makers[spec.type]({ spec, iommu, handle });
    if (!made.ok) return made;
    this.byHandle.set(handle, made.value);
    return ok(handle);
  }

  protected override owing(domain: Domain): Iterable<Iommu> {
    return domain.unsettled;
  }

  protected override isPaging(domain: Domain): domain is PagingDomain {
    return domain instanceof PagingDomain;
  }

  readonly #makers: Readonly<Record<DomainSpec['type'], Maker>> = {
    paging: (making) => {
      const { spec, iommu } = making;
      if (spec.parent !== undefined || spec.data !== undefined) return refuse('EOPNOTSUPP');
      const purpose = purposeOf(spec.flags);
      if (purpose.answersFaults && iommu.pageRequests === undefined) return refuse('EOPNOTSUPP');
      const shape = shapeFor(iommu.features, purpose);
      return shape === undefined ? refuse('EOPNOTSUPP') : this.#makePaging(making, shape, purpose);
    },
    nested: (making) => {
      const parent = this.#parentOf(making);
      if (!parent.ok) return parent;
      const guest = copyFirstStage(this.#platform, making.spec.data!);
      return guest.ok ? this.#make((object) => ok(new NestedDomain(this.#platform, object, parent.value, guest.value))) : guest;
    },
    identity: (making) => (making.iommu.features.ecap.PT ? this.#makeStatic(making, 'identity') : refuse('EOPNOTSUPP')),
    blocked: (making) => this.#makeStatic(making, 'blocked'),
    sva: () => refuse('EOPNOTSUPP'),
  };

  /** What a nested domain is to stand on; its data is looked at only as far as its type. */
  #parentOf({ spec: { flags, data, parent }, iommu }: Making): Result<PagingDomain> {
    if (!iommu.features.hasNesting || !isWithin(flags, ALLOC_PASID)) return refuse('EOPNOTSUPP');
    if (data?.type !== HWPT_DATA.VTD_S1 || parent?.kind === 'viommu') return refuse('EOPNOTSUPP');
    const domain = this.byHandle.get(parent?.handle ?? 0);
    return domain instanceof PagingDomain && domain.purpose.isNestParent ? ok(domain) : refuse('EINVAL');
  }

  #makePaging({ iommu, handle }: Making, shape: Shape, purpose: Purpose): Result<Domain> {
    return this.#make((object) => {
      const table = PageTable.create(iommu.tableMemory, formatOf(shape), handle);
      return table.ok ? ok(new PagingDomain(this.#platform, object, table.value, purpose)) : table;
    });
  }

  #makeStatic({ spec: { flags, data, parent } }: Making, type: 'identity' | 'blocked'): Result<Domain> {
    if (!isWithin(flags, ALLOC_PASID) || data !== undefined || parent !== undefined) return refuse('EOPNOTSUPP');
    return this.#make((object) => ok(new StaticDomain(object, type)));
  }

  #make(around: (object: number) => Result<Domain>): Result<Domain> {
    return unwinding((take) => {
      const object = take(this.#platform.objectAlloc('domain'), (given) => this.#platform.objectFree(given));
      return object.ok ? around(object.value) : object;
    });
  }
}

const purposeOf = (flags: number): Purpose => ({
  isNestParent: (flags & ALLOC_NEST_PARENT) !== 0,
  hasDirty: (flags & ALLOC_DIRTY_TRACKING) !== 0,
  answersFaults: (flags & ALLOC_FAULT_ID_VALID) !== 0,
});

/** A first stage where nothing but PASIDs is asked for; undefined: there is no page table for the purpose. */
function shapeFor(features: Features, { isNestParent, hasDirty }: Purpose): Shape | undefined {
  const { isScalable, ecap } = features;
  if (!isNestParent && !hasDirty && isScalable && ecap.FLTS) return firstStageOf(features);
  const lacks = (isScalable && !ecap.SLTS) || (isNestParent && !features.hasNesting) || (hasDirty && !features.notesDirty);
  return lacks ? undefined : secondStageOf(features);
}
