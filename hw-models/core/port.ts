/**
 * The driver's side of a machine: the platform port of `drivers/contract/platform.ts`. One call is one event of the trace; what the
 * call may not do is a violation of the sanitizer, raised at that call.
 */
import { pageOf, pageOffset, pageOfWord, WORDS_PER_PAGE, wordOf } from './address';
import { UnspecifiedBehaviour } from './errors';
import { hex } from './hex';
import type { Instance, Machine } from './machine';
import { ok, refuse, type Result } from './result';
import { later, type EventKind, type Label } from './trace';

/** What an EL2 machine adds to the port; see `hw-models/hyp`. */
export interface HypCalls {
  readonly pageBytes: number;
  hostDonateHyp(pfn: number, pages: number): Result<null>;
  hypDonateHost(pfn: number, pages: number): Result<null>;
  hostShareDma(pfn: number, pages: number): Result<null>;
  hostUnshareDma(pfn: number, pages: number): Result<null>;
  createMappings(from: bigint, to: bigint, protection: 'owned' | 'shared-owned'): Result<null>;
  kernHypVa(address: bigint): bigint;
  hypPhys(address: bigint): bigint;
  /** The driver's call in which the host donated the frame, while the hypervisor has it. */
  donatedIn(page: number): number | undefined;
  /** Whether the driver's processor can access the frame. */
  mapsAtHyp(page: number): boolean;
}

/** A request for pages, as the platform port describes it. */
export interface PageRequest {
  readonly order: number;
  readonly kind: string;
  readonly owner?: { readonly kind: 'driver' } | { readonly kind: 'domain' | 'device'; readonly handle: number };
}

/** As `Resources` names whoever something is taken for. */
export const ownerOf = (owner: NonNullable<PageRequest['owner']>): string =>
  owner.kind === 'driver' ? 'driver' : `${owner.kind} ${owner.handle}`;

/** A call of the driver made more port calls than any call needs: it does not end, or allocates without end. */
export class Runaway extends Error {
  override readonly name = 'Runaway';
}

const DEFAULT_BUDGET = 2_000_000;
const FRAME_BYTES = 4096;

export class Port {
  readonly #machine: Machine;
  /** Runs before the event of this number: the other CPU. */
  preempt: { readonly at: number; readonly run: () => void } | undefined;
  /** Port calls that one call of the driver may make. */
  budget = DEFAULT_BUDGET;
  /** Lock by the kind of page that it protects, as the driver's manifest declares. */
  lockOf: Readonly<Partial<Record<string, string>>> = {};
  hyp: HypCalls | undefined;
  #used = 0;
  #calls = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** A call of the driver begins. */
  begin(): void {
    this.#used = 0;
    // Not the machine's own number: a call inside a call gives it back.
    this.#machine.call = ++this.#calls;
  }

