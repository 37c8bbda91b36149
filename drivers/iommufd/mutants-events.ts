/** Defects of what is asked of queues and virtual IOMMUs before there are any, and of reserved regions. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'iommufd-riscv', system: 'iommufd', by: 'step' } as const;

const COMMANDS = 'iommufd/commands.ts';
const QUEUE = 'iommufd/fault-queue.ts';
const VIOMMU = 'iommufd/viommu.ts';
const VEVENTQ = 'iommufd/veventq.ts';
const CORE = 'iommufd/core.ts';
const ATTACH = 'iommufd/attach.ts';
const PROBED = 'iommufd/probed-devices.ts';

const VIOMMU_FLAGS = "if (fields.flags !== 0 || fields.type === TYPE_DEFAULT) return refuse('EOPNOTSUPP');";
const VIOMMU_ORDER =
  "if (!kernel.supports.viommu) return refuse('EOPNOTSUPP'); const paging = objects.find(fields.hwpt_id, HwptPaging); if (!paging.ok) return paging;";
const VEVENTQ_DEPTH = "if (fields.veventq_depth === 0) return refuse('EINVAL');";
const HW_QUEUE_LENGTH = "if (fields.length === 0n) return refuse('EINVAL');";
const HW_QUEUE_END = "if (overflows(fields.nesting_parent_iova + fields.length - 1n)) return refuse('EOVERFLOW');";
const UNRESERVE = 'devices.delete(device); if (pasid === NO_PASID) hwpt.paging.ioas.unreserve(device);';

export const EVENT_MUTANTS: readonly Mutant[] = [
  {
    ...riscv,
    id: 'fault-queue-takes-flags',
    rule: 'IFD-FLT-01',
    edits: edit(COMMANDS, "if (fields.flags !== 0) return refuse('EOPNOTSUPP');", ''),
  },
  {
    ...riscv,
    id: 'fault-queue-goes-under-its-file',
    rule: 'IFD-FLT-01',
    edits: edit('iommufd/event-file.ts', 'object.users++; context.files++;', 'context.files++;'),
  },
  {
    ...riscv,
    id: 'part-of-a-fault-is-read',
    rule: 'IFD-FLT-02',
    edits: edit(QUEUE, 'if (misplaced !== undefined || length % RECORD_BYTES !== 0)', 'if (misplaced !== undefined)'),
  },
  {
    ...riscv,
    id: 'faults-are-read-from-further-on',
    rule: 'IFD-FLT-02',
    edits: edit(QUEUE, 'if (misplaced !== undefined || length % RECORD_BYTES !== 0)', 'if (length % RECORD_BYTES !== 0)'),
  },
  {
    ...riscv,
    id: 'answer-to-nobody-is-taken',
    rule: 'IFD-FLT-06',
    edits: edit(QUEUE, "if (group === undefined) return refuse('EINVAL');", 'if (group === undefined) return done;'),
  },
  {
    ...riscv,
    id: 'part-of-an-answer-is-taken',
    rule: 'IFD-FLT-06',
    edits: edit(QUEUE, 'if (noPosition(offset) !== undefined || length % RESPONSE_BYTES !== 0)', 'if (noPosition(offset) !== undefined)'),
  },
  {
    ...riscv,
    id: 'answer-comes-from-further-on',
    rule: 'IFD-FLT-06',
    edits: edit(QUEUE, 'if (noPosition(offset) !== undefined || length % RESPONSE_BYTES !== 0)', 'if (length % RESPONSE_BYTES !== 0)'),
  },
  {
    ...riscv,
    id: 'answer-that-cannot-be-read-counts',
    rule: 'IFD-FLT-12',
    edits: edit(QUEUE, 'if (!copied.ok) return copied;', 'if (!copied.ok) return done;'),
  },
  {
    ...riscv,
    id: 'empty-fault-queue-is-readable',
    rule: 'IFD-FLT-10',
    edits: edit(QUEUE, 'readable: this.#pending.length > 0', 'readable: this.#pending.length >= 0'),
  },
  {
    ...riscv,
    id: 'empty-fault-queue-takes-no-answers',
    rule: 'IFD-FLT-10',
    edits: edit(QUEUE, 'this.#pending.length > 0, writable: true', 'this.#pending.length > 0, writable: this.#pending.length > 0'),
  },
  {
    ...riscv,
    id: 'device-is-looked-up-before-the-type',
    rule: 'IFD-VI-01',
    edits: edit(VIOMMU, VIOMMU_FLAGS, `if (!objects.find(fields.dev_id, BoundDevice).ok) return refuse('ENOENT'); ${VIOMMU_FLAGS}`),
  },
  {
    ...riscv,
    id: 'hwpt-is-looked-up-before-the-driver',
    rule: 'IFD-VI-01',
    edits: edit(
      VIOMMU,
      VIOMMU_ORDER,
      "const paging = objects.find(fields.hwpt_id, HwptPaging); if (!paging.ok) return paging; if (!kernel.supports.viommu) return refuse('EOPNOTSUPP');",
    ),
  },
  {
    ...riscv,
    id: 'virtual-device-of-no-viommu-is-einval',
    rule: 'IFD-VI-02',
    edits: edit(
      VIOMMU,
      'const viommu = objects.find(fields.viommu_id, Viommu); if (!viommu.ok) return viommu;',
      "const viommu = objects.find(fields.viommu_id, Viommu); if (!viommu.ok) return refuse('EINVAL');",
    ),
  },
  {
    ...riscv,
    id: 'viommu-is-looked-up-before-the-depth',
    rule: 'IFD-VEQ-01',
    edits: edit(VEVENTQ, VEVENTQ_DEPTH, `if (!objects.find(fields.viommu_id, Viommu).ok) return refuse('ENOENT'); ${VEVENTQ_DEPTH}`),
  },
  {
    ...riscv,
    id: 'depth-is-looked-at-before-the-type',
    rule: 'IFD-VEQ-01',
    edits: edit(
      VEVENTQ,
      "if (fields.flags !== 0 || hasReserved || fields.type === TYPE_DEFAULT) return refuse('EOPNOTSUPP');",
      `${VEVENTQ_DEPTH} if (fields.flags !== 0 || hasReserved || fields.type === TYPE_DEFAULT) return refuse('EOPNOTSUPP');`,
    ),
  },
  { ...riscv, id: 'queue-of-no-bytes', rule: 'IFD-HWQ-01', edits: edit(COMMANDS, HW_QUEUE_LENGTH, '') },
  { ...riscv, id: 'queue-beyond-the-end', rule: 'IFD-HWQ-01', edits: edit(COMMANDS, HW_QUEUE_END, '') },
  {
    ...riscv,
    id: 'queue-up-to-the-end-is-too-long',
    rule: 'IFD-HWQ-01',
    edits: edit(COMMANDS, HW_QUEUE_END, HW_QUEUE_END.replace(' - 1n', '')),
  },
  {
    ...riscv,
    id: 'file-is-mapped-for-one-process',
    rule: 'IFD-MMAP-01',
    edits: edit(CORE, "if (length === 0 || offset % PAGE !== 0n || !shared) return refuse('EINVAL');", ''),
  },
  {
    ...riscv,
    id: 'file-is-mapped-to-be-executed',
    rule: 'IFD-MMAP-01',
    edits: edit(CORE, "return execute ? refuse('EPERM') : refuse('ENXIO');", "return refuse('ENXIO');"),
  },
  {
    ...riscv,
    id: 'relaxable-region-is-reserved',
    rule: 'IFD-RSV-01',
    edits: edit(PROBED, "kind !== 'direct-relaxable' && length > 0n", 'length > 0n'),
  },
  {
    ...riscv,
    id: 'interrupts-are-mapped-over',
    rule: 'IFD-RSV-01',
    edits: edit(PROBED, "kind !== 'direct-relaxable' && length > 0n", "kind !== 'direct-relaxable' && kind !== 'msi' && length > 0n"),
  },
  {
    ...riscv,
    id: 'hardware-and-software-disagree',
    rule: 'IFD-RSV-01',
    edits: edit(ATTACH, "(agree(regions) ? undefined : refuse('EINVAL'))", 'undefined'),
  },
  {
    ...riscv,
    id: 'software-says-it-twice',
    rule: 'IFD-RSV-01',
    edits: edit(PROBED, "(count('sw-msi') === 1 && count('msi') === 0)", "count('msi') === 0"),
  },
  {
    ...riscv,
    id: 'region-stays-reserved',
    rule: 'IFD-RSV-02',
    edits: edit(ATTACH, UNRESERVE, 'devices.delete(device);'),
  },
  {
    ...riscv,
    id: 'region-stays-reserved-after-a-move',
    rule: 'IFD-RSV-02',
    edits: edit(ATTACH, 'if (moves) for (const one of attachment.devices) old.paging.ioas.unreserve(one);', ''),
  },
  {
    ...riscv,
    id: 'first-device-frees-the-region-of-all',
    rule: 'IFD-RSV-02',
    edits: edit(
      'iommufd/ioas.ts',
      'this.#reserved.filter((reserved) => reserved.by !== by);',
      "this.#reserved.filter((reserved) => 'domain' in reserved.by && reserved.by !== by);",
    ),
  },
];
