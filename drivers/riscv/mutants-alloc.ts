/** Chapter 5 of the catalogue: allocating domains. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'riscv', system: 'riscv', by: 'step' } as const;
const DOMAINS = 'riscv/domains.ts';
const TABLE = 'parts/page-table.ts';
const FORMAT = 'riscv/page-table-format.ts';
const PAGING = 'riscv/paging-domain.ts';
const GUEST = 'riscv/guest-context.ts';

const FLAGS = "if (flags !== 0 && flags !== ALLOC_NEST_PARENT) return refuse('EOPNOTSUPP');";
const NESTED_FLAGS = "if (flags !== 0) return refuse('EOPNOTSUPP'); if (data === undefined) return refuse('EINVAL');";
const STAGE = 'const stage = spec.flags === ALLOC_NEST_PARENT ? 2 : 1;';
const NO_DATA = "if (spec.parent !== undefined || spec.data !== undefined) return refuse('EOPNOTSUPP');";
const ROOT = "const root = memory.pageAlloc({ order: format.rootOrder, owner: { kind: 'domain', handle: domain }, kind: 'page-table' });";
const PARENT = 'const parent = this.#parentOf(making); if (!parent.ok) return parent;';
const COPY = 'const guest = copyGuestContext(this.#platform, making.spec.data!); if (!guest.ok) return guest;';
const TYPE = "if (data.type !== HWPT_DATA.RISCV_IOMMU || parent?.kind === 'viommu') return refuse('EOPNOTSUPP');";
const FOUND = 'const domain = this.byHandle.get(parent?.handle ?? 0);';
const FIT = 'const isFit = domain instanceof PagingDomain && domain.gscid !== undefined && domain.fits(iommu).ok;';
const IDENTIFIER = "return id.ok ? id : refuse('ENOMEM');";

export const ALLOC_MUTANTS: readonly Mutant[] = [
  {
    ...riscv,
    id: 'flags-ignored-with-a-parent',
    rule: 'RVN-ALLOC-01',
    edits: [
      { file: DOMAINS, find: FLAGS, replace: FLAGS.replace('if (', 'if (spec.parent === undefined && ') },
      { file: DOMAINS, find: NESTED_FLAGS, replace: "if (data === undefined) return refuse('EINVAL');" },
    ],
  },
  {
    ...riscv,
    id: 'parent-before-flags',
    rule: 'RVN-ALLOC-01',
    edits: [
      { file: DOMAINS, find: FLAGS, replace: FLAGS.replace('if (', "if (type !== 'nested' && ") },
      { file: DOMAINS, find: NESTED_FLAGS, replace: "if (data === undefined) return refuse('EINVAL');" },
      {
        file: DOMAINS,
        find: 'return isFit ? ok(domain)',
        replace: "if (isFit && flags !== 0) return refuse('EOPNOTSUPP'); return isFit ? ok(domain)",
      },
    ],
  },
  {
    ...riscv,
    id: 'dirty-tracking-accepted',
    rule: 'RVN-ALLOC-02',
    edits: edit(DOMAINS, FLAGS, FLAGS.replace('flags !== 0', '(flags | 2) !== 2').replace('flags !== ALLOC', '(flags | 2) - 2 !== ALLOC')),
  },
  { ...riscv, id: 'unknown-flags-are-einval', rule: 'RVN-ALLOC-03', edits: edit(DOMAINS, FLAGS, FLAGS.replace('EOPNOTSUPP', 'EINVAL')) },
  {
    ...riscv,
    id: 'high-flags-ignored',
    rule: 'RVN-ALLOC-03',
    edits: edit(DOMAINS, FLAGS, FLAGS.replace('flags !== 0', 'flags % 65536 !== 0').replace('flags !== ALLOC', 'flags % 65536 !== ALLOC')),
  },
  { ...riscv, id: 'every-domain-is-a-second-stage', rule: 'RVN-ALLOC-04', edits: edit(DOMAINS, STAGE, 'const stage = 2 as 1 | 2;') },
  {
    ...riscv,
    id: 'every-domain-takes-a-gscid',
    rule: 'RVN-ALLOC-04',
    edits: edit(
      DOMAINS,
      'const id = this.#takeId(take, scheme.stage);',
      "const gscid = this.#platform.idAlloc('gscid', 1, 65535); if (!gscid.ok) return gscid; this.#platform.idFree('gscid', gscid.value); const id = this.#takeId(take, scheme.stage);",
    ),
  },
  {
    ...riscv,
    id: 'root-of-a-second-stage-has-4-kib',
    rule: 'RVN-ALLOC-05',
    by: 'isolation',
    edits: edit(FORMAT, 'Math.log2(rootEntries / TABLE_ENTRIES)', 'Math.log2(rootEntries / rootEntries)'),
  },
  {
    ...riscv,
    id: 'root-of-a-second-stage-is-not-aligned',
    rule: 'RVN-ALLOC-05',
    edits: edit(PAGING, 'const PPN = Number(root / PAGE);', 'const PPN = Number(root / PAGE) + (scheme.stage === 2 ? 1 : 0);'),
  },
  { ...riscv, id: 'nest-parent-without-a-gscid', rule: 'RVN-ALLOC-05', edits: edit(PAGING, 'GSCID: id, PPN', 'GSCID: 0, PPN') },
  { ...riscv, id: 'nest-parent-is-a-first-stage', rule: 'RVN-ALLOC-05', edits: edit(DOMAINS, STAGE, 'const stage = 1 as 1 | 2;') },
  { ...riscv, id: 'data-for-a-paging-domain-ignored', rule: 'RVN-ALLOC-06', edits: edit(DOMAINS, NO_DATA, '') },
  {
    ...riscv,
    id: 'root-allocated-twice',
    rule: 'RVN-ALLOC-08',
    edits: edit(
      TABLE,
      ROOT,
      `const small = memory.pageAlloc({ order: 0, owner: { kind: 'domain', handle: domain }, kind: 'page-table' }); if (!small.ok) return small; memory.pageFree(small.value, 0); ${ROOT}`,
    ),
  },

  {
    ...riscv,
    id: 'other-type-is-einval',
    rule: 'RVN-ALLOC-09',
    edits: edit(DOMAINS, TYPE, TYPE.replace("refuse('EOPNOTSUPP')", "refuse('EINVAL')")),
  },
  {
    ...riscv,
    id: 'every-type-is-taken',
    rule: 'RVN-ALLOC-09',
    edits: edit(DOMAINS, TYPE, TYPE.replace('data.type !== HWPT_DATA.RISCV_IOMMU ||', '')),
  },
  {
    ...riscv,
    id: 'nested-domain-as-parent',
    rule: 'RVN-ALLOC-10',
    edits: edit(
      DOMAINS,
      FOUND,
      'const found = this.byHandle.get(parent?.handle ?? 0); const domain = found instanceof NestedDomain ? found.parent : found;',
    ),
  },
  {
    ...riscv,
    id: 'identity-domain-as-parent',
    rule: 'RVN-ALLOC-10',
    edits: edit(
      DOMAINS,
      FOUND,
      "const found = this.byHandle.get(parent?.handle ?? 0); const domain = found instanceof StaticDomain ? [...this.byHandle.values()].find((other) => other instanceof PagingDomain) : found; if (found instanceof StaticDomain && domain === undefined) return refuse('ENODEV');",
    ),
  },
  {
    ...riscv,
    id: 'first-stage-as-parent',
    rule: 'RVN-ALLOC-11',
    edits: edit(DOMAINS, FIT, FIT.replace('domain.gscid !== undefined && ', '')),
  },
  {
    ...riscv,
    id: 'parent-of-another-iommu',
    rule: 'RVN-ALLOC-11',
    edits: edit(DOMAINS, FIT, FIT.replace(' && domain.fits(iommu).ok', '')),
  },
  {
    ...riscv,
    id: 'parent-before-type',
    rule: 'RVN-ALLOC-12',
    edits: edit(DOMAINS, `${TYPE} ${FOUND} ${FIT}`, `${FOUND} ${FIT} if (!isFit) return refuse('EINVAL'); ${TYPE}`),
  },
  {
    ...riscv,
    id: 'copy-before-parent',
    rule: 'RVN-ALLOC-12',
    edits: edit(
      DOMAINS,
      `${PARENT} ${COPY}`,
      `const guest = copyGuestContext(this.#platform, making.spec.data!); ${PARENT} if (!guest.ok) return guest;`.replace(
        'const parent',
        'if (!guest.ok && making.spec.data!.type === HWPT_DATA.RISCV_IOMMU) return guest; const parent',
      ),
    ),
  },
  {
    ...riscv,
    id: 'copy-error-is-einval',
    rule: 'RVN-ALLOC-13',
    edits: edit(DOMAINS, COPY, COPY.replace('return guest;', "return refuse('EINVAL');")),
  },
  {
    ...riscv,
    id: 'copy-error-is-efault',
    rule: 'RVN-ALLOC-13',
    edits: edit(DOMAINS, COPY, COPY.replace('return guest;', "return refuse('EFAULT');")),
  },
  { ...riscv, id: 'no-identifier-is-enospc', rule: 'RVN-ALLOC-14', edits: edit(DOMAINS, IDENTIFIER, 'return id;') },
  {
    ...riscv,
    id: 'unreadable-context-is-einval',
    rule: 'RVN-ALLOC-15',
    edits: edit(
      GUEST,
      'return copied.ok ? ok(numberOf(copied.value)) : copied;',
      "return copied.ok ? ok(numberOf(copied.value)) : refuse('EINVAL');",
    ),
  },
  {
    ...riscv,
    id: 'unreadable-context-costs-a-pscid',
    rule: 'RVN-ALLOC-15',
    by: 'all-or-nothing',
    edits: edit(DOMAINS, COPY, COPY.replace('return guest;', "{ this.#platform.idAlloc('pscid', 1, 1048575); return guest; }")),
  },
];
