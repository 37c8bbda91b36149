/**
 * The driver's side of a machine: the platform port of `drivers/contract/platform.ts`. One call is one event of the trace; what the
 * call may not do is a violation of the sanitizer, raised at that call.
 */
import { pageOf, pageOffset } from './address';
import { hex } from './hex';
import { PortMemory } from './port-memory';
import { ok, refuse, type Result } from './result';
import { later } from './trace';

/** A request for pages, as the platform port describes it. */
export interface PageRequest {
  readonly order: number;
  readonly kind: string;
  readonly owner?: { readonly kind: 'driver' } | { readonly kind: 'domain' | 'device'; readonly handle: number };
}

/** As `Resources` names whoever something is taken for. */
export const ownerOf = (owner: NonNullable<PageRequest['owner']>): string =>
  owner.kind === 'driver' ? 'driver' : `${owner.kind} ${owner.handle}`;

export class Port extends PortMemory {
  // Registers

  mmioRead32(iommu: number, offset: number): number {
    return Number(this.#mmioRead(iommu, offset, 32));
  }

  mmioRead64(iommu: number, offset: number): bigint {
    return this.#mmioRead(iommu, offset, 64);
  }

  mmioWrite32(iommu: number, offset: number, value: number): void {
    this.#mmioWrite(iommu, offset, BigInt.asUintN(32, BigInt(value)), 32);
  }

  mmioWrite64(iommu: number, offset: number, value: bigint): void {
    this.#mmioWrite(iommu, offset, BigInt.asUintN(64, value), 64);
  }

  pollUntil(iommu: number, offset: number, mask: number, want: number, timeoutUs: number): Result<number> {
    const { hardware } = this.instance(iommu);
    this.event(
      'poll',
      offset,
      BigInt.asUintN(32, BigInt(want)),
      later(
        () => `iommu${iommu} ${hex(offset)} until & ${hex(BigInt.asUintN(32, BigInt(mask)))} = ${hex(BigInt.asUintN(32, BigInt(want)))}`,
      ),
    );
    for (let waited = 0; ; waited++) {
      const value = this.kept(() => {
        hardware.advance(offset);
        return Number(hardware.mmioRead(offset, 32));
      });
      if ((value & mask) >>> 0 === want >>> 0) {
        this.machine.checkBuffers();
        return ok(value);
      }
      // Not `>=`: a time that is no number is over at once.
      if (!(waited < timeoutUs)) {
        hardware.givenUp?.();
        return refuse('ETIMEDOUT');
      }
      this.machine.time++;
    }
  }

  // What the driver holds

  pageAlloc({ order, owner = { kind: 'driver' }, kind }: PageRequest): Result<bigint> {
    const { resources, memory } = this.machine;
    if (!Number.isInteger(order) || order < 0) this.nonsense(`pageAlloc of order ${order}`);
    this.event('page-alloc', order, 0n, `${2 ** order} page(s) for ${kind}`);
    const taken = resources.takePages(order, kind, this.machine.call, ownerOf(owner));
    if (!taken.ok) return taken;
    for (let page = taken.value.page; page < taken.value.page + 2 ** order; page++) memory.clear(page);
    return ok(BigInt(taken.value.page) << 12n);
  }

  pageFree(pa: bigint, order: number): void {
    const { resources } = this.machine;
    const first = pageOf(pa);
    this.event('page-free', Number(pa), BigInt(order), `${hex(pa)}, ${2 ** order} page(s)`);
    const misuse = pageOffset(pa) === 0 ? resources.misuseOfPages(first, order) : { what: 'no page begins there' };
    if (misuse !== undefined) this.machine.violate('balance', `pageFree of ${hex(pa)}: ${misuse.what}`);
    for (let page = first; page < first + 2 ** order; page++) this.machine.frameLeaves(page);
    resources.givePages(first, order);
  }

  objectAlloc(kind: string): Result<number> {
    this.event('object-alloc', 0, 0n, kind);
    return this.machine.resources.takeObject(kind);
  }

  objectFree(object: number): void {
    this.event('object-free', object, 0n);
    const misuse = this.machine.resources.giveObject(object);
    if (misuse !== undefined) this.machine.violate('balance', `objectFree of ${object}: ${misuse.what}`);
  }

  idAlloc(space: string, first: number, last: number): Result<number> {
    this.event('id-alloc', first, BigInt(last), `${space} in [${first}, ${last}]`);
    return this.machine.resources.takeId(space, first, last);
  }

  idFree(space: string, id: number): void {
    this.event('id-free', id, 0n, `${space} ${id}`);
    const misuse = this.machine.resources.giveId(space, id);
    if (misuse !== undefined) this.machine.violate('balance', `idFree of ${space} ${id}: ${misuse.what}`);
  }

  // Processors and time

  cpu(): number {
    return this.machine.cpu;
  }

  lock(name: string): void {
    this.event('lock', 0, 0n, name);
    const wrong = this.kept(() => this.machine.locks.take(name, this.machine.cpu));
    if (wrong !== undefined) this.machine.violate('locking', wrong);
  }

  unlock(name: string): void {
    this.event('unlock', 0, 0n, name);
    const wrong = this.machine.locks.release(name, this.machine.cpu);
    if (wrong !== undefined) this.machine.violate('locking', wrong);
  }

  now(): number {
    return this.machine.time;
  }

  delay(microseconds: number): void {
    if (!(microseconds >= 0 && Number.isSafeInteger(this.machine.time + microseconds))) this.nonsense(`delay of ${microseconds} us`);
    this.event('delay', microseconds, 0n, `${microseconds} us`);
    this.machine.time += microseconds;
    this.kept(() => {
      for (const { hardware } of this.machine.iommus) hardware.advance('time');
    });
  }

  // User memory

  copyIn(address: bigint, length: number): Result<Uint8Array> {
    this.event('copy-in', Number(address), BigInt(length));
    return this.machine.users.copyIn(address, length);
  }

  copyOut(address: bigint, bytes: Uint8Array): Result<null> {
    this.event('copy-out', Number(address), BigInt(bytes.length));
    return this.machine.users.copyOut(address, bytes);
  }

  // Hypervisor

  hypPageBytes(): number {
    return this.hyp?.pageBytes ?? 4096;
  }

  hostShareDma(pfn: number, pages: number): Result<null> {
    this.event('host-donate', pfn * this.hypPageBytes(), BigInt(pages), `share ${pages} page(s) at frame ${hex(pfn)} with devices`);
    return this.hyp?.hostShareDma(pfn, pages) ?? refuse('ENODEV');
  }

  hostUnshareDma(pfn: number, pages: number): Result<null> {
    this.event('hyp-donate', pfn * this.hypPageBytes(), BigInt(pages), `unshare ${pages} page(s) at frame ${hex(pfn)} with devices`);
    return this.hyp?.hostUnshareDma(pfn, pages) ?? refuse('ENODEV');
  }

  hostDonateHyp(pfn: number, pages: number): Result<null> {
    this.event('host-donate', pfn * this.hypPageBytes(), BigInt(pages));
    return this.hyp?.hostDonateHyp(pfn, pages) ?? refuse('ENODEV');
  }

  hypDonateHost(pfn: number, pages: number): Result<null> {
    this.event('hyp-donate', pfn * this.hypPageBytes(), BigInt(pages));
    return this.hyp?.hypDonateHost(pfn, pages) ?? refuse('ENODEV');
  }

  createMappings(from: bigint, to: bigint, protection: 'owned' | 'shared-owned'): Result<null> {
    this.event('create-mappings', 0, 0n, `[${hex(from)}, ${hex(to)}) ${protection}`);
    return this.hyp?.createMappings(from, to, protection) ?? refuse('ENODEV');
  }

  kernHypVa(address: bigint): bigint {
    return this.hyp?.kernHypVa(address) ?? address;
  }

  hypPhys(address: bigint): bigint {
    return this.hyp?.hypPhys(address) ?? address;
  }

  #mmioRead(iommu: number, offset: number, width: 32 | 64): bigint {
    const { hardware } = this.instance(iommu);
    this.event('mmio-read', offset, 0n);
    return this.kept(() => {
      hardware.advance(offset);
      return hardware.mmioRead(offset, width);
    });
  }

  #mmioWrite(iommu: number, offset: number, value: bigint, width: 32 | 64): void {
    const { hardware } = this.instance(iommu);
    this.event(
      'mmio-write',
      offset,
      value,
      later(() => `iommu${iommu} ${hex(offset)} = ${hex(value)}`),
    );
    this.kept(() => {
      hardware.mmioWrite(offset, value, width);
    });
    this.machine.checkBuffers();
  }
}
