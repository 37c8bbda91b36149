/** Descriptors of all domains of one IOMMU, one after the other: the root of the page table, then the references. */
import { ok, type Platform, type Result } from '#drivers/contract/driver';

/** The largest count of references that 32 bits hold. */
export const MOST_REFERENCES = 0xffff_ffff;

/** Ids that exist at most: as many as VMIDs of 16 bits. */
const MOST_DOMAINS = 65_536;
const ENTRY_BYTES = 16;
const FRAME_BYTES = 4096;

export interface Entry {
  /** Address of the hypervisor; 0 while the domain is free. */
  readonly pgd: bigint;
  /** 0 while the domain is free, 1 when it is allocated, and 1 more for each endpoint. */
  readonly references: number;
}

export class FlatTable {
  readonly #platform: Platform;
  readonly #base: bigint;
  readonly #order: number;
  readonly #domains: number;
  /** Beyond it no domain was ever allocated. */
  #end = 0;

  private constructor(platform: Platform, base: bigint, order: number, domains: number) {
    this.#platform = platform;
    this.#base = base;
    this.#order = order;
    this.#domains = domains;
  }

  /** @param wanted Domains that the host asks for; more than can exist are not needed. `ENOMEM`. */
  static create(platform: Platform, wanted: bigint): Result<FlatTable> {
    const domains = wanted > BigInt(MOST_DOMAINS) ? MOST_DOMAINS : Number(wanted);
    const frames = Math.max(1, Math.ceil((domains * ENTRY_BYTES) / FRAME_BYTES));
    const order = Math.ceil(Math.log2(frames));
    const base = platform.pageAlloc({ order, kind: 'domain-table' });
    return base.ok ? ok(new FlatTable(platform, base.value, order, domains)) : base;
  }

  /** Undefined for an id that does not exist. */
  entry(domain: number): Entry | undefined {
    if (domain >= this.#domains) return undefined;
    const at = this.#at(domain);
    return { pgd: this.#platform.read64(at), references: Number(this.#platform.read64(at + 8n)) };
  }

  store(domain: number, { pgd, references }: Entry): void {
    const at = this.#at(domain);
    this.#end = Math.max(this.#end, domain + 1);
    this.#platform.write64(at, pgd);
    this.#platform.write64(at + 8n, BigInt(references));
  }

  /** The domains that are not free. */
  *used(): Iterable<readonly [domain: number, entry: Entry]> {
    for (let domain = 0; domain < this.#end; domain++) {
      const entry = this.entry(domain);
      if (entry !== undefined && entry.references > 0) yield [domain, entry];
    }
  }

  release(): void {
    this.#platform.pageFree(this.#base, this.#order);
  }

  #at(domain: number): bigint {
    return this.#base + BigInt(domain * ENTRY_BYTES);
  }
}
