/** Pages for one SMMU's tables: from the calling CPU's memcache, and where the SMMU can reach them. */
import { ok, refuse, type Result } from '#drivers/contract/driver';
import type { Memcaches } from './memcache';
import type { WalkerMemory } from './walker-memory';

export class TablePages {
  readonly #memcaches: Memcaches;
  readonly #memory: WalkerMemory;
  readonly #pageBytes: number;
  readonly #oas: number;

  /** @param oas Bits of a physical address that the SMMU can put out. */
  constructor(memcaches: Memcaches, memory: WalkerMemory, pageBytes: number, oas: number) {
    this.#memcaches = memcaches;
    this.#memory = memory;
    this.#pageBytes = pageBytes;
    this.#oas = oas;
  }

  /** Whether the SMMU can address the whole page. */
  reaches(page: bigint): boolean {
    return page + BigInt(this.#pageBytes) <= 1n << BigInt(this.#oas);
  }

  /** A page of zeros, for the SMMU too. `ENOMEM`. */
  take(): Result<bigint> {
    const page = this.#memcaches.take();
    if (!page.ok) return page;
    if (!this.reaches(page.value)) {
      this.#memcaches.give(page.value);
      return refuse('ENOMEM');
    }
    this.#memory.zeroed(page.value, this.#pageBytes);
    return ok(page.value);
  }

  give(page: bigint): void {
    this.#memcaches.give(page);
  }
}
