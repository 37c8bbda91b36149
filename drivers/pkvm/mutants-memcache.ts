/** Chapter 2 of the catalogue: leaf pages and memcaches. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const pkvm = { of: 'pkvm', system: 'pkvm', by: 'step' } as const;
const LAYER = 'pkvm/domain-layer.ts';
const TABLE = 'pkvm/domain-table.ts';
const MEMCACHE = 'pkvm/memcache.ts';

const LOOK_UP = 'const descriptor = this.#tableOf(iommu)?.obtain(domain);';
const REFUSED = "if (descriptor === undefined || descriptor.refs !== 0) return refuse('EINVAL');";
const TAKE = 'const page = this.#memcaches.take(); if (!page.ok) return undefined;';
const STORE = 'this.#platform.write64(this.#pointer(domain), fresh);';
const ASK = 'this.#platform.write64(list + NEEDS, MemcacheNeeds.encode({ needs_page: true }));';
const CLEAR = 'this.#platform.zero(head, this.#pageBytes);';

export const MEMCACHE_MUTANTS: readonly Mutant[] = [
  { ...pkvm, id: 'page-for-every-domain', rule: 'PKVM-MEM-01', edits: edit(LAYER, LOOK_UP, `this.#memcaches.take(); ${LOOK_UP}`) },
  { ...pkvm, id: 'leaves-in-advance', rule: 'PKVM-MEM-01', edits: edit(TABLE, STORE, `${STORE} this.obtain(domain + 2 ** this.#split);`) },
  {
    ...pkvm,
    id: 'missing-page-is-success',
    rule: 'PKVM-MEM-02',
    edits: edit(LAYER, REFUSED, `if (descriptor === undefined) return done; ${REFUSED}`),
  },
  {
    ...pkvm,
    id: 'missing-page-leaves-a-marker',
    rule: 'PKVM-MEM-02',
    edits: edit(
      TABLE,
      TAKE,
      'const page = this.#memcaches.take(); if (!page.ok) { this.#platform.write64(this.#pointer(domain), 0xffff_ffff_ffff_fff4n); return undefined; }',
    ),
  },
  {
    ...pkvm,
    id: 'missing-page-is-remembered',
    rule: 'PKVM-MEM-03',
    edits: edit(
      TABLE,
      TAKE,
      "if ('missing' in this) return undefined; const page = this.#memcaches.take(); if (!page.ok) { Object.assign(this, { missing: true }); return undefined; }",
    ),
  },
  {
    ...pkvm,
    id: 'page-needed-too-early',
    rule: 'PKVM-MEM-03',
    edits: edit(MEMCACHE, 'if (nr_pages === 0n) {', `if (nr_pages === 1n) ${ASK} if (nr_pages === 0n) {`),
  },
  {
    ...pkvm,
    id: 'page-needed-after-every-failure',
    rule: 'PKVM-MEM-04',
    edits: [
      {
        file: MEMCACHE,
        find: '/** Gives a page of `take` back',
        replace: `ask(): void { const list = this.#ofCaller(); if (list !== undefined) ${ASK} } /** Gives a page of \`take\` back`,
      },
      {
        file: LAYER,
        find: REFUSED,
        replace: `if (descriptor === undefined || descriptor.refs !== 0) { this.#memcaches.ask(); return refuse('EINVAL'); }`,
      },
    ],
  },
  { ...pkvm, id: 'page-not-cleared', rule: 'PKVM-MEM-05', edits: edit(MEMCACHE, CLEAR, '') },
  { ...pkvm, id: 'first-4k-cleared', rule: 'PKVM-MEM-05', edits: edit(MEMCACHE, CLEAR, 'this.#platform.zero(head, 4096);') },
  {
    ...pkvm,
    id: 'memcache-of-the-first-cpu',
    rule: 'PKVM-MEM-06',
    edits: edit(MEMCACHE, 'const cpu = this.#platform.cpu();', 'const cpu = 0;'),
  },
  { ...pkvm, id: 'first-cpu-is-asked', rule: 'PKVM-MEM-06', edits: edit(MEMCACHE, ASK, ASK.replace('list +', 'this.#at +')) },
  {
    ...pkvm,
    id: 'leaf-lent-to-the-host',
    rule: 'PKVM-MEM-07',
    edits: edit(TABLE, STORE, `this.#platform.createMappings(fresh, fresh + BigInt(this.#pageBytes), 'shared-owned'); ${STORE}`),
  },
  {
    ...pkvm,
    id: 'refused-donation-is-ignored',
    rule: 'PKVM-MEM-08',
    edits: edit(
      MEMCACHE,
      "if (!this.#platform.hostDonateHyp(this.#pfn(head), 1).ok) return refuse('ENOMEM');",
      'this.#platform.hostDonateHyp(this.#pfn(head), 1);',
    ),
  },
  {
    ...pkvm,
    id: 'misaligned-page-is-taken',
    rule: 'PKVM-MEM-08',
    by: 'balance',
    edits: edit(MEMCACHE, "if (head % BigInt(this.#pageBytes) !== 0n) return refuse('ENOMEM');", ''),
  },
  {
    ...pkvm,
    id: 'lookup-takes-a-page',
    rule: 'PKVM-MEM-09',
    edits: edit(
      TABLE,
      'return leaf === 0n ? undefined : this.#descriptor(leaf, domain);',
      'return leaf === 0n ? this.obtain(domain) : this.#descriptor(leaf, domain);',
    ),
  },
  {
    ...pkvm,
    id: 'empty-leaf-is-given-back',
    rule: 'PKVM-MEM-10',
    edits: [
      { file: LAYER, find: 'descriptor.clear();', replace: 'descriptor.clear(); this.#tableOf(iommu)!.prune(domain);' },
      {
        file: TABLE,
        find: '/** Every allocated domain. */',
        replace:
          'prune(domain: number): void { const leaf = this.#platform.read64(this.#pointer(domain)); for (let id = 0; id < 2 ** this.#split; id++) if (this.#descriptor(leaf, id).refs > 0) return; this.#memcaches.give(this.#platform.hypPhys(leaf)); } /** Every allocated domain. */',
      },
    ],
  },
  {
    ...pkvm,
    id: 'pointers-counted-as-bytes',
    rule: 'PKVM-MEM-11',
    edits: edit(TABLE, 'this.#root + BigInt(this.#rootEntries * POINTER_BYTES)', 'this.#root + BigInt(this.#rootEntries)'),
  },
  {
    ...pkvm,
    id: 'root-lent-to-the-host',
    rule: 'PKVM-MEM-11',
    edits: edit(TABLE, "POINTER_BYTES), 'owned')", "POINTER_BYTES), 'shared-owned')"),
  },
  {
    ...pkvm,
    // PKVM-DEF-13
    id: 'root-among-other-data',
    rule: 'PKVM-MEM-11a',
    edits: [
      { file: TABLE, find: "if (this.#root % BigInt(this.#pageBytes) !== 0n) return refuse('EINVAL');", replace: '' },
      { file: TABLE, find: 'if (mapped.ok) this.#platform.zero(this.#platform.hypPhys(this.#root), this.#pageBytes);', replace: '' },
    ],
  },
  { ...pkvm, id: 'memcaches-not-shared', rule: 'PKVM-MEM-12', edits: edit(MEMCACHE, "'shared-owned'", "'owned'") },
  {
    ...pkvm,
    id: 'memcache-read-twice',
    rule: 'PKVM-MEM-08',
    by: 'balance',
    edits: edit(
      MEMCACHE,
      "if (head % BigInt(this.#pageBytes) !== 0n) return refuse('ENOMEM'); // Only a page that the host cannot change any more is read for the next one. if (!this.#platform.hostDonateHyp(this.#pfn(head), 1).ok) return refuse('ENOMEM');",
      "if (head % BigInt(this.#pageBytes) !== 0n) return refuse('ENOMEM'); if (!this.#platform.hostDonateHyp(this.#pfn(MemcacheHead.of(this.#platform.read64(list + HEAD)).head), 1).ok) return refuse('ENOMEM');",
    ),
  },
];
