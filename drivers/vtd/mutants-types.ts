/** Chapters 1 and 2 of the catalogue: what user space hands in and is told, and the erratum. */
import { edit, type Edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const DOMAINS = 'vtd/domains.ts';
const DRIVER = 'vtd/driver.ts';
const FORMAT = 'vtd/page-table-format.ts';
const GUEST = 'vtd/guest-data.ts';
const INVALIDATIONS = 'vtd/guest-invalidations.ts';
const NESTED = 'vtd/nested-domain.ts';
const PAGING = 'vtd/paging-domain.ts';
const WANTED = 'vtd/wanted.ts';

const DATA_TYPE = "if (data?.type !== HWPT_DATA.VTD_S1 || parent?.kind === 'viommu') return refuse('EOPNOTSUPP');";
const ARRAY_TYPE = "if (type !== INVALIDATE_DATA.VTD_S1) return refuse('EINVAL');";
const LENGTH = "if (length !== BYTES) return refuse('EINVAL');";
const KNOWN = "return isKnown ? ok(raw) : refuse('EOPNOTSUPP');";
const INFO = 'HwInfoVtd.encode({ flags: HW_INFO_VTD_ERRATA_772415_SPR17, cap_reg: cap.raw, ecap_reg: ecap.raw })';
const INFO_TYPE = "if (type !== HW_INFO.NONE && type !== HW_INFO.INTEL_VTD) return refuse('EOPNOTSUPP');";
const POLICY = '(this.purpose.isNestParent && !prot.write)';
const LEAF = 'SsPte.encode({ ADDR: frameOf(pa), SNP: snoops(), PS: level > 0, W: write, R: read })';

const FIRST_STAGE_LEAF = 'PS: level > 0, D: write, A: true, US: true, RW: write, P: true';

/** A field of the entry is a flag of the guest's. */
const withFlag = (field: string, bit: number): readonly Edit[] => [
  { file: GUEST, find: KNOWN, replace: 'void isKnown; return ok(raw);' },
  {
    file: NESTED,
    find: '{ root, levels: LEVELS[addr_width] ?? 4, SRE, WPE, EAFE }',
    replace: `{ root, levels: LEVELS[addr_width] ?? 4, SRE, WPE, EAFE, ${field}: (flags & 0x${(1 << bit).toString(16)}n) !== 0n }`,
  },
  { file: WANTED, find: 'const firstStageOf = ({ root, levels,', replace: `const firstStageOf = ({ root, levels, ${field} = false,` },
  { file: WANTED, find: 'WPE: WPE && SRE, EAFE,', replace: `WPE: WPE && SRE, EAFE, ${field},` },
];

const TYPES: readonly Mutant[] = [
  {
    ...vtd,
    id: 'other-data-type-is-einval',
    rule: 'VTDN-TYPE-01',
    edits: edit(DOMAINS, DATA_TYPE, DATA_TYPE.replace('EOPNOTSUPP', 'EINVAL')),
  },
  {
    ...vtd,
    id: 'every-data-type-is-taken',
    rule: 'VTDN-TYPE-01',
    edits: edit(DOMAINS, DATA_TYPE, "if (parent?.kind === 'viommu') return refuse('EOPNOTSUPP');"),
  },
  {
    ...vtd,
    id: 'type-of-invalidations-ignored',
    rule: 'VTDN-TYPE-02',
    edits: edit(INVALIDATIONS, ARRAY_TYPE, "if (type < INVALIDATE_DATA.VTD_S1) return refuse('EINVAL');"),
  },
  {
    ...vtd,
    id: 'type-of-invalidations-is-that-of-data',
    rule: 'VTDN-TYPE-02',
    edits: edit(INVALIDATIONS, ARRAY_TYPE, ARRAY_TYPE.replace(') return', '&& type !== 1) return')),
  },
  {
    ...vtd,
    id: 'type-of-invalidations-is-eopnotsupp',
    rule: 'VTDN-TYPE-02',
    edits: edit(INVALIDATIONS, ARRAY_TYPE, ARRAY_TYPE.replace('EINVAL', 'EOPNOTSUPP')),
  },
  { ...vtd, id: 'short-data-accepted', rule: 'VTDN-TYPE-03', edits: edit(GUEST, LENGTH, LENGTH.replace('!==', '>')) },
  { ...vtd, id: 'long-data-accepted', rule: 'VTDN-TYPE-03', edits: edit(GUEST, LENGTH, LENGTH.replace('!==', '<')) },
  {
    ...vtd,
    id: 'data-with-memory-types-accepted',
    rule: 'VTDN-TYPE-03',
    edits: edit(GUEST, LENGTH, LENGTH.replace('length !== BYTES', 'length !== BYTES && length !== BYTES + 8')),
  },
  { ...vtd, id: 'guest-switches-memory-types-on', rule: 'VTDN-TYPE-04', edits: withFlag('EMTE', 4) },
  { ...vtd, id: 'guest-disables-caches', rule: 'VTDN-TYPE-04', edits: withFlag('CD', 5) },
];

const INFORMATION: readonly Mutant[] = [
  {
    ...vtd,
    id: 'registers-filtered',
    rule: 'VTDN-INFO-01',
    edits: edit(DRIVER, INFO, INFO.replace('ecap.raw', 'ecap.raw & ~(2n ** 36n)')),
  },
  {
    ...vtd,
    id: 'registers-exchanged',
    rule: 'VTDN-INFO-01',
    edits: edit(DRIVER, INFO, INFO.replace('cap_reg: cap.raw, ecap_reg: ecap.raw', 'cap_reg: ecap.raw, ecap_reg: cap.raw')),
  },
  {
    ...vtd,
    id: 'registers-of-the-first-iommu',
    rule: 'VTDN-INFO-01',
    edits: edit(DRIVER, 'body(known.iommu.features)', 'body([...this.#iommus.values()][0]!.features)'),
  },
  {
    ...vtd,
    id: 'information-of-no-type',
    rule: 'VTDN-INFO-01',
    edits: edit(DRIVER, 'return ok({ type: HW_INFO.INTEL_VTD,', 'return ok({ type: HW_INFO.NONE,'),
  },
  { ...vtd, id: 'every-type-of-information-answered', rule: 'VTDN-INFO-02', edits: edit(DRIVER, INFO_TYPE, '') },
  {
    ...vtd,
    id: 'information-by-type-refused',
    rule: 'VTDN-INFO-02',
    edits: edit(DRIVER, INFO_TYPE, INFO_TYPE.replace(' && type !== HW_INFO.INTEL_VTD', '')),
  },
  {
    ...vtd,
    id: 'other-type-of-information-is-einval',
    rule: 'VTDN-INFO-02',
    edits: edit(DRIVER, INFO_TYPE, INFO_TYPE.replace('EOPNOTSUPP', 'EINVAL')),
  },
  // DEF-11 of the catalogue.
  {
    ...vtd,
    id: 'erratum-told-after-a-read-only-mapping',
    rule: 'VTDN-INFO-03',
    edits: [
      {
        file: DRIVER,
        find: 'flags: HW_INFO_VTD_ERRATA_772415_SPR17, cap_reg',
        replace: 'flags: this.hasReadOnly ? HW_INFO_VTD_ERRATA_772415_SPR17 : 0, cap_reg',
      },
      {
        file: DRIVER,
        find: 'return this.#paging(domain, (paging) => paging.map(mapping));',
        replace: 'this.hasReadOnly ||= !mapping.prot.write; return this.#paging(domain, (paging) => paging.map(mapping));',
      },
      {
        file: DRIVER,
        find: 'readonly #platform: Platform;',
        replace: 'hasReadOnly = false; readonly #platform: Platform;',
      },
    ],
  },
  {
    ...vtd,
    id: 'erratum-told-of-parts-that-nest',
    rule: 'VTDN-INFO-04',
    edits: edit(DRIVER, INFO, INFO.replace('SPR17,', 'SPR17 * (ecap.NEST ? 1 : 0),')),
  },
  {
    ...vtd,
    id: 'flag-for-nesting',
    rule: 'VTDN-INFO-04',
    edits: edit(DRIVER, INFO, INFO.replace('SPR17,', 'SPR17 + (ecap.NEST ? 2 : 0),')),
  },
];

const ERRATUM: readonly Mutant[] = [
  {
    ...vtd,
    id: 'read-only-refused-everywhere',
    rule: 'VTDN-ERRATA-02',
    edits: edit(PAGING, POLICY, '!prot.write'),
  },
  {
    ...vtd,
    id: 'read-only-refused-beside-a-nested-domain',
    rule: 'VTDN-ERRATA-02',
    edits: [
      { file: PAGING, find: POLICY, replace: '(PagingDomain.hasParent && !prot.write)' },
      { file: PAGING, find: '#hasMapped = false;', replace: '#hasMapped = false; static hasParent = false;' },
      {
        file: PAGING,
        find: 'this.purpose = purpose;',
        replace: 'this.purpose = purpose; PagingDomain.hasParent ||= purpose.isNestParent;',
      },
    ],
  },
  { ...vtd, id: 'no-policy', rule: 'VTDN-ERRATA-03', edits: edit(PAGING, POLICY, 'false') },
  {
    ...vtd,
    id: 'no-policy-while-a-parent-is-filled',
    rule: 'VTDN-ERRATA-06',
    edits: edit(PAGING, POLICY, `(this.attachments.size > 0 && ${POLICY})`),
  },
  {
    ...vtd,
    id: 'read-only-refused-from-the-first-nested-domain-on',
    rule: 'VTDN-ERRATA-03',
    edits: [
      { file: PAGING, find: POLICY, replace: '(this.wasParent && !prot.write)' },
      { file: PAGING, find: '#hasMapped = false;', replace: '#hasMapped = false; wasParent = false;' },
      { file: NESTED, find: 'parent.children.add(this);', replace: 'parent.children.add(this); parent.wasParent = true;' },
    ],
  },
  {
    ...vtd,
    id: 'refused-read-only-mapping-unmaps-what-was-there',
    rule: 'VTDN-ERRATA-03',
    by: 'all-or-nothing',
    edits: edit(
      PAGING,
      `if (!canExpress(this.#shape, prot) || ${POLICY}) return refuse('EINVAL');`,
      `if (!canExpress(this.#shape, prot) || ${POLICY}) { this.unmap(iova, size); return refuse('EINVAL'); }`,
    ),
  },
  {
    ...vtd,
    id: 'nested-domains-counted',
    rule: 'VTDN-ERRATA-04',
    edits: edit(PAGING, POLICY, '(this.children.size > 0 && !prot.write)'),
  },
  {
    ...vtd,
    id: 'read-only-accepted-until-there-is-a-nested-domain',
    rule: 'VTDN-ERRATA-05',
    edits: [
      { file: PAGING, find: POLICY, replace: '(this.children.size > 0 && !prot.write)' },
      { file: PAGING, find: 'this.#hasMapped = true;', replace: 'this.#hasMapped = true; this.wasReadOnly ||= !prot.write;' },
      { file: PAGING, find: '#hasMapped = false;', replace: '#hasMapped = false; wasReadOnly = false;' },
      {
        file: DOMAINS,
        find: 'domain instanceof PagingDomain && domain.purpose.isNestParent',
        replace: 'domain instanceof PagingDomain && domain.purpose.isNestParent && !domain.wasReadOnly',
      },
    ],
  },
  {
    ...vtd,
    id: 'write-only-refused-instead',
    rule: 'VTDN-ERRATA-07',
    edits: edit(PAGING, POLICY, POLICY.replace('prot.write', 'prot.read')),
  },
  {
    ...vtd,
    id: 'write-only-refused-too',
    rule: 'VTDN-ERRATA-07',
    edits: edit(PAGING, POLICY, POLICY.replace('!prot.write', '!(prot.write && prot.read)')),
  },
  { ...vtd, id: 'no-policy-and-the-erratum', rule: 'VTDN-ERRATA-08', by: 'isolation', edits: edit(PAGING, POLICY, 'false') },
  {
    ...vtd,
    id: 'read-only-becomes-read-write',
    rule: 'VTDN-ERRATA-09',
    by: 'isolation',
    edits: [
      { file: PAGING, find: POLICY, replace: 'false' },
      { file: FORMAT, find: LEAF, replace: LEAF.replace('W: write', 'W: true') },
    ],
  },
  {
    ...vtd,
    id: 'read-only-becomes-read-write-in-a-first-stage',
    rule: 'VTDN-ERRATA-09',
    by: 'isolation',
    edits: edit(FORMAT, FIRST_STAGE_LEAF, FIRST_STAGE_LEAF.replace('RW: write', 'RW: true')),
  },
];

export const TYPE_MUTANTS: readonly Mutant[] = [...TYPES, ...INFORMATION, ...ERRATUM];
