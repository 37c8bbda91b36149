/** VTDN-CM-01 and VTDN-SNOOP-01: what hardware sees of mappings, and what accesses see of caches. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const DRIVER = 'vtd/driver.ts';
const INVALIDATIONS = 'vtd/invalidations.ts';
const PAGING = 'vtd/paging-domain.ts';

const ANNOUNCED = 'const announced = this.#announce({ start: iova, last: iova + size - 1n, leafOnly: false });';
const ANNOUNCING = 'for (const iommu of this.tags.iommus) { const announced = iommu.invalidations.announce(';
const TOO_LATE = 'const isLate = this.#shape.stage === 2 && this.#hasMapped && !this.snoops;';
const USERS_SNOOP = 'this.users.some(({ iommu }) => !iommu.features.ecap.SC)';

export const COHERENCY_MUTANTS: readonly Mutant[] = [
  { ...vtd, id: 'mapping-is-not-announced', rule: 'VTDN-CM-01', edits: edit(PAGING, ANNOUNCED, 'const announced: Result<null> = done;') },
  {
    ...vtd,
    id: 'mapping-is-announced-on-one-unit',
    rule: 'VTDN-CM-01',
    edits: edit(PAGING, ANNOUNCING, ANNOUNCING.replace('this.tags.iommus', 'this.tags.iommus.slice(0, 1)')),
  },
  {
    ...vtd,
    id: 'mapping-stays-in-the-write-buffer',
    rule: 'VTDN-CM-01',
    edits: edit(PAGING, ANNOUNCING, ANNOUNCING.replace('{ const', '{ if (!iommu.features.cap.CM) continue; const')),
  },
  {
    ...vtd,
    id: 'mapping-is-announced-always',
    rule: 'VTDN-CM-01',
    edits: edit(INVALIDATIONS, 'if (CM) return this.issue(descriptors);', 'if (!RWBF || CM) return this.issue(descriptors);'),
  },
  {
    ...vtd,
    id: 'enforces-coherency-of-what-is-mapped',
    rule: 'VTDN-SNOOP-01',
    edits: edit(PAGING, TOO_LATE, 'const isLate = false;'),
  },
  {
    ...vtd,
    id: 'never-enforces-coherency-twice',
    rule: 'VTDN-SNOOP-01',
    edits: edit(PAGING, TOO_LATE, TOO_LATE.replace(' && !this.snoops', '')),
  },
  {
    ...vtd,
    id: 'never-enforces-coherency-of-a-mapped-first-stage',
    rule: 'VTDN-SNOOP-01',
    edits: edit(PAGING, TOO_LATE, TOO_LATE.replace('this.#shape.stage === 2 && ', '')),
  },
  {
    ...vtd,
    id: 'enforces-coherency-on-units-that-cannot',
    rule: 'VTDN-SNOOP-01',
    edits: edit(PAGING, USERS_SNOOP, 'false'),
  },
  {
    ...vtd,
    id: 'enforces-coherency-past-nested-users',
    rule: 'VTDN-SNOOP-01',
    edits: edit(PAGING, USERS_SNOOP, USERS_SNOOP.replace('this.users', '[...this.attachments]')),
  },
  {
    ...vtd,
    id: 'coherent-domain-on-units-that-cannot',
    rule: 'VTDN-SNOOP-01',
    edits: edit(PAGING, '(this.snoops && !features.ecap.SC) ||', ''),
  },
  {
    ...vtd,
    id: 'entries-of-attached-devices-do-not-snoop',
    rule: 'VTDN-SNOOP-01',
    edits: edit(DRIVER, 'const refreshed = this.#devices.refresh(domain.users);', 'const refreshed: Result<null> = done;'),
  },
  { ...vtd, id: 'leaves-snoop-always', rule: 'VTDN-SNOOP-01', edits: edit('vtd/page-table-format.ts', 'SNP: snoops()', 'SNP: true') },
];
