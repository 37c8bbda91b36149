/** One remapping unit, started: what it can do, its queue, and the tables that lead to the entries of devices. */
import { done, ok, refuse, type IommuDescription, type Platform, type Result } from '#drivers/contract/driver';
import { memoryFor } from '#drivers/parts/cleaned-memory';
import type { TableMemory } from '#drivers/parts/page-table';
import { unwinding } from '#drivers/parts/unwind';
import { ContextTables } from './context-tables';
import { Control } from './control';
import { Entries } from './entries';
import { Faults } from './faults';
import { featuresOf, type Features } from './features';
import { InvalidationQueue } from './invalidation-queue';
import { Invalidations } from './invalidations';
import { PageRequestQueue } from './page-request-queue';
import { PageRequests } from './page-requests';

/** What a unit consists of. */
interface Parts {
  readonly index: number;
  readonly features: Features;
  readonly control: Control;
  readonly queue: InvalidationQueue;
  readonly contexts: ContextTables;
  readonly invalidations: Invalidations;
  readonly pageRequests: PageRequests | undefined;
}

export class Iommu {
  readonly index: number;
  readonly features: Features;
  readonly contexts: ContextTables;
  readonly invalidations: Invalidations;
  readonly entries: Entries;
  readonly faults: Faults;
  /** Where it takes them, and somebody takes its interrupts. */
  readonly pageRequests: PageRequests | undefined;
  /** For structures that lead to page tables. */
  readonly memory: TableMemory;
  /** For page tables. */
  readonly tableMemory: TableMemory;
  readonly #parts: Parts;

  private constructor(platform: Platform, parts: Parts) {
    const { index, features, control, contexts, invalidations } = parts;
    this.#parts = parts;
    this.index = index;
    this.features = features;
    this.contexts = contexts;
    this.invalidations = invalidations;
    this.pageRequests = parts.pageRequests;
    this.memory = memoryFor(platform, features.ecap.C);
    this.tableMemory = memoryFor(platform, features.walksSnoop);
    this.entries = new Entries(this.memory, invalidations);
    this.faults = new Faults(platform, control, index);
  }

  /**
   * Brings a unit up that nobody uses. `EBUSY`: somebody does. `ENODEV`: it has no queue, or snoops less than it says. `ENOMEM`.
   * `ETIMEDOUT`, `EIO`: it does not do what it is told.
   */
  static start(platform: Platform, { iommu: index, coherent, interrupts }: IommuDescription): Result<Iommu> {
    const control = new Control(platform, index);
    const features = featuresOf(control.read('CAP'), control.read('ECAP'));
    const { QI, C } = features.ecap;
    const idle = QI && (coherent || !(C || features.walksSnoop)) ? control.checkIdle() : refuse('ENODEV');
    if (!idle.ok) return idle;
    const memory = memoryFor(platform, C);
    return unwinding((take) => {
      const queue = take(InvalidationQueue.start(platform, memory, control, features.isScalable), (unused) => unused.stop());
      if (!queue.ok) return queue;
      const mode = features.isScalable ? 'scalable' : 'legacy';
      const contexts = take(ContextTables.create(memory, mode), (unused) => unused.release());
      if (!contexts.ok) return contexts;
      platform.barrier();
      const invalidations = new Invalidations(platform, queue.value, control, features, index);
      const requests = features.isScalable && features.ecap.PRS && interrupts.includes('page-request');
      const requestQueue = requests ? take(PageRequestQueue.start(platform, control), (unused) => unused.stop()) : ok(undefined);
      if (!requestQueue.ok) return requestQueue;
      const pageRequests = requestQueue.value && new PageRequests(platform, requestQueue.value, invalidations, features, index);
      const parts = { index, features, control, queue: queue.value, contexts: contexts.value, invalidations, pageRequests };
      const iommu = new Iommu(platform, parts);
      for (const step of [
        () => control.setRoot(contexts.value.root, mode),
        () => invalidations.everything(),
        () => iommu.faults.start(interrupts),
        () => take(done, () => control.switchTranslation(false)),
        () => control.switchTranslation(true),
      ]) {
        const started = step();
        if (!started.ok) return started;
      }
      return ok(iommu);
    });
  }

  /** Lets nothing through any more, and gives everything back. Refused, and nothing is given back, when hardware may go on using it. */
  stop(): Result<null> {
    const { control, contexts, invalidations, queue, features } = this.#parts;
    for (const step of [
      () => (features.ecap.ADMS ? control.setRoot(0n, 'abort') : control.switchTranslation(false)),
      () => invalidations.everything(),
      () => queue.stop(),
    ]) {
      const stopped = step();
      if (!stopped.ok) return stopped;
    }
    this.pageRequests?.stop();
    this.faults.stop();
    contexts.release();
    return done;
  }
}
