/** Section 6 of the catalogue: which pages were written to. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const DEVICES = 'vtd/devices.ts';
const DIRTY = 'vtd/dirty.ts';
const ENTRIES = 'vtd/entries.ts';

const FORGOTTEN = 'const forgotten = this.#forget(slot, before); if (forgotten.ok) return undefined;';
const forgotten = (descriptors: number): string =>
  FORGOTTEN.replace(
    'this.#forget(slot, before)',
    `this.#invalidations.issue(slot.kind.forgetting(before, slot.source).slice(0, ${descriptors}))`,
  );
const LOOKED_AT = 'if (!clear || dirty.length === 0) return ok(bitmap);';

export const DIRTY_MUTANTS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'tracking-stays-half-switched',
    rule: 'VTDN-DIRTY-01',
    by: 'all-or-nothing',
    edits: edit(
      DEVICES,
      'for (const { iommu: other, slot: changed, before } of changes.slice(0, count)) other.entries.amend(changed, before);',
      '',
    ),
  },
  {
    ...vtd,
    id: 'tracking-where-there-is-none',
    rule: 'VTDN-DIRTY-01',
    edits: edit(
      DIRTY,
      "if (!domain.purpose.hasDirty) return refuse('EOPNOTSUPP'); return devices.locked(() => {",
      'return devices.locked(() => {',
    ),
  },
  { ...vtd, id: 'tracking-is-not-announced', rule: 'VTDN-DIRTY-03', edits: edit(ENTRIES, FORGOTTEN, forgotten(0)) },
  { ...vtd, id: 'tracking-keeps-translations', rule: 'VTDN-DIRTY-03', edits: edit(ENTRIES, FORGOTTEN, forgotten(1)) },
  { ...vtd, id: 'tracking-is-not-told-to-devices', rule: 'VTDN-DIRTY-03', edits: edit(ENTRIES, FORGOTTEN, forgotten(2)) },
  { ...vtd, id: 'dirty-pages-are-never-cleared', rule: 'VTDN-DIRTY-04', edits: edit(DIRTY, LOOKED_AT, 'return ok(bitmap);') },
  { ...vtd, id: 'dirty-pages-never-stay', rule: 'VTDN-DIRTY-04', edits: edit(DIRTY, LOOKED_AT, LOOKED_AT.replace('!clear || ', '')) },
  {
    ...vtd,
    id: 'dirty-pages-are-cleared-behind-the-hardware',
    rule: 'VTDN-DIRTY-04',
    edits: edit(DIRTY, 'const flushed = domain.flush({ start: iova, last: iova + size - 1n, leafOnly: true }); if (flushed.ok)', ''),
  },
  {
    ...vtd,
    id: 'dirty-pages-are-cleared-beyond-the-range',
    rule: 'VTDN-DIRTY-04',
    edits: edit(DIRTY, 'domain.table.leaves(iova, size)', 'domain.table.leaves(0n, 2n ** 30n)'),
  },
  {
    ...vtd,
    id: 'large-page-is-dirty-in-its-first',
    rule: 'VTDN-DIRTY-04',
    edits: edit(
      DIRTY,
      'const end = iova + bytesAt(level) < range.iova + range.size ? iova + bytesAt(level) : range.iova + range.size;',
      'const end = start + range.pageSize;',
    ),
  },
];
