/**
 * The machine's side of pKVM at EL2: address spaces, mappings and page ownership, as the hypervisor's driver sees them through the
 * platform port. Before `finalise` the host is trusted, and what it maps at EL2 changes hands only then.
 *
 * Frames are 4 KiB as everywhere; a page of the hypervisor has 4, 16 or 64 KiB, that is 1, 4 or 16 frames. `pfn` counts the latter.
 *
 * Left out: the host's stage-2 tables themselves (only what they allow), guests' tables, and module loading.
 */
import { alignDown, alignUp, PAGE_SIZE } from '#hw-models/core/address';
import { hex } from '#hw-models/core/hex';
import type { Machine } from '#hw-models/core/machine';
import type { HypCalls } from '#hw-models/core/port-events';
import { done, refuse, type Errno, type Result } from '#hw-models/core/result';
import { framesOf } from '#hw-models/core/walk';
import { Ownership } from './ownership';

/** Bytes of a page of the hypervisor. */
export type HypPageBytes = 4096 | 16384 | 65536;

export type Protection = 'owned' | 'shared-owned';

export interface HypConfig {
  readonly pageBytes: HypPageBytes;
  /** Where memory starts and how much there is, bytes; multiples of 64 KiB. */
  readonly memory?: { readonly start: bigint; readonly bytes: bigint };
}

/** One call of `createMappings`, exactly as it was asked for. Hypervisor addresses, `[from, to)`. */
export interface Mapped {
  readonly from: bigint;
  readonly to: bigint;
  readonly protection: Protection;
  /** Why it was refused, if it was. */
  readonly errno?: Errno;
}

/** Memory of the default machine: 64 GiB at 2 GiB. The hypervisor's own pool lies below and is nobody else's. */
export const MEMORY = { start: 0x8000_0000n, bytes: 0x10_0000_0000n } as const;

/** Kernel linear addresses begin here, at the start of memory. */
const KERNEL_BASE = 0xffff_0000_0000_0000n;
/** The hypervisor's addresses are the kernel's with the upper bits replaced by this tag. */
const HYP_TAG = 0x8000_0000_0000n;
const HYP_MASK = HYP_TAG - 1n;

export class Hyp implements HypCalls {
  readonly pageBytes: HypPageBytes;
  readonly ownership: Ownership;
  /** Every call of `createMappings`, oldest first. */
  readonly mappings: Mapped[] = [];
  readonly #machine: Machine;
  readonly #memory: { readonly start: bigint; readonly bytes: bigint };
  /** Pages that the driver's processor can access. */
  readonly #mapped = new Set<number>();
  /** Page → the driver's call in which the host gave it up. */
  readonly #donated = new Map<number, number>();
  /** Pages mapped by the trusted host, until they change hands. */
  readonly #early = new Map<number, Protection>();
  readonly #framesPerPage: number;
  #finalised = false;
  #failMapping: { in: number; readonly errno: Errno } | undefined;
  readonly #failMappingOf = new Map<number, Errno>();

