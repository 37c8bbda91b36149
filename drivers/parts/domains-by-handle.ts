/** The domains that a driver has made, by handle, and doing without them again. */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';

/** What the table needs of every domain. */
export interface Made {
  /** Its object of the platform. */
  readonly object: number;
  /** Nothing is attached to it, and nothing stands on it. */
  readonly isFree: boolean;
  /** Gives back what it holds besides its object. */
  release(): void;
}

/** An IOMMU that may still hold something of a domain. */
export interface Owing {
  /** `ETIMEDOUT`, `EIO`: it still does not say that it has forgotten. */
  readonly invalidations: { settle(): Result<null> };
}

export abstract class DomainsByHandle<Domain extends Made, Paging extends Domain> {
  readonly byHandle = new Map<number, Domain>();
  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** IOMMUs that still owe to forget what they held of it. */
  protected abstract owing(domain: Domain): Iterable<Owing>;
  /** Whether it has a page table that can be mapped in. */
  protected abstract isPaging(domain: Domain): domain is Paging;

  /** `ETIMEDOUT`, `EIO`: an IOMMU has not forgotten it, and still does not say so. */
  free(handle: number): Result<null> {
    const domain = this.byHandle.get(handle);
    if (domain === undefined) return refuse('ENOENT');
    if (!domain.isFree) return refuse('EBUSY');
    for (const { invalidations } of this.owing(domain)) {
      const settled = invalidations.settle();
      if (!settled.ok) return settled;
    }
    this.byHandle.delete(handle);
    this.#release(domain);
    return done;
  }

  /** Gives back what every domain holds. Nothing may lead there any more. */
  abandon(): void {
    for (const domain of this.byHandle.values()) this.#release(domain);
    this.byHandle.clear();
  }

  /** The domain, if it is one with a page table. `ENOENT`, `EINVAL`. */
  paging(handle: number): Result<Paging> {
    const domain = this.byHandle.get(handle);
    if (domain === undefined) return refuse('ENOENT');
    return this.isPaging(domain) ? ok(domain) : refuse('EINVAL');
  }

  #release(domain: Domain): void {
    domain.release();
    this.#platform.objectFree(domain.object);
  }
}
