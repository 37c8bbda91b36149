/** A guest's first stage on a second stage of the host's: it has a tag, and no page of memory. */
import { done, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { DomainInfo } from '#drivers/contract/iommu';
import { DcTa } from '#hw-models/riscv-iommu/contexts';
import { Bonds } from './bonds';
import { vma, type Tag } from './commands';
import { hasProcesses, isValid, type DeviceContext } from './device-context';
import type { Domain } from './domain';
import { guestContext, refusalOf } from './guest-context';
import type { Iommu } from './iommu';
import { ID_SPACES, type PagingDomain } from './paging-domain';

export class NestedDomain implements Domain {
  readonly object: number;
  readonly devices = new Set<number>();
  readonly bonds = new Bonds();
  readonly isTagged = true;
  readonly info: DomainInfo = { type: 'nested', operations: ['cacheInvalidate'], pageSizes: [] };
  readonly context: DeviceContext;
  readonly parent: PagingDomain;
  readonly #platform: Platform;
  readonly #guest: bigint;
  readonly #pscid: number;

  /** @param guest What the guest said, as it was copied. */
  constructor(platform: Platform, object: number, parent: PagingDomain, guest: bigint, pscid: number) {
    this.#platform = platform;
    this.object = object;
    this.parent = parent;
    this.#guest = guest;
    this.#pscid = pscid;
    const own = guestContext(guest);
    this.context = isValid(own) ? { ...own, iohgatp: parent.context.iohgatp, ta: DcTa.encode({ PSCID: pscid }) } : own;
    parent.children.add(this);
  }

  get isFree(): boolean {
    return this.devices.size === 0 && this.bonds.isEmpty;
  }

  fits(iommu: Iommu): Result<null> {
    return this.parent.fits(iommu).ok && refusalOf(this.#guest, iommu.capabilities) === undefined ? done : refuse('EINVAL');
  }

  /** What the caches tag its translations with. With a process directory, the PSCIDs are the guest's own. */
  tagFor(pscid: number | undefined): Tag {
    const tag = { gscid: this.parent.gscid! };
    if (!hasProcesses(this.context)) return { ...tag, pscid: this.#pscid };
    return pscid === undefined ? tag : { ...tag, pscid };
  }

  isUsedOn(iommu: Iommu): boolean {
    return this.bonds.on(iommu).length > 0;
  }

  forget(iommu: Iommu): Result<null> {
    const { parent } = this;
    return iommu.invalidations.issue([vma(this.tagFor(undefined)), ...(parent.isUsedOn(iommu) ? [] : [parent.whole])]);
  }

  release(): void {
    this.parent.children.delete(this);
    this.#platform.idFree(ID_SPACES[1].space, this.#pscid);
  }
}
