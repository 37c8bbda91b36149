/** Chapter 5 of the catalogue, first part: entries of a guest, and the ranges that they name. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const FLUSHES = 'vtd/flushes.ts';
const GUEST = 'vtd/guest-invalidations.ts';
const NESTED = 'vtd/nested-domain.ts';

const EACH_ENTRY = 'for (let handled = 0; handled < entries; handled++) {';
const NO_ENTRIES = 'if (entries === 0) return ok({ handled: 0 });';
const LEFT_AT = 'return ok({ handled, errno: carriedOut.errno });';
const LEAF_ONLY = 'leafOnly: flags === VTD_INV_FLAGS_LEAF';
const EACH_IOMMU = 'for (const iommu of this.tags.iommus) {';
const ISSUED = 'const issued = iommu.invalidations.issue(dropping(this.tags.on(iommu), 1, range));';

export const INVALIDATE_MUTANTS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'array-is-carried-out-whole-or-not-at-all',
    rule: 'VTDN-INV-02',
    edits: edit(
      GUEST,
      EACH_ENTRY,
      `for (let entry = 0; entry < entries; entry++) {
        const looked = platform.copyIn(address + BigInt(entry * ENTRY_BYTES), ENTRY_BYTES);
        if (looked.ok && HwptVtdS1Invalidate.of(numberOf(looked.value)).addr % PAGE !== 0n) return refuse('EINVAL');
      }
      ${EACH_ENTRY}`,
    ),
  },
  {
    ...vtd,
    id: 'bad-entry-is-counted',
    rule: 'VTDN-INV-02',
    edits: edit(GUEST, LEFT_AT, LEFT_AT.replace('handled,', 'handled: handled + 1,')),
  },
  { ...vtd, id: 'bad-entry-is-passed-over', rule: 'VTDN-INV-02', edits: edit(GUEST, LEFT_AT, 'continue;') },
  {
    ...vtd,
    id: 'array-is-carried-out-backwards',
    rule: 'VTDN-INV-02',
    edits: edit(GUEST, 'BigInt(handled * ENTRY_BYTES)', 'BigInt((entries - 1 - handled) * ENTRY_BYTES)'),
  },
  {
    ...vtd,
    id: 'unknown-flags-of-an-entry-are-ignored',
    rule: 'VTDN-INV-03',
    edits: edit(GUEST, '(flags !== 0 && flags !== VTD_INV_FLAGS_LEAF) ||', ''),
  },
  {
    ...vtd,
    id: 'reserved-bits-of-an-entry-are-ignored',
    rule: 'VTDN-INV-03',
    edits: edit(GUEST, '|| HwptVtdS1Invalidate.hasReserved(raw)', ''),
  },
  { ...vtd, id: 'range-begins-within-a-page', rule: 'VTDN-INV-04', edits: edit(GUEST, 'addr % PAGE !== 0n ||', '') },
  {
    ...vtd,
    id: 'everything-begins-anywhere',
    rule: 'VTDN-INV-04',
    edits: edit(GUEST, '|| (npages === EVERYTHING && addr !== 0n)', ''),
  },
  {
    ...vtd,
    id: 'everything-is-of-every-domain',
    rule: 'VTDN-INV-05',
    edits: edit(NESTED, ISSUED, ISSUED.replace('= ', '= range === undefined ? iommu.invalidations.everything() : ')),
  },
  {
    ...vtd,
    id: 'everything-is-the-first-page',
    rule: 'VTDN-INV-05',
    edits: edit(GUEST, 'return domain.flush();', 'return domain.flush({ start: 0n, last: PAGE - 1n, leafOnly: false });'),
  },
  { ...vtd, id: 'tables-are-always-dropped', rule: 'VTDN-INV-06', edits: edit(GUEST, LEAF_ONLY, 'leafOnly: false') },
  {
    ...vtd,
    id: 'width-of-a-range-without-its-place',
    rule: 'VTDN-INV-08',
    edits: edit(
      FLUSHES,
      'for (; first !== end; order++) [first, end] = [first / 2n, end / 2n];',
      'for (const pages = end - first + 1n; 2n ** BigInt(order) < pages; order++) first /= 2n;',
    ),
  },
  { ...vtd, id: 'pages-where-hardware-knows-none', rule: 'VTDN-INV-08', edits: edit(FLUSHES, '!cap.PSI ||', '') },
  { ...vtd, id: 'more-pages-than-hardware-can-be-told', rule: 'VTDN-INV-08', edits: edit(FLUSHES, '|| order > cap.MAMV', '') },
  {
    ...vtd,
    id: 'empty-array-is-refused',
    rule: 'VTDN-INV-09',
    edits: edit(GUEST, NO_ENTRIES, "if (entries === 0) return refuse('EINVAL');"),
  },
  {
    ...vtd,
    id: 'empty-array-drops-everything',
    rule: 'VTDN-INV-09',
    edits: edit(GUEST, NO_ENTRIES, `if (entries === 0) domain.flush(); ${NO_ENTRIES}`),
  },
  {
    ...vtd,
    id: 'type-of-an-empty-array-is-not-looked-at',
    rule: 'VTDN-INV-09',
    edits: edit(GUEST, 'if (type !== INVALIDATE_DATA.VTD_S1)', 'if (entries > 0 && type !== INVALIDATE_DATA.VTD_S1)'),
  },
  { ...vtd, id: 'no-pages-are-a-range', rule: 'VTDN-INV-10', edits: edit(GUEST, 'npages === 0n ||', '') },
  { ...vtd, id: 'range-beyond-the-last-address', rule: 'VTDN-INV-11', edits: edit(GUEST, '|| addr + npages * PAGE > ADDRESSES', '') },
  {
    ...vtd,
    id: 'invalidation-for-nobody-is-refused',
    rule: 'VTDN-INV-12',
    edits: edit(NESTED, EACH_IOMMU, `if (this.tags.iommus.length === 0) return refuse('EINVAL'); ${EACH_IOMMU}`),
  },
];
