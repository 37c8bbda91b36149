/** The port's side of memory: what the driver may access, and under which lock. */
import { pageOfWord, WORDS_PER_PAGE, wordOf } from './address';
import { hex } from './hex';
import { PortEvents } from './port-events';
import { later, type EventKind } from './trace';

const FRAME_BYTES = 4096;

export class PortMemory extends PortEvents {
  read64(pa: bigint): bigint {
    const word = this.#word(pa, 8, 'read');
    this.event('read', word * 8, 0n);
    this.#progress(word);
    return this.machine.memory.get(word);
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
    this.event('write', word * 8, value);
    this.#locked(word);
    this.machine.store(word, BigInt.asUintN(64, value));
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
    if (bytes % FRAME_BYTES !== 0) this.machine.violate('balance', `zeroing ${bytes} bytes at ${hex(pa)}: not whole frames`);
    const first = this.#word(pa, FRAME_BYTES, 'write');
    const words = bytes / 8;
    for (let word = first; word < first + words; word += WORDS_PER_PAGE) this.#word(BigInt(word) << 3n, 8, 'write');
    this.event(
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
    this.event('clean', Number(pa), BigInt(bytes));
    if (bytes <= 0) return;
    const first = wordOf(pa);
    this.machine.memory.clean(first, wordOf(pa + BigInt(bytes - 1)) - first + 1);
  }

  barrier(): void {
    this.event('barrier', 0, 0n, '');
    this.machine.barrier();
  }

  /** The word at an aligned address that the driver may access. */
  #word(pa: bigint, bytes: number, what: string): number {
    if (pa % BigInt(bytes) !== 0n) this.machine.violate('balance', `${what} of ${bytes} bytes at ${hex(pa)}: not aligned`);
    if (pa < 0n || pa >= 1n << 56n)
      this.machine.violate('balance', `${what} at ${hex(BigInt.asUintN(64, pa))}: no physical address of this machine`);
    const word = wordOf(pa);
    const page = pageOfWord(word);
    const may = this.hyp === undefined ? this.machine.resources.owns(page) : this.hyp.mapsAtHyp(page) || this.machine.resources.owns(page);
    if (!may)
      this.machine.violate(
        'balance',
        `${what} at ${hex(pa)}: the driver ${this.hyp === undefined ? 'does not own' : 'has not mapped'} that page`,
      );
    return word;
  }

  #part(pa: bigint, bytes: number): bigint {
    const word = this.#word(pa, bytes, 'read');
    this.event('read', Number(pa), 0n);
    this.#progress(word);
    return BigInt.asUintN(bytes * 8, this.machine.memory.get(word) >> ((pa % 8n) * 8n));
  }

  #writePart(pa: bigint, bytes: number, value: number): void {
    const word = this.#word(pa, bytes, 'write');
    const raw = BigInt.asUintN(bytes * 8, BigInt(value));
    this.event('write', Number(pa), raw);
    this.#locked(word);
    const shift = (pa % 8n) * 8n;
    const mask = ((1n << BigInt(bytes * 8)) - 1n) << shift;
    this.machine.store(word, (this.machine.memory.get(word) & ~mask) | (raw << shift));
  }

  /** A zero over a zero changes nothing that anyone can see. */
  #zeroFrame(first: number): void {
    const { memory } = this.machine;
    if (memory.isBlank(pageOfWord(first))) return;
    for (let word = first; word < first + WORDS_PER_PAGE; word++)
      if (memory.low(word) !== 0 || memory.high(word) !== 0) this.machine.store(word, 0n);
  }

  #atomic(kind: EventKind, pa: bigint, change: (old: bigint) => bigint): bigint {
    const word = this.#word(pa, 8, 'atomic access');
    const old = this.machine.memory.get(word);
    this.event(kind, word * 8, old);
    const before = this.machine.memory.get(word);
    const value = BigInt.asUintN(64, change(before));
    if (value !== before) this.machine.store(word, value);
    return before;
  }

  /** Reading where the hardware writes a completion lets the hardware go on. */
  #progress(word: number): void {
    for (const { hardware } of this.machine.iommus) {
      if (hardware.answersIn?.(pageOfWord(word)) !== true) continue;
      this.kept(() => {
        hardware.advance('answer');
      });
    }
  }

  /** Check 6: a structure that the manifest declares lock-protected, once published, is stored to under its lock. */
  #locked(word: number): void {
    if (!this.machine.armed) return;
    const page = pageOfWord(word);
    const held = this.#held(page);
    const lock = held && this.lockOf[held.kind];
    if (held === undefined || lock === undefined || this.machine.locks.isHeldBy(lock, this.machine.cpu)) return;
    const published = held.call !== this.machine.call || this.machine.iommus.some(({ reach }) => reach.isUsed(page));
    if (published) this.machine.violate('locking', `store to the ${held.kind} page at ${hex(BigInt(word) << 3n)} without lock "${lock}"`);
  }

  /** What kind of page the driver has there, and since which call. */
  #held(page: number): { readonly kind: string; readonly call: number } | undefined {
    const call = this.hyp?.donatedIn(page);
    return call === undefined ? this.machine.resources.allocationOf(page) : { kind: 'donated', call };
  }
}
