/** Chapters 3 and 4 of the rules: a domain is allocated, and freed. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const pkvm = { of: 'pkvm', system: 'pkvm' } as const;
const LAYER = 'pkvm/domain-layer.ts';
const TABLE = 'pkvm/domain-table.ts';
const BACK_END = 'pkvm/smmu-back-end.ts';

/** How an allocation begins. */
const IN_USE = "descriptor === undefined || descriptor.refs !== 0) return refuse('EINVAL');";
const ALLOC = 'const table = this.#operations.allocIopt({ iommu, domain, pgd: 0n }, pgd);';
const unknownOrInUse = (unknown: string, inUse: string): string => `descriptor === undefined) return refuse('${unknown}'); if (descriptor.refs !== 0) return refuse('${inUse}');`;

/** How a domain is freed. */
const NOT_FREE = "descriptor === undefined || descriptor.refs !== OWN_REFERENCE) return refuse('EINVAL');";
const FREE = 'const freed = this.#operations.freeIopt({ iommu, domain, pgd: descriptor.pgd });';
const REFS = 'descriptor.refs !== OWN_REFERENCE';

const ALLOC_MUTANTS: readonly Mutant[] = [
  { ...pkvm, id: 'allocated-without-reference', rule: 'PKVM-ALLOC-01', by: 'step', edits: edit(TABLE, 'this.refs = 1;', 'this.refs = 0;') },
  { ...pkvm, id: 'allocated-with-two-references', rule: 'PKVM-ALLOC-01', by: 'step', edits: edit(TABLE, 'this.refs = 1;', 'this.refs = 2;') },
  { ...pkvm, id: 'domain-replaced', rule: 'PKVM-ALLOC-02', by: 'step', edits: edit(LAYER, IN_USE, "descriptor === undefined) return refuse('EINVAL');") },
  { ...pkvm, id: 'domain-in-use-eexist', rule: 'PKVM-ALLOC-02', by: 'step', edits: edit(LAYER, IN_USE, unknownOrInUse('EINVAL', 'EEXIST')) },
  { ...pkvm, id: 'domain-in-use-ebusy', rule: 'PKVM-ALLOC-02', by: 'step', edits: edit(LAYER, IN_USE, unknownOrInUse('EINVAL', 'EBUSY')) },
  { ...pkvm, id: 'reference-before-page-table', rule: 'PKVM-ALLOC-03', by: 'step', edits: edit(LAYER, ALLOC, `descriptor.refs = 1; ${ALLOC}`) },
  { ...pkvm, id: 'alloc-errno-flattened', rule: 'PKVM-ALLOC-03', by: 'step', edits: edit(LAYER, 'if (!table.ok) return table;', "if (!table.ok) return refuse('EINVAL');") },
  { ...pkvm, id: 'root-of-the-host-recorded', rule: 'PKVM-ALLOC-04', by: 'step', edits: edit(LAYER, 'descriptor.record(table.value.pgd);', 'descriptor.record(pgd);') },
  {
    ...pkvm,
    id: 'root-recorded-before-check',
    rule: 'PKVM-ALLOC-05',
    by: 'step',
    edits: edit(LAYER, ALLOC, `descriptor.record(pgd); descriptor.refs = 0; ${ALLOC}`),
  },
  {
    ...pkvm,
    id: 'page-table-before-check',
    rule: 'PKVM-ALLOC-06',
    by: 'step',
    edits: edit(LAYER, `${IN_USE} ${ALLOC}`, `descriptor === undefined) return refuse('EINVAL'); ${ALLOC} if (descriptor.refs !== 0) return refuse('EINVAL');`),
  },
  {
    ...pkvm,
    id: 'cookie-of-the-next-domain',
    rule: 'PKVM-ALLOC-07',
    by: 'staleness',
    edits: edit(LAYER, 'return use({ iommu, domain, pgd: descriptor.pgd });', 'return use({ iommu, domain: domain + 1, pgd: descriptor.pgd });'),
  },
  {
    ...pkvm,
    id: 'cookie-of-the-last-allocation',
    rule: 'PKVM-ALLOC-07',
    by: 'staleness',
    edits: [
      ...edit(LAYER, ALLOC, `this.scope = domain; ${ALLOC}`),
      ...edit(LAYER, 'return use({ iommu, domain, pgd: descriptor.pgd });', 'return use({ iommu, domain: this.scope, pgd: descriptor.pgd });'),
    ],
  },
  {
    ...pkvm,
    id: 'stale-root-is-in-use',
    rule: 'PKVM-ALLOC-08',
    by: 'step',
    edits: [...edit(TABLE, 'this.#platform.write64(this.#at, 0n);', ''), ...edit(LAYER, IN_USE, IN_USE.replace('refs !== 0', 'pgd !== 0n'))],
  },
  { ...pkvm, id: 'refused-root-used', rule: 'PKVM-ALLOC-09', by: 'step', edits: edit(BACK_END, 'if (!donated.ok) return donated;', '') },
];

const FREE_MUTANTS: readonly Mutant[] = [
  { ...pkvm, id: 'free-of-nothing-accepted', rule: 'PKVM-FREE-01', by: 'step', edits: edit(LAYER, NOT_FREE, `descriptor?.refs === 0) return done; if (${NOT_FREE}`) },
  { ...pkvm, id: 'free-check-inverted', rule: 'PKVM-FREE-02', by: 'step', edits: edit(LAYER, REFS, 'descriptor.refs === OWN_REFERENCE') },
  { ...pkvm, id: 'free-check-of-detach', rule: 'PKVM-FREE-02', by: 'step', edits: edit(LAYER, REFS, '!(descriptor.refs > OWN_REFERENCE)') },
  { ...pkvm, id: 'free-forced', rule: 'PKVM-FREE-02', by: 'step', edits: edit(LAYER, REFS, 'descriptor.refs === 0') },
  { ...pkvm, id: 'free-keeps-the-root', rule: 'PKVM-FREE-03', by: 'step', edits: edit(TABLE, 'this.#platform.write64(this.#at, 0n);', '') },
  { ...pkvm, id: 'refused-free-accepted', rule: 'PKVM-FREE-04', by: 'step', edits: edit(LAYER, 'if (!freed.ok) return freed;', 'if (!freed.ok) return done;') },
  {
    ...pkvm,
    id: 'refused-free-clears',
    rule: 'PKVM-FREE-06',
    by: 'step',
    edits: edit(LAYER, 'if (!freed.ok) return freed; descriptor.clear(); return done;', 'descriptor.clear(); return freed;'),
  },
  {
    ...pkvm,
    id: 'free-of-unknown-enoent',
    rule: 'PKVM-FREE-07',
    by: 'step',
    edits: edit(LAYER, NOT_FREE, "descriptor === undefined) return refuse('ENOENT'); if (descriptor.refs !== OWN_REFERENCE) return refuse('EINVAL');"),
  },
  {
    ...pkvm,
    id: 'page-table-freed-before-check',
    rule: 'PKVM-FREE-08',
    by: 'step',
    edits: edit(LAYER, `${NOT_FREE} ${FREE}`, `descriptor === undefined) return refuse('EINVAL'); ${FREE} if (${REFS}) return refuse('EINVAL');`),
  },
];

export const LIFECYCLE_MUTANTS: readonly Mutant[] = [...ALLOC_MUTANTS, ...FREE_MUTANTS];
