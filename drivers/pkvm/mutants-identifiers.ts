/** Chapter 1 of the rules: domain identifiers, and where their descriptors lie. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const pkvm = { of: 'pkvm', system: 'pkvm' } as const;
const LAYER = 'pkvm/domain-layer.ts';
const TABLE = 'pkvm/domain-table.ts';
const SMMU = 'pkvm/smmu-v3.ts';

/** How many ids there are. */
const LIMIT = 'nrDomains < BigInt(MAX_DOMAINS) ? Number(nrDomains) : MAX_DOMAINS';
/** How an allocation looks its domain up. */
const OBTAIN = 'obtain(domain: number): Descriptor | undefined { if (domain >= this.#nrDomains) return undefined;';
const obtain = (check: string): string => `obtain(domain: number): Descriptor | undefined { ${check}`;
/** Bits of an id that select a descriptor of a leaf. */
const SPLIT = 'Math.floor(Math.log2(this.#pageBytes / DOMAIN_BYTES))';
const ROOT = 'Math.ceil(MAX_DOMAINS / 2 ** this.#split)';

export const IDENTIFIER_MUTANTS: readonly Mutant[] = [
  { ...pkvm, id: 'ids-of-8-bits', rule: 'PKVM-ID-01', by: 'step', edits: edit(TABLE, LIMIT, 'nrDomains < 256n ? Number(nrDomains) : 256') },
  { ...pkvm, id: 'one-id-too-many', rule: 'PKVM-ID-01', by: 'step', edits: edit(TABLE, LIMIT, `${LIMIT} + 1`) },
  {
    ...pkvm,
    id: 'number-of-domains-inclusive',
    rule: 'PKVM-ID-02',
    by: 'step',
    edits: edit(TABLE, OBTAIN, obtain('if (domain > this.#nrDomains) return undefined;')),
  },
  { ...pkvm, id: 'no-domains-is-unlimited', rule: 'PKVM-ID-03', by: 'step', edits: edit(TABLE, LIMIT, `nrDomains > 0n && ${LIMIT}`) },
  { ...pkvm, id: 'one-table-for-all', rule: 'PKVM-ID-04', by: 'step', edits: edit(LAYER, 'this.#tables.get(iommu)', 'this.#tables.get(0)') },
  {
    ...pkvm,
    id: 'unknown-iommu-errno',
    rule: 'PKVM-ID-05',
    by: 'step',
    edits: edit(
      LAYER,
      'const descriptor = this.#tableOf(iommu)?.obtain(domain);',
      "if (this.#tableOf(iommu) === undefined) return refuse('ENODEV'); const descriptor = this.#tableOf(iommu)?.obtain(domain);",
    ),
  },
  { ...pkvm, id: 'unknown-iommu-used', rule: 'PKVM-ID-05', by: 'step', edits: edit(LAYER, 'this.#tableOf(iommu)?.obtain', 'this.#tableOf(iommu)!.obtain') },
  {
    ...pkvm,
    id: 'unknown-iommu-takes-page',
    rule: 'PKVM-ID-05',
    by: 'step',
    edits: edit(
      LAYER,
      'const descriptor = this.#tableOf(iommu)?.obtain(domain);',
      'if (this.#tableOf(iommu) === undefined) this.#memcaches.take(); const descriptor = this.#tableOf(iommu)?.obtain(domain);',
    ),
  },
  {
    ...pkvm,
    id: 'page-before-range-check',
    rule: 'PKVM-ID-06',
    by: 'step',
    edits: edit(TABLE, OBTAIN, obtain('if (domain >= this.#nrDomains) return void this.#memcaches.take();')),
  },
  {
    ...pkvm,
    id: 'clamp-before-check',
    rule: 'PKVM-ID-07',
    by: 'step',
    edits: edit(TABLE, OBTAIN, obtain('if (domain >= this.#nrDomains) domain = 0;')),
  },
  { ...pkvm, id: 'split-7', rule: 'PKVM-ID-08', by: 'step', edits: edit(TABLE, SPLIT, '7') },
  { ...pkvm, id: 'split-9', rule: 'PKVM-ID-08', by: 'balance', edits: edit(TABLE, SPLIT, '9') },
  { ...pkvm, id: 'leaf-mask-off-by-one', rule: 'PKVM-ID-08', by: 'step', edits: edit(TABLE, '(domain % 2 ** this.#split)', '(domain % (2 ** this.#split - 1))') },
  { ...pkvm, id: 'split-of-4k-pages', rule: 'PKVM-ID-09', by: 'step', edits: edit(TABLE, SPLIT, '8') },
  { ...pkvm, id: 'root-of-4k-pages', rule: 'PKVM-ID-10', by: 'step', edits: edit(TABLE, ROOT, '256') },
  {
    ...pkvm,
    id: 'descriptors-of-24-bytes',
    rule: 'PKVM-ID-11',
    by: 'step',
    edits: edit(TABLE, `${SPLIT}; this.#rootEntries = ${ROOT}`, 'Math.floor(Math.log2(this.#pageBytes / 24)); this.#rootEntries = Math.floor(MAX_DOMAINS / (this.#pageBytes / 24))'),
  },
  { ...pkvm, id: 'host-sets-the-limit', rule: 'PKVM-ID-12', by: 'step', edits: edit(TABLE, LIMIT, 'Number(nrDomains)') },
  {
    ...pkvm,
    id: 'ids-of-17-bits',
    rule: 'PKVM-ID-13',
    by: 'step',
    edits: edit(TABLE, OBTAIN, obtain('if (domain >= 2 * this.#nrDomains) return undefined;')),
  },
  {
    ...pkvm,
    id: 'signed-handle',
    rule: 'PKVM-ID-14',
    by: 'balance',
    edits: edit(TABLE, OBTAIN, obtain('if ((domain | 0) >= this.#nrDomains) return undefined;')),
  },
  { ...pkvm, id: 'vmid-truncated', rule: 'PKVM-ID-15', by: 'step', edits: edit(SMMU, 'vmid < 2 ** this.parts.vmidBits', 'vmid >= 0') },
  { ...pkvm, id: 'leaf-taken-again', rule: 'PKVM-ID-16', by: 'step', edits: edit(TABLE, 'if (leaf !== 0n) return this.#descriptor(leaf, domain);', '') },
];
