/**
 * Pages that the host has set aside for the hypervisor, one list for each CPU. Taking one donates and clears it; a call that finds its
 * CPU's list empty asks for a page and fails, and the host makes the call again.
 *
 * The lists lie in memory that the host may write at any time: nothing in them is believed, and nothing is read twice.
 */
import { done, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { MEMCACHE_BYTES, MemcacheHead, MemcacheNeeds, MemcachePages } from '#hw-models/hyp/layouts';

/** Where the words of one CPU's memcache are, in bytes. */
const HEAD = 0n;
const PAGES = 8n;
const NEEDS = 16n;

export class Memcaches {
  readonly #platform: Platform;
  readonly #pageBytes: number;
  #at = 0n;
  #cpus = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#pageBytes = platform.hypPageBytes();
  }

  /**
   * Maps the lists of `cpus` processors, shared with the host. The mapping's own errno.
   * @param address Kernel linear address. @spec PKVM-19 "The memcache is shared with the host"
   */
  map(address: bigint, cpus: number): Result<null> {
    const from = this.#platform.kernHypVa(address);
    const mapped = this.#platform.createMappings(from, from + BigInt(cpus * MEMCACHE_BYTES), 'shared-owned');
    if (!mapped.ok) return mapped;
    this.#at = this.#platform.hypPhys(from);
    this.#cpus = cpus;
    return done;
  }

  /**
   * Physical address of a page that is the hypervisor's now, and zero. `ENOMEM`: the calling CPU's list is empty, and says that it needs
   * a page; or its first page is not the host's to give, and stays where it is.
   */
  take(): Result<bigint> {
    const list = this.#ofCaller();
    if (list === undefined) return refuse('ENOMEM');
    const { head } = MemcacheHead.of(this.#platform.read64(list + HEAD));
    const { nr_pages } = MemcachePages.of(this.#platform.read64(list + PAGES));
    if (nr_pages === 0n) {
      this.#platform.write64(list + NEEDS, MemcacheNeeds.encode({ needs_page: true }));
      return refuse('ENOMEM');
    }
    if (head % BigInt(this.#pageBytes) !== 0n) return refuse('ENOMEM');
    // Only a page that the host cannot change any more is read for the next one.
    if (!this.#platform.hostDonateHyp(this.#pfn(head), 1).ok) return refuse('ENOMEM');
    this.#platform.write64(list + HEAD, this.#platform.read64(head));
    this.#platform.write64(list + PAGES, MemcachePages.encode({ nr_pages: nr_pages - 1n }));
    this.#platform.zero(head, this.#pageBytes);
    return { ok: true, value: head };
  }

  /** Gives a page of `take` back to the host, cleared, in front of the calling CPU's list. */
  give(page: bigint): void {
    this.#platform.zero(page, this.#pageBytes);
    const list = this.#ofCaller();
    if (list !== undefined) {
      const { nr_pages } = MemcachePages.of(this.#platform.read64(list + PAGES));
      this.#platform.write64(page, this.#platform.read64(list + HEAD));
      this.#platform.write64(list + HEAD, MemcacheHead.encode({ head: page }));
      this.#platform.write64(list + PAGES, MemcachePages.encode({ nr_pages: BigInt.asUintN(64, nr_pages + 1n) }));
    }
    this.#platform.hypDonateHost(this.#pfn(page), 1);
  }

  #ofCaller(): bigint | undefined {
    const cpu = this.#platform.cpu();
    return cpu < this.#cpus ? this.#at + BigInt(cpu * MEMCACHE_BYTES) : undefined;
  }

  #pfn(pa: bigint): number {
    return Number(pa / BigInt(this.#pageBytes));
  }
}
