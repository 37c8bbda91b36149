/** Chapter 4 of the catalogue, first part: what is checked when a device is attached. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const DEVICE = 'vtd/device.ts';
const DEVICES = 'vtd/devices.ts';
const FEATURES = 'vtd/features.ts';
const FORMAT = 'vtd/page-table-format.ts';
const NESTED = 'vtd/nested-domain.ts';
const PAGING = 'vtd/paging-domain.ts';
const WANTED = 'vtd/wanted.ts';

const CHECKED = 'const fit = domain.fits(device.iommu); if (!fit.ok) return fit; return device.attachments.has(pasid)';
const NOT_TWICE = "return device.attachments.has(pasid) ? refuse('EBUSY') : this.#move({ device, pasid, domain });";
const LACKS_NESTING = '|| (isNestParent && !features.hasNesting)';
const PARENT = 'const parent = this.parent.fits(iommu);';
const NO_PASIDS = "if (this.pasidBits === 0) return refuse('EOPNOTSUPP');";
const PASID = 'const fit = device.checkPasid(pasid);';

export const ATTACH_MUTANTS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'any-width-has-four-levels',
    rule: 'VTDN-ATT-01',
    edits: edit(NESTED, '({ addr_width }) => LEVELS[addr_width] === undefined,', ''),
  },
  {
    ...vtd,
    id: 'five-levels-on-any-unit',
    rule: 'VTDN-ATT-02',
    edits: edit(NESTED, '({ addr_width }, { cap }) => addr_width === 57 && !cap.FL5LP,', ''),
  },
  {
    ...vtd,
    id: 'sre-on-any-unit',
    rule: 'VTDN-ATT-03',
    edits: edit(NESTED, '({ flags }, { ecap }) => HwptVtdS1Flags.of(flags).SRE && !ecap.SRS,', ''),
  },
  {
    ...vtd,
    id: 'eafe-on-any-unit',
    rule: 'VTDN-ATT-03',
    edits: edit(NESTED, '({ flags }, { ecap }) => HwptVtdS1Flags.of(flags).EAFE && !ecap.EAFS,', ''),
  },
  { ...vtd, id: 'wpe-alone', rule: 'VTDN-ATT-04', edits: edit(WANTED, 'WPE: WPE && SRE,', 'WPE,') },
  {
    ...vtd,
    id: 'attached-before-unfit',
    rule: 'VTDN-ATT-05',
    edits: edit(DEVICES, CHECKED, `if (device.attachments.has(pasid)) return refuse('EBUSY'); ${CHECKED}`),
  },
  {
    ...vtd,
    id: 'no-memory-before-unfit',
    rule: 'VTDN-ATT-05',
    edits: edit(DEVICES, CHECKED, `const early = device.slots(pasid); if (!early.ok) return early; ${CHECKED}`),
  },
  {
    ...vtd,
    id: 'present-entry-is-overwritten',
    rule: 'VTDN-ATT-05',
    edits: edit(DEVICES, NOT_TWICE, 'return this.#move({ device, pasid, domain });'),
  },
  {
    ...vtd,
    id: 'no-nesting-is-the-devices-trouble',
    rule: 'VTDN-ATT-06',
    edits: edit(NESTED, PARENT, `if (!iommu.features.hasNesting) return refuse('ENODEV'); ${PARENT}`),
  },
  { ...vtd, id: 'nesting-on-any-unit', rule: 'VTDN-ATT-06', edits: edit(PAGING, LACKS_NESTING, '') },
  { ...vtd, id: 'parent-of-a-nested-domain-fits-anywhere', rule: 'VTDN-ATT-07', edits: edit(NESTED, PARENT, 'const parent = done;') },
  ...(
    [
      ['any-levels', FORMAT, 'return hasWidth && isWide', 'return isWide'],
      ['any-addresses', FORMAT, 'return hasWidth && isWide', 'return hasWidth'],
      ['any-page-sizes', FORMAT, '&& largest <= own.largest', ''],
      ['walks-without-snooping', FORMAT, '&& walksSnoop === features.walksSnoop', ''],
      ['mappings-without-announcing', FORMAT, '&& (announces || !features.announces)', ''],
      ['snooping-on-any-unit', PAGING, '(this.snoops && !features.ecap.SC) ||', ''],
      ['dirty-pages-on-any-unit', PAGING, '(hasDirty && !features.notesDirty) ||', ''],
    ] as const
  ).map(([id, file, find, replace]): Mutant => ({ ...vtd, id: `${id}-attached`, rule: 'VTDN-ATT-07', edits: edit(file, find, replace) })),
  {
    ...vtd,
    id: 'no-pasids-is-the-devices-trouble',
    rule: 'VTDN-ATT-14',
    edits: edit(DEVICE, NO_PASIDS, NO_PASIDS.replace('EOPNOTSUPP', 'ENODEV')),
  },
  {
    ...vtd,
    id: 'unfit-before-no-pasids',
    rule: 'VTDN-ATT-14',
    edits: edit(
      DEVICES,
      PASID,
      `const early = this.#domains.get(domainHandle)?.fits(device.iommu); if (early !== undefined && !early.ok) return early; ${PASID}`,
    ),
  },
  {
    ...vtd,
    id: 'pasids-on-any-unit',
    rule: 'VTDN-ATT-14',
    edits: edit(FEATURES, 'hasPasids: isScalable && ecap.PASID,', 'hasPasids: isScalable,'),
  },
];
