/** Defects of attaching PASIDs. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'iommufd-vtd', system: 'iommufd', by: 'step' } as const;

const ATTACH = 'iommufd/attach.ts';
/** The driver below checks once more. */
const DEVICE = 'vtd/device.ts';
const GROUPS = 'iommufd/groups.ts';

const FLAGGED = "if (!hwpt.isForPasids || group.attachments.get(NO_PASID)?.hwpt.isForPasids === false) return refuse('EINVAL');";
const UNRESERVE = 'devices.delete(device); if (pasid === NO_PASID) hwpt.paging.ioas.unreserve(device);';

export const PASID_MUTANTS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'pasid-takes-any-hwpt',
    rule: 'IFD-PAS-01',
    edits: edit(ATTACH, FLAGGED, FLAGGED.replace('!hwpt.isForPasids || ', '')),
  },
  {
    ...vtd,
    id: 'pasid-joins-any-device',
    rule: 'IFD-PAS-02',
    edits: edit(ATTACH, FLAGGED, "if (!hwpt.isForPasids) return refuse('EINVAL');"),
  },
  {
    ...vtd,
    id: 'device-joins-any-pasid',
    rule: 'IFD-PAS-02',
    edits: edit(
      ATTACH,
      "return !hwpt.isForPasids && [...group.attachments.keys()].some((other) => other !== NO_PASID) ? refuse('EINVAL') : done;",
      'return done;',
    ),
  },
  {
    ...vtd,
    id: 'pasid-0-is-attached',
    rule: 'IFD-PAS-03',
    edits: [...edit(ATTACH, "if (pasid === 0) return refuse('EINVAL');", ''), ...edit(DEVICE, 'pasid === RID_PASID || ', '')],
  },
  {
    ...vtd,
    id: 'pasid-beyond-the-last-is-attached',
    rule: 'IFD-PAS-03',
    edits: [
      ...edit(ATTACH, 'pasid < 2 ** pasidBits', 'pasid <= 2 ** pasidBits'),
      ...edit(DEVICE, 'pasid >= 2 ** this.pasidBits', 'pasid > 2 ** this.pasidBits'),
    ],
  },
  {
    ...vtd,
    id: 'pasid-moves-from-nowhere',
    rule: 'IFD-PAS-04',
    edits: edit(
      ATTACH,
      "if (attachment?.devices.has(device) !== true) return refuse('EINVAL');",
      'if (attachment?.devices.has(device) !== true) return attach(device, hwpt, pasid);',
    ),
  },
  {
    ...vtd,
    id: 'pasid-is-attached-twice',
    rule: 'IFD-PAS-04',
    edits: edit(
      ATTACH,
      "if (attachment?.devices.has(device) === true) return refuse('EBUSY');",
      'if (attachment?.devices.has(device) === true) return done;',
    ),
  },
  {
    ...vtd,
    id: 'pasid-moves-through-nothing',
    rule: 'IFD-PAS-05',
    by: 'all-or-nothing',
    edits: edit(
      GROUPS,
      'async (device) => driver.replace(device, hwpt.domain, pasid),',
      'async (device) => { await driver.detach(device, old.domain, pasid); return driver.attach(device, hwpt.domain, pasid); },',
    ),
  },
  {
    ...vtd,
    id: 'refused-pasid-is-let-go',
    rule: 'IFD-PAS-05',
    by: 'all-or-nothing',
    edits: edit(
      ATTACH,
      'return replaced.ok ? done : undo(replaced);',
      'if (!replaced.ok && pasid !== NO_PASID) await detach(device, pasid); return replaced.ok ? done : undo(replaced);',
    ),
  },
  {
    ...vtd,
    id: 'first-of-a-group-keeps-the-pasid',
    rule: 'IFD-PAS-06',
    by: 'all-or-nothing',
    edits: edit(GROUPS, 'for (const other of changed.reverse()) await back(other);', ''),
  },
  {
    ...vtd,
    id: 'device-leaves-with-its-pasids',
    rule: 'IFD-PAS-07',
    edits: edit(
      ATTACH,
      UNRESERVE,
      `${UNRESERVE} if (pasid === NO_PASID) for (const other of group.attachments.keys()) if (other !== NO_PASID) await detach(device, other);`,
    ),
  },
  {
    ...vtd,
    id: 'pasid-takes-the-device-along',
    rule: 'IFD-PAS-07',
    edits: edit(ATTACH, UNRESERVE, `${UNRESERVE} if (pasid !== NO_PASID) await detach(device, NO_PASID);`),
  },
  {
    ...vtd,
    id: 'pasid-frees-what-is-reserved',
    rule: 'IFD-PAS-08',
    edits: edit(ATTACH, UNRESERVE, 'devices.delete(device); hwpt.paging.ioas.unreserve(device);'),
  },
  {
    ...vtd,
    id: 'pasid-reserves',
    rule: 'IFD-PAS-08',
    edits: edit(
      ATTACH,
      'const reserved = pasid === NO_PASID ? await reserve(device, hwpt) : done;',
      'const reserved = await reserve(device, hwpt);',
    ),
  },
];
