/**
 * Who owns each page of memory: pKVM's states of a page for host, hypervisor and guests, and the operations that change them. An
 * operation over several pages changes all of them or none.
 *
 * @spec LINUX-PKVM "mem_protect.c"; marks for DMA are those of Android's common kernels.
 */
import { done, refuse, type Refusal, type Result } from '#hw-models/core/result';

/** What a component is to a page: its only owner, an owner that lent it, one that it was lent to, or nothing. */
export type PageState = 'OWNED' | 'SHARED_OWNED' | 'SHARED_BORROWED' | 'NOPAGE';
export type Component = 'host' | 'hyp' | 'guest';

/** Pages `[first, first + pages)` of memory, in pages of the hypervisor. */
export interface Region {
  readonly first: number;
  readonly pages: number;
}

type States = Readonly<Record<Component, PageState>>;

const FRESH: States = { host: 'OWNED', hyp: 'NOPAGE', guest: 'NOPAGE' };
const OF_HYP: States = { host: 'NOPAGE', hyp: 'OWNED', guest: 'NOPAGE' };
const OF_GUEST: States = { host: 'NOPAGE', hyp: 'NOPAGE', guest: 'OWNED' };
const LENT_TO_HYP: States = { host: 'SHARED_OWNED', hyp: 'SHARED_BORROWED', guest: 'NOPAGE' };
const LENT_TO_HOST: States = { host: 'SHARED_BORROWED', hyp: 'SHARED_OWNED', guest: 'NOPAGE' };

const same = (a: States, b: States): boolean => a.host === b.host && a.hyp === b.hyp && a.guest === b.guest;

export class Ownership {
  readonly #regions: readonly Region[];
  /** Pages that are not `FRESH`: memory begins in the hands of the host. */
  readonly #states = new Map<number, States>();
  readonly #pins = new Map<number, number>();
  readonly #dma = new Map<number, number>();

  constructor(regions: readonly Region[]) {
    this.#regions = regions;
  }

  /** What `component` is to the page; `NOPAGE` outside memory. */
  stateOf(page: number, component: Component): PageState {
    return this.isMemory(page, 1) ? this.#of(page)[component] : 'NOPAGE';
  }

  /** How often the page is marked as reachable by the host's devices. */
  dmaCount(page: number): number {
    return this.#dma.get(page) ?? 0;
  }

  /** Whether pages `[first, first + pages)` lie in one region of memory; no pages do not. */
  isMemory(first: number, pages: number): boolean {
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(pages) || pages <= 0) return false;
    return this.#regions.some((region) => first >= region.first && first + pages <= region.first + region.pages);
  }

  /** `EPERM` unless the host alone owns each page and no device may reach it. */
  hostDonateHyp(first: number, pages: number): Result<null, 'EINVAL' | 'EPERM'> {
    return this.#change(first, pages, OF_HYP, (page) => same(this.#of(page), FRESH) && !this.#dma.has(page));
  }

  /** `EPERM` unless the hypervisor alone owns each page. */
  hypDonateHost(first: number, pages: number): Result<null, 'EINVAL' | 'EPERM'> {
    return this.#change(first, pages, FRESH, (page) => same(this.#of(page), OF_HYP));
  }

  /** As to the hypervisor, to a guest. */
  hostDonateGuest(first: number, pages: number): Result<null, 'EINVAL' | 'EPERM'> {
    return this.#change(first, pages, OF_GUEST, (page) => same(this.#of(page), FRESH) && !this.#dma.has(page));
  }

  /** The host lends pages that it alone owns. `EPERM`. */
  hostShareHyp(first: number, pages: number): Result<null, 'EINVAL' | 'EPERM'> {
    return this.#change(first, pages, LENT_TO_HYP, (page) => same(this.#of(page), FRESH));
  }

  /** The host takes back what it lent. `EPERM`: it did not; `EBUSY`: pinned by the hypervisor or in use by devices. */
  hostUnshareHyp(first: number, pages: number): Result<null, 'EINVAL' | 'EPERM' | 'EBUSY'> {
    if (!this.isMemory(first, pages)) return refuse('EINVAL');
    const lent = this.#each(first, pages, (page) => same(this.#of(page), LENT_TO_HYP));
    if (!lent) return refuse('EPERM');
    if (!this.#each(first, pages, (page) => !this.#pins.has(page) && !this.#dma.has(page))) return refuse('EBUSY');
    return this.#change(first, pages, FRESH, () => true);
  }

  /** The hypervisor lends pages that it alone owns. `EPERM`. */
  hypShareHost(first: number, pages: number): Result<null, 'EINVAL' | 'EPERM'> {
    return this.#change(first, pages, LENT_TO_HOST, (page) => same(this.#of(page), OF_HYP));
  }

  /** The hypervisor keeps the host from taking back what it lent; counted. `EPERM`: not lent to the hypervisor. */
  pin(first: number, pages: number): Result<null, 'EINVAL' | 'EPERM'> {
    return this.#counted(this.#pins, first, pages, (page) => same(this.#of(page), LENT_TO_HYP));
  }

  unpin(first: number, pages: number): Result<null, 'EINVAL' | 'EPERM'> {
    return this.#uncounted(this.#pins, first, pages);
  }

  /** Devices of the host may reach the pages; counted. `EPERM`: they are not the host's. */
  shareDma(first: number, pages: number): Result<null, 'EINVAL' | 'EPERM'> {
    return this.#counted(this.#dma, first, pages, (page) => same(this.#of(page), FRESH) || same(this.#of(page), LENT_TO_HYP));
  }

  /** Takes one mark of each page back. `EPERM`: one of them has none. */
  unshareDma(first: number, pages: number): Result<null, 'EINVAL' | 'EPERM'> {
    return this.#uncounted(this.#dma, first, pages);
  }

  /** What the host mapped at EL2 while it was trusted becomes the hypervisor's, or is lent by it. */
  claim(page: number, shared: boolean): void {
    this.#states.set(page, shared ? LENT_TO_HOST : OF_HYP);
  }

  #of(page: number): States {
    return this.#states.get(page) ?? FRESH;
  }

  #each(first: number, pages: number, holds: (page: number) => boolean): boolean {
    for (let page = first; page < first + pages; page++) if (!holds(page)) return false;
    return true;
  }

  #change(first: number, pages: number, to: States, may: (page: number) => boolean): Result<null, 'EINVAL' | 'EPERM'> {
    if (!this.isMemory(first, pages)) return refuse('EINVAL');
    if (!this.#each(first, pages, may)) return refuse('EPERM');
    for (let page = first; page < first + pages; page++) {
      if (to === FRESH) this.#states.delete(page);
      else this.#states.set(page, to);
    }
    return done;
  }

  #counted(counts: Map<number, number>, first: number, pages: number, may: (page: number) => boolean): Result<null, 'EINVAL' | 'EPERM'> {
    if (!this.isMemory(first, pages)) return refuse('EINVAL');
    if (!this.#each(first, pages, may)) return refuse('EPERM');
    for (let page = first; page < first + pages; page++) counts.set(page, (counts.get(page) ?? 0) + 1);
    return done;
  }

  #uncounted(counts: Map<number, number>, first: number, pages: number): Refusal<'EINVAL' | 'EPERM'> | typeof done {
    if (!this.isMemory(first, pages)) return refuse('EINVAL');
    if (!this.#each(first, pages, (page) => counts.has(page))) return refuse('EPERM');
    for (let page = first; page < first + pages; page++) {
      const left = counts.get(page)! - 1;
      if (left === 0) counts.delete(page);
      else counts.set(page, left);
    }
    return done;
  }
}
