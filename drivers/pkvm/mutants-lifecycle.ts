/** Chapters 3, 4 and 6 of the catalogue: allocation, free, and the references in between. */
import { refuse } from '#drivers/contract/driver';
import { edit, type Mutant } from '#drivers/mutants/mutant';

const pkvm = { of: 'pkvm', system: 'pkvm', by: 'step' } as const;
const LAYER = 'pkvm/domain-layer.ts';
const TABLE = 'pkvm/domain-table.ts';
const BACK_END = 'pkvm/smmu-back-end.ts';

const IN_USE = "if (descriptor === undefined || descriptor.refs !== 0) return refuse('EINVAL');";
const ALLOC = 'const table = this.#operations.allocIopt({ iommu, domain, pgd: 0n }, pgd);';
const RECORD = 'if (!table.ok) return table; descriptor.record(table.value.pgd);';
const NOT_FREE = "if (descriptor === undefined || descriptor.refs !== OWN_REFERENCE) return refuse('EINVAL');";
const FREE = 'const freed = this.#operations.freeIopt({ iommu, domain, pgd: descriptor.pgd });';
const FREED = 'if (!freed.ok) return freed; descriptor.clear(); return done;';
const CLEAR = 'this.#platform.write64(this.#at, 0n); this.#platform.write64(this.#at + 8n, 0n);';
const SET_REFS = 'this.#platform.write64(this.#at + 8n, DomainRefs.encode({ refs }));';
const LAST = 'descriptor.refs <= OWN_REFERENCE';
const COOKIE = 'invalidations, vmid: domain };';
const notFree = (refs: string): string => NOT_FREE.replace('descriptor.refs !== OWN_REFERENCE', refs);

