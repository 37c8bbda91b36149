/** Section 3 of the catalogue: binding, attaching, moving and detaching, and what devices reach meanwhile. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const core = { of: 'iommufd-riscv', system: 'iommufd', by: 'step' } as const;
const ATTACH = 'iommufd/attach.ts';
const BOUND = 'iommufd/bound-device.ts';
const GROUPS = 'iommufd/groups.ts';
const IOAS = 'iommufd/ioas.ts';
const AREAS = 'iommufd/areas.ts';

const COHERENT = "if (!(await isCoherent(kernel, description))) return refuse('EINVAL');";
const OWN = 'const owned = own(context, description); if (!owned.ok) return owned;';
const RESERVE = 'const reserved = pasid === NO_PASID ? await reserve(device, hwpt) : done;';
const UNRESERVE = 'if (pasid === NO_PASID) hwpt.paging.ioas.unreserve(device); return attached;';
const SECOND = '} else attachment.devices.add(device);';
const SEARCH = 'if (hwpt.ioas !== ioas || !hwpt.isAutomatic) continue;';
const GO_ON = "if (changed.errno !== 'EINVAL') return changed;";
const LEAVES = 'if (attachment?.devices.has(device) !== true) return done;';
const OPEN = `const open = await this.#kernel.driver.domainAlloc({ type: 'identity', device: this.members(pasid)[0]!, flags: 0 });`;
const DETACH_ALL = 'async (device) => driver.detach(device, hwpt.domain, pasid),';
const REPLACE_ALL = 'async (device) => driver.replace(device, hwpt.domain, pasid),';
const BACK = 'for (const other of changed.reverse()) await back(other);';
const MAPPED = 'if (undone) area.pages.unpin(first, last); return mapped;';

export const ATTACH_MUTANTS: readonly Mutant[] = [
  { ...core, id: 'incoherent-device-bound', rule: 'IFD-BND-01', edits: edit(BOUND, COHERENT, '') },
  { ...core, id: 'owner-before-coherency', rule: 'IFD-BND-01', edits: edit(BOUND, `${COHERENT} ${OWN}`, `${OWN} ${COHERENT}`) },
  {
    ...core,
    id: 'owner-ignored',
    rule: 'IFD-BND-01',
    edits: edit(BOUND, "if (owner !== undefined && owner.context !== context) return refuse('EPERM');", ''),
  },
  {
    ...core,
    id: 'owner-of-one-device-alone',
    rule: 'IFD-BND-01',
    edits: [
      {
        file: BOUND,
        find: 'function own(context: Context, { group }: DeviceDescription): Result<Group> {',
        replace: 'function own(context: Context, { group, device }: DeviceDescription): Result<Group> {',
      },
      {
        file: BOUND,
        find: 'if (owner !== undefined && owner.context !== context)',
        replace:
          'if (owner !== undefined && owner.context !== context && owner.context.objects.all(BoundDevice).some((one) => one.number === device))',
      },
    ],
  },
  {
    ...core,
    id: 'direct-region-bound',
    rule: 'IFD-BND-02',
    edits: edit(BOUND, "if (owner === undefined && hasDirect) return refuse('EINVAL');", 'void hasDirect;'),
  },
  {
    ...core,
    id: 'direct-region-of-the-device-alone',
    rule: 'IFD-BND-02',
    edits: [
      {
        file: BOUND,
        find: 'function own(context: Context, { group }: DeviceDescription): Result<Group> {',
        replace: 'function own(context: Context, { group, device }: DeviceDescription): Result<Group> {',
      },
      {
        file: BOUND,
        find: 'devices.inGroup(group).some(({ reserved }) =>',
        replace: 'devices.inGroup(group).some(({ reserved, device: one }) => one === device &&',
      },
    ],
  },
  {
    ...core,
    id: 'bound-device-passes',
    rule: 'IFD-BND-03',
    by: 'isolation',
    edits: edit(
      BOUND,
      'objects.finalise(bound); return ok(bound.id);',
      `objects.finalise(bound);
       const open = await kernel.driver.domainAlloc({ type: 'identity', device, flags: 0 });
       if (open.ok) await kernel.driver.attach(device, open.value, 0xffff_ffff);
       return ok(bound.id);`,
    ),
  },
  {
    ...core,
    id: 'missing-table-is-einval',
    rule: 'IFD-ATT-01',
    edits: edit(ATTACH, "if (object === undefined) return refuse('ENOENT');", "if (object === undefined) return refuse('EINVAL');"),
  },
  {
    ...core,
    id: 'unfit-table-is-enoent',
    rule: 'IFD-ATT-01',
    edits: edit(
      ATTACH,
      "if (!(object instanceof HwptPaging || object instanceof HwptNested)) return refuse('EINVAL');",
      "if (!(object instanceof HwptPaging || object instanceof HwptNested)) return refuse('ENOENT');",
    ),
  },
  {
    ...core,
    id: 'attached-twice',
    rule: 'IFD-ATT-02',
    edits: edit(ATTACH, "if (attachment?.devices.has(device) === true) return refuse('EBUSY');", ''),
  },
  {
    ...core,
    id: 'group-on-two-hwpts',
    rule: 'IFD-ATT-03',
    edits: edit(ATTACH, "if (attachment !== undefined && attachment.hwpt !== hwpt) return refuse('EINVAL');", ''),
  },
  {
    ...core,
    id: 'group-attached-once-more',
    rule: 'IFD-ATT-03',
    edits: edit(
      ATTACH,
      SECOND,
      `} else {
        const attached = await group.attach(hwpt, pasid);
        if (!attached.ok) return attached;
        attachment.devices.add(device);
      }`,
    ),
  },
  {
    ...core,
    id: 'group-attached-by-its-first-device-alone',
    rule: 'IFD-ATT-03',
    edits: edit(GROUPS, 'for (const device of this.members(pasid)) {', 'for (const device of this.members(pasid).slice(0, 1)) {'),
  },
  {
    ...core,
    id: 'regions-of-the-first-device-alone',
    rule: 'IFD-ATT-04',
    edits: edit(ATTACH, RESERVE, RESERVE.replace('pasid === NO_PASID', 'pasid === NO_PASID && attachment === undefined')),
  },
  {
    ...core,
    id: 'regions-over-mappings',
    rule: 'IFD-ATT-04',
    edits: edit(IOAS, 'if (overlapping(this.#areas, range) !== undefined || overlapping', 'if (overlapping'),
  },
  {
    ...core,
    id: 'regions-of-guests-ignored',
    rule: 'IFD-ATT-05',
    edits: edit(ATTACH, RESERVE, RESERVE.replace('pasid === NO_PASID', 'pasid === NO_PASID && hwpt instanceof HwptPaging')),
  },
  { ...core, id: 'failed-attach-keeps-regions', rule: 'IFD-ATT-06', edits: edit(ATTACH, UNRESERVE, 'return attached;') },
  {
    ...core,
    id: 'failed-attach-counts',
    rule: 'IFD-ATT-06',
    edits: edit(ATTACH, UNRESERVE, `hwpt.users++; ${UNRESERVE}`),
  },
  {
    ...core,
    id: 'failed-attach-passes',
    rule: 'IFD-ATT-06',
    by: 'isolation',
    edits: edit(
      ATTACH,
      UNRESERVE,
      `const { driver } = device.context.kernel;
       const open = await driver.domainAlloc({ type: 'identity', device: device.number, flags: 0 });
       if (open.ok) await driver.attach(device.number, open.value, pasid);
       ${UNRESERVE}`,
    ),
  },
  { ...core, id: 'shortage-tried-on-the-next', rule: 'IFD-ATT-07', edits: edit(ATTACH, GO_ON, '') },
  {
    ...core,
    of: 'iommufd-vtd',
    id: 'unfit-hwpt-ends-the-search',
    rule: 'IFD-ATT-07',
    edits: edit(ATTACH, GO_ON, 'return changed;'),
  },
  {
    ...core,
    id: 'every-device-a-hwpt',
    rule: 'IFD-ATT-07',
    edits: edit(ATTACH, SEARCH, 'continue;'),
  },
  {
    ...core,
    id: 'hwpt-of-the-user-chosen',
    rule: 'IFD-ATT-08',
    edits: edit(ATTACH, SEARCH, 'if (hwpt.ioas !== ioas) continue;'),
  },
  {
    ...core,
    id: 'device-trouble-is-einval',
    rule: 'IFD-CORE-03',
    edits: edit(GROUPS, `${BACK} return answer;`, `${BACK} return refuse('EINVAL');`),
  },
  {
    ...core,
    of: 'iommufd-vtd',
    id: 'unfit-hwpt-is-enodev',
    rule: 'IFD-CORE-03',
    edits: edit(GROUPS, `${BACK} return answer;`, `${BACK} return answer.errno === 'EINVAL' ? { ok: false, errno: 'ENODEV' } : answer;`),
  },
  {
    ...core,
    of: 'iommufd-vtd',
    id: 'coherency-not-asked-for',
    rule: 'IFD-ATT-14',
    edits: edit('iommufd/hwpt-alloc.ts', 'if (device.isEnforced) {', 'if (false as boolean) {'),
  },
  {
    ...core,
    id: 'move-attaches',
    rule: 'IFD-ATT-09',
    edits: edit(
      ATTACH,
      "if (attachment?.devices.has(device) !== true) return refuse('EINVAL');",
      'if (attachment?.devices.has(device) !== true) return attach(device, hwpt, pasid);',
    ),
  },
  {
    ...core,
    id: 'move-of-a-group-by-any-device',
    rule: 'IFD-ATT-09',
    edits: edit(
      ATTACH,
      "if (attachment?.devices.has(device) !== true) return refuse('EINVAL');",
      "if (attachment === undefined) return refuse('EINVAL');",
    ),
  },
  {
    ...core,
    id: 'move-blocks-first',
    rule: 'IFD-ATT-10',
    by: 'all-or-nothing',
    edits: edit(
      GROUPS,
      REPLACE_ALL,
      `async (device) => {
        const blocked = await driver.detach(device, old.domain, pasid);
        return blocked.ok ? driver.attach(device, hwpt.domain, pasid) : blocked;
      },`,
    ),
  },
  {
    ...core,
    id: 'failed-move-counts',
    rule: 'IFD-ATT-10',
    edits: edit(ATTACH, 'if (!replaced.ok) return replaced;', 'if (!replaced.ok) { hwpt.users++; return replaced; }'),
  },
  {
    ...core,
    id: 'failed-move-keeps-new-regions',
    rule: 'IFD-ATT-10',
    edits: edit(ATTACH, 'if (moves) for (const one of devices) ioas.unreserve(one); return refusal;', 'return refusal;'),
  },
  {
    ...core,
    id: 'failed-move-drops-old-regions',
    rule: 'IFD-ATT-10',
    edits: edit(
      ATTACH,
      'if (!replaced.ok) return replaced;',
      'if (!replaced.ok) { for (const one of attachment.devices) old.paging.ioas.unreserve(one); return replaced; }',
    ),
  },
  {
    ...core,
    id: 'move-leaves-a-count-behind',
    rule: 'IFD-ATT-11',
    edits: edit(ATTACH, 'old.users -= attachment.devices.size;', 'old.users -= 1;'),
  },
  {
    ...core,
    id: 'move-takes-a-count-too-many-along',
    rule: 'IFD-ATT-11',
    edits: edit(ATTACH, 'hwpt.users += attachment.devices.size;', 'hwpt.users += attachment.devices.size + 1;'),
  },
  {
    ...core,
    id: 'failed-move-drops-regions-of-the-same-ioas',
    rule: 'IFD-ATT-12',
    edits: edit(
      ATTACH,
      'if (moves) for (const one of devices) ioas.unreserve(one); return refusal;',
      'for (const one of devices) ioas.unreserve(one); return refusal;',
    ),
  },
  {
    ...core,
    id: 'detach-of-a-sibling-drops-a-count',
    rule: 'IFD-ATT-13',
    edits: edit(ATTACH, LEAVES, 'if (attachment === undefined) return done;'),
  },
  {
    ...core,
    id: 'detach-of-nothing-refused',
    rule: 'IFD-ATT-13',
    edits: edit(ATTACH, LEAVES, LEAVES.replace('return done;', "return refuse('EINVAL');")),
  },
  {
    ...core,
    id: 'moving-device-passes',
    rule: 'IFD-CORE-01',
    by: 'isolation',
    edits: edit(
      'riscv/devices.ts',
      'const unchanged = this.#program(device, domain?.context ?? BLOCKED);',
      `if (device.domain !== undefined && domain !== undefined) this.#program(device, { ...BLOCKED, tc: 1n });
       const unchanged = this.#program(device, domain?.context ?? BLOCKED);`,
    ),
  },
  {
    ...core,
    id: 'group-moves-through-memory-as-it-is',
    rule: 'IFD-CORE-01',
    by: 'isolation',
    edits: edit(
      GROUPS,
      REPLACE_ALL,
      `async (device) => {
        ${OPEN}
        if (open.ok) await driver.replace(device, open.value, pasid);
        return driver.replace(device, hwpt.domain, pasid);
      },`,
    ),
  },
  {
    ...core,
    id: 'failing-device-blocked',
    rule: 'IFD-CORE-02',
    by: 'all-or-nothing',
    edits: edit(
      'riscv/devices.ts',
      'const ties = this.#tie(device, domain); if (!ties.ok) return ties;',
      'const ties = this.#tie(device, domain); if (!ties.ok) { this.#program(device, BLOCKED); return ties; }',
    ),
  },
  {
    ...core,
    id: 'group-is-left-half-moved',
    rule: 'IFD-CORE-02',
    by: 'all-or-nothing',
    edits: edit(GROUPS, BACK, ''),
  },
  {
    ...core,
    id: 'group-goes-back-to-nothing',
    rule: 'IFD-CORE-02',
    by: 'all-or-nothing',
    edits: edit(
      GROUPS,
      'async (device) => driver.replace(device, old.domain, pasid),',
      'async (device) => driver.detach(device, hwpt.domain, pasid),',
    ),
  },
  {
    ...core,
    id: 'detached-device-passes',
    rule: 'IFD-CORE-05',
    by: 'isolation',
    edits: edit(
      GROUPS,
      `${DETACH_ALL} async (device) => driver.attach(device, hwpt.domain, pasid),`,
      `async (device) => {
        ${OPEN}
        return open.ok ? driver.replace(device, open.value, pasid) : open;
      },
      async (device) => driver.attach(device, hwpt.domain, pasid),`,
    ),
  },
  {
    ...core,
    id: 'failed-map-accepted',
    rule: 'IFD-CORE-06',
    edits: edit(AREAS, MAPPED, 'if (undone) area.pages.unpin(first, last); return done;'),
  },
  {
    ...core,
    id: 'failed-map-stays-in-part',
    rule: 'IFD-CORE-06',
    by: 'all-or-nothing',
    edits: edit(AREAS, '(await driver.unmap(domain, area.start, iova - area.start)).ok', 'true'),
  },
  {
    ...core,
    id: 'failed-map-stays-in-the-first-hwpt',
    rule: 'IFD-CORE-06',
    by: 'all-or-nothing',
    edits: edit(IOAS, 'for (const step of undo) await step();', 'void undo;'),
  },
  {
    ...core,
    id: 'unmapped-bytes-of-the-last-area',
    rule: 'IFD-CORE-07',
    edits: edit(IOAS, 'bytes += bytesIn(area);', 'bytes = bytesIn(area);'),
  },
  {
    ...core,
    id: 'unmapped-pages-stay-in-reach',
    rule: 'IFD-CORE-07',
    edits: edit(AREAS, 'await driver.unmap(domain, area.start, bytesIn(area));', '{ ok: true, value: 0n } as const;'),
  },
];
