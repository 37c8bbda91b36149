/** The domains by handle, and how each type is made. */
import { ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { ALLOC_NEST_PARENT, type DomainSpec } from '#drivers/contract/iommu';
import { HWPT_DATA } from '#drivers/contract/uapi';
import { DomainsByHandle } from '#drivers/parts/domains-by-handle';
import { PageTable } from '#drivers/parts/page-table';
import { unwinding, type Take } from '#drivers/parts/unwind';
import { StaticDomain, type Domain } from './domain';
import { copyGuestContext, refusalOf } from './guest-context';
import type { Iommu } from './iommu';
import { NestedDomain } from './nested-domain';
import { formatOf, widestOf, type Scheme } from './page-table-format';
import { ID_SPACES, PagingDomain } from './paging-domain';

/** A domain that is being made. */
interface Making {
  readonly spec: DomainSpec;
  readonly iommu: Iommu;
  readonly handle: number;
}

type Maker = (making: Making) => Result<Domain>;

export class Domains extends DomainsByHandle<Domain, PagingDomain> {
  readonly #platform: Platform;
  #next = 1;

  constructor(platform: Platform) {
    super(platform);
    this.#platform = platform;
  }

  /** @param iommu Of the device that the domain is for. */
  alloc(spec: DomainSpec, iommu: Iommu | undefined): Result<number> {
    const { type, flags } = spec;
    if (flags !== 0 && flags !== ALLOC_NEST_PARENT) return refuse('EOPNOTSUPP');
    if (iommu === undefined) return refuse('ENODEV');
    const handle = this.#next++;
    const made = this.#makers[type]({ spec, iommu, handle });
    if (!made.ok) return made;
    this.byHandle.set(handle, made.value);
    return ok(handle);
  }

  protected override owing(domain: Domain): Iterable<Iommu> {
    return domain.bonds.unsettled;
  }

  protected override isPaging(domain: Domain): domain is PagingDomain {
    return domain instanceof PagingDomain;
  }

  readonly #makers: Readonly<Record<DomainSpec['type'], Maker>> = {
    paging: ({ spec, iommu, handle }) => {
      if (spec.parent !== undefined || spec.data !== undefined) return refuse('EOPNOTSUPP');
      const stage = spec.flags === ALLOC_NEST_PARENT ? 2 : 1;
      const scheme = widestOf(iommu.capabilities, stage);
      if (scheme === undefined) return refuse(stage === 1 ? 'ENODEV' : 'EOPNOTSUPP');
      return this.#makePaging(scheme, handle);
    },
    nested: (making) => {
      const parent = this.#parentOf(making);
      if (!parent.ok) return parent;
      const guest = copyGuestContext(this.#platform, making.spec.data!);
      if (!guest.ok) return guest;
      return refusalOf(guest.value, making.iommu.capabilities) === undefined
        ? this.#makeNested(parent.value, guest.value)
        : refuse('EINVAL');
    },
    identity: (making) => this.#makeStatic(making, 'identity'),
    blocked: (making) => this.#makeStatic(making, 'blocked'),
    sva: () => refuse('EOPNOTSUPP'),
  };

  /** What a nested domain is to stand on; its data is looked at only as far as its type. */
  #parentOf({ spec: { flags, data, parent }, iommu }: Making): Result<PagingDomain> {
    if (flags !== 0) return refuse('EOPNOTSUPP');
    if (data === undefined) return refuse('EINVAL');
    if (data.type !== HWPT_DATA.RISCV_IOMMU || parent?.kind === 'viommu') return refuse('EOPNOTSUPP');
    const domain = this.byHandle.get(parent?.handle ?? 0);
    const isFit = domain instanceof PagingDomain && domain.gscid !== undefined && domain.fits(iommu).ok;
    return isFit ? ok(domain) : refuse('EINVAL');
  }

  #makePaging(scheme: Scheme, handle: number): Result<Domain> {
    return unwinding((take) => {
      const object = this.#takeObject(take);
      if (!object.ok) return object;
      const id = this.#takeId(take, scheme.stage);
      if (!id.ok) return id;
      const table = PageTable.create(this.#platform, formatOf(scheme), handle);
      return table.ok ? ok(new PagingDomain(this.#platform, object.value, table.value, id.value)) : table;
    });
  }

  #makeNested(parent: PagingDomain, guest: bigint): Result<Domain> {
    return unwinding((take) => {
      const object = this.#takeObject(take);
      if (!object.ok) return object;
      const pscid = this.#takeId(take, 1);
      return pscid.ok ? ok(new NestedDomain(this.#platform, object.value, parent, guest, pscid.value)) : pscid;
    });
  }

  #makeStatic({ spec: { flags, data, parent } }: Making, type: 'identity' | 'blocked'): Result<Domain> {
    if (flags !== 0 || data !== undefined || parent !== undefined) return refuse('EOPNOTSUPP');
    const object = this.#platform.objectAlloc('domain');
    return object.ok ? ok(new StaticDomain(object.value, type)) : object;
  }

  #takeObject(take: Take): Result<number> {
    return take(this.#platform.objectAlloc('domain'), (object) => this.#platform.objectFree(object));
  }

  /** `ENOMEM` when they are used up. */
  #takeId(take: Take, stage: 1 | 2): Result<number> {
    const { space, last } = ID_SPACES[stage];
    const id = take(this.#platform.idAlloc(space, 1, last), (given) => this.#platform.idFree(space, given));
    return id.ok ? id : refuse('ENOMEM');
  }
}
