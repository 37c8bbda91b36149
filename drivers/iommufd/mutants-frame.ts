/** Sections 1 and 2 of the catalogue: the frame of ioctls, and objects. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const core = { of: 'iommufd-riscv', system: 'iommufd', by: 'step' } as const;
const FRAME = 'iommufd/frame.ts';
const OBJECTS = 'iommufd/objects.ts';
const HWPT = 'iommufd/hwpt.ts';
const EVENTS = 'iommufd/event-file.ts';

const DESTROY_USED = "if (object.users > 1) return refuse('EBUSY');";

export const FRAME_MUTANTS: readonly Mutant[] = [
  {
    ...core,
    id: 'unknown-ioctl-accepted',
    rule: 'IFD-FRM-01',
    edits: edit(FRAME, "if (name === undefined) return refuse('ENOTTY');", 'if (name === undefined) return ok(0);'),
  },
  {
    ...core,
    id: 'unreadable-size-is-none',
    rule: 'IFD-FRM-02',
    edits: edit(FRAME, 'if (!size.ok) return size;', "if (!size.ok) return refuse('EINVAL');"),
  },
  {
    ...core,
    id: 'direction-of-ioctl-ignored',
    rule: 'IFD-FRM-03',
    edits: edit(FRAME, "if (requestOf(IOCTLS[name]) !== request) return refuse('ENOTTY');", ''),
  },
  {
    ...core,
    id: 'short-structure-accepted',
    rule: 'IFD-FRM-04',
    edits: edit(FRAME, "if (userBytes < leastBytesOf(which)) return refuse('EINVAL');", ''),
  },
  {
    ...core,
    id: 'minimum-off-by-four',
    rule: 'IFD-FRM-04',
    edits: edit(FRAME, 'userBytes < leastBytesOf(which)', 'userBytes < leastBytesOf(which) - 4'),
  },
  {
    ...core,
    id: 'tail-ignored',
    rule: 'IFD-FRM-05',
    edits: edit(FRAME, "if (copied.value.some((byte) => byte !== 0)) return refuse('E2BIG');", ''),
  },
  {
    ...core,
    id: 'tail-looked-at-after-the-command',
    rule: 'IFD-FRM-05',
    edits: edit(
      FRAME,
      'const raw = copyStructure(context, IOCTLS[name], argument, userBytes);',
      `const checked = copyStructure(context, IOCTLS[name], argument, userBytes);
       const flags = checked.ok ? undefined : context.copyIn(argument + 4n, 1);
       if (flags?.ok === true && flags.value[0] !== 0) return refuse('EOPNOTSUPP');
       const raw = checked;`,
    ),
  },
  {
    ...core,
    id: 'missing-members-are-what-lies-there',
    rule: 'IFD-FRM-06',
    edits: edit(
      FRAME,
      'const copied = context.copyIn(argument, Math.min(bytes, userBytes));',
      'const copied = context.copyIn(argument, bytes);',
    ),
  },
  {
    ...core,
    id: 'untold-object-stays',
    rule: 'IFD-FRM-07',
    by: 'all-or-nothing',
    edits: edit(
      FRAME,
      'if (responded.ok) context.objects.finalise(object);',
      'if (responded.ok || true) context.objects.finalise(object);',
    ),
  },
  {
    ...core,
    id: 'answer-beyond-the-structure',
    rule: 'IFD-FRM-08',
    edits: edit(
      FRAME,
      'bytesFrom(layout.with(raw, values), Math.min(bytesOf(which), userBytes))',
      'bytesFrom(layout.with(raw, values), bytesOf(which))',
    ),
  },
  {
    ...core,
    id: 'unknown-flags-are-einval',
    rule: 'IFD-FRM-09',
    edits: edit(
      'iommufd/ioas-commands.ts',
      "if ((flags & ~MAP_FLAGS) !== 0 || hasReserved) return refuse('EOPNOTSUPP');",
      "if ((flags & ~MAP_FLAGS) !== 0 || hasReserved) return refuse('EINVAL');",
    ),
  },
  {
    ...core,
    id: 'object-of-another-type-is-einval',
    rule: 'IFD-OBJ-01',
    edits: edit(
      OBJECTS,
      "return object instanceof type ? ok(object) : refuse('ENOENT');",
      "return object instanceof type ? ok(object) : refuse(object === undefined ? 'ENOENT' : 'EINVAL');",
    ),
  },
  {
    ...core,
    id: 'nothing-to-stand-on-is-enoent',
    rule: 'IFD-OBJ-02',
    edits: edit(
      'iommufd/hwpt-commands.ts',
      "allocNested(device, { paging: on.paging, viommu: on }, asked); return refuse('EINVAL');",
      "allocNested(device, { paging: on.paging, viommu: on }, asked); return refuse(on === undefined ? 'ENOENT' : 'EINVAL');",
    ),
  },
  {
    ...core,
    id: 'destroyed-twice',
    rule: 'IFD-OBJ-03',
    edits: edit(OBJECTS, "if (object === undefined) return refuse('ENOENT');", 'if (object === undefined) return done;'),
  },
  {
    ...core,
    id: 'hwpt-does-not-hold-its-fault-queue',
    rule: 'IFD-OBJ-04',
    edits: [
      { file: HWPT, find: 'fault.users++;', replace: '' },
      { file: HWPT, find: 'if (freed.ok && this.fault !== undefined) this.fault.users--;', replace: '' },
    ],
  },
  { ...core, id: 'destroyed-while-used', rule: 'IFD-OBJ-04', edits: edit(OBJECTS, DESTROY_USED, '') },
  {
    ...core,
    id: 'bound-device-destroyed',
    rule: 'IFD-OBJ-05',
    edits: edit(OBJECTS, DESTROY_USED, DESTROY_USED.replace('if (', "if (object.type !== 'device' && ")),
  },
  {
    ...core,
    id: 'open-file-holds-nothing',
    rule: 'IFD-OBJ-06',
    edits: [
      { file: EVENTS, find: 'object.users++;', replace: '' },
      { file: EVENTS, find: 'object.users--;', replace: '' },
    ],
  },
  {
    ...core,
    id: 'devices-stay-when-everything-goes',
    rule: 'IFD-OBJ-07',
    edits: edit('iommufd/leave.ts', 'for (const { id } of context.objects.all(BoundDevice)) await unbind(context, id);', ''),
  },
  {
    ...core,
    id: 'automatic-hwpt-stays',
    rule: 'IFD-OBJ-08',
    edits: edit(HWPT, 'if (hwpt instanceof HwptPaging && hwpt.isAutomatic && hwpt.users === 1)', 'if (hwpt.users === 0)'),
  },
  {
    ...core,
    id: 'hwpt-of-the-user-goes-with-its-device',
    rule: 'IFD-OBJ-08',
    edits: edit(
      HWPT,
      'if (hwpt instanceof HwptPaging && hwpt.isAutomatic && hwpt.users === 1)',
      'if (hwpt instanceof HwptPaging && hwpt.users === 1)',
    ),
  },
  { ...core, id: 'ids-from-zero', rule: 'IFD-OBJ-09', edits: edit(OBJECTS, 'let id = 1;', 'let id = 0;') },
  {
    ...core,
    id: 'hwpt-does-not-hold-its-ioas',
    rule: 'IFD-OBJ-10',
    edits: [
      { file: HWPT, find: 'ioas.users++;', replace: '' },
      { file: HWPT, find: 'if (freed.ok) this.ioas.users--;', replace: '' },
    ],
  },
];
