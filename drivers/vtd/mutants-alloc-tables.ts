/** Chapter 3 of the catalogue: page tables of the host's, and parents. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const DOMAINS = 'vtd/domains.ts';
const NESTED = 'vtd/nested-domain.ts';
const PAGING = 'vtd/paging-domain.ts';
const FIND_PARENT = 'const parent = this.#parentOf(making); if (!parent.ok) return parent;';
const IS_FREE = 'return this.attachments.size === 0 && this.children.size === 0;';
const CHILD = 'this.parent.children.delete(this);';
const DATA = "if (spec.parent !== undefined || spec.data !== undefined) return refuse('EOPNOTSUPP');";
const ALLOC_FLAGS = "if (!isWithin(spec.flags, FLAGS)) return refuse('EOPNOTSUPP');";
const PREFERRED = 'if (!isNestParent && !hasDirty && isScalable && ecap.FLTS) return firstStageOf(features);';
const LACKS = '(isScalable && !ecap.SLTS) || (isNestParent && !features.hasNesting) || (hasDirty && !features.notesDirty);';

const PARENTS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'parent-freed-below-its-children',
    rule: 'VTDN-ALLOC-10',
    edits: edit(PAGING, IS_FREE, 'return this.attachments.size === 0;'),
  },
  {
    ...vtd,
    id: 'parent-freed-below-children-that-nobody-uses',
    rule: 'VTDN-ALLOC-10',
    edits: edit(PAGING, IS_FREE, 'return this.users.length === 0;'),
  },
  {
    ...vtd,
    id: 'parent-freed-after-its-first-child',
    rule: 'VTDN-ALLOC-10',
    edits: edit(NESTED, CHILD, 'this.parent.children.clear();'),
  },
  { ...vtd, id: 'parent-never-freed-after-a-child', rule: 'VTDN-ALLOC-10', edits: edit(NESTED, CHILD, '') },
  {
    ...vtd,
    id: 'child-that-was-refused-counts',
    rule: 'VTDN-ALLOC-10',
    edits: edit(
      DOMAINS,
      FIND_PARENT,
      `${FIND_PARENT} if (making.spec.data.length !== 24) parent.value.children.add({ attachments: new Set() });`,
    ),
  },
  {
    ...vtd,
    id: 'child-without-memory-counts',
    rule: 'VTDN-ALLOC-10',
    edits: edit(
      DOMAINS,
      'return guest.ok ? this.#make((object) => ok(new NestedDomain(this.#platform, object, parent.value, guest.value))) : guest;',
      `if (!guest.ok) return guest;
      const early = { attachments: new Set() };
      parent.value.children.add(early);
      const made = this.#make((object) => ok(new NestedDomain(this.#platform, object, parent.value, guest.value)));
      if (made.ok) parent.value.children.delete(early);
      return made;`,
    ),
  },
];

const PAGE_TABLES: readonly Mutant[] = [
  { ...vtd, id: 'second-stages-only', rule: 'VTDN-ALLOC-11', edits: edit(DOMAINS, PREFERRED, '') },
  {
    ...vtd,
    id: 'parent-is-a-first-stage',
    rule: 'VTDN-ALLOC-11',
    edits: edit(DOMAINS, PREFERRED, PREFERRED.replace('!isNestParent && ', '')),
  },
  {
    ...vtd,
    id: 'dirty-pages-of-a-first-stage',
    rule: 'VTDN-ALLOC-11',
    edits: edit(DOMAINS, PREFERRED, PREFERRED.replace('!hasDirty && ', '')),
  },
  {
    ...vtd,
    id: 'second-stages-for-pasids',
    rule: 'VTDN-ALLOC-11',
    edits: edit(
      DOMAINS,
      'const shape = shapeFor(iommu.features, purpose);',
      'const shape = (spec.flags & ALLOC_PASID) !== 0 ? secondStageOf(iommu.features) : shapeFor(iommu.features, purpose);',
    ),
  },
  {
    ...vtd,
    id: 'first-stages-without-their-capability',
    rule: 'VTDN-ALLOC-11',
    edits: edit(DOMAINS, PREFERRED, PREFERRED.replace(' && ecap.FLTS', '')),
  },
  {
    ...vtd,
    id: 'first-stages-in-legacy-mode',
    rule: 'VTDN-ALLOC-11',
    edits: edit(DOMAINS, PREFERRED, PREFERRED.replace('isScalable && ecap.FLTS', '(!isScalable || ecap.FLTS)')),
  },
  {
    ...vtd,
    id: 'second-stages-without-their-capability',
    rule: 'VTDN-ALLOC-11',
    edits: edit(DOMAINS, LACKS, LACKS.replace('(isScalable && !ecap.SLTS) || ', '')),
  },
  {
    ...vtd,
    id: 'parents-without-their-capability',
    rule: 'VTDN-ALLOC-11',
    edits: edit(DOMAINS, LACKS, LACKS.replace(' || (isNestParent && !features.hasNesting)', '')),
  },
  {
    ...vtd,
    id: 'dirty-pages-without-their-capability',
    rule: 'VTDN-ALLOC-11',
    edits: edit(DOMAINS, LACKS, LACKS.replace(' || (hasDirty && !features.notesDirty)', '')),
  },
  {
    ...vtd,
    id: 'dirty-pages-without-snooped-walks',
    rule: 'VTDN-ALLOC-11',
    edits: edit('vtd/features.ts', 'ecap.SLADS && ecap.SMPWC', 'ecap.SLADS'),
  },
  {
    ...vtd,
    id: 'what-is-lacking-is-einval',
    rule: 'VTDN-ALLOC-11',
    edits: edit(DOMAINS, "shape === undefined ? refuse('EOPNOTSUPP')", "shape === undefined ? refuse('EINVAL')"),
  },
  { ...vtd, id: 'data-of-a-page-table-ignored', rule: 'VTDN-ALLOC-11', edits: edit(DOMAINS, DATA, '') },
  { ...vtd, id: 'any-flags-of-a-page-table', rule: 'VTDN-ALLOC-11', edits: edit(DOMAINS, ALLOC_FLAGS, '') },
];

export const ALLOC_TABLE_MUTANTS: readonly Mutant[] = [...PARENTS, ...PAGE_TABLES];
