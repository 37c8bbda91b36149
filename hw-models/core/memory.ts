/**
 * Sparse physical memory in 8-byte words. A word number is PA / 8 and exact in a `number` for physical addresses of up to 56 bits.
 * It remembers which words were stored since the last barrier, with their older values: until then the hardware may see either.
 */
import { pageOfWord, WORDS_PER_PAGE } from './address';

const PAGE_BYTES = WORDS_PER_PAGE * 8;
/** Pages are cut from buffers of so many: one buffer for each page costs more than all that is done with it. */
const PAGES_TOGETHER = 32;
let uncut = new ArrayBuffer(0);
let cut = 0;

class Page {
  readonly number: number;
  readonly quads: BigUint64Array;
  /** The same bytes as 32-bit halves, low half first. */
  readonly halves: Uint32Array;

  constructor(number: number) {
    if (cut === uncut.byteLength) {
      uncut = new ArrayBuffer(PAGES_TOGETHER * PAGE_BYTES);
      cut = 0;
    }
    this.number = number;
    this.quads = new BigUint64Array(uncut, cut, WORDS_PER_PAGE);
    this.halves = new Uint32Array(uncut, cut, WORDS_PER_PAGE * 2);
    cut += PAGE_BYTES;
  }
}

/** Pages that are found without the map, each at the low bits of its number: a power of two. */
const RECENT = 1024;

export class Memory {
  readonly #pages = new Map<number, Page>();
  readonly #recent = new Array<Page | undefined>(RECENT).fill(undefined);
  /** Stores that are not yet ordered, oldest first: the word, and what it held before. */
  #words: number[] = [];
  #values: bigint[] = [];
  /** The same by word, as far as anybody has asked: most stores are ordered before anybody does. */
  readonly #older = new Map<number, bigint[]>();
  #indexed = 0;
  /** Frames where nothing answers the hardware: its accesses there are aborted. They hold zeros. */
  readonly holes = new Set<number>();
  /** Words that must be cleaned before a barrier orders them; used only where walkers do not snoop. */
  readonly #dirty = new Set<number>();
  readonly #snooped: boolean;

  /** @param snooped False where the hardware's walkers do not see the CPU's caches (COHACC = 0, ECAP.C = 0). */
  constructor(snooped = true) {
    this.#snooped = snooped;
  }

  #page(number: number): Page | undefined {
    const recent = this.#recent[number & (RECENT - 1)];
    if (recent?.number === number) return recent;
    const page = this.#pages.get(number);
    if (page !== undefined) this.#recent[number & (RECENT - 1)] = page;
    return page;
  }

  get(word: number): bigint {
    const number = pageOfWord(word);
    return this.#page(number)?.quads[word - number * WORDS_PER_PAGE] ?? 0n;
  }

  /** Bits 31:0 of a word. */
  low(word: number): number {
    const number = pageOfWord(word);
    const page = this.#page(number);
    // Not `%`: beyond 32 bits a remainder costs more than all the rest.
    return page === undefined ? 0 : page.halves[(word - number * WORDS_PER_PAGE) * 2]!;
  }

  /** Bits 63:32 of a word. */
  high(word: number): number {
    const number = pageOfWord(word);
    const page = this.#page(number);
    return page === undefined ? 0 : page.halves[(word - number * WORDS_PER_PAGE) * 2 + 1]!;
  }

  /** A store by hardware or by the scene: visible at once. @returns The old value. */
  set(word: number, value: bigint): bigint {
    const number = pageOfWord(word);
    let page = this.#page(number);
    if (page === undefined) {
      page = new Page(number);
      this.#pages.set(number, page);
      this.#recent[number & (RECENT - 1)] = page;
    }
    const at = word - number * WORDS_PER_PAGE;
    const old = page.quads[at]!;
    page.quads[at] = value;
    return old;
  }

  /** A store by a CPU: older values stay visible to the hardware until they are ordered. @returns The old value. */
  store(word: number, value: bigint): bigint {
    const old = this.set(word, value);
    this.#words.push(word);
    this.#values.push(old);
    if (!this.#snooped) this.#dirty.add(word);
    return old;
  }

  /** Older values of `word` that the hardware may still see, oldest first. */
  older(word: number): readonly bigint[] {
    if (this.#words.length === 0) return NONE;
    this.#index();
    return this.#older.get(word) ?? NONE;
  }

  clean(word: number, words: number): void {
    // Through the range, or through what is dirty: whichever is shorter.
    if (words < this.#dirty.size) for (let at = word; at < word + words; at++) this.#dirty.delete(at);
    else for (const at of this.#dirty) if (at >= word && at < word + words) this.#dirty.delete(at);
  }

  /** Orders what may be ordered. @returns True when every store is now visible. */
  barrier(): boolean {
    this.#keep((word) => this.#dirty.has(word), this.#dirty.size === 0);
    return this.#words.length === 0;
  }

  /** True when the page was never stored to, or was cleared and not stored to since. */
  isBlank(page: number): boolean {
    return !this.#pages.has(page);
  }

  /** Zeroes a page, visibly at once (the allocator's promise). */
  clear(page: number): void {
    this.#pages.delete(page);
    this.#recent[page & (RECENT - 1)] = undefined;
    if (this.#words.length === 0) return;
    this.#keep((word) => pageOfWord(word) !== page);
    for (let word = page * WORDS_PER_PAGE; word < (page + 1) * WORDS_PER_PAGE; word++) this.#dirty.delete(word);
  }

  #index(): void {
    for (; this.#indexed < this.#words.length; this.#indexed++) {
      const word = this.#words[this.#indexed]!;
      const older = this.#older.get(word);
      if (older === undefined) this.#older.set(word, [this.#values[this.#indexed]!]);
      else older.push(this.#values[this.#indexed]!);
    }
  }

  /** Of the stores that are not yet ordered, keeps some. @param none They are known to be none. */
  #keep(stays: (word: number) => boolean, none = false): void {
    if (this.#words.length === 0) return;
    const kept = none ? [] : [...this.#words.keys()].filter((n) => stays(this.#words[n]!));
    this.#values = kept.map((n) => this.#values[n]!);
    this.#words = kept.map((n) => this.#words[n]!);
    if (this.#indexed > 0) this.#older.clear();
    this.#indexed = 0;
  }
}

const NONE: readonly bigint[] = [];
