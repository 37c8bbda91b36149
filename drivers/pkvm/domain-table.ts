/**
 * The domains of one IOMMU: a root of pointers, in a page that the trusted host set aside, and leaves of descriptors that are donated
 * when an id in them is first allocated. In memory exactly as the series lays it out.
 *
 * @spec PKVM-19 "struct kvm_hyp_iommu_domain", "KVM_IOMMU_DOMAIN_ID_SPLIT" and "KVM_IOMMU_DOMAINS_ROOT_ENTRIES"
 */
import { refuse, type Platform, type Result } from '#drivers/contract/driver';
import { DOMAIN_BYTES, DomainPgd, DomainRefs, MAX_DOMAINS, POINTER_BYTES } from '#hw-models/hyp/layouts';
import type { Memcaches } from './memcache';
import type { Parameters } from './parameters';

/** The largest value of the 32-bit count of references. */
export const UINT_MAX = 0xffff_ffff;

/** One domain, in place. */
export class Descriptor {
  readonly #platform: Platform;
  readonly #at: bigint;

  constructor(platform: Platform, at: bigint) {
    this.#platform = platform;
    this.#at = at;
  }

  /** 0 while the domain is not allocated, 1 when it is, and 1 more for each endpoint. */
  get refs(): number {
    return DomainRefs.of(this.#platform.read64(this.#at + 8n)).refs;
  }

  set refs(refs: number) {
    this.#platform.write64(this.#at + 8n, DomainRefs.encode({ refs }));
  }

  /** Address of the hypervisor of the root of the domain's page table. */
  get pgd(): bigint {
    return DomainPgd.of(this.#platform.read64(this.#at)).pgd;
  }

  /** The domain is allocated. */
  record(pgd: bigint): void {
    this.refs = 1;
    this.#platform.write64(this.#at, DomainPgd.encode({ pgd }));
  }

  clear(): void {
    this.#platform.write64(this.#at, 0n);
    this.#platform.write64(this.#at + 8n, 0n);
  }
}

export class DomainTable {
  readonly #platform: Platform;
  readonly #memcaches: Memcaches;
  readonly #pageBytes: number;
  /** Bits of an id that select a descriptor of a leaf; as many descriptors as fit, rounded down to a power of two. */
  readonly #split: number;
  readonly #rootEntries: number;
  /** Address of the hypervisor. */
  readonly #root: bigint;
  readonly #nrDomains: number;

  constructor(platform: Platform, memcaches: Memcaches, { domains, nrDomains }: Parameters) {
    this.#platform = platform;
    this.#memcaches = memcaches;
    this.#pageBytes = platform.hypPageBytes();
    this.#split = Math.floor(Math.log2(this.#pageBytes / DOMAIN_BYTES));
    this.#rootEntries = Math.ceil(MAX_DOMAINS / 2 ** this.#split);
    this.#root = platform.kernHypVa(domains);
    // The root has pointers for so many and no more, whatever the host says.
    this.#nrDomains = nrDomains < BigInt(MAX_DOMAINS) ? Number(nrDomains) : MAX_DOMAINS;
  }

  /** Maps the root, which is empty afterwards. `EINVAL`: it has no page of its own. The mapping's own errno. */
  map(): Result<null> {
    if (this.#root % BigInt(this.#pageBytes) !== 0n) return refuse('EINVAL');
    const mapped = this.#platform.createMappings(this.#root, this.#root + BigInt(this.#rootEntries * POINTER_BYTES), 'owned');
    if (mapped.ok) this.#platform.zero(this.#platform.hypPhys(this.#root), this.#pageBytes);
    return mapped;
  }

  /** The descriptor of an id in range, if its leaf is there. */
  find(domain: number): Descriptor | undefined {
    if (domain >= this.#nrDomains) return undefined;
    const leaf = this.#platform.read64(this.#pointer(domain));
    return leaf === 0n ? undefined : this.#descriptor(leaf, domain);
  }

  /** As `find`, but a missing leaf is put there; undefined when no page is to be had for it. */
  obtain(domain: number): Descriptor | undefined {
    if (domain >= this.#nrDomains) return undefined;
    const leaf = this.#platform.read64(this.#pointer(domain));
    if (leaf !== 0n) return this.#descriptor(leaf, domain);
    const page = this.#memcaches.take();
    if (!page.ok) return undefined;
    const fresh = this.#hypVa(page.value);
    this.#platform.write64(this.#pointer(domain), fresh);
    return this.#descriptor(fresh, domain);
  }

  /** Every allocated domain. */
  *allocated(): Iterable<readonly [domain: number, descriptor: Descriptor]> {
    for (let domain = 0; domain < this.#nrDomains;) {
      const leaf = this.#platform.read64(this.#pointer(domain));
      const last = Math.min(domain + 2 ** this.#split, this.#nrDomains);
      for (; leaf !== 0n && domain < last; domain++) {
        const descriptor = this.#descriptor(leaf, domain);
        if (descriptor.refs > 0) yield [domain, descriptor];
      }
      domain = last;
    }
  }

  /** Gives every leaf back to the host. Nothing may use the table afterwards. */
  release(): void {
    for (let domain = 0; domain < this.#nrDomains; domain += 2 ** this.#split) {
      const leaf = this.#platform.read64(this.#pointer(domain));
      if (leaf === 0n) continue;
      this.#platform.write64(this.#pointer(domain), 0n);
      this.#memcaches.give(this.#platform.hypPhys(leaf));
    }
  }

  /** Where the pointer to an id's leaf is. */
  #pointer(domain: number): bigint {
    return this.#platform.hypPhys(this.#root) + BigInt(Math.floor(domain / 2 ** this.#split) * POINTER_BYTES);
  }

  #descriptor(leaf: bigint, domain: number): Descriptor {
    return new Descriptor(this.#platform, this.#platform.hypPhys(leaf) + BigInt((domain % 2 ** this.#split) * DOMAIN_BYTES));
  }

  /** The inverse of `hypPhys`, whose offset is the same everywhere. */
  #hypVa(pa: bigint): bigint {
    return pa + this.#root - this.#platform.hypPhys(this.#root);
  }
}
