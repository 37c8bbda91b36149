/** Chapter 3 of the catalogue: how a guest's first stage is made. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const DOMAINS = 'vtd/domains.ts';
const GUEST = 'vtd/guest-data.ts';
const NESTED = 'vtd/nested-domain.ts';
const PAGING = 'vtd/paging-domain.ts';
const WANTED = 'vtd/wanted.ts';

const SUPPORT = "if (!iommu.features.hasNesting || !isWithin(flags, ALLOC_PASID)) return refuse('EOPNOTSUPP');";
const TYPE = "if (data?.type !== HWPT_DATA.VTD_S1 || parent?.kind === 'viommu') return refuse('EOPNOTSUPP');";
const PARENT = 'const domain = this.byHandle.get(parent?.handle ?? 0);';
const IS_PARENT = 'domain instanceof PagingDomain && domain.purpose.isNestParent';
const NO_PARENT = `return ${IS_PARENT} ? ok(domain) : refuse('EINVAL');`;
const COPY = 'const guest = copyFirstStage(this.#platform, making.spec.data!);';
const FITS = 'const parent = this.parent.fits(iommu);';
const TOO_WIDE = '({ addr_width }) => LEVELS[addr_width] === undefined,';
const KNOWN = "return isKnown ? ok(raw) : refuse('EOPNOTSUPP');";
const FLAGS_KNOWN = ' && !HwptVtdS1Flags.hasReserved(HwptVtdS1.of(raw).flags)';
const ADDRESS = 'FSPTPTR: Number(root / PAGE),';

export const ALLOC_MUTANTS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'no-nesting-is-enodev',
    rule: 'VTDN-ALLOC-01',
    edits: edit(DOMAINS, SUPPORT, `if (!iommu.features.hasNesting) return refuse('ENODEV'); ${SUPPORT}`),
  },
  {
    ...vtd,
    id: 'no-nesting-is-einval',
    rule: 'VTDN-ALLOC-01',
    edits: edit(DOMAINS, SUPPORT, `if (!iommu.features.hasNesting) return refuse('EINVAL'); ${SUPPORT}`),
  },
  {
    ...vtd,
    id: 'nesting-is-not-asked-for',
    rule: 'VTDN-ALLOC-01',
    edits: edit(DOMAINS, SUPPORT, SUPPORT.replace('!iommu.features.hasNesting || ', '')),
  },
  {
    ...vtd,
    id: 'nesting-without-its-capability',
    rule: 'VTDN-ALLOC-01',
    edits: edit(DOMAINS, SUPPORT, SUPPORT.replace('hasNesting', 'isScalable')),
  },
  {
    ...vtd,
    id: 'any-flags-of-a-nested-domain',
    rule: 'VTDN-ALLOC-01',
    edits: edit(DOMAINS, SUPPORT, SUPPORT.replace(' || !isWithin(flags, ALLOC_PASID)', '')),
  },
  { ...vtd, id: 'no-nested-domain-for-pasids', rule: 'VTDN-ALLOC-01', edits: edit(DOMAINS, SUPPORT, SUPPORT.replace('ALLOC_PASID', '0')) },
  {
    ...vtd,
    id: 'parent-before-support',
    rule: 'VTDN-ALLOC-02',
    edits: [
      {
        file: DOMAINS,
        find: SUPPORT,
        replace: `const early = this.byHandle.get(parent?.handle ?? 0); if (!(early instanceof PagingDomain && early.purpose.isNestParent)) return refuse('EINVAL'); ${SUPPORT}`,
      },
    ],
  },
  {
    ...vtd,
    id: 'parent-before-type',
    rule: 'VTDN-ALLOC-02',
    edits: [
      { file: DOMAINS, find: TYPE, replace: '' },
      { file: DOMAINS, find: NO_PARENT, replace: `if (!(${IS_PARENT})) return refuse('EINVAL'); ${TYPE} return ok(domain);` },
    ],
  },
  {
    ...vtd,
    id: 'copy-before-parent',
    rule: 'VTDN-ALLOC-02',
    edits: edit(DOMAINS, PARENT, `const early = copyFirstStage(this.#platform, data); if (!early.ok) return early; ${PARENT}`),
  },
  {
    ...vtd,
    id: 'copy-before-type',
    rule: 'VTDN-ALLOC-02',
    edits: edit(
      DOMAINS,
      TYPE,
      `if (data !== undefined) { const early = copyFirstStage(this.#platform, data); if (!early.ok) return early; } ${TYPE}`,
    ),
  },
  {
    ...vtd,
    id: 'memory-before-copy',
    rule: 'VTDN-ALLOC-02',
    edits: edit(
      DOMAINS,
      COPY,
      `const early = this.#platform.objectAlloc('domain'); if (!early.ok) return early; this.#platform.objectFree(early.value); ${COPY}`,
    ),
  },
  {
    ...vtd,
    id: 'no-memory-is-enospc',
    rule: 'VTDN-ALLOC-02',
    edits: edit(
      DOMAINS,
      'return object.ok ? around(object.value) : object;',
      "return object.ok ? around(object.value) : refuse('ENOSPC');",
    ),
  },
  {
    ...vtd,
    id: 'copy-that-fails-is-einval',
    rule: 'VTDN-ALLOC-02',
    edits: edit(GUEST, 'if (!copied.ok) return copied;', "if (!copied.ok) return refuse('EINVAL');"),
  },
  {
    ...vtd,
    id: 'any-page-table-is-a-parent',
    rule: 'VTDN-ALLOC-03',
    edits: edit(DOMAINS, NO_PARENT, NO_PARENT.replace(' && domain.purpose.isNestParent', '')),
  },
  {
    ...vtd,
    id: 'any-second-stage-is-a-parent',
    rule: 'VTDN-ALLOC-03',
    edits: edit(DOMAINS, NO_PARENT, NO_PARENT.replace('domain.purpose.isNestParent', 'domain.table.format.shape.stage === 2')),
  },
  {
    ...vtd,
    id: 'any-first-stage-is-a-parent',
    rule: 'VTDN-ALLOC-03',
    edits: edit(
      DOMAINS,
      NO_PARENT,
      NO_PARENT.replace('domain.purpose.isNestParent', '(domain.purpose.isNestParent || domain.table.format.shape.stage === 1)'),
    ),
  },
  {
    ...vtd,
    id: 'no-parent-is-eopnotsupp',
    rule: 'VTDN-ALLOC-03',
    edits: edit(DOMAINS, NO_PARENT, NO_PARENT.replace('EINVAL', 'EOPNOTSUPP')),
  },
  {
    ...vtd,
    id: 'no-parent-that-notes-dirty-pages',
    rule: 'VTDN-ALLOC-03',
    edits: edit(DOMAINS, NO_PARENT, NO_PARENT.replace('isNestParent', 'isNestParent && !domain.purpose.hasDirty')),
  },
  // DEF-10 of the catalogue.
  {
    ...vtd,
    id: 'parent-is-trimmed',
    rule: 'VTDN-ALLOC-04',
    edits: [
      { file: NESTED, find: FITS, replace: `this.parent.trim(iommu.features); ${FITS}` },
      {
        file: PAGING,
        find: 'takeDid(iommu: Iommu): Result<number> {',
        replace: `trim({ widths }) {
          const { format } = this.table;
          for (; widths.at(-1) < format.shape.width; format.top--) {
            const { root } = this.table;
            const below = format.meaningOf(this.#platform.read64(root), format.top);
            this.#platform.pageFree(root, 0);
            this.table.root = below.pa;
            const width = format.shape.width - 9;
            format.shape = { ...format.shape, width, end: 2n ** BigInt(width) };
          }
        }

        takeDid(iommu: Iommu): Result<number> {`,
      },
    ],
  },
  { ...vtd, id: 'levels-of-a-parent-fit-anywhere', rule: 'VTDN-ALLOC-04', edits: edit(NESTED, FITS, 'const parent = done;') },
  {
    ...vtd,
    id: 'tables-beyond-the-parent-refused',
    rule: 'VTDN-ALLOC-05',
    edits: edit(
      DOMAINS,
      COPY,
      `${COPY} if (guest.ok && BigInt.asUintN(64, guest.value >> 64n) >= parent.value.info.aperture.last) return refuse('EINVAL');`,
    ),
  },
  {
    ...vtd,
    id: 'tables-that-are-not-mapped-refused',
    rule: 'VTDN-ALLOC-05',
    edits: edit(
      DOMAINS,
      COPY,
      `${COPY} if (guest.ok && !parent.value.iovaToPhys(BigInt.asUintN(64, guest.value >> 64n)).ok) return refuse('EINVAL');`,
    ),
  },
  {
    ...vtd,
    id: 'tables-beyond-the-unit-refused',
    rule: 'VTDN-ALLOC-05',
    edits: edit(NESTED, TOO_WIDE, `${TOO_WIDE} ({ pgtbl_addr }, { inputBits }) => pgtbl_addr >= 2n ** BigInt(Math.min(inputBits, 46)),`),
  },
  {
    ...vtd,
    id: 'low-bits-of-an-address-are-flags',
    rule: 'VTDN-ALLOC-06',
    edits: edit(WANTED, 'return PasidEntry.encode({', 'return (((first?.root ?? 0n) % PAGE) * 2n ** 128n) | PasidEntry.encode({'),
  },
  {
    ...vtd,
    id: 'address-is-rounded-up',
    rule: 'VTDN-ALLOC-06',
    edits: edit(WANTED, ADDRESS, 'FSPTPTR: Number((root + PAGE - 1n) / PAGE),'),
  },
  { ...vtd, id: 'unknown-flags-accepted', rule: 'VTDN-ALLOC-07', edits: edit(GUEST, FLAGS_KNOWN, '') },
  {
    ...vtd,
    id: 'unknown-high-flags-accepted',
    rule: 'VTDN-ALLOC-07',
    edits: edit(GUEST, FLAGS_KNOWN, FLAGS_KNOWN.replace('HwptVtdS1.of(raw).flags', 'BigInt.asUintN(32, raw)')),
  },
  { ...vtd, id: 'unknown-flags-are-einval', rule: 'VTDN-ALLOC-07', edits: edit(GUEST, KNOWN, KNOWN.replace('EOPNOTSUPP', 'EINVAL')) },
  {
    ...vtd,
    id: 'reserved-bits-accepted',
    rule: 'VTDN-ALLOC-08',
    edits: edit(GUEST, '!HwptVtdS1.hasReserved(raw) && ', ''),
  },
  {
    ...vtd,
    id: 'reserved-bits-are-einval',
    rule: 'VTDN-ALLOC-08',
    edits: edit(GUEST, KNOWN, `if (HwptVtdS1.hasReserved(raw)) return refuse('EINVAL'); ${KNOWN}`),
  },
  {
    ...vtd,
    id: 'width-checked-when-made',
    rule: 'VTDN-ALLOC-09',
    edits: edit(GUEST, KNOWN, `if (![48, 57].includes(HwptVtdS1.of(raw).addr_width)) return refuse('EINVAL'); ${KNOWN}`),
  },
  {
    ...vtd,
    id: 'unit-of-the-device-checked-when-made',
    rule: 'VTDN-ALLOC-09',
    edits: [
      { file: NESTED, find: 'const UNFIT:', replace: 'export const UNFIT:' },
      {
        file: DOMAINS,
        find: "import { NestedDomain } from './nested-domain';",
        replace: "import { NestedDomain, UNFIT } from './nested-domain'; import { HwptVtdS1 } from '#drivers/contract/uapi';",
      },
      {
        file: DOMAINS,
        find: COPY,
        replace: `${COPY} if (guest.ok && UNFIT.slice(1).some((isUnfit) => isUnfit(HwptVtdS1.of(guest.value), making.iommu.features))) return refuse('EINVAL');`,
      },
    ],
  },
  { ...vtd, id: 'any-width-is-48', rule: 'VTDN-ALLOC-09', edits: edit(NESTED, TOO_WIDE, '') },
];