  /** Takes the place of the owner of frames in `machine`; the port of its driver is given this object as `port.hyp`. */
  constructor(machine: Machine, { pageBytes, memory = MEMORY }: HypConfig) {
    this.#machine = machine;
    this.#memory = memory;
    this.pageBytes = pageBytes;
    this.#framesPerPage = pageBytes / Number(PAGE_SIZE);
    this.ownership = new Ownership([{ first: this.pfnOf(memory.start), pages: Number(memory.bytes / BigInt(pageBytes)) }]);
    machine.owner = { owns: (frame) => this.#isHyps(this.#pageOf(frame)) };
  }

  get memory(): { readonly start: bigint; readonly bytes: bigint } {
    return this.#memory;
  }

  /** Whether the host has lost its privileges. */
  get finalised(): boolean {
    return this.#finalised;
  }

  // Addresses

  /** Kernel linear address of physical memory. */
  kernelAddress(pa: bigint): bigint {
    return BigInt.asUintN(64, KERNEL_BASE + pa - this.#memory.start);
  }

  /** Where a kernel linear address points to; `undefined` outside memory. */
  kernelPhys(address: bigint): bigint | undefined {
    const pa = address - KERNEL_BASE + this.#memory.start;
    return this.#isMemory(pa) ? pa : undefined;
  }

  kernHypVa(address: bigint): bigint {
    return (BigInt.asUintN(64, address) & HYP_MASK) | HYP_TAG;
  }

  hypPhys(address: bigint): bigint {
    return BigInt.asUintN(64, address - HYP_TAG + this.#memory.start);
  }

  pfnOf(pa: bigint): number {
    return Number(pa / BigInt(this.pageBytes));
  }

  // Ownership

  hostDonateHyp(pfn: number, pages: number): Result<null> {
    const donated = this.ownership.hostDonateHyp(pfn, pages);
    if (!donated.ok) return donated;
    for (let page = pfn; page < pfn + pages; page++) {
      this.#mapped.add(page);
      this.#donated.set(page, this.#machine.call);
    }
    this.#machine.resources.count('page:donated', pages * this.#framesPerPage);
    this.#taken(pfn, pages);
    return done;
  }

  hypDonateHost(pfn: number, pages: number): Result<null> {
    if (this.ownership.isMemory(pfn, pages) && this.#all(pfn, pages, (page) => this.#isHyps(page))) this.#leaves(pfn, pages);
    const donated = this.ownership.hypDonateHost(pfn, pages);
    if (!donated.ok) return donated;
    for (let page = pfn; page < pfn + pages; page++) {
      this.#mapped.delete(page);
      this.#donated.delete(page);
    }
    this.#machine.resources.count('page:donated', -pages * this.#framesPerPage);
    return done;
  }

  hostShareDma(pfn: number, pages: number): Result<null> {
    const marked = this.ownership.shareDma(pfn, pages);
    // Who sets a mark owes its removal: for as long as it stands the page cannot be given away.
    if (marked.ok) this.#machine.resources.count('page:shared with devices', pages);
    return marked;
  }

  hostUnshareDma(pfn: number, pages: number): Result<null> {
    const unmarked = this.ownership.unshareDma(pfn, pages);
    if (unmarked.ok) this.#machine.resources.count('page:shared with devices', -pages);
    return unmarked;
  }

  /** The host lends pages to the hypervisor, which maps them. A hypercall of the host. */
  hostShareHyp(pfn: number, pages: number): Result<null> {
    const shared = this.ownership.hostShareHyp(pfn, pages);
    if (shared.ok) for (let page = pfn; page < pfn + pages; page++) this.#mapped.add(page);
    return shared;
  }

  hostUnshareHyp(pfn: number, pages: number): Result<null> {
    const unshared = this.ownership.hostUnshareHyp(pfn, pages);
    if (unshared.ok) for (let page = pfn; page < pfn + pages; page++) this.#mapped.delete(page);
    return unshared;
  }

  /** The host gives pages to a guest: devices of the host may not reach them any more. */
  hostDonateGuest(pfn: number, pages: number): Result<null> {
    const donated = this.ownership.hostDonateGuest(pfn, pages);
    if (donated.ok) this.#taken(pfn, pages);
    return donated;
  }

  // Mappings at EL2

  createMappings(from: bigint, to: bigint, protection: Protection): Result<null> {
    const outcome = this.#map(from, to, protection);
    this.mappings.push({ from, to, protection, ...(!outcome.ok && { errno: outcome.errno }) });
    return outcome;
  }

  /** The `n`th call of `createMappings` from now on is refused. */
  failMapping(n: number, errno: Errno): void {
    this.#failMapping = { in: n, errno };
  }

  /** The next call of `createMappings` that covers this kernel linear address is refused, however many come before it. */
  failMappingOf(kernelAddress: bigint, errno: Errno): void {
    this.#failMappingOf.set(this.pfnOf(this.hypPhys(this.kernHypVa(kernelAddress))), errno);
  }

  donatedIn(frame: number): number | undefined {
    return this.#donated.get(this.#pageOf(frame));
  }

  mapsAtHyp(frame: number): boolean {
    return this.#mapped.has(this.#pageOf(frame));
  }

  /** The host loses its privileges: what it mapped at EL2 becomes the hypervisor's, or is lent by it. */
  finalise(): void {
    this.#finalised = true;
    for (const [page, protection] of this.#early) this.ownership.claim(page, protection === 'shared-owned');
    this.#early.clear();
  }

  /** Whether the host's own stage 2 lets it access the frame. */
  hostMayAccess(frame: number): boolean {
    return this.ownership.stateOf(this.#pageOf(frame), 'host') !== 'NOPAGE';
  }

  #map(from: bigint, to: bigint, protection: Protection): Result<null> {
    const first = this.hypPhys(alignDown(from, Math.log2(this.pageBytes)));
    const last = this.hypPhys(alignUp(to, Math.log2(this.pageBytes)));
    const pages = Number((last - first) / BigInt(this.pageBytes));
    const pfn = this.pfnOf(first);
    const injected = this.#injected(pfn, pages);
    if (injected !== undefined) return refuse(injected);
    if (to <= from || from < HYP_TAG || !this.ownership.isMemory(pfn, pages)) return refuse('EINVAL');
    if (!this.#all(pfn, pages, (page) => this.#mayMap(page, protection))) return refuse('EPERM');
    for (let page = pfn; page < pfn + pages; page++) {
      this.#mapped.add(page);
      if (!this.#finalised) this.#early.set(page, protection);
      else if (protection === 'shared-owned') this.#lend(page);
    }
    return done;
  }

  #mayMap(page: number, protection: Protection): boolean {
    const early = this.#early.get(page);
    if (early !== undefined) return early === protection;
    const hyp = this.ownership.stateOf(page, 'hyp');
    if (hyp === 'OWNED') return true;
    if (hyp === 'SHARED_OWNED') return protection === 'shared-owned';
    return !this.#finalised && this.ownership.stateOf(page, 'host') === 'OWNED';
  }

  #lend(page: number): void {
    if (this.ownership.stateOf(page, 'hyp') !== 'OWNED') return;
    this.#leaves(page, 1);
    this.ownership.hypShareHost(page, 1);
  }

  #injected(pfn: number, pages: number): Errno | undefined {
    for (const [page, errno] of this.#failMappingOf) {
      if (page < pfn || page >= pfn + pages) continue;
      this.#failMappingOf.delete(page);
      return errno;
    }
    if (this.#failMapping === undefined || --this.#failMapping.in > 0) return undefined;
    const { errno } = this.#failMapping;
    this.#failMapping = undefined;
    return errno;
  }

  /** The hypervisor gives the pages up: nothing that the hardware uses may lie in them. */
  #leaves(pfn: number, pages: number): void {
    for (let frame = pfn * this.#framesPerPage; frame < (pfn + pages) * this.#framesPerPage; frame++) this.#machine.frameLeaves(frame);
  }

  /** The host has given the pages up: no device of the host may still reach them. */
  #taken(pfn: number, pages: number): void {
    if (!this.#machine.armed) return;
    const first = pfn * this.#framesPerPage;
    const frames = pages * this.#framesPerPage;
    for (const { reach } of this.#machine.iommus) {
      for (const requester of reach.requesters) {
        for (const { leaf, aged } of reach.reachable(requester)) {
          if (leaf.page >= first + frames || leaf.page + framesOf(leaf.sizeLog2) <= first) continue;
          const where = hex(BigInt(leaf.page) * PAGE_SIZE);
          this.#machine.violate(
            aged ? 'staleness' : 'isolation',
            `${this.#machine.nameOf(requester)} reaches PA ${where}, which the host has given away`,
          );
        }
      }
    }
  }

  #all(pfn: number, pages: number, holds: (page: number) => boolean): boolean {
    for (let page = pfn; page < pfn + pages; page++) if (!holds(page)) return false;
    return true;
  }

  #isHyps(page: number): boolean {
    return this.ownership.stateOf(page, 'hyp') === 'OWNED' || this.#early.get(page) === 'owned';
  }

  #isMemory(pa: bigint): boolean {
    return pa >= this.#memory.start && pa < this.#memory.start + this.#memory.bytes;
  }

  #pageOf(frame: number): number {
    return Math.floor(frame / this.#framesPerPage);
  }
}
