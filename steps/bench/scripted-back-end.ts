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

export class ScriptedBackEnd implements KvmIommuOps {
  readonly #iommus: number;
  readonly #refusals = new Map<string, Errno>();
  readonly seen: string[] = [];
  /** What it answered last for each domain. */
  readonly #answered = new Map<string, bigint>();
  #root: bigint | undefined;
  #roots = 0n;
  #random: Random | undefined;

  constructor(iommus: number) {
    this.#iommus = iommus;
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
    const page = pgdHva === ANY_PGD ? '' : ` page ${hex(pgdHva)}`;
    const errno = this.#asked('allocIopt', `${this.#known(domain, 0n)}${page}`);
    if (errno !== undefined) return refuse(errno);
    this.#roots += ROOT_STEP;
    const pgd = this.#root ?? this.#roots;
    this.#root = undefined;
    this.#answered.set(nameOf(domain), pgd);
    return ok({ pgd });
  }

  freeIopt(domain: KvmDomain): Result<null> {
    return this.#answer('freeIopt', this.#known(domain, this.#answered.get(nameOf(domain))));
  }

  attachDev(domain: KvmDomain, endpoint: number): Result<null> {
    return this.#answer('attachDev', `${nameOf(domain)} endpoint ${hex(endpoint)} root ${hex(domain.pgd)}`);
  }

  detachDev(domain: KvmDomain, endpoint: number): Result<null> {
    return this.#answer('detachDev', `${this.#known(domain, this.#answered.get(nameOf(domain)))} endpoint ${hex(endpoint)}`);
  }

  /** The domain, with the root that it is said to have where that is another. */
  #known(domain: KvmDomain, root: bigint | undefined): string {
    return domain.pgd === root ? nameOf(domain) : `${nameOf(domain)} root ${hex(domain.pgd)}`;
  }

  #answer(operation: keyof KvmIommuOps, text: string): Result<null> {
    const errno = this.#asked(operation, text);
    return errno === undefined ? done : refuse(errno);
  }

  #asked(operation: keyof KvmIommuOps, text: string): Errno | undefined {
    this.seen.push(`${operation} ${text}`);
    const errno = this.#refusals.get(operation);
    this.#refusals.delete(operation);
    if (errno !== undefined || this.#random === undefined || this.#random.below(3) > 0) return errno;
    return this.#random.pick(REFUSALS);
  }
}

const nameOf = ({ iommu, domain }: KvmDomain): string => `${iommu}:${domain}`;
