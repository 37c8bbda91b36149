/**
 * Memory that the SMMU reads by itself: tables and queues. A store there is seen after `order`, and where the SMMU does not snoop the
 * processor's caches, only if it was cleaned before.
 */
import type { Platform } from '#drivers/contract/driver';

export class WalkerMemory {
  readonly #platform: Platform;
  readonly #coherent: boolean;

  /** @param coherent What SMMU_IDR0.COHACC says. */
  constructor(platform: Platform, coherent: boolean) {
    this.#platform = platform;
    this.#coherent = coherent;
  }

  read(pa: bigint): bigint {
    return this.#platform.read64(pa);
  }

  write(pa: bigint, value: bigint): void {
    this.#platform.write64(pa, value);
    if (!this.#coherent) this.#platform.clean(pa, 8);
  }

  /** What was zeroed by others is seen as zeros too. */
  zeroed(pa: bigint, bytes: number): void {
    if (!this.#coherent) this.#platform.clean(pa, bytes);
  }

  /** Everything stored so far is seen before everything that follows. */
  order(): void {
    this.#platform.barrier();
  }
}