  #event(kind: EventKind, at: number, value: bigint, label?: Label): void {
    const { trace } = this.#machine;
    if (this.preempt !== undefined && trace.length >= this.preempt.at) {
      const { run } = this.preempt;
      this.preempt = undefined;
      this.#kept(run);
    }
    if (++this.#used > this.budget) this.#machine.threw(new Runaway(`one call of the driver made more than ${this.budget} platform calls`));
    trace.add(kind, this.#machine.cpu, at, value, label);
  }

  /** What our own parts throw is kept, since the driver that they throw it through may swallow it. */
  #kept<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      return this.#machine.threw(error);
    }
  }

  #instance(iommu: number): Instance {
    return this.#kept(() => this.#machine.instance(iommu));
  }

  #nonsense(act: string): never {
    return this.#machine.threw(new UnspecifiedBehaviour(act, 'which the platform has no meaning for'));
  }

  // Memory

  read64(pa: bigint): bigint {
    const word = this.#word(pa, 8, 'read');
    this.#event('read', word * 8, 0n);
    this.#progress(word);
    return this.#machine.memory.get(word);
  }

  read32(pa: bigint): number {
    return Number(this.#part(pa, 4));
  }

  read16(pa: bigint): number {
    return Number(this.#part(pa, 2));
  }

  read8(pa: bigint): number {
    return Number(this.#part(pa, 1));
  }

  write64(pa: bigint, value: bigint): void {
    const word = this.#word(pa, 8, 'write');
    this.#event('write', word * 8, value);
    this.#locked(word);
    this.#machine.store(word, BigInt.asUintN(64, value));
  }

  write32(pa: bigint, value: number): void {
    this.#writePart(pa, 4, value);
  }

  write16(pa: bigint, value: number): void {
    this.#writePart(pa, 2, value);
  }

  write8(pa: bigint, value: number): void {
    this.#writePart(pa, 1, value);
  }

  zero(pa: bigint, bytes: number): void {
    if (bytes % FRAME_BYTES !== 0) this.#machine.violate('balance', `zeroing ${bytes} bytes at ${hex(pa)}: not whole frames`);
    const first = this.#word(pa, FRAME_BYTES, 'write');
    const words = bytes / 8;
    for (let word = first; word < first + words; word += WORDS_PER_PAGE) this.#word(BigInt(word) << 3n, 8, 'write');
    this.#event(
      'write',
      first * 8,
      0n,
      later(() => `zeros to ${bytes} bytes at ${hex(pa)}`),
    );
    for (let word = first; word < first + words; word += WORDS_PER_PAGE) {
      this.#locked(word);
      this.#zeroFrame(word);
    }
  }

  cmpxchg64(pa: bigint, expected: bigint, value: bigint): bigint {
    return this.#atomic('cmpxchg', pa, (old) => (old === expected ? value : old));
  }

  fetchAnd64(pa: bigint, mask: bigint): bigint {
    return this.#atomic('fetch-and', pa, (old) => old & mask);
  }

  fetchOr64(pa: bigint, mask: bigint): bigint {
    return this.#atomic('fetch-or', pa, (old) => old | mask);
  }

  clean(pa: bigint, bytes: number): void {
    this.#event('clean', Number(pa), BigInt(bytes));
    if (bytes <= 0) return;
    const first = wordOf(pa);
    this.#machine.memory.clean(first, wordOf(pa + BigInt(bytes - 1)) - first + 1);
  }

  barrier(): void {
    this.#event('barrier', 0, 0n, '');
    this.#machine.barrier();
  }

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
    const { hardware } = this.#instance(iommu);
    this.#event(
      'poll',
      offset,
      BigInt.asUintN(32, BigInt(want)),
      later(
        () => `iommu${iommu} ${hex(offset)} until & ${hex(BigInt.asUintN(32, BigInt(mask)))} = ${hex(BigInt.asUintN(32, BigInt(want)))}`,
      ),
    );
    for (let waited = 0; ; waited++) {
      const value = this.#kept(() => {
        hardware.advance(offset);
        return Number(hardware.mmioRead(offset, 32));
      });
      if ((value & mask) >>> 0 === want >>> 0) {
        this.#machine.checkBuffers();
        return ok(value);
      }
      // Not `>=`: a time that is no number is over at once.
      if (!(waited < timeoutUs)) {
        hardware.givenUp?.();
        return refuse('ETIMEDOUT');
      }
      this.#machine.time++;
    }
  }

  // What the driver holds

  pageAlloc({ order, owner = { kind: 'driver' }, kind }: PageRequest): Result<bigint> {
    const { resources, memory } = this.#machine;
    if (!Number.isInteger(order) || order < 0) this.#nonsense(`pageAlloc of order ${order}`);
    this.#event('page-alloc', order, 0n, `${2 ** order} page(s) for ${kind}`);
    const taken = resources.takePages(order, kind, this.#machine.call, ownerOf(owner));
    if (!taken.ok) return taken;
    for (let page = taken.value.page; page < taken.value.page + 2 ** order; page++) memory.clear(page);
    return ok(BigInt(taken.value.page) << 12n);
  }

  pageFree(pa: bigint, order: number): void {
    const { resources } = this.#machine;
    const first = pageOf(pa);
    this.#event('page-free', Number(pa), BigInt(order), `${hex(pa)}, ${2 ** order} page(s)`);
    const misuse = pageOffset(pa) === 0 ? resources.misuseOfPages(first, order) : { what: 'no page begins there' };
    if (misuse !== undefined) this.#machine.violate('balance', `pageFree of ${hex(pa)}: ${misuse.what}`);
    for (let page = first; page < first + 2 ** order; page++) this.#machine.frameLeaves(page);
    resources.givePages(first, order);
  }

  objectAlloc(kind: string): Result<number> {
    this.#event('object-alloc', 0, 0n, kind);
    return this.#machine.resources.takeObject(kind);
  }

  objectFree(object: number): void {
    this.#event('object-free', object, 0n);
    const misuse = this.#machine.resources.giveObject(object);
    if (misuse !== undefined) this.#machine.violate('balance', `objectFree of ${object}: ${misuse.what}`);
  }

  idAlloc(space: string, first: number, last: number): Result<number> {
    this.#event('id-alloc', first, BigInt(last), `${space} in [${first}, ${last}]`);
    return this.#machine.resources.takeId(space, first, last);
  }

  idFree(space: string, id: number): void {
    this.#event('id-free', id, 0n, `${space} ${id}`);
    const misuse = this.#machine.resources.giveId(space, id);
    if (misuse !== undefined) this.#machine.violate('balance', `idFree of ${space} ${id}: ${misuse.what}`);
  }

  // Processors and time

  cpu(): number {
    return this.#machine.cpu;
  }

  lock(name: string): void {
    this.#event('lock', 0, 0n, name);
    const wrong = this.#kept(() => this.#machine.locks.take(name, this.#machine.cpu));
    if (wrong !== undefined) this.#machine.violate('locking', wrong);
  }

  unlock(name: string): void {
    this.#event('unlock', 0, 0n, name);
    const wrong = this.#machine.locks.release(name, this.#machine.cpu);
    if (wrong !== undefined) this.#machine.violate('locking', wrong);
  }

  now(): number {
    return this.#machine.time;
  }

  delay(microseconds: number): void {
    if (!(microseconds >= 0)) this.#nonsense(`delay of ${microseconds} us`);
    this.#event('delay', microseconds, 0n, `${microseconds} us`);
    this.#machine.time += microseconds;
    this.#kept(() => {
      for (const { hardware } of this.#machine.iommus) hardware.advance('time');
    });
  }

  // User memory

  copyIn(address: bigint, length: number): Result<Uint8Array> {
    this.#event('copy-in', Number(address), BigInt(length));
    return this.#machine.users.copyIn(address, length);
  }

  copyOut(address: bigint, bytes: Uint8Array): Result<null> {
    this.#event('copy-out', Number(address), BigInt(bytes.length));
    return this.#machine.users.copyOut(address, bytes);
  }

  // Hypervisor

  hypPageBytes(): number {
    return this.hyp?.pageBytes ?? 4096;
  }

  hostShareDma(pfn: number, pages: number): Result<null> {
    this.#event('host-donate', pfn * this.hypPageBytes(), BigInt(pages), `share ${pages} page(s) at frame ${hex(pfn)} with devices`);
    return this.hyp?.hostShareDma(pfn, pages) ?? refuse('ENODEV');
  }

  hostUnshareDma(pfn: number, pages: number): Result<null> {
    this.#event('hyp-donate', pfn * this.hypPageBytes(), BigInt(pages), `unshare ${pages} page(s) at frame ${hex(pfn)} with devices`);
    return this.hyp?.hostUnshareDma(pfn, pages) ?? refuse('ENODEV');
  }

  hostDonateHyp(pfn: number, pages: number): Result<null> {
    this.#event('host-donate', pfn * this.hypPageBytes(), BigInt(pages));
    return this.hyp?.hostDonateHyp(pfn, pages) ?? refuse('ENODEV');
  }

  hypDonateHost(pfn: number, pages: number): Result<null> {
    this.#event('hyp-donate', pfn * this.hypPageBytes(), BigInt(pages));
    return this.hyp?.hypDonateHost(pfn, pages) ?? refuse('ENODEV');
  }

  createMappings(from: bigint, to: bigint, protection: 'owned' | 'shared-owned'): Result<null> {
    this.#event('create-mappings', 0, 0n, `[${hex(from)}, ${hex(to)}) ${protection}`);
    return this.hyp?.createMappings(from, to, protection) ?? refuse('ENODEV');
  }

  kernHypVa(address: bigint): bigint {
    return this.hyp?.kernHypVa(address) ?? address;
  }

  hypPhys(address: bigint): bigint {
    return this.hyp?.hypPhys(address) ?? address;
  }

  /** The word at an aligned address that the driver may access. */
  #word(pa: bigint, bytes: number, what: string): number {
    if (pa % BigInt(bytes) !== 0n) this.#machine.violate('balance', `${what} of ${bytes} bytes at ${hex(pa)}: not aligned`);
    if (pa < 0n || pa >= 1n << 56n)
      this.#machine.violate('balance', `${what} at ${hex(BigInt.asUintN(64, pa))}: no physical address of this machine`);
    const word = wordOf(pa);
    const page = pageOfWord(word);
    const may =
      this.hyp === undefined ? this.#machine.resources.owns(page) : this.hyp.mapsAtHyp(page) || this.#machine.resources.owns(page);
    if (!may)
      this.#machine.violate(
        'balance',
        `${what} at ${hex(pa)}: the driver ${this.hyp === undefined ? 'does not own' : 'has not mapped'} that page`,
      );
    return word;
  }

  #part(pa: bigint, bytes: number): bigint {
    const word = this.#word(pa, bytes, 'read');
    this.#event('read', Number(pa), 0n);
    this.#progress(word);
    return BigInt.asUintN(bytes * 8, this.#machine.memory.get(word) >> ((pa % 8n) * 8n));
  }

  #writePart(pa: bigint, bytes: number, value: number): void {
    const word = this.#word(pa, bytes, 'write');
    const raw = BigInt.asUintN(bytes * 8, BigInt(value));
    this.#event('write', Number(pa), raw);
    this.#locked(word);
    const shift = (pa % 8n) * 8n;
    const mask = ((1n << BigInt(bytes * 8)) - 1n) << shift;
    this.#machine.store(word, (this.#machine.memory.get(word) & ~mask) | (raw << shift));
  }

  /** A zero over a zero changes nothing that anyone can see. */
  #zeroFrame(first: number): void {
    const { memory } = this.#machine;
    if (memory.isBlank(pageOfWord(first))) return;
    for (let word = first; word < first + WORDS_PER_PAGE; word++) if (memory.get(word) !== 0n) this.#machine.store(word, 0n);
  }

  #atomic(kind: EventKind, pa: bigint, change: (old: bigint) => bigint): bigint {
    const word = this.#word(pa, 8, 'atomic access');
    const old = this.#machine.memory.get(word);
    this.#event(kind, word * 8, old);
    const before = this.#machine.memory.get(word);
    const value = BigInt.asUintN(64, change(before));
    if (value !== before) this.#machine.store(word, value);
    return before;
  }

  #mmioRead(iommu: number, offset: number, width: 32 | 64): bigint {
    const { hardware } = this.#instance(iommu);
    this.#event('mmio-read', offset, 0n);
    return this.#kept(() => {
      hardware.advance(offset);
      return hardware.mmioRead(offset, width);
    });
  }

  #mmioWrite(iommu: number, offset: number, value: bigint, width: 32 | 64): void {
    const { hardware } = this.#instance(iommu);
    this.#event(
      'mmio-write',
      offset,
      value,
      later(() => `iommu${iommu} ${hex(offset)} = ${hex(value)}`),
    );
    this.#kept(() => {
      hardware.mmioWrite(offset, value, width);
    });
    this.#machine.checkBuffers();
  }

  /** Reading where the hardware writes a completion lets the hardware go on. */
  #progress(word: number): void {
    for (const { hardware } of this.#machine.iommus) {
      if (hardware.answersIn?.(pageOfWord(word)) !== true) continue;
      this.#kept(() => {
        hardware.advance('answer');
      });
    }
  }

  /** Check 6: a structure that the manifest declares lock-protected, once published, is stored to under its lock. */
  #locked(word: number): void {
    if (!this.#machine.armed) return;
    const page = pageOfWord(word);
    const held = this.#held(page);
    const lock = held && this.lockOf[held.kind];
    if (held === undefined || lock === undefined || this.#machine.locks.isHeldBy(lock, this.#machine.cpu)) return;
    const published = held.call !== this.#machine.call || this.#machine.iommus.some(({ reach }) => reach.isUsed(page));
    if (published) this.#machine.violate('locking', `store to the ${held.kind} page at ${hex(BigInt(word) << 3n)} without lock "${lock}"`);
  }

  /** What kind of page the driver has there, and since which call. */
  #held(page: number): { readonly kind: string; readonly call: number } | undefined {
    const call = this.hyp?.donatedIn(page);
    return call === undefined ? this.#machine.resources.allocationOf(page) : { kind: 'donated', call };
  }
}
