/** A domain with a page table: a first stage, or a second stage that guests' first stages may stand on. */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { DomainInfo, Gather, Mapping, Unmapped } from '#drivers/contract/iommu';
import type { Cut, Cutting, PageTable } from '#drivers/parts/page-table';
import { DcTa, Iohgatp, Iosatp } from '#hw-models/riscv-iommu/contexts';
import { atsIdsOf, Bonds, type Bond } from './bonds';
import { atsInval, gvma, invalDdt, vma, type Tag } from './commands';
import { IDENTITY, type DeviceContext } from './device-context';
import type { Domain } from './domain';
import type { Iommu } from './iommu';
import type { NestedDomain } from './nested-domain';
import { canExpress, inputEnd, PAGE_SIZES, PHYSICAL_END, type Format, type Scheme } from './page-table-format';

const PAGE = 4096n;
/** As many bytes are forgotten together with everything else of the domain. */
const MANY = 2n ** 21n;

/** Where the identifiers of each stage come from: 0 is not given. @spec RISCV-IOMMU "Leaf DDT entry" */
export const ID_SPACES = { 1: { space: 'pscid', last: 2 ** 20 - 1 }, 2: { space: 'gscid', last: 2 ** 16 - 1 } } as const;

export class PagingDomain implements Domain {
  readonly object: number;
  readonly devices = new Set<number>();
  readonly bonds = new Bonds();
  readonly isTagged = true;
  /** Domains that stand on this one. */
  readonly children = new Set<NestedDomain>();
  readonly info: DomainInfo;
  readonly context: DeviceContext;
  readonly #platform: Platform;
  readonly #table: PageTable<Format>;
  /** PSCID of a first stage, GSCID of a second. */
  readonly #id: number;
  /** What was cut, by handle, until it is forgotten. */
  readonly #waiting = new Map<number, readonly Cut[]>();
  #next = 1;

  constructor(platform: Platform, object: number, table: PageTable<Format>, id: number) {
    this.#platform = platform;
    this.object = object;
    this.#table = table;
    this.#id = id;
    this.context = contextOf(table, id);
    this.info = {
      type: 'paging',
      operations: ['map', 'unmap', 'iovaToPhys'],
      pageSizes: PAGE_SIZES,
      aperture: { start: 0n, last: inputEnd(table.format.scheme) - 1n },
    };
  }

  get scheme(): Scheme {
    return this.#table.format.scheme;
  }

  get isFree(): boolean {
    return this.devices.size === 0 && this.bonds.isEmpty && this.children.size === 0;
  }

  /** The GSCID of a second stage; a first stage has none. */
  get gscid(): number | undefined {
    return this.scheme.stage === 2 ? this.#id : undefined;
  }

  fits({ capabilities }: Iommu): Result<null> {
    return capabilities[this.scheme.name as keyof typeof capabilities] === true ? done : refuse('ENODEV');
  }

  isUsedOn(iommu: Iommu): boolean {
    return [this, ...this.children].some(({ bonds }) => bonds.on(iommu).length > 0);
  }

  forget(iommu: Iommu): Result<null> {
    return iommu.invalidations.issue([this.whole]);
  }

