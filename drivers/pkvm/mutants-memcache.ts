/** Chapter 2 of the rules: leaf pages, and the memcaches that they come from. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const pkvm = { of: 'pkvm', system: 'pkvm' } as const;
const LAYER = 'pkvm/domain-layer.ts';
const TABLE = 'pkvm/domain-table.ts';
const MEMCACHE = 'pkvm/memcache.ts';

/** What an allocation does when there is no page for a leaf. */
const NO_PAGE = 'if (!page.ok) return undefined;';
const NEEDS = 'this.#platform.write64(list + NEEDS, MemcacheNeeds.encode({ needs_page: true }));';

export const MEMCACHE_MUTANTS: readonly Mutant[] = [
  {
    ...pkvm,
    id: 'all-leaves-at-once',
    rule: 'PKVM-MEM-01',
    by: 'step',
    edits: edit(
      TABLE,
      'this.#platform.zero(this.#platform.hypPhys(this.#root), this.#pageBytes);',
      `{
        this.#platform.zero(this.#platform.hypPhys(this.#root), this.#pageBytes);
        for (let domain = 0; domain < this.#nrDomains; domain += 2 ** this.#split) this.obtain(domain);
      }`,
    ),
  },
  {
    ...pkvm,
    id: 'page-for-each-domain',
    rule: 'PKVM-MEM-01',
    by: 'step',
    edits: edit(TABLE, 'if (leaf !== 0n) return this.#descriptor(leaf, domain);', 'if (leaf !== 0n && this.#memcaches.take()) return this.#descriptor(leaf, domain);'),
  },
  {
    ...pkvm,
    id: 'missing-page-accepted',
    rule: 'PKVM-MEM-02',
    by: 'step',
    edits: edit(LAYER, "if (descriptor === undefined || descriptor.refs !== 0) return refuse('EINVAL');", "if (descriptor === undefined) return done; if (descriptor.refs !== 0) return refuse('EINVAL');"),
  },
  {
    ...pkvm,
    id: 'missing-page-in-the-root',
    rule: 'PKVM-MEM-02',
    by: 'step',
    edits: edit(TABLE, NO_PAGE, 'if (!page.ok) return void this.#platform.write64(this.#pointer(domain), 2n ** 64n - 12n);'),
  },
  { ...pkvm, id: 'missing-page-is-sticky', rule: 'PKVM-MEM-03', by: 'step', edits: edit(MEMCACHE, NEEDS, `${NEEDS} this.#cpus = 0;`) },
  {
    ...pkvm,
    id: 'every-refusal-asks-for-a-page',
    rule: 'PKVM-MEM-04',
    by: 'step',
    edits: [
      ...edit(MEMCACHE, 'give(page: bigint): void {', `ask(): void { const list = this.#ofCaller(); ${NEEDS} } give(page: bigint): void {`),
      ...edit(LAYER, "descriptor.refs !== 0) return refuse('EINVAL');", "descriptor.refs !== 0) { this.#memcaches.ask(); return refuse('EINVAL'); }"),
    ],
  },
  { ...pkvm, id: 'leaf-not-cleared', rule: 'PKVM-MEM-05', by: 'step', edits: edit(MEMCACHE, 'this.#platform.zero(head, this.#pageBytes);', '') },
  { ...pkvm, id: 'memcache-of-cpu-0', rule: 'PKVM-MEM-06', by: 'step', edits: edit(MEMCACHE, 'const cpu = this.#platform.cpu();', 'const cpu = 0;') },
  {
    ...pkvm,
    id: 'leaf-shared-with-the-host',
    rule: 'PKVM-MEM-07',
    by: 'step',
    edits: edit(
      TABLE,
      'const fresh = this.#hypVa(page.value);',
      "const fresh = this.#hypVa(page.value); this.#platform.createMappings(fresh, fresh + BigInt(this.#pageBytes), 'shared-owned');",
    ),
  },
  {
    ...pkvm,
    id: 'refused-donation-ignored',
    rule: 'PKVM-MEM-08',
    by: 'step',
    edits: edit(MEMCACHE, "if (!this.#platform.hostDonateHyp(this.#pfn(head), 1).ok) return refuse('ENOMEM');", 'this.#platform.hostDonateHyp(this.#pfn(head), 1);'),
  },
  {
    ...pkvm,
    id: 'every-lookup-takes-a-page',
    rule: 'PKVM-MEM-09',
    by: 'step',
    edits: edit(TABLE, 'return leaf === 0n ? undefined : this.#descriptor(leaf, domain);', 'return leaf === 0n ? this.obtain(domain) : this.#descriptor(leaf, domain);'),
  },
  {
    ...pkvm,
    id: 'freed-leaf-given-back',
    rule: 'PKVM-MEM-10',
    by: 'step',
    edits: edit(LAYER, 'descriptor.clear();', 'descriptor.clear(); const table = this.#tables.get(iommu)!; if (table.allocated().next().done) table.release();'),
  },
  {
    ...pkvm,
    id: 'freed-leaf-still-in-the-root',
    rule: 'PKVM-MEM-10',
    by: 'step',
    edits: [
      ...edit(LAYER, 'descriptor.clear();', 'descriptor.clear(); const table = this.#tables.get(iommu)!; if (table.allocated().next().done) table.release();'),
      ...edit(TABLE, 'this.#platform.write64(this.#pointer(domain), 0n);', ''),
    ],
  },
  {
    ...pkvm,
    id: 'root-mapped-for-a-byte-each',
    rule: 'PKVM-MEM-11',
    by: 'step',
    edits: edit(TABLE, 'BigInt(this.#rootEntries * POINTER_BYTES)', 'BigInt(this.#rootEntries)'),
  },
  { ...pkvm, id: 'memcaches-not-shared', rule: 'PKVM-MEM-12', by: 'step', edits: edit(MEMCACHE, "'shared-owned'", "'owned'") },
];
