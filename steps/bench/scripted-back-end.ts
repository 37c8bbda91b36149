/**
 * A back end whose results the scene decides, and which remembers what it was asked: the operation and the domain, and the root where a
 * device table needs it. What else it is told it mentions only where it is not what it should be told.
 */
import type { KvmDomain, KvmIommuOps } from '#drivers/contract/hyp';
import { done, ok, refuse, type Errno, type Result } from '#hw-models/core/result';
import { Random } from '#hw-models/core/random';
import { hex } from '#hw-models/core/hex';

const REFUSALS: readonly Errno[] = ['ENOMEM', 'EBUSY', 'EIO', 'EINVAL'];
/** Roots that it hands out by itself: page-aligned, and each its own. */
const ROOT_STEP = 0x1000n;

/** What the host passes for a root when nobody looks at the page: an address that needs all its bits. */
export const ANY_PGD = 0xffff_8a5a_9b6b_7000n;

/** One call. */
interface Seen {
  readonly operation: keyof KvmIommuOps;
  readonly iommu: number;
  readonly domain: number;
  readonly endpoint: number | undefined;
  /** The root of the domain, where it is worth a word. */
  readonly root: bigint | undefined;
  /** The page that was passed for a root, where somebody looks at it. */
  readonly page: bigint | undefined;
}

export class ScriptedBackEnd implements KvmIommuOps {
  readonly #iommus: number;
  readonly #refusals = new Map<string, Errno>();
  readonly #seen: Seen[] = [];
  /** What it answered last for each domain. */
  readonly #answered = new Map<string, bigint>();
  #root: bigint | undefined;
  #roots = 0n;
  #random: Random | undefined;

  constructor(iommus: number) {
    this.#iommus = iommus;
  }

  /** The calls in order, each as a text: put together only when somebody reads them, since there may be a hundred thousand. */
  get seen(): readonly string[] {
    const part = (name: string, value: number | bigint | undefined): string => (value === undefined ? '' : ` ${name} ${hex(value)}`);
    return this.#seen.map(
      ({ operation, iommu, domain, endpoint, root, page }) =>
        `${operation} ${iommu}:${domain}${part('endpoint', endpoint)}${part('root', root)}${part('page', page)}`,
    );
  }

  /** The next call of `operation` is refused. */
  refuses(operation: keyof KvmIommuOps, errno: Errno): void {
    this.#refusals.set(operation, errno);
  }

  /** The root that the next `allocIopt` answers with. */
  answersRoot(root: bigint): void {
    this.#root = root;
  }

  /** From now on a third of all calls is refused. */
  refusesAtRandom(): void {
    this.#random = new Random(1);
  }

  getIommuById(iommu: number): boolean {
    return iommu >= 0 && iommu < this.#iommus;
  }

  allocIopt(domain: KvmDomain, pgdHva: bigint): Result<{ readonly pgd: bigint }> {
    const errno = this.#asked('allocIopt', domain, 0n, undefined, pgdHva === ANY_PGD ? undefined : pgdHva);
    if (errno !== undefined) return refuse(errno);
    this.#roots += ROOT_STEP;
    const pgd = this.#root ?? this.#roots;
    this.#root = undefined;
    this.#answered.set(nameOf(domain), pgd);
    return ok({ pgd });
  }

  freeIopt(domain: KvmDomain): Result<null> {
    return this.#answer('freeIopt', domain);
  }

  attachDev(domain: KvmDomain, endpoint: number): Result<null> {
    return this.#answer('attachDev', domain, endpoint);
  }

  detachDev(domain: KvmDomain, endpoint: number): Result<null> {
    return this.#answer('detachDev', domain, endpoint);
  }

  #answer(operation: keyof KvmIommuOps, domain: KvmDomain, endpoint?: number): Result<null> {
    // A device table needs the root; elsewhere it is mentioned where it is not the one that was answered.
    const known = operation === 'attachDev' ? undefined : this.#answered.get(nameOf(domain));
    const errno = this.#asked(operation, domain, known, endpoint);
    return errno === undefined ? done : refuse(errno);
  }

  #asked(operation: keyof KvmIommuOps, of: KvmDomain, known: bigint | undefined, endpoint?: number, page?: bigint): Errno | undefined {
    const { iommu, domain, pgd } = of;
    this.#seen.push({ operation, iommu, domain, endpoint, root: pgd === known ? undefined : pgd, page });
    const errno = this.#refusals.get(operation);
    this.#refusals.delete(operation);
    if (errno !== undefined || this.#random === undefined || this.#random.below(3) > 0) return errno;
    return this.#random.pick(REFUSALS);
  }
}

const nameOf = ({ iommu, domain }: KvmDomain): string => `${iommu}:${domain}`;