  release(): void {
    for (const cuts of this.#waiting.values()) this.#table.discard(cuts);
    this.#table.release();
    const { space } = ID_SPACES[this.scheme.stage];
    this.#platform.idFree(space, this.#id);
  }

  map(mapping: Mapping): Result<null> {
    const { iova, pa, size, prot } = mapping;
    if (!this.#isRange(iova, size) || pa % PAGE !== 0n || pa + size > PHYSICAL_END || !canExpress(prot)) return refuse('EINVAL');
    return this.#table.map(mapping);
  }

  /** Refused, with everything as it was, when an IOMMU does not answer, or there is no memory to divide a larger page. */
  unmap(iova: bigint, size: bigint): Result<bigint> {
    return this.#locked(() => {
      const cutting = this.#cut(iova, size);
      if (!cutting.ok) return cutting;
      const forgotten = this.#forget(cutting.value.cuts, this.#commandsFor(cutting.value.cuts));
      if (!forgotten.ok) return this.#undo(cutting.value, forgotten);
      this.#table.discard(cutting.value.cuts);
      return ok(bytesOf(cutting.value.cuts));
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
    const forgotten = this.#forget(cuts, this.#commandsFor(cuts));
    if (forgotten.ok && this.#waiting.delete(handle)) this.#table.discard(cuts);
    return forgotten;
  }

  iovaToPhys(iova: bigint): Result<bigint> {
    return iova < inputEnd(this.scheme) ? this.#table.phys(iova) : refuse('ENOENT');
  }

  #cut(iova: bigint, size: bigint): Result<Cutting> {
    if (!this.#isRange(iova, size)) return refuse('EINVAL');
    const cutting = this.#table.cut(iova, size);
    return cutting.short ? this.#undo(cutting, refuse('ENOMEM')) : ok(cutting);
  }

  /** What was divided is joined again: its tables go when no cache leads there. */
  #undo<R extends Result<never>>(cutting: Cutting, refusal: R): R {
    this.#table.restore(cutting);
    const { divided } = cutting;
    if (this.#forget(divided, [this.whole]).ok) this.#table.discard(divided);
    else this.#keep(divided);
    return refusal;
  }

  /** Keeps tables until they are forgotten, or the domain is not needed any more. @returns Their handle. */
  #keep(cuts: readonly Cut[]): number {
    const handle = this.#next++;
    this.#waiting.set(handle, cuts);
    return handle;
  }

  #isRange(iova: bigint, size: bigint): boolean {
    return size > 0n && (iova | size) % PAGE === 0n && iova + size <= inputEnd(this.scheme);
  }

  /** Once for each IOMMU that may hold something, however many devices are behind it. */
  #forget(cuts: readonly Cut[], commands: readonly bigint[]): Result<null> {
    if (cuts.length === 0) return done;
    const nested = [...this.children].map(({ bonds }) => bonds);
    for (const iommu of new Set([this.bonds, ...nested].flatMap(({ iommus }) => iommus))) {
      const through = nested.flatMap((bonds) => bonds.on(iommu));
      const issued = iommu.invalidations.issue(commands, contextsOf(through), devicesOf([...this.bonds.on(iommu), ...through]));
      if (!issued.ok) return issued;
    }
    return done;
  }

  /** Page by page as long as that is little, and no cache may keep a way through a table that goes. */
  #commandsFor(cuts: readonly Cut[]): readonly bigint[] {
    if (bytesOf(cuts) >= MANY || cuts.some(({ table }) => table !== undefined)) return [this.whole];
    return cuts.map(({ iova }) => (this.scheme.stage === 1 ? vma(this.#tag, iova) : gvma(this.#tag, iova)));
  }

  /** The command that drops everything under its tag. */
  get whole(): bigint {
    return this.scheme.stage === 1 ? vma(this.#tag) : gvma(this.#tag);
  }

  /** One at a time: what one call may have to join again, no other has cut meanwhile. */
  #locked<T>(body: () => Result<T>): Result<T> {
    const lock = `pages of object ${this.object}`;
    this.#platform.lock(lock);
    const result = body();
    this.#platform.unlock(lock);
    return result;
  }

  get #tag(): Tag {
    return this.scheme.stage === 1 ? { pscid: this.#id } : { gscid: this.#id };
  }
}

const bytesOf = (cuts: readonly Cut[]): bigint => cuts.reduce((sum, { bytes }) => sum + bytes, 0n);

/** A context may hold where a guest's address led: it goes after the translations that it came from. */
const contextsOf = (bonds: readonly Bond[]): readonly bigint[] => bonds.flatMap(({ ids }) => ids).map(invalDdt);

/** What devices keep goes last: until then they could ask for it again. @spec RISCV-IOMMU "Device Address Translation Cache invalidations" */
const devicesOf = (bonds: readonly Bond[]): readonly bigint[] => atsIdsOf(bonds).map(atsInval);

function contextOf({ format: { scheme }, root }: PageTable<Format>, id: number): DeviceContext {
  const PPN = Number(root / PAGE);
  if (scheme.stage === 2) return { ...IDENTITY, iohgatp: Iohgatp.encode({ MODE: scheme.name as 'Sv39x4', GSCID: id, PPN }) };
  return { ...IDENTITY, ta: DcTa.encode({ PSCID: id }), fsc: Iosatp.encode({ MODE: scheme.name as 'Sv39', PPN }) };
}
