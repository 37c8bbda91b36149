/** Memory of a user process, which only copies reach. Fetches are counted, may fault, and may find other bytes than before. */
import { done, ok, refuse, type Result } from './result';

interface Region {
  readonly start: bigint;
  readonly bytes: Uint8Array;
  readonly writable: boolean;
}

const FIRST_ADDRESS = 0x7f00_0000_0000n;
const GUARD = 0x1000n;

export class UserMemory {
  readonly #regions: Region[] = [];
  readonly #fetched = new Map<number, number>();
  #next = FIRST_ADDRESS;
  /** Runs after each fetch: a user thread that changes what was just read. */
  afterFetch: ((address: bigint, length: number) => void) | undefined;

  /** New memory between two unmapped pages. @returns Its address. */
  place(bytes: Uint8Array, writable = true): bigint {
    const start = this.#next;
    this.#regions.push({ start, bytes: Uint8Array.from(bytes), writable });
    this.#next = (start + BigInt(bytes.length) + 2n * GUARD) & ~(GUARD - 1n);
    return start;
  }

  /** Times that any byte of the region at `start` was fetched. */
  fetches(start: bigint): number {
    return this.#fetched.get(this.#regions.findIndex((region) => region.start === start)) ?? 0;
  }

  copyIn(address: bigint, length: number): Result<Uint8Array> {
    const index = this.#find(address, length);
    if (index < 0) return refuse('EFAULT');
    const { start, bytes } = this.#regions[index]!;
    const at = Number(address - start);
    const copy = bytes.slice(at, at + length);
    this.#fetched.set(index, (this.#fetched.get(index) ?? 0) + 1);
    this.afterFetch?.(address, length);
    return ok(copy);
  }

  copyOut(address: bigint, bytes: Uint8Array): Result<null> {
    const index = this.#find(address, bytes.length);
    if (index < 0 || !this.#regions[index]!.writable) return refuse('EFAULT');
    this.write(address, bytes);
    return done;
  }

  /** The user's own store. Throws `RangeError` outside the regions. */
  write(address: bigint, bytes: Uint8Array): void {
    const index = this.#find(address, bytes.length);
    if (index < 0) throw new RangeError(`no user memory at 0x${address.toString(16)}`);
    const { start, bytes: region } = this.#regions[index]!;
    region.set(bytes, Number(address - start));
  }

  #find(address: bigint, length: number): number {
    return this.#regions.findIndex(({ start, bytes }) => address >= start && address + BigInt(length) <= start + BigInt(bytes.length));
  }
}
