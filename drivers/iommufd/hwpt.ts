/** HWPTs: domains of the driver below, filled from an IOAS, or with a guest's tables above one that is. */
import { done, type Result } from '#drivers/contract/driver';
import type { DomainInfo } from '#drivers/contract/iommu';
import type { Context } from './context';
import type { FaultQueue } from './fault-queue';
import type { Holder, Ioas } from './ioas';
import { IommufdObject, type Seat } from './objects';
import type { Viommu } from './viommu';

/** A domain that was made for a HWPT. */
export interface Made {
  readonly context: Context;
  readonly domain: number;
  readonly info: DomainInfo;
  /** PASIDs may be attached to it, and to the device whose other requests it has. */
  readonly isForPasids: boolean;
}

abstract class HwptBase extends IommufdObject {
  abstract readonly paging: HwptPaging;
  readonly context: Context;
  readonly domain: number;
  readonly info: DomainInfo;
  readonly isForPasids: boolean;
  /** Where its page faults go. */
  fault: FaultQueue | undefined;

  constructor(seat: Seat, { context, domain, info, isForPasids }: Made) {
    super(seat);
    this.context = context;
    this.domain = domain;
    this.info = info;
    this.isForPasids = isForPasids;
  }

  /** Page faults go to the user from now on. */
  answerFaultsBy(fault: FaultQueue): void {
    this.fault = fault;
    fault.users++;
  }

  protected async freeDomain(): Promise<Result<null>> {
    const freed = await this.context.kernel.driver.domainFree(this.domain);
    if (freed.ok && this.fault !== undefined) this.fault.users--;
    return freed;
  }
}

/** What a paging HWPT is besides its domain. */
export interface PagingTraits {
  readonly isNestParent: boolean;
  /** Made when a device was attached to the IOAS, and gone with the last. */
  readonly isAutomatic: boolean;
}

export class HwptPaging extends HwptBase {
  readonly type = 'hwpt-paging';
  readonly ioas: Ioas;
  readonly isNestParent: boolean;
  readonly isAutomatic: boolean;
  readonly #holder: Holder;
  #isFilled = false;

  constructor(seat: Seat, made: Made, ioas: Ioas, { isNestParent, isAutomatic }: PagingTraits) {
    super(seat, made);
    this.ioas = ioas;
    this.isNestParent = isNestParent;
    this.isAutomatic = isAutomatic;
    this.#holder = { domain: made.domain, info: made.info };
    ioas.users++;
  }

  get paging(): HwptPaging {
    return this;
  }

  /** Everything of the IOAS is in it from now on. */
  async fill(): Promise<Result<null>> {
    const filled = await this.ioas.add(this.#holder);
    this.#isFilled = filled.ok;
    return filled;
  }

  async destroy(): Promise<Result<null>> {
    const removed = this.#isFilled ? await this.ioas.remove(this.#holder) : done;
    if (!removed.ok) return removed;
    this.#isFilled = false;
    const freed = await this.freeDomain();
    if (freed.ok) this.ioas.users--;
    return freed;
  }
}

/** What a guest's HWPT stands on. */
export interface Ground {
  readonly paging: HwptPaging;
  /** Or the viommu that has it. */
  readonly viommu?: Viommu;
}

export class HwptNested extends HwptBase {
  readonly type = 'hwpt-nested';
  readonly paging: HwptPaging;
  readonly #held: IommufdObject;

  constructor(seat: Seat, made: Made, { paging, viommu }: Ground) {
    super(seat, made);
    this.paging = paging;
    this.#held = viommu ?? paging;
    this.#held.users++;
  }

  async destroy(): Promise<Result<null>> {
    const freed = await this.freeDomain();
    if (freed.ok) this.#held.users--;
    return freed;
  }
}

export type Hwpt = HwptPaging | HwptNested;

/** A device does without it: one that was made for devices goes with the last of them, or later, when the hardware does not let it go. */
export async function release(hwpt: Hwpt): Promise<void> {
  if (hwpt instanceof HwptPaging && hwpt.isAutomatic && hwpt.users === 1) await hwpt.context.objects.remove(hwpt.id);
}
