/**
 * The host as an actor of a scenario: it hands out its pages, fills them, tops up memcaches, places parameters, and accesses memory
 * through its own stage 2. Once the hypervisor is finalised nobody believes it any more, and it may do anything with what it owns.
 */
import { pageOf, wordOf } from '#hw-models/core/address';
import { ModelBug } from '#hw-models/core/errors';
import { hex } from '#hw-models/core/hex';
import type { Machine } from '#hw-models/core/machine';
import type { Hyp } from './hyp';
import {
  DOMAIN_BYTES,
  DomainPgd,
  DomainRefs,
  domainsPerPage,
  MEMCACHE_BYTES,
  MemcacheHead,
  MemcacheNeeds,
  MemcachePages,
  PARAMS,
  PARAMS_BYTES,
  POINTER_BYTES,
  rootBytes,
} from './layouts';

/** Contiguous pages of the host. */
export interface HostPages {
  readonly pa: bigint;
  /** Kernel linear address. */
  readonly address: bigint;
}

/** What became of an access by the host: done, or a stage-2 fault that aborts it. */
export type HostAccess = { readonly kind: 'done'; readonly value: bigint } | { readonly kind: 'abort' };

/** Parameters of one IOMMU, by the names of `PARAMS`; a bare number where the table has a number. */
export type Params = Readonly<Record<keyof typeof PARAMS, bigint | number>>;

export interface Memcache {
  readonly head: bigint;
  readonly pages: bigint;
  readonly needsPage: boolean;
}

/** A descriptor of the domain table as it stands in memory. */
export interface Descriptor {
  /** Address of the hypervisor. */
  readonly pgd: bigint;
  readonly refs: number;
}

export interface TopUp {
  /** What the host left in every word of the pages; rubbish here and there unless told. */
  readonly contents?: bigint;
}

/** Fresh pages begin this far into memory: what lies below is for scenarios that name physical addresses. */
const FRESH_OFFSET = 0x800_0000n;

/** What a host leaves in a page: as a descriptor of any level it leads to memory of the host, and as a count it is not 0. */
export const RUBBISH = 0xa5a5_07ffn;
/** The same where a stream table entry begins: it lets its stream pass. As a descriptor it is a block, of the levels that have them. */
export const OPEN_RUBBISH = 0xa5a0_04c9n;

/** Words from one piece of rubbish to the next; odd, so that they fall on entries of every kind. */
const LITTER_STEP = 61;

/** Words from one stream table entry to the next. */
const STE_WORDS = 8;

const ABORT: HostAccess = { kind: 'abort' };

export class Host {
  readonly #machine: Machine;
  readonly #hyp: Hyp;
  #nextFresh: bigint;
  #memcaches = 0n;
  #cpus = 0;

  constructor(machine: Machine, hyp: Hyp) {
    this.#machine = machine;
    this.#hyp = hyp;
    this.#nextFresh = hyp.memory.start + FRESH_OFFSET;
  }

