/**
 * What the caches of one remapping unit are told to drop. When an answer comes it is done. What was refused is owed: it is asked for again
 * before anything else, and what waits for it is not given back until then.
 */
import { done, type Platform, type Result } from '#drivers/contract/driver';
import { locked } from '#drivers/parts/locked';
import { ccGlobal, iotlbGlobal, pcGlobal, stageOf, STAGES } from './commands';
import type { Control } from './control';
import type { Features } from './features';
import type { InvalidationQueue } from './invalidation-queue';

export class Invalidations {
  readonly #platform: Platform;
  readonly #queue: InvalidationQueue;
  readonly #control: Control;
  readonly #features: Features;
  readonly #lock: string;
  readonly #owed = new Set<bigint>();
  #waiting: readonly (() => void)[] = [];

  /** @param iommu Index of the IOMMU instance. */
  constructor(platform: Platform, queue: InvalidationQueue, control: Control, features: Features, iommu: number) {
    this.#platform = platform;
    this.#queue = queue;
    this.#control = control;
    this.#features = features;
    this.#lock = `commands of IOMMU ${iommu}`;
  }

  get isOwing(): boolean {
    return this.#owed.size > 0;
  }

  everything(): Result<null> {
    return this.issue([ccGlobal, ...(this.#features.isScalable ? [pcGlobal] : []), iotlbGlobal]);
  }

  /** Whatever is owed. */
  settle(): Result<null> {
    return this.issue([]);
  }

  /** Gives something back that caches must not lead to any more: now, or as soon as nothing is owed. */
  whenSettled(giveBack: () => void): void {
    if (this.isOwing) this.#waiting = [...this.#waiting, giveBack];
    else giveBack();
  }

  /** Carries descriptors out, whatever their order: caches that fill others are emptied first. `ETIMEDOUT`, `EIO`. */
  issue(descriptors: readonly bigint[]): Result<null> {
    return locked(this.#platform, this.#lock, () => {
      for (const descriptor of descriptors) this.#owed.add(descriptor);
      for (const stage of STAGES.keys()) {
        const issued = this.#queue.issue([...this.#owed].filter((descriptor) => stageOf(descriptor) === stage));
        if (!issued.ok) return issued;
      }
      this.#settled();
      return done;
    });
  }

  /**
   * What was not present is now, and the hardware sees it.
   * @param descriptors What drops it where it may be cached as not present.
   */
  announce(descriptors: readonly bigint[]): Result<null> {
    const { CM, RWBF } = this.#features.cap;
    if (CM) return this.issue(descriptors);
    return RWBF ? this.#control.flushWriteBuffer() : done;
  }

  #settled(): void {
    this.#owed.clear();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const giveBack of waiting) giveBack();
  }
}
