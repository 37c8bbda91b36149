/** Defects of the IOAS: mapping, unmapping and copying, which IOVAs there are, and the options. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'iommufd-riscv', system: 'iommufd', by: 'step' } as const;

const COMMANDS = 'iommufd/ioas-commands.ts';
const IOAS = 'iommufd/ioas.ts';
const PLAN = 'iommufd/plan.ts';
const CHOICE = 'iommufd/choose-iova.ts';
const OPTIONS = 'iommufd/options.ts';

const MAP_FLAGS = "if ((flags & ~MAP_FLAGS) !== 0 || hasReserved) return refuse('EOPNOTSUPP');";
const COPY_FLAGS = "if ((flags & ~MAP_FLAGS) !== 0) return refuse('EOPNOTSUPP');";
const RESERVED = "if (overlapping(reserved, range) !== undefined) return refuse('EINVAL');";
const FREE = "return overlapping(areas, range) === undefined ? ok(at) : refuse('EEXIST');";
const CUT = "if (area.start < range.start || area.last > range.last) return refuse('ENOENT');";
const BUSY = "if (!context.objects.isEmpty) return refuse('EBUSY');";
const ALLOW = "if (ranges.some((range) => overlapping(this.#reserved, range) !== undefined)) return refuse('EADDRINUSE');";

export const IOAS_MUTANTS: readonly Mutant[] = [
  {
    ...riscv,
    id: 'last-iova-is-einval',
    rule: 'IFD-IOAS-01',
    edits: edit(
      COMMANDS,
      "if (isTooLarge(iova, length)) return refuse('EOVERFLOW');",
      "if (isTooLarge(iova, length)) return refuse('EINVAL');",
    ),
  },
  {
    ...riscv,
    id: 'ioas-is-looked-up-before-flags',
    rule: 'IFD-IOAS-01',
    edits: edit(COMMANDS, MAP_FLAGS, `if (!context.objects.find(fields.ioas_id, Ioas).ok) return refuse('ENOENT'); ${MAP_FLAGS}`),
  },
  {
    ...riscv,
    id: 'overlap-is-told-before-reserved',
    rule: 'IFD-IOAS-02',
    edits: edit(
      PLAN,
      `${RESERVED} ${FREE}`,
      "if (overlapping(areas, range) !== undefined) return refuse('EEXIST'); return overlapping(reserved, range) === undefined ? ok(at) : refuse('EINVAL');",
    ),
  },
  {
    ...riscv,
    id: 'reserved-is-told-before-the-end',
    rule: 'IFD-IOAS-02',
    edits: edit(PLAN, "if (overflows(range.last)) return refuse('EOVERFLOW');", "if (overflows(range.last)) return refuse('EINVAL');"),
  },
  { ...riscv, id: 'reserved-can-be-mapped', rule: 'IFD-IOAS-02', edits: edit(PLAN, RESERVED, '') },
  {
    ...riscv,
    id: 'iova-0-is-chosen',
    rule: 'IFD-IOAS-03',
    edits: edit(CHOICE, 'const CHOICE: IovaRange = { start: PAGE,', 'const CHOICE: IovaRange = { start: 0n,'),
  },
  {
    ...riscv,
    id: 'reserved-is-chosen',
    rule: 'IFD-IOAS-03',
    edits: edit(PLAN, 'taken: [...reserved, ...areas] }', 'taken: [...areas] }'),
  },
  {
    ...riscv,
    id: 'choice-forgets-what-is-allowed',
    rule: 'IFD-IOAS-03',
    edits: edit(CHOICE, 'allowed.length === 0 ? [CHOICE]', 'allowed.length >= 0 ? [CHOICE]'),
  },
  {
    ...riscv,
    id: 'choice-forgets-the-offset',
    rule: 'IFD-IOAS-03',
    edits: edit(CHOICE, '& -aligned) | (address % PAGE);', '& -aligned);'),
  },
  {
    ...riscv,
    id: 'first-domain-keeps-the-mapping',
    rule: 'IFD-IOAS-04',
    by: 'all-or-nothing',
    edits: edit(IOAS, 'for (const step of undo) await step();', ''),
  },
  {
    ...riscv,
    id: 'first-page-stays-mapped',
    rule: 'IFD-IOAS-04',
    by: 'all-or-nothing',
    edits: edit('iommufd/areas.ts', 'iova === area.start || (await', 'iova >= area.start || (await'),
  },
  { ...riscv, id: 'unmap-cuts-a-mapping', rule: 'IFD-IOAS-05', edits: edit(IOAS, CUT, '') },
  {
    ...riscv,
    id: 'unmap-of-nothing-succeeds',
    rule: 'IFD-IOAS-05',
    edits: edit(COMMANDS, "if (unmapped.value === 0n && !isAll) return refuse('ENOENT');", ''),
  },
  {
    ...riscv,
    id: 'last-count-from-anywhere-is-everything',
    rule: 'IFD-IOAS-05',
    edits: edit(COMMANDS, 'const isAll = iova === 0n && length === LAST_IOVA;', 'const isAll = length === LAST_IOVA;'),
  },
  {
    ...riscv,
    id: 'unmap-all-of-nothing-is-enoent',
    rule: 'IFD-IOAS-06',
    edits: edit(COMMANDS, 'if (unmapped.value === 0n && !isAll)', 'if (unmapped.value === 0n)'),
  },
  {
    ...riscv,
    id: 'unmap-that-stops-has-done-nothing',
    rule: 'IFD-IOAS-07',
    edits: edit(
      IOAS,
      'let bytes = 0n;',
      "let bytes = 0n; if (this.#areas.some((one) => one.start <= range.last && one.last > range.last)) return refuse('ENOENT');",
    ),
  },
  {
    ...riscv,
    id: 'unmap-that-stops-tells-a-length',
    rule: 'IFD-IOAS-07',
    edits: edit(COMMANDS, 'if (!unmapped.ok) return unmapped;', 'if (!unmapped.ok) { respond({ length: 0n }); return unmapped; }'),
  },
  {
    ...riscv,
    id: 'copy-of-what-is-read-is-written',
    rule: 'IFD-IOAS-08',
    edits: edit(PLAN, "if (prot.write && !source.pages.writable) return refuse('EPERM');", ''),
  },
  {
    ...riscv,
    id: 'copy-goes-over-a-gap',
    rule: 'IFD-IOAS-08',
    edits: edit(IOAS, "if (area === undefined) return refuse('ENOENT');", 'if (area === undefined) break;'),
  },
  {
    ...riscv,
    id: 'copy-looks-for-its-source-first',
    rule: 'IFD-IOAS-08',
    edits: edit(COMMANDS, COPY_FLAGS, `if (!objects.find(fields.src_ioas_id, Ioas).ok) return refuse('ENOENT'); ${COPY_FLAGS}`),
  },
  {
    ...riscv,
    id: 'list-that-is-cut-off-is-no-error',
    rule: 'IFD-IOAS-09',
    edits: edit(COMMANDS, "return ranges.length > fields.num_iovas ? refuse('EMSGSIZE') : done;", 'return done;'),
  },
  {
    ...riscv,
    id: 'ranges-are-counted-as-far-as-they-fit',
    rule: 'IFD-IOAS-09',
    edits: edit(COMMANDS, 'num_iovas: ranges.length,', 'num_iovas: Math.min(ranges.length, fields.num_iovas),'),
  },
  {
    ...riscv,
    id: 'refused-list-is-allowed',
    rule: 'IFD-IOAS-10',
    edits: edit(IOAS, ALLOW, `this.#allowed = ranges; ${ALLOW}`),
  },
  { ...riscv, id: 'reserved-is-allowed', rule: 'IFD-IOAS-10', edits: edit(IOAS, ALLOW, '') },
  {
    ...riscv,
    id: 'allowed-ranges-overlap',
    rule: 'IFD-IOAS-10',
    edits: edit(COMMANDS, 'if (start >= last || overlapping(ranges, { start, last }) !== undefined)', 'if (start >= last)'),
  },
  {
    ...riscv,
    id: 'allowed-range-of-one-address',
    rule: 'IFD-IOAS-10',
    edits: edit(COMMANDS, 'if (start >= last ||', 'if (start > last ||'),
  },
  {
    ...riscv,
    id: 'allowed-ranges-add-up',
    rule: 'IFD-IOAS-10',
    edits: edit(IOAS, 'this.#allowed = ranges;', 'this.#allowed = [...this.#allowed, ...ranges];'),
  },
  {
    ...riscv,
    id: 'attach-forgets-what-is-allowed',
    rule: 'IFD-IOAS-11',
    edits: edit(IOAS, '|| overlapping(this.#allowed, range) !== undefined) return', ') return'),
  },
  { ...riscv, id: 'mode-changes-under-objects', rule: 'IFD-IOAS-12', edits: edit(OPTIONS, BUSY, '') },
  {
    ...riscv,
    id: 'mode-of-an-object',
    rule: 'IFD-IOAS-12',
    edits: edit(OPTIONS, "if (object_id !== 0) return refuse('EOPNOTSUPP');", ''),
  },
  {
    ...riscv,
    id: 'pages-are-parted-while-mapped',
    rule: 'IFD-IOAS-12',
    edits: edit(IOAS, "if (!joins && this.#holders.length > 0 && this.#areas.length > 0) return refuse('EINVAL');", ''),
  },
  {
    ...riscv,
    id: 'new-hwpt-misses-earlier-areas',
    rule: 'IFD-IOAS-14',
    edits: edit(IOAS, 'const filled = await this.#fill(this.#areas, [holder.domain]);', 'const filled = done;'),
  },
  {
    ...riscv,
    id: 'only-the-first-hwpt-is-filled',
    rule: 'IFD-IOAS-14',
    edits: edit(IOAS, 'await this.#fill(planned.value, this.#domains)', 'await this.#fill(planned.value, this.#domains.slice(0, 1))'),
  },
  {
    ...riscv,
    id: 'own-memory-is-given-over',
    rule: 'IFD-IOAS-15',
    edits: edit(COMMANDS, "some(({ areas }) => areas.length > 0) ? refuse('EINVAL') : done;", 'some(() => false) ? done : done;'),
  },
];
