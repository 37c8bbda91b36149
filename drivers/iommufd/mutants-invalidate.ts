/** Sections 5 and 6 of the catalogue: IOMMU_HWPT_INVALIDATE and IOMMU_GET_HW_INFO. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const core = { of: 'iommufd-riscv', system: 'iommufd', by: 'step' } as const;
const COMMANDS = 'iommufd/commands.ts';
const INFO = 'iommufd/hw-info.ts';

const RESERVED = "if (hasReserved) return { handled: 0, outcome: refuse('EOPNOTSUPP') };";
const ARRAY = "if (entries > 0 && (address === 0n || entryLength === 0)) return { handled: 0, outcome: refuse('EINVAL') };";
const OBJECT =
  "const object = context.objects.get(fields.hwpt_id); if (object === undefined) return { handled: 0, outcome: refuse('ENOENT') };";
const TYPE = "if (!(object instanceof HwptNested || object instanceof Viommu)) return { handled: 0, outcome: refuse('EINVAL') };";
const RESPOND = 'const responded = call.respond({ entry_num: handled });';
const CALL = 'await context.kernel.driver.cacheInvalidate(target, { type, address, entryLength, entries });';
const COUNT = 'return { handled, outcome: errno === undefined ? done : refuse(errno) };';
const FLAGS = "if ((fields.flags & ~HW_INFO_INPUT_TYPE) !== 0 || hasReserved) return refuse('EOPNOTSUPP');";
const DEVICE = 'const device = context.objects.find(fields.dev_id, BoundDevice); if (!device.ok) return device;';
const ASKED = '(fields.flags & HW_INFO_INPUT_TYPE) === 0 ? HW_INFO.NONE : fields.out_data_type';
const CLEAR = 'return copied.ok ? clear(context, address + BigInt(bytes.length), room - bytes.length) : copied;';

export const INVALIDATE_MUTANTS: readonly Mutant[] = [
  { ...core, id: 'array-before-reserved', rule: 'IFD-INV-01', edits: edit(COMMANDS, `${RESERVED} ${ARRAY}`, `${ARRAY} ${RESERVED}`) },
  { ...core, id: 'object-before-array', rule: 'IFD-INV-01', edits: edit(COMMANDS, `${ARRAY} ${OBJECT}`, `${OBJECT} ${ARRAY}`) },
  { ...core, id: 'array-not-looked-at', rule: 'IFD-INV-01', edits: edit(COMMANDS, ARRAY, '') },
  {
    ...core,
    id: 'unfit-object-is-eopnotsupp',
    rule: 'IFD-INV-01',
    edits: edit(COMMANDS, TYPE, TYPE.replace('EINVAL', 'EOPNOTSUPP')),
  },
  {
    ...core,
    id: 'entries-left-as-given',
    rule: 'IFD-INV-02',
    edits: edit(COMMANDS, RESPOND, `if (!outcome.ok) return outcome; ${RESPOND}`),
  },
  {
    ...core,
    id: 'entries-never-told',
    rule: 'IFD-INV-02',
    edits: edit(COMMANDS, RESPOND, 'const responded = call.respond({ entry_num: 0 }); void handled;'),
  },
  {
    ...core,
    id: 'untold-entries-do-not-matter',
    rule: 'IFD-INV-03',
    edits: edit(COMMANDS, 'return responded.ok ? outcome : responded;', 'void responded; return outcome;'),
  },
  {
    ...core,
    id: 'refusal-before-untold-entries',
    rule: 'IFD-INV-03',
    edits: edit(COMMANDS, 'return responded.ok ? outcome : responded;', 'return responded.ok || !outcome.ok ? outcome : responded;'),
  },
  {
    ...core,
    id: 'all-entries-or-none',
    rule: 'IFD-INV-04',
    edits: edit(
      COMMANDS,
      COUNT,
      'return { handled: errno === undefined ? handled : 0, outcome: errno === undefined ? done : refuse(errno) };',
    ),
  },
  {
    ...core,
    id: 'wrong-entry-skipped',
    rule: 'IFD-INV-04',
    edits: edit(
      COMMANDS,
      COUNT,
      `if (errno !== undefined && handled + 1 < entries) {
        const rest = { type, entryLength, address: address + BigInt((handled + 1) * entryLength), entries: entries - handled - 1 };
        const skipped = await context.kernel.driver.cacheInvalidate(target, rest);
        if (skipped.ok) return { handled: handled + skipped.value.handled, outcome: refuse(errno) };
      }
      ${COUNT}`,
    ),
  },
  {
    ...core,
    id: 'entries-of-the-error-not-done',
    rule: 'IFD-INV-04',
    edits: edit(
      'riscv/guest-invalidations.ts',
      'const issued = carryOut(domain, commands);',
      'const issued = carryOut(domain, errno === undefined ? commands : []);',
    ),
  },
  {
    ...core,
    id: 'all-entries-said-to-be-done',
    rule: 'IFD-INV-05',
    edits: edit(COMMANDS, RESPOND, 'void handled; const responded = call.respond({});'),
  },
  {
    ...core,
    id: 'entries-not-carried-out',
    rule: 'IFD-INV-05',
    edits: edit(
      'riscv/guest-invalidations.ts',
      'const issued = carryOut(domain, commands);',
      'const issued = carryOut(domain, commands.slice(0, 0));',
    ),
  },
  {
    ...core,
    id: 'empty-array-refused',
    rule: 'IFD-INV-06',
    edits: edit(COMMANDS, TYPE, `${TYPE} if (entries === 0) return { handled: 0, outcome: refuse('EINVAL') };`),
  },
  {
    ...core,
    id: 'empty-array-of-anything',
    rule: 'IFD-INV-06',
    edits: edit(COMMANDS, TYPE, `${TYPE} if (entries === 0) return { handled: 0, outcome: done };`),
  },
  {
    ...core,
    id: 'length-of-an-empty-array',
    rule: 'IFD-INV-06',
    edits: edit('riscv/guest-invalidations.ts', 'if (array.entries === 0) return ok({ handled: 0 });', ''),
  },
  {
    ...core,
    id: 'first-entry-of-any-type',
    rule: 'IFD-INV-07',
    edits: edit(
      'riscv/guest-invalidations.ts',
      "if (array.type !== INVALIDATE_DATA.RISCV_IOMMU) return refuse('EOPNOTSUPP');",
      "if (array.type !== INVALIDATE_DATA.RISCV_IOMMU) return ok({ handled: Math.min(array.entries, 1), errno: 'EINVAL' });",
    ),
  },
  {
    ...core,
    id: 'stride-of-the-kernels-structure',
    rule: 'IFD-INV-08',
    edits: edit(COMMANDS, CALL, CALL.replace('entryLength,', 'entryLength: 16,')),
  },
  {
    ...core,
    id: 'invalidation-later',
    rule: 'IFD-INV-11',
    edits: edit(
      'riscv/guest-invalidations.ts',
      'const issued = carryOut(domain, commands);',
      'queueMicrotask(() => void commands); const issued = ok(null) as Result<null>; void carryOut;',
    ),
  },
  { ...core, id: 'device-before-flags', rule: 'IFD-INFO-01', edits: edit(INFO, `${FLAGS} ${DEVICE}`, `${DEVICE} ${FLAGS}`) },
  {
    ...core,
    id: 'reserved-of-hw-info-ignored',
    rule: 'IFD-INFO-01',
    edits: edit(INFO, FLAGS, "if ((fields.flags & ~HW_INFO_INPUT_TYPE) !== 0) return refuse('EOPNOTSUPP'); void hasReserved;"),
  },
  { ...core, id: 'type-asked-for-without-the-flag', rule: 'IFD-INFO-02', edits: edit(INFO, ASKED, 'fields.out_data_type') },
  { ...core, id: 'default-type-instead', rule: 'IFD-INFO-03', edits: edit(INFO, ASKED, 'HW_INFO.NONE') },
  {
    ...core,
    id: 'short-room-refused',
    rule: 'IFD-INFO-05',
    edits: edit(
      INFO,
      'const copied = copyPadded(context, fields.data_uptr, data, fields.data_len);',
      "if (fields.data_len > 0 && fields.data_len < data.length) return refuse('EMSGSIZE'); const copied = copyPadded(context, fields.data_uptr, data, fields.data_len);",
    ),
  },
  {
    ...core,
    id: 'more-than-there-is-room-for',
    rule: 'IFD-INFO-05',
    edits: edit(
      INFO,
      'const bytes = new Uint8Array(Math.min(room, data.length));',
      'const bytes = new Uint8Array(room === 0 ? 0 : data.length);',
    ),
  },
  { ...core, id: 'rest-not-cleared', rule: 'IFD-INFO-05', edits: edit(INFO, CLEAR, 'return copied; void clear;') },
  {
    ...core,
    id: 'rest-cleared-to-a-page',
    rule: 'IFD-INFO-05',
    edits: edit(
      INFO,
      'for (let at = 0; at < length; at += CHUNK) {',
      'for (let at = 0; at < Math.min(length, 64); at += CHUNK) { length = Math.min(length, 64);',
    ),
  },
  {
    ...core,
    id: 'length-of-what-was-copied',
    rule: 'IFD-INFO-06',
    edits: edit(INFO, 'data_len: data.length,', 'data_len: Math.min(data.length, fields.data_len),'),
  },
  {
    ...core,
    id: 'length-as-given',
    rule: 'IFD-INFO-06',
    edits: edit(INFO, 'data_len: data.length,', 'data_len: Math.max(data.length, fields.data_len),'),
  },
  {
    ...core,
    id: 'unwritable-information-accepted',
    rule: 'IFD-INFO-07',
    edits: edit(INFO, 'if (!copied.ok) return copied; return respond({', 'return respond({'),
  },
  {
    ...core,
    id: 'unclearable-memory-accepted',
    rule: 'IFD-INFO-07',
    edits: edit(INFO, 'if (!cleared.ok) return cleared;', ''),
  },
  {
    ...core,
    id: 'pasids-of-every-device',
    rule: 'IFD-INFO-08',
    edits: edit(INFO, 'pasids === 0 ? 0 : Math.log2(pasids)', 'pasids === 0 ? 20 : Math.log2(pasids)'),
  },
  {
    ...core,
    of: 'iommufd-vtd',
    id: 'pasids-as-a-count',
    rule: 'IFD-INFO-08',
    edits: edit(INFO, 'pasids === 0 ? 0 : Math.log2(pasids)', 'Math.min(pasids, 255)'),
  },
  {
    ...core,
    of: 'iommufd-vtd',
    id: 'dirty-tracking-of-every-hardware',
    rule: 'IFD-INFO-08',
    edits: edit(INFO, "await isCapable(context.kernel, number, 'dirty-tracking')", 'true'),
  },
  {
    ...core,
    of: 'iommufd-vtd',
    id: 'no-dirty-tracking',
    rule: 'IFD-INFO-08',
    edits: edit(INFO, "await isCapable(context.kernel, number, 'dirty-tracking')", 'false'),
  },
];
