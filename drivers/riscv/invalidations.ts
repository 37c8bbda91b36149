/**
 * What the caches of one IOMMU are told to drop. When an answer comes it is done: no access of a device uses the old any more. What was
 * refused is owed: it is asked for again before anything else, so that nothing stays cached because the IOMMU once did not answer.
 */
import { done, type Platform, type Result } from '#drivers/contract/driver';
import type { CommandQueue } from './command-queue';
import { atsInval, gvma, invalDdt, translationsOf, vma } from './commands';
import type { DeviceContext } from './device-context';
import type { Slot } from './sequencer';

export class Invalidations {
  readonly #platform: Platform;
  readonly #queue: CommandQueue;
  readonly #lock: string;
  readonly #owed = new Set<bigint>();

  /** @param iommu Index of the IOMMU instance. */
  constructor(platform: Platform, queue: CommandQueue, iommu: number) {
    this.#platform = platform;
    this.#queue = queue;
    this.#lock = `commands of IOMMU ${iommu}`;
  }

  everything(): Result<null> {
    return this.issue([invalDdt(), vma(), gvma()]);
  }

  /** The context of one device id, and the translations that it led to as it was `before`. */
  context({ id, ats }: Slot, before: DeviceContext): Result<null> {
    return this.issue([invalDdt(id), ...translationsOf(before)], ats ? [atsInval(id)] : []);
  }

  /** Whatever is owed. */
  settle(): Result<null> {
    return this.issue();
  }

  /** Carries batches of commands out, each after the one before: commands of one batch may be carried out in any order. */
  issue(...batches: readonly (readonly bigint[])[]): Result<null> {
    this.#platform.lock(this.#lock);
    const issued = this.#issueAll([[...this.#owed], ...batches]);
    this.#platform.unlock(this.#lock);
    return issued;
  }

  #issueAll(batches: readonly (readonly bigint[])[]): Result<null> {
    for (const command of batches.flat()) this.#owed.add(command);
    for (const batch of batches) {
      const issued = this.#queue.issue(batch);
      if (!issued.ok) return issued;
    }
    this.#owed.clear();
    return done;
  }
}