  /** Pages that nothing has used so far, contiguous and aligned to their size rounded up to a power of two. */
  takePages(pages = 1): HostPages {
    const size = BigInt(this.#hyp.pageBytes * 2 ** Math.ceil(Math.log2(pages)));
    const pa = ((this.#nextFresh + size - 1n) / size) * size;
    this.#nextFresh = pa + BigInt(this.#hyp.pageBytes * pages);
    if (this.#nextFresh > this.#hyp.memory.start + this.#hyp.memory.bytes) throw new ModelBug('the host has no fresh page left');
    return { pa, address: this.#hyp.kernelAddress(pa) };
  }

  /** A page that the host has used before. */
  takeUsedPage(): HostPages {
    const page = this.takePages();
    this.#litter(page.pa, RUBBISH);
    return page;
  }

  /** One value in every word of a page of the hypervisor, written by the host before it gives the page away. */
  fill(pa: bigint, value: bigint): void {
    const first = wordOf(pa);
    for (let word = first; word < first + this.#hyp.pageBytes / 8; word++) this.#machine.write(word, value);
  }

  /**
   * Rubbish in some words of a page: enough that an uncleared table is found out, and little enough for every page of every scene.
   * @param atEntries What stands where a stream table entry would begin.
   */
  #litter(pa: bigint, atEntries: bigint): void {
    const first = wordOf(pa);
    for (let word = first; word < first + this.#hyp.pageBytes / 8; word += LITTER_STEP)
      this.#machine.write(word, word % STE_WORDS === 0 ? atEntries : RUBBISH);
  }

  // Accesses through the host's stage 2

  /** The aligned 8-byte word at a physical address. */
  read64(pa: bigint): HostAccess {
    return this.#may(pa) ? { kind: 'done', value: this.#machine.memory.get(wordOf(pa)) } : ABORT;
  }

  write64(pa: bigint, value: bigint): HostAccess {
    if (!this.#may(pa)) return ABORT;
    this.#machine.write(wordOf(pa), value);
    return { kind: 'done', value };
  }

  // Memcaches

  /** Room for the memcaches of `cpus` processors, all empty, in pages of their own. @returns Kernel linear address. */
  setUpMemcaches(cpus: number): bigint {
    const { pa, address } = this.takePages(Math.ceil((cpus * MEMCACHE_BYTES) / this.#hyp.pageBytes));
    this.#memcaches = pa;
    this.#cpus = cpus;
    return address;
  }

  memcache(cpu: number): Memcache {
    const at = this.memcacheAt(cpu);
    return {
      head: MemcacheHead.of(this.#word(at)).head,
      pages: MemcachePages.of(this.#word(at + 8n)).nr_pages,
      needsPage: MemcacheNeeds.of(this.#word(at + 16n)).needs_page,
    };
  }

  /** Physical address of a processor's memcache. */
  memcacheAt(cpu: number): bigint {
    if (cpu >= this.#cpus) throw new ModelBug(`there are memcaches for ${this.#cpus} processors, not for cpu${cpu}`);
    return this.#memcaches + BigInt(cpu * MEMCACHE_BYTES);
  }

  /**
   * Answers `needs_page`: `pages` fresh pages in front of the list, and the flag cleared. @returns The pages, first added first; none where
   * the hypervisor does not let the host write there.
   */
  topUp(cpu: number, pages: number, { contents }: TopUp = {}): HostPages[] {
    const added: HostPages[] = [];
    if (!this.#may(this.memcacheAt(cpu))) return added;
    for (let n = 0; n < pages; n++) {
      const page = this.takePages();
      if (contents === undefined) this.#litter(page.pa, OPEN_RUBBISH);
      else if (contents !== 0n) this.fill(page.pa, contents);
      this.push(cpu, page.pa);
      added.push(page);
    }
    this.clearNeedsPage(cpu);
    return added;
  }

  /** A page of the host's choice in front of the list, whatever it is. */
  push(cpu: number, pa: bigint): void {
    const { head, pages } = this.memcache(cpu);
    this.write64(pa, head);
    this.setMemcache(cpu, pa, pages + 1n);
  }

  /** The list as a hostile host would have it. @returns Whether the host could write it. */
  setMemcache(cpu: number, head: bigint, pages: bigint): boolean {
    const at = this.memcacheAt(cpu);
    this.write64(at + 8n, MemcachePages.encode({ nr_pages: pages }));
    return this.write64(at, MemcacheHead.encode({ head })).kind === 'done';
  }

  clearNeedsPage(cpu: number): void {
    this.write64(this.memcacheAt(cpu) + 16n, 0n);
  }

  // Parameters and domain tables

  /** Parameters of one IOMMU in a page of their own, which the host lends to the hypervisor. @returns Kernel linear address. */
  placeParams(params: Params): bigint {
    const { pa, address } = this.takePages(Math.ceil(PARAMS_BYTES / this.#hyp.pageBytes));
    this.#must(this.#hyp.hostShareHyp(this.#hyp.pfnOf(pa), 1).ok, `page ${hex(pa)} can be shared`);
    this.writeParams(address, params);
    return address;
  }

  /** Parameters written again, now or later. @returns Whether the host could. */
  writeParams(address: bigint, params: Partial<Params>): boolean {
    const pa = this.#physOf(address);
    return Object.entries(params).every(([name, value]) => {
      const at = pa + BigInt(PARAMS[name as keyof Params] * 8);
      return this.write64(at, BigInt.asUintN(64, BigInt(value))).kind === 'done';
    });
  }

  /**
   * An empty root table. @param offset Bytes from the start of its page, which is otherwise full of the host's own data when the root does
   * not begin it. @returns Kernel linear address.
   */
  placeRoot(offset = 0): bigint {
    const { pa, address } = this.takePages();
    if (offset > 0) {
      const root = wordOf(pa) + offset / 8;
      this.fill(pa, RUBBISH);
      for (let word = root; word < root + rootBytes(this.#hyp.pageBytes) / 8; word++) this.#machine.write(word, 0n);
    }
    return address + BigInt(offset);
  }

  /** A domain's descriptor in the two-level table, read past all protection; `undefined` while its leaf is missing. */
  descriptor(root: bigint, domain: number): Descriptor | undefined {
    const at = this.#descriptorAt(root, domain);
    if (at === undefined) return undefined;
    return { pgd: DomainPgd.of(this.#word(at)).pgd, refs: DomainRefs.of(this.#word(at + 8n)).refs };
  }

  /** Sets the references of a descriptor in place, past all protection, as a long history would have left them. @returns Whether it is there. */
  setRefs(root: bigint, domain: number, refs: number): boolean {
    const at = this.#descriptorAt(root, domain);
    if (at !== undefined) this.#machine.write(wordOf(at + 8n), DomainRefs.with(this.#word(at + 8n), { refs }));
    return at !== undefined;
  }

  /** The leaf of the domain table that holds a domain, if it is there. */
  leafOf(root: bigint, domain: number): bigint | undefined {
    const index = Math.floor(domain / domainsPerPage(this.#hyp.pageBytes));
    const pointer = this.#word(this.#physOf(root) + BigInt(index * POINTER_BYTES));
    return pointer === 0n ? undefined : this.#hyp.hypPhys(pointer);
  }

  #descriptorAt(root: bigint, domain: number): bigint | undefined {
    const leaf = this.leafOf(root, domain);
    return leaf === undefined ? undefined : leaf + BigInt((domain % domainsPerPage(this.#hyp.pageBytes)) * DOMAIN_BYTES);
  }

  #physOf(address: bigint): bigint {
    const pa = this.#hyp.kernelPhys(address);
    if (pa === undefined) throw new ModelBug(`${hex(address)} is no kernel linear address of memory`);
    return pa;
  }

  #word(pa: bigint): bigint {
    return this.#machine.memory.get(wordOf(pa));
  }

  #may(pa: bigint): boolean {
    return this.#hyp.hostMayAccess(pageOf(pa));
  }

  #must(holds: boolean, what: string): void {
    if (!holds) throw new ModelBug(`not so: ${what}`);
  }
}
