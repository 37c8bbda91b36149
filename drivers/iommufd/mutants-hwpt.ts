/** Section 4 of the catalogue: IOMMU_HWPT_ALLOC. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const core = { of: 'iommufd-riscv', system: 'iommufd', by: 'step' } as const;
const COMMANDS = 'iommufd/hwpt-commands.ts';
const ALLOC = 'iommufd/hwpt-alloc.ts';
const HWPT = 'iommufd/hwpt.ts';
const IOAS = 'iommufd/ioas.ts';

const RESERVED = "if (fields.__reserved !== 0n || (kernel.hardened && fields.__reserved2 !== 0n)) return refuse('EOPNOTSUPP');";
const DATA = "if ((fields.data_type === HWPT_DATA.NONE) !== (fields.data_len === 0)) return refuse('EINVAL');";
const DEVICE = 'const device = objects.find(fields.dev_id, BoundDevice); if (!device.ok) return device;';
const NONE = "allocNested(device, { paging: on.paging, viommu: on }, asked); return refuse('EINVAL');";
const ON_PAGING = 'if (on instanceof HwptPaging) return allocNested(device, { paging: on }, asked);';
const FLAGS = "if (hasOthers(flags, PAGING_FLAGS)) return refuse('EOPNOTSUPP');";
const TOGETHER = "if (has(flags, ALLOC_FAULT_ID_VALID) && has(flags, ALLOC_NEST_PARENT)) return refuse('EOPNOTSUPP');";
const DIRTY =
  "if (has(flags, ALLOC_DIRTY_TRACKING) && !(await isCapable(context.kernel, number, 'dirty-tracking'))) return refuse('EOPNOTSUPP');";
const NESTED = "if (hasOthers(flags, NESTED_FLAGS) || data === undefined || !supports.nesting) return refuse('EOPNOTSUPP');";
const PARENT = "if (viommu === undefined && (paging.isAutomatic || !paging.isNestParent)) return refuse('EINVAL');";
const GIVE_UP = 'if (!faulting.ok) { await objects.abandon(made.value); return faulting; }';
const LOOK = 'const made = await allocOn(device.value, fields); if (!made.ok) return made;';

export const HWPT_MUTANTS: readonly Mutant[] = [
  {
    ...core,
    id: 'reserved-of-hwpt-is-einval',
    rule: 'IFD-HWPT-01',
    edits: edit(COMMANDS, RESERVED, RESERVED.replace('EOPNOTSUPP', 'EINVAL')),
  },
  { ...core, id: 'reserved-after-data', rule: 'IFD-HWPT-01', edits: edit(COMMANDS, `${RESERVED} ${DATA}`, `${DATA} ${RESERVED}`) },
  {
    ...core,
    id: 'type-without-data-accepted',
    rule: 'IFD-HWPT-02',
    edits: edit(COMMANDS, DATA, "if (fields.data_type === HWPT_DATA.NONE && fields.data_len !== 0) return refuse('EINVAL');"),
  },
  {
    ...core,
    id: 'data-without-type-accepted',
    rule: 'IFD-HWPT-02',
    edits: edit(COMMANDS, DATA, "if (fields.data_type !== HWPT_DATA.NONE && fields.data_len === 0) return refuse('EINVAL');"),
  },
  { ...core, id: 'device-before-data', rule: 'IFD-HWPT-02', edits: edit(COMMANDS, `${DATA} ${DEVICE}`, `${DEVICE} ${DATA}`) },
  {
    ...core,
    id: 'missing-device-is-einval',
    rule: 'IFD-HWPT-03',
    edits: edit(COMMANDS, DEVICE, DEVICE.replace('return device;', "return refuse('EINVAL');")),
  },
  {
    ...core,
    id: 'ground-before-device',
    rule: 'IFD-HWPT-03',
    edits: edit(COMMANDS, DEVICE, `if (objects.get(fields.pt_id) === undefined) return refuse('EINVAL'); ${DEVICE}`),
  },
  {
    ...core,
    id: 'missing-ground-is-enoent',
    rule: 'IFD-HWPT-04',
    edits: edit(COMMANDS, NONE, NONE.replace("refuse('EINVAL')", "refuse('ENOENT')")),
  },
  {
    ...core,
    id: 'flags-before-ground',
    rule: 'IFD-HWPT-04',
    edits: edit(COMMANDS, LOOK, `if ((fields.flags & ~15) !== 0) return refuse('EOPNOTSUPP'); ${LOOK}`),
  },
  { ...core, id: 'flags-of-hwpt-are-einval', rule: 'IFD-HWPT-05', edits: edit(ALLOC, FLAGS, FLAGS.replace('EOPNOTSUPP', 'EINVAL')) },
  { ...core, id: 'faults-of-a-nest-parent', rule: 'IFD-HWPT-05', edits: edit(ALLOC, TOGETHER, '') },
  { ...core, id: 'dirty-tracking-is-einval', rule: 'IFD-HWPT-05', edits: edit(ALLOC, DIRTY, DIRTY.replace('EOPNOTSUPP', 'EINVAL')) },
  {
    ...core,
    id: 'dirty-tracking-found-missing-later',
    rule: 'IFD-HWPT-05',
    by: 'all-or-nothing',
    edits: [
      { file: ALLOC, find: DIRTY, replace: '' },
      {
        file: ALLOC,
        find: 'const ready = await makeReady(device, made.value, pasid);',
        replace: `${DIRTY} const ready = await makeReady(device, made.value, pasid);`,
      },
      {
        file: ALLOC,
        find: "specOf(device, 'paging', { flags, ...(data",
        replace: "specOf(device, 'paging', { flags: flags & ~ALLOC_DIRTY_TRACKING, ...(data",
      },
    ],
  },
  {
    ...core,
    id: 'parent-before-flags',
    rule: 'IFD-HWPT-06',
    edits: edit(ALLOC, `${NESTED} ${PARENT}`, `${PARENT} ${NESTED}`),
  },
  {
    ...core,
    id: 'parent-of-the-cores-own',
    rule: 'IFD-HWPT-06',
    edits: [
      { file: ALLOC, find: '(paging.isAutomatic || !paging.isNestParent)', replace: '!(paging.isAutomatic || paging.isNestParent)' },
      {
        file: ALLOC,
        find: '{ flags, ...(data && { data }) }), (seat, domain)',
        replace: '{ flags: isAutomatic ? flags | ALLOC_NEST_PARENT : flags, ...(data && { data }) }), (seat, domain)',
      },
    ],
  },
  {
    ...core,
    id: 'nested-flags-ignored',
    rule: 'IFD-HWPT-06',
    edits: [
      { file: ALLOC, find: 'hasOthers(flags, NESTED_FLAGS) || data', replace: 'data' },
      { file: ALLOC, find: "specOf(device, 'nested', { flags, data })", replace: "specOf(device, 'nested', { flags: 0, data })" },
    ],
  },
  {
    ...core,
    id: 'nested-on-nested',
    rule: 'IFD-HWPT-08',
    edits: edit(
      COMMANDS,
      ON_PAGING,
      "if (on?.type.startsWith('hwpt') === true) return allocNested(device, { paging: (on as HwptPaging).paging }, asked);",
    ),
  },
  {
    ...core,
    id: 'ground-of-another-type-is-enoent',
    rule: 'IFD-HWPT-08',
    edits: edit(COMMANDS, NONE, NONE.replace("refuse('EINVAL')", "refuse(on === undefined ? 'EINVAL' : 'ENOENT')")),
  },
  {
    ...core,
    id: 'hwpt-without-its-fault-queue-stays',
    rule: 'IFD-HWPT-09',
    by: 'all-or-nothing',
    edits: edit(COMMANDS, GIVE_UP, 'if (!faulting.ok) return faulting;'),
  },
  {
    ...core,
    id: 'fault-queue-before-hwpt',
    rule: 'IFD-HWPT-09',
    edits: edit(
      COMMANDS,
      LOOK,
      `if ((fields.flags & ALLOC_FAULT_ID_VALID) !== 0 && objects.get(fields.fault_id) === undefined) return refuse('ENOENT'); ${LOOK}`,
    ),
  },
  {
    ...core,
    id: 'fault-queue-without-the-flag',
    rule: 'IFD-HWPT-09',
    edits: edit(COMMANDS, 'if ((flags & ALLOC_FAULT_ID_VALID) === 0) return done;', 'if (fault_id === 0) return done; void flags;'),
  },
  {
    ...core,
    id: 'second-reserved-ignored',
    rule: 'IFD-HWPT-11',
    edits: edit(COMMANDS, RESERVED, "if (fields.__reserved !== 0n) return refuse('EOPNOTSUPP'); void kernel;"),
  },
  {
    ...core,
    id: 'hwpt-not-filled',
    rule: 'IFD-HWPT-12',
    edits: edit(IOAS, 'const filled = await this.#fill(this.#areas, [holder.domain]);', 'const filled = done as Result<null>;'),
  },
  {
    ...core,
    id: 'hwpt-half-filled',
    rule: 'IFD-HWPT-12',
    edits: edit(IOAS, 'await this.#fill(this.#areas, [holder.domain]);', 'await this.#fill(this.#areas.slice(0, 1), [holder.domain]);'),
  },
  {
    ...core,
    id: 'unfilled-hwpt-stays',
    rule: 'IFD-HWPT-12',
    by: 'all-or-nothing',
    edits: edit(ALLOC, 'if (!ready.ok) await context.objects.abandon(made.value);', ''),
  },
  {
    ...core,
    id: 'alignment-of-later-maps-alone',
    rule: 'IFD-HWPT-13',
    edits: edit(IOAS, "if (!this.#isAligned(alignment)) return refuse('EADDRINUSE');", ''),
  },
  {
    ...core,
    id: 'aperture-not-reserved',
    rule: 'IFD-HWPT-13',
    edits: edit(IOAS, 'for (const outside of outsideOf(holder.info)) {', 'for (const outside of outsideOf(holder.info).slice(0, 0)) {'),
  },
  {
    ...core,
    id: 'aperture-looked-at-from-below-alone',
    rule: 'IFD-HWPT-13',
    edits: edit(
      IOAS,
      '...(last < LAST_IOVA ? [{ start: last + 1n, last: LAST_IOVA }] : [])',
      '...(last < 0n ? [{ start: last + 1n, last: LAST_IOVA }] : [])',
    ),
  },
  {
    ...core,
    id: 'longer-data-cut-off',
    rule: 'IFD-HWPT-14',
    edits: edit(COMMANDS, 'length: data_len }', 'length: Math.min(data_len, 64) }'),
  },
  {
    ...core,
    id: 'shorter-data-filled-up',
    rule: 'IFD-HWPT-14',
    edits: edit(COMMANDS, 'length: data_len }', 'length: Math.max(data_len, 32) }'),
  },
  {
    ...core,
    of: 'iommufd-vtd',
    id: 'pasid-flag-lost',
    rule: 'IFD-HWPT-15',
    edits: edit(ALLOC, 'isForPasids: has(spec.flags, ALLOC_PASID)', 'isForPasids: false'),
  },
  {
    ...core,
    of: 'iommufd-vtd',
    id: 'pasids-on-every-hwpt',
    rule: 'IFD-HWPT-15',
    edits: edit(ALLOC, 'isForPasids: has(spec.flags, ALLOC_PASID)', 'isForPasids: true'),
  },
  {
    ...core,
    id: 'untold-hwpt-stays',
    rule: 'IFD-HWPT-16',
    by: 'all-or-nothing',
    edits: edit('iommufd/frame.ts', 'else await context.objects.abandon(object);', 'else context.objects.finalise(object);'),
  },
  {
    ...core,
    id: 'untold-hwpt-holds-its-ioas',
    rule: 'IFD-HWPT-16',
    edits: edit(HWPT, 'if (freed.ok) this.ioas.users--;', ''),
  },
];