export const LIFECYCLE_MUTANTS: readonly Mutant[] = [
  { ...pkvm, id: 'allocated-without-reference', rule: 'PKVM-ALLOC-01', edits: edit(TABLE, 'this.refs = 1;', 'this.refs = 0;') },
  { ...pkvm, id: 'allocated-with-two-references', rule: 'PKVM-ALLOC-01', edits: edit(TABLE, 'this.refs = 1;', 'this.refs = 2;') },
  {
    ...pkvm,
    id: 'root-not-cleared',
    rule: 'PKVM-ALLOC-01',
    by: 'dangling',
    edits: edit(BACK_END, 'this.#platform.zero(root, pageBytes); smmu.parts', 'smmu.parts'),
  },
  {
    ...pkvm,
    id: 'allocated-again',
    rule: 'PKVM-ALLOC-02',
    edits: edit(LAYER, IN_USE, "if (descriptor === undefined) return refuse('EINVAL');"),
  },
  {
    ...pkvm,
    id: 'domain-in-use-exists',
    rule: 'PKVM-ALLOC-02',
    edits: edit(
      LAYER,
      IN_USE,
      "if (descriptor === undefined) return refuse('EINVAL'); if (descriptor.refs !== 0) return refuse('EEXIST');",
    ),
  },
  { ...pkvm, id: 'reference-before-the-page-table', rule: 'PKVM-ALLOC-03', edits: edit(LAYER, ALLOC, `descriptor.refs = 1; ${ALLOC}`) },
  {
    ...pkvm,
    id: 'allocation-error-flattened',
    rule: 'PKVM-ALLOC-03',
    edits: edit(LAYER, RECORD, "if (!table.ok) return refuse('EINVAL'); descriptor.record(table.value.pgd);"),
  },
  {
    ...pkvm,
    id: 'root-of-the-host-recorded',
    rule: 'PKVM-ALLOC-04',
    edits: edit(LAYER, RECORD, 'if (!table.ok) return table; descriptor.record(pgd);'),
  },
  {
    ...pkvm,
    id: 'page-for-the-root-of-32-bits',
    rule: 'PKVM-ALLOC-04',
    contract: { hyp: (driver) => ({ allocDomain: (iommu, domain, pgd) => driver.allocDomain(iommu, domain, BigInt.asUintN(32, pgd)) }) },
  },
  {
    ...pkvm,
    id: 'root-recorded-before-the-check',
    rule: 'PKVM-ALLOC-05',
    edits: edit(
      LAYER,
      RECORD,
      'descriptor.record(pgd); if (!table.ok) { descriptor.refs = 0; return table; } descriptor.record(table.value.pgd);',
    ),
  },
  {
    ...pkvm,
    id: 'references-checked-after-the-call',
    rule: 'PKVM-ALLOC-06',
    edits: edit(
      LAYER,
      `${IN_USE} ${ALLOC}`,
      `if (descriptor === undefined) return refuse('EINVAL'); ${ALLOC} if (descriptor.refs !== 0) return refuse('EINVAL');`,
    ),
  },
  {
    ...pkvm,
    id: 'cookie-of-another-domain',
    rule: 'PKVM-ALLOC-07',
    by: 'staleness',
    edits: edit(BACK_END, COOKIE, 'invalidations, vmid: domain + 1 };'),
  },
  {
    ...pkvm,
    // What a cookie on the stack comes to: it still stands there when another allocation has written over it.
    id: 'cookie-of-the-last-allocation',
    rule: 'PKVM-ALLOC-07',
    by: 'staleness',
    edits: [
      {
        file: BACK_END,
        find: 'const smmu = this.#smmu(iommu); const pageBytes',
        replace: 'Object.assign(this, { cookie: domain }); const smmu = this.#smmu(iommu); const pageBytes',
      },
      { file: BACK_END, find: COOKIE, replace: "invalidations, vmid: Reflect.get(this, 'cookie') as number };" },
    ],
  },
  {
    ...pkvm,
    id: 'cookie-of-another-iommu',
    rule: 'PKVM-ALLOC-07',
    by: 'staleness',
    edits: edit(BACK_END, COOKIE, 'invalidations: this.#smmu(0).parts.invalidations, vmid: domain };'),
  },
  {
    ...pkvm,
    id: 'stale-root-means-in-use',
    rule: 'PKVM-ALLOC-08',
    edits: [
      { file: TABLE, find: CLEAR, replace: 'this.refs = 0;' },
      { file: LAYER, find: IN_USE, replace: "if (descriptor === undefined || descriptor.pgd !== 0n) return refuse('EINVAL');" },
    ],
  },
  { ...pkvm, id: 'root-not-taken-from-the-host', rule: 'PKVM-ALLOC-09', edits: edit(BACK_END, 'if (!donated.ok) return donated;', '') },

  {
    ...pkvm,
    id: 'freeing-nothing-succeeds',
    rule: 'PKVM-FREE-01',
    edits: edit(LAYER, NOT_FREE, `if (descriptor === undefined || descriptor.refs === 0) return done; ${NOT_FREE}`),
  },
  {
    ...pkvm,
    id: 'references-of-8-bits-at-free',
    rule: 'PKVM-FREE-01',
    edits: edit(LAYER, NOT_FREE, notFree('descriptor.refs % 256 !== OWN_REFERENCE')),
  },
  {
    ...pkvm,
    id: 'freed-while-attached',
    rule: 'PKVM-FREE-02',
    by: 'dangling',
    edits: edit(LAYER, NOT_FREE, notFree('descriptor.refs < OWN_REFERENCE')),
  },
  {
    ...pkvm,
    id: 'freed-only-while-attached',
    rule: 'PKVM-FREE-02',
    by: 'dangling',
    edits: edit(LAYER, NOT_FREE, notFree('descriptor.refs <= OWN_REFERENCE')),
  },
  { ...pkvm, id: 'freed-root-is-kept', rule: 'PKVM-FREE-03', edits: edit(TABLE, CLEAR, 'this.refs = 0;') },
  {
    ...pkvm,
    id: 'free-error-is-swallowed',
    rule: 'PKVM-FREE-04',
    edits: edit(LAYER, FREED, 'if (!freed.ok) return done; descriptor.clear(); return done;'),
  },
  { ...pkvm, id: 'cleared-although-not-freed', rule: 'PKVM-FREE-06', edits: edit(LAYER, FREED, 'descriptor.clear(); return freed;') },
  {
    ...pkvm,
    id: 'unknown-domain-is-no-entry',
    rule: 'PKVM-FREE-07',
    edits: edit(LAYER, NOT_FREE, `if (descriptor === undefined) return refuse('ENOENT'); ${NOT_FREE}`),
  },
  {
    ...pkvm,
    id: 'freed-before-the-check',
    rule: 'PKVM-FREE-08',
    edits: edit(
      LAYER,
      `${NOT_FREE} ${FREE}`,
      `if (descriptor === undefined) return refuse('EINVAL'); ${FREE} if (descriptor.refs !== OWN_REFERENCE) return refuse('EINVAL');`,
    ),
  },

  { ...pkvm, id: 'detach-takes-the-own-reference', rule: 'PKVM-DET-01', edits: edit(LAYER, LAST, 'descriptor.refs === 0') },
  {
    ...pkvm,
    id: 'free-ignores-references',
    rule: 'PKVM-REF-01',
    by: 'dangling',
    edits: edit(LAYER, NOT_FREE, "if (descriptor === undefined) return refuse('EINVAL');"),
  },
  {
    ...pkvm,
    id: 'references-of-8-bits',
    rule: 'PKVM-REF-02',
    edits: edit(TABLE, SET_REFS, 'this.#platform.write64(this.#at + 8n, BigInt(refs % 256));'),
  },
  {
    ...pkvm,
    id: 'references-of-16-bits',
    rule: 'PKVM-REF-02',
    edits: edit(TABLE, SET_REFS, 'this.#platform.write64(this.#at + 8n, BigInt(refs % 65536));'),
  },
  { ...pkvm, id: 'freed-id-keeps-its-reference', rule: 'PKVM-REF-03', edits: edit(TABLE, CLEAR, 'this.#platform.write64(this.#at, 0n);') },
  { ...pkvm, id: 'detached-down-to-nothing', rule: 'PKVM-REF-04', edits: edit(LAYER, LAST, 'descriptor.refs < OWN_REFERENCE') },
  { ...pkvm, id: 'references-are-signed', rule: 'PKVM-REF-05', edits: edit(LAYER, LAST, '(descriptor.refs | 0) <= OWN_REFERENCE') },
  {
    ...pkvm,
    id: 'errno-is-a-number',
    rule: 'PKVM-REF-06',
    contract: { hyp: () => ({ detachDev: () => ({ ...refuse('EINVAL'), errno: 22 as never }) }) },
  },
  { ...pkvm, id: 'answer-is-a-truth-value', rule: 'PKVM-REF-06', contract: { hyp: () => ({ freeDomain: () => false as never }) } },
];
