/** Chapter 6 of the catalogue, about devices: what they have to begin with, and without a page table. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const DEVICE = 'vtd/device.ts';
const DOMAIN = 'vtd/domain.ts';
const DOMAINS = 'vtd/domains.ts';
const DRIVER = 'vtd/driver.ts';
const WANTED = 'vtd/wanted.ts';

const RESERVED = 'return this.#of(device, () => ok([INTERRUPTS]));';
const REGION = "length: 0x10_0000n, kind: 'msi'";
const IDENTITY = "(making.iommu.features.ecap.PT ? this.#makeStatic(making, 'identity') : refuse('EOPNOTSUPP'))";
const LEGACY_IDENTITY = "ContextEntry.encode({ TT: 'pass-through', AW: named(widths.at(-1)!)";
const SWITCHES = 'const switches = { DTE: ats, PRE: pri, PASIDE: pasidBits > 0 };';
const PASID_FITS = "return pasid === RID_PASID || pasid >= 2 ** this.pasidBits ? refuse('EINVAL') : done;";

const WITHOUT_TABLES: readonly Mutant[] = [
  { ...vtd, id: 'interrupts-not-reserved', rule: 'VTDN-RESV-01', edits: edit(DRIVER, RESERVED, RESERVED.replace('[INTERRUPTS]', '[]')) },
  {
    ...vtd,
    id: 'interrupts-reserved-twice',
    rule: 'VTDN-RESV-01',
    edits: edit(DRIVER, RESERVED, RESERVED.replace('[INTERRUPTS]', '[INTERRUPTS, INTERRUPTS]')),
  },
  {
    ...vtd,
    id: 'some-interrupts-not-reserved',
    rule: 'VTDN-RESV-01',
    edits: edit(DRIVER, REGION, REGION.replace('0x10_0000n', '0xf_f000n')),
  },
  { ...vtd, id: 'interrupts-reserved-by-software', rule: 'VTDN-RESV-01', edits: edit(DRIVER, REGION, REGION.replace('msi', 'sw-msi')) },
  {
    ...vtd,
    id: 'interrupts-not-reserved-in-legacy-mode',
    rule: 'VTDN-RESV-01',
    edits: edit(DRIVER, RESERVED, 'return this.#of(device, ({ isScalable }) => ok(isScalable ? [INTERRUPTS] : []));'),
  },
  {
    ...vtd,
    id: 'identity-under-a-common-domain-id',
    rule: 'VTDN-IDN-01',
    edits: edit('vtd/domain-ids.ts', 'export const IDENTITY_DID = 1;', 'export const IDENTITY_DID = 2;'),
  },
  {
    ...vtd,
    id: 'identity-without-its-capability',
    rule: 'VTDN-IDN-01',
    edits: edit(DOMAINS, IDENTITY, "this.#makeStatic(making, 'identity')"),
  },
  { ...vtd, id: 'no-identity-is-einval', rule: 'VTDN-IDN-01', edits: edit(DOMAINS, IDENTITY, IDENTITY.replace('EOPNOTSUPP', 'EINVAL')) },
  {
    ...vtd,
    id: 'identity-on-any-unit',
    rule: 'VTDN-IDN-01',
    edits: edit(DOMAIN, "this.wanted === undefined || features.ecap.PT ? done : refuse('EINVAL')", 'void features, done'),
  },
  {
    ...vtd,
    id: 'identity-of-the-narrowest-width',
    rule: 'VTDN-IDN-01',
    edits: edit(WANTED, LEGACY_IDENTITY, LEGACY_IDENTITY.replace('widths.at(-1)!', 'widths[0]')),
  },
  {
    ...vtd,
    id: 'identity-takes-a-domain-id',
    rule: 'VTDN-IDN-01',
    edits: [
      {
        file: DOMAIN,
        find: 'takeDid(): Result<number> { return ok(IDENTITY_DID); }',
        replace: 'takeDid(iommu) { return this.dids.take(iommu); }',
      },
      { file: DOMAIN, find: 'giveDid(): void { // Everybody shares it. }', replace: 'giveDid(iommu) { this.dids.give(iommu); }' },
      { file: DOMAIN, find: 'constructor(object: number, type:', replace: 'dids; constructor(platform, object: number, type:' },
      { file: DOMAIN, find: 'this.info = { type,', replace: 'this.dids = new DomainIds(platform); this.info = { type,' },
      { file: DOMAIN, find: "import { IDENTITY_DID } from './domain-ids';", replace: "import { DomainIds } from './domain-ids';" },
      { file: DOMAINS, find: 'new StaticDomain(object, type)', replace: 'new StaticDomain(this.#platform, object, type)' },
    ],
  },
  {
    ...vtd,
    id: 'blocked-domain-lets-pass',
    rule: 'VTDN-BLK-01',
    by: 'isolation',
    edits: edit(DOMAIN, "this.wanted = type === 'identity' ? IDENTITY : undefined;", 'this.wanted = IDENTITY;'),
  },
  {
    ...vtd,
    id: 'blocked-entry-is-present',
    rule: 'VTDN-BLK-01',
    by: 'dangling',
    edits: edit(
      WANTED,
      'if (wanted === undefined) return BLOCKED; const { first, second, snoops',
      "if (wanted === undefined) return PasidEntry.encode({ PGTT: 'second-stage', AW: '48', DID, P: true }); const { first, second, snoops",
    ),
  },
];

const CONTEXTS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'requests-without-pasid-have-pasid-1',
    rule: 'VTDN-CTX-01',
    edits: edit('vtd/slots.ts', 'export const RID_PASID = 0;', 'export const RID_PASID = 1;'),
  },
  {
    ...vtd,
    id: 'no-translations-in-devices',
    rule: 'VTDN-CTX-01',
    edits: edit(DEVICE, SWITCHES, SWITCHES.replace('DTE: ats', 'DTE: false')),
  },
  {
    ...vtd,
    id: 'translations-in-any-device',
    rule: 'VTDN-CTX-01',
    edits: edit(DEVICE, SWITCHES, SWITCHES.replace('DTE: ats', 'DTE: true')),
  },
  { ...vtd, id: 'no-requests-for-pages', rule: 'VTDN-CTX-01', edits: edit(DEVICE, SWITCHES, SWITCHES.replace('PRE: pri', 'PRE: false')) },
  {
    ...vtd,
    id: 'requests-for-pages-with-translations',
    rule: 'VTDN-CTX-01',
    edits: edit(DEVICE, SWITCHES, SWITCHES.replace('PRE: pri', 'PRE: ats')),
  },
  { ...vtd, id: 'pasids-of-any-device', rule: 'VTDN-CTX-01', edits: edit(DEVICE, SWITCHES, SWITCHES.replace('pasidBits > 0', 'true')) },
  { ...vtd, id: 'no-pasids-of-devices', rule: 'VTDN-CTX-01', edits: edit(DEVICE, SWITCHES, SWITCHES.replace('pasidBits > 0', 'false')) },
  { ...vtd, id: 'translations-in-devices-behind-any-unit', rule: 'VTDN-CTX-01', edits: edit(DEVICE, 'ats: ats && ecap.DT,', 'ats,') },
  { ...vtd, id: 'requests-for-pages-behind-any-unit', rule: 'VTDN-CTX-01', edits: edit(DEVICE, ' && pageRequests !== undefined', '') },
  {
    ...vtd,
    id: 'directory-is-told-too-small',
    rule: 'VTDN-CTX-01',
    edits: edit('vtd/pasid-tables.ts', 'PDTS: this.#directory.size', 'PDTS: Math.max(this.#directory.size - 1, 0)'),
  },
  {
    ...vtd,
    id: 'pasids-beyond-the-device',
    rule: 'VTDN-CTX-01',
    edits: edit(DEVICE, PASID_FITS, PASID_FITS.replace('2 ** this.pasidBits', '2 ** Math.max(this.pasidBits, 7)')),
  },
  {
    ...vtd,
    id: 'pasid-of-requests-without',
    rule: 'VTDN-CTX-01',
    edits: edit(DEVICE, PASID_FITS, PASID_FITS.replace('pasid === RID_PASID || ', '')),
  },
  {
    ...vtd,
    id: 'first-id-only',
    rule: 'VTDN-CTX-01',
    edits: edit(DEVICE, 'for (const id of new Set(ids)) {', 'for (const id of ids.slice(0, 1)) {'),
  },
];

export const DEVICE_MUTANTS: readonly Mutant[] = [...WITHOUT_TABLES, ...CONTEXTS];
