/** Defects of dirty tracking: of the core, and of a driver below that it shows in. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'iommufd-riscv', system: 'iommufd', by: 'step' } as const;
const vtd = { of: 'iommufd-vtd', system: 'iommufd', by: 'step' } as const;

const DIRTY = 'iommufd/dirty.ts';

const FLAGS = "if ((fields.flags & ~DIRTY_TRACKING_ENABLE) !== 0) return refuse('EOPNOTSUPP');";
const FIND = `const hwpt = objects.find(fields.hwpt_id, HwptPaging);
  if (!hwpt.ok) return hwpt;
  if (!isTracked(hwpt.value)) return refuse('EOPNOTSUPP');
  const enable`;
const RANGE = `const range = rangeOf(context, hwpt.value, fields);
  if (!range.ok) return range;`;
const TRACKED = `if (!isTracked(hwpt.value)) return refuse('EOPNOTSUPP');
  return readRange`;

export const DIRTY_MUTANTS: readonly Mutant[] = [
  {
    ...riscv,
    id: 'tracking-of-no-hwpt-is-einval',
    rule: 'IFD-DRT-01',
    edits: edit(DIRTY, FIND, FIND.replace('return hwpt;', "return refuse('EINVAL');")),
  },
  {
    ...riscv,
    id: 'tracked-hwpt-is-looked-up-before-flags',
    rule: 'IFD-DRT-01',
    edits: edit(DIRTY, FLAGS, `if (!objects.find(fields.hwpt_id, HwptPaging).ok) return refuse('ENOENT'); ${FLAGS}`),
  },
  {
    ...vtd,
    id: 'what-was-dirty-before-counts',
    rule: 'IFD-DRT-02',
    edits: edit(DIRTY, 'enable ? hwpt.value.ioas.areas : []', '[] as typeof hwpt.value.ioas.areas'),
  },
  {
    ...vtd,
    id: 'tracking-that-stops-clears',
    rule: 'IFD-DRT-02',
    edits: edit(DIRTY, 'enable ? hwpt.value.ioas.areas : []', 'hwpt.value.ioas.areas'),
  },
  {
    ...riscv,
    id: 'page-size-0-is-taken',
    rule: 'IFD-DRT-03',
    edits: edit(DIRTY, 'page_size === 0n || (ends & (page_size - 1n)) !== 0n)', '(page_size !== 0n && (ends & (page_size - 1n)) !== 0n))'),
  },
  {
    ...riscv,
    id: 'bitmap-is-not-tracked-before-its-range',
    rule: 'IFD-DRT-03',
    edits: edit(DIRTY, RANGE, `if (!isTracked(hwpt.value)) return refuse('EOPNOTSUPP'); ${RANGE}`),
  },
  {
    ...riscv,
    id: 'bitmap-is-unaligned-before-its-end',
    rule: 'IFD-DRT-03',
    edits: edit(DIRTY, "if (overflows(range.last)) return refuse('EOVERFLOW');", "if (overflows(range.last)) return refuse('EINVAL');"),
  },
  { ...riscv, id: 'untracked-hwpt-has-a-bitmap', rule: 'IFD-DRT-03', edits: edit(DIRTY, TRACKED, 'return readRange') },
  {
    ...vtd,
    id: 'dirty-bits-are-always-cleared',
    rule: 'IFD-DRT-04',
    edits: edit(DIRTY, '(fields.flags & DIRTY_BITMAP_NO_CLEAR) === 0;', 'true;'),
  },
  {
    ...vtd,
    id: 'dirty-bits-are-never-cleared',
    rule: 'IFD-DRT-04',
    edits: edit(DIRTY, '(fields.flags & DIRTY_BITMAP_NO_CLEAR) === 0;', 'false;'),
  },
  {
    ...vtd,
    id: 'bits-are-counted-from-the-mapping',
    rule: 'IFD-DRT-04',
    edits: edit(DIRTY, 'at + page * pageSize - start, pageSize)', 'at + page * pageSize - area.start, pageSize)'),
  },
  {
    ...vtd,
    id: 'bits-stand-for-pages-of-the-hardware',
    rule: 'IFD-DRT-04',
    edits: edit(DIRTY, 'bit <= (offset + bytes - 1n) / page_size', 'bit <= offset / page_size'),
  },
  {
    ...vtd,
    id: 'cleared-dirty-bits-stay-cached',
    rule: 'IFD-DRT-04',
    edits: edit(
      'vtd/dirty.ts',
      'const flushed = domain.flush({ start: iova, last: iova + size - 1n, leafOnly: true });',
      'const flushed = ok(null);',
    ),
  },
  {
    ...vtd,
    id: 'hole-has-a-bitmap',
    rule: 'IFD-DRT-05',
    edits: edit(DIRTY, "return hardened ? refuse('EINVAL') : done;", 'return done;'),
  },
  {
    ...vtd,
    id: 'device-that-notes-nothing-is-tracked',
    rule: 'IFD-DRT-06',
    edits: edit('vtd/paging-domain.ts', '(hasDirty && !features.notesDirty) || ', ''),
  },
  {
    ...vtd,
    id: 'tracking-twice-is-ebusy',
    rule: 'IFD-DRT-07',
    edits: edit(
      'vtd/dirty.ts',
      'const before = domain.notesDirty;',
      "const before = domain.notesDirty; if (enable && before) return refuse('EBUSY');",
    ),
  },
  {
    ...riscv,
    id: 'no-bytes-stand-for-everything',
    rule: 'IFD-DRT-08',
    edits: edit(DIRTY, '(iova !== 0n || !kernel.hardened)', '(iova !== 0n || kernel.hardened)'),
  },
  {
    ...riscv,
    id: 'page-size-is-no-power-of-2',
    rule: 'IFD-DRT-09',
    edits: edit(DIRTY, "kernel.hardened && (page_size & (page_size - 1n)) !== 0n ? refuse('EINVAL')", "false ? refuse('EINVAL')"),
  },
];
