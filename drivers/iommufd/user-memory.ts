/**
 * The memory of the process that uses /dev/iommu, in pages of the machine: what is mapped for devices is where they reach it. A page
 * lives as long as the process has it, or a mapping has pinned it.
 */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { override } from '#drivers/parts/override';
import { bytesFrom } from './bytes';

export const PAGE = 4096n;

/** A page of the machine. */
export interface Frame {
  readonly pa: bigint;
  /** The process, and every mapping that pinned it. */
  users: number;
}

interface Page {
  readonly frame: Frame;
  /** By the kernel, and by devices for the user. */
  readonly writable: boolean;
}

/** A part of one page. */
interface Part {
  readonly page: Page;
  readonly offset: number;
  /** Where in the whole range it begins. */
  readonly at: number;
  readonly length: number;
}

/** Not where the scene puts what drivers copy in. */
const FIRST_ADDRESS = 0x5500_0000_0000n;
const WORD = 8;

export class UserMemory {
  readonly #platform: Platform;
  /** By number of the page. */
  readonly #pages = new Map<bigint, Page>();
  #next = FIRST_ADDRESS;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Whole pages, with none before or after them. `EINVAL`: none at all. `ENOMEM`. */
  alloc(length: number, writable: boolean): Result<bigint> {
    const count = Math.ceil(length / Number(PAGE));
    if (!(count > 0)) return refuse('EINVAL');
    const frames: Frame[] = [];
    while (frames.length < count) {
      const pa = this.#platform.pageAlloc({ order: 0, kind: 'object' });
      if (!pa.ok) {
        for (const frame of frames) this.unpin(frame);
        return pa;
      }
      frames.push({ pa: pa.value, users: 1 });
    }
    const address = this.#next;
    for (const [index, frame] of frames.entries()) this.#pages.set(address / PAGE + BigInt(index), { frame, writable });
    this.#next = address + BigInt(count + 1) * PAGE;
    return ok(address);
  }

  /** The process does without the pages of a range. */
  free(first: bigint, count: bigint): void {
    for (let page = first; page < first + count; page++) {
      const known = this.#pages.get(page);
      if (known === undefined) continue;
      this.#pages.delete(page);
      this.unpin(known.frame);
    }
  }

  freeAll(): void {
    for (const page of [...this.#pages.keys()]) this.free(page, 1n);
  }

  /** Whether an address is the process's. */
  has(address: bigint): boolean {
    return this.#pages.has(address / PAGE);
  }

  /** `EFAULT`: part of it is not there. */
  read(address: bigint, length: number): Result<Uint8Array> {
    const parts = this.#parts(address, length);
    if (parts === undefined) return refuse('EFAULT');
    const bytes = new Uint8Array(length);
    for (const part of parts) for (let index = 0; index < part.length;) index += this.#load(part, index, bytes);
    return ok(bytes);
  }

  /** @param who The kernel writes only where the process may, the process fills what it has from outside. `EFAULT`: nothing was written. */
  write(address: bigint, bytes: Uint8Array, who: 'kernel' | 'user'): Result<null> {
    const parts = this.#parts(address, bytes.length);
    if (parts === undefined || (who === 'kernel' && parts.some(({ page }) => !page.writable))) return refuse('EFAULT');
    for (const { page, offset, at, length } of parts) this.#store(page.frame.pa + BigInt(offset), bytes.subarray(at, at + length));
    if (parts.length > 0) this.#platform.barrier();
    return done;
  }

  /** Takes hold of the page at an address. `EFAULT`: it is not there, or is to be written and may not be. */
  pin(address: bigint, write: boolean): Result<Frame> {
    const page = this.#pages.get(address / PAGE);
    if (page === undefined || (write && !page.writable)) return refuse('EFAULT');
    page.frame.users++;
    return ok(page.frame);
  }

  unpin(frame: Frame): void {
    frame.users--;
    if (frame.users === 0) this.#platform.pageFree(frame.pa, 0);
  }

  /** The rest of one word of a part. @returns Bytes. */
  #load({ page, offset, at, length }: Part, index: number, into: Uint8Array): number {
    const start = (offset + index) % WORD;
    const count = Math.min(WORD - start, length - index);
    const word = this.#platform.read64(page.frame.pa + BigInt(offset + index - start));
    into.set(bytesFrom(word, WORD).subarray(start, start + count), at + index);
    return count;
  }

  #store(pa: bigint, bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length;) {
      const isWord = (pa + BigInt(at)) % BigInt(WORD) === 0n && bytes.length - at >= WORD;
      if (isWord) this.#platform.write64(pa + BigInt(at), view.getBigUint64(at, true));
      else this.#platform.write8(pa + BigInt(at), bytes[at]!);
      at += isWord ? WORD : 1;
    }
  }

  /** A range page by page; undefined when a page is missing. */
  #parts(address: bigint, length: number): readonly Part[] | undefined {
    const parts: Part[] = [];
    for (let at = 0; at < length;) {
      const page = this.#pages.get((address + BigInt(at)) / PAGE);
      if (page === undefined) return undefined;
      const offset = Number((address + BigInt(at)) % PAGE);
      const count = Math.min(length - at, Number(PAGE) - offset);
      parts.push({ page, offset, at, length: count });
      at += count;
    }
    return parts;
  }
}

/** The platform for the driver below: user memory that it copies from and to is the process's, where the process has it. */
export function withUsers(platform: Platform, users: UserMemory): Platform {
  return override(platform, {
    copyIn: (address, length) => (users.has(address) ? users.read(address, length) : platform.copyIn(address, length)),
    copyOut: (address, bytes) => (users.has(address) ? users.write(address, bytes, 'kernel') : platform.copyOut(address, bytes)),
  });
}
