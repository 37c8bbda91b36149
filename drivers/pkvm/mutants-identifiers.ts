/** Chapter 1 of the catalogue: domain identifiers and the geometry of their table. */
import type { HypIommuDriver } from '#drivers/contract/hyp';
import { edit, type Mutant } from '#drivers/mutants/mutant';

const pkvm = { of: 'pkvm', system: 'pkvm', by: 'step' } as const;
const LAYER = 'pkvm/domain-layer.ts';
const TABLE = 'pkvm/domain-table.ts';
const BACK_END = 'pkvm/smmu-back-end.ts';
const SMMU = 'pkvm/smmu-v3.ts';

/** Where an allocation checks that its id is in range; the text after it tells it from the other calls. */
const CHECK =
  'if (domain >= this.#nrDomains) return undefined; const leaf = this.#platform.read64(this.#pointer(domain)); if (leaf !== 0n)';
const checkIs = (check: string): string => CHECK.replace('if (domain >= this.#nrDomains) return undefined;', check);
const LIMIT = 'nrDomains < BigInt(MAX_DOMAINS) ? Number(nrDomains) : MAX_DOMAINS';
const SPLIT = 'Math.floor(Math.log2(this.#pageBytes / DOMAIN_BYTES))';
const LOOK_UP = 'const descriptor = this.#tableOf(iommu)?.obtain(domain);';
const FIND = 'find(domain: number): Descriptor | undefined { if (domain >= this.#nrDomains) return undefined;';

const low16 = (value: number): number => value % 65_536;
/** The four calls, with identifiers as they come out of narrower arguments. */
const narrowed = (iommuOf: typeof low16, domainOf: typeof low16) => (driver: HypIommuDriver) => ({
  allocDomain: (iommu: number, domain: number, pgd: bigint) => driver.allocDomain(iommuOf(iommu), domainOf(domain), pgd),
  freeDomain: (iommu: number, domain: number) => driver.freeDomain(iommuOf(iommu), domainOf(domain)),
  attachDev: (iommu: number, domain: number, endpoint: number) => driver.attachDev(iommuOf(iommu), domainOf(domain), endpoint),
  detachDev: (iommu: number, domain: number, endpoint: number) => driver.detachDev(iommuOf(iommu), domainOf(domain), endpoint),
});
const whole = (value: number): number => value;

export const IDENTIFIER_MUTANTS: readonly Mutant[] = [
  { ...pkvm, id: 'limit-of-256-domains', rule: 'PKVM-ID-01', edits: edit(TABLE, LIMIT, 'Math.min(Number(nrDomains), 256)') },
  {
    ...pkvm,
    id: 'limit-is-inclusive',
    rule: 'PKVM-ID-01',
    edits: edit(TABLE, CHECK, checkIs('if (domain > this.#nrDomains) return undefined;')),
  },
  {
    ...pkvm,
    id: 'number-of-domains-is-inclusive',
    rule: 'PKVM-ID-02',
    edits: edit(TABLE, CHECK, checkIs('if (domain > this.#nrDomains) return undefined;')),
  },
  { ...pkvm, id: 'no-domains-means-unlimited', rule: 'PKVM-ID-03', edits: edit(TABLE, LIMIT, `nrDomains > 0n && ${LIMIT}`) },
  {
    ...pkvm,
    id: 'one-table-for-all-iommus',
    rule: 'PKVM-ID-04',
    edits: edit(LAYER, '? this.#tables.get(iommu) : undefined', '? this.#tables.values().next().value : undefined'),
  },
  {
    ...pkvm,
    id: 'back-end-of-the-first-iommu',
    rule: 'PKVM-ID-04',
    edits: edit(
      LAYER,
      'this.#operations.allocIopt({ iommu, domain, pgd: 0n }, pgd)',
      'this.#operations.allocIopt({ iommu: 0, domain, pgd: 0n }, pgd)',
    ),
  },
  {
    ...pkvm,
    id: 'unknown-iommu-is-no-device',
    rule: 'PKVM-ID-05',
    edits: edit(LAYER, LOOK_UP, `if (this.#tableOf(iommu) === undefined) return refuse('ENODEV'); ${LOOK_UP}`),
  },
  {
    ...pkvm,
    id: 'unknown-iommu-is-dereferenced',
    rule: 'PKVM-ID-05',
    edits: edit(LAYER, LOOK_UP, 'const descriptor = this.#tableOf(iommu)!.obtain(domain);'),
  },
  { ...pkvm, id: 'page-before-the-iommu-is-known', rule: 'PKVM-ID-05', edits: edit(LAYER, LOOK_UP, `this.#memcaches.take(); ${LOOK_UP}`) },
  { ...pkvm, id: 'iommu-of-16-bits', rule: 'PKVM-ID-05', contract: { hyp: narrowed(low16, whole) } },
  {
    ...pkvm,
    id: 'page-before-the-range-check',
    rule: 'PKVM-ID-06',
    edits: edit(TABLE, CHECK, `const early = this.#memcaches.take(); ${CHECK}`),
  },
  {
    ...pkvm,
    id: 'clamp-instead-of-check',
    rule: 'PKVM-ID-07',
    edits: edit(TABLE, CHECK, checkIs('if (domain >= this.#nrDomains) domain = 0;')),
  },
  {
    ...pkvm,
    id: 'clamp-instead-of-check-at-use',
    rule: 'PKVM-ID-07',
    edits: edit(TABLE, FIND, FIND.replace('return undefined', 'domain = 0')),
  },
  { ...pkvm, id: 'leaf-too-small', rule: 'PKVM-ID-08', edits: edit(TABLE, SPLIT, `${SPLIT} - 1`) },
  { ...pkvm, id: 'leaf-too-large', rule: 'PKVM-ID-08', by: 'balance', edits: edit(TABLE, SPLIT, `${SPLIT} + 1`) },
  {
    ...pkvm,
    id: 'mask-off-by-one',
    rule: 'PKVM-ID-08',
    edits: edit(TABLE, 'BigInt((domain % 2 ** this.#split) * DOMAIN_BYTES)', 'BigInt((domain % (2 ** this.#split - 1)) * DOMAIN_BYTES)'),
  },
  { ...pkvm, id: 'geometry-of-4k-pages-on-16k', rule: 'PKVM-ID-09', edits: edit(TABLE, SPLIT, '8') },
  { ...pkvm, id: 'geometry-of-4k-pages-on-64k', rule: 'PKVM-ID-10', edits: edit(TABLE, SPLIT, '8') },
  {
    ...pkvm,
    id: 'descriptors-of-24-bytes',
    rule: 'PKVM-ID-11',
    edits: [
      {
        file: TABLE,
        find: 'import { DOMAIN_BYTES, DomainPgd, DomainRefs, MAX_DOMAINS, POINTER_BYTES } from',
        replace: 'const DOMAIN_BYTES = 24; import { DomainPgd, DomainRefs, MAX_DOMAINS, POINTER_BYTES } from',
      },
      {
        file: TABLE,
        find: 'Math.ceil(MAX_DOMAINS / 2 ** this.#split)',
        replace: 'Math.floor(MAX_DOMAINS / Math.floor(this.#pageBytes / DOMAIN_BYTES))',
      },
    ],
  },
  { ...pkvm, id: 'more-domains-than-the-root-has', rule: 'PKVM-ID-12', edits: edit(TABLE, LIMIT, 'Number(nrDomains)') },
  {
    ...pkvm,
    id: 'number-of-domains-of-32-bits',
    rule: 'PKVM-ID-12',
    edits: edit(TABLE, LIMIT, `BigInt.asUintN(32, ${LIMIT}`.replace(' <', ') <')),
  },
  { ...pkvm, id: 'ids-of-17-bits', rule: 'PKVM-ID-13', edits: edit(TABLE, LIMIT, `2 * (${LIMIT})`) },
  {
    ...pkvm,
    id: 'handle-is-signed',
    rule: 'PKVM-ID-14',
    by: 'balance',
    edits: edit(TABLE, CHECK, checkIs('if ((domain | 0) >= this.#nrDomains) return undefined;')),
  },
  // PKVM-DEF-14
  { ...pkvm, id: 'handle-of-16-bits', rule: 'PKVM-ID-14', contract: { hyp: narrowed(whole, low16) } },
  {
    ...pkvm,
    id: 'vmid-is-truncated',
    rule: 'PKVM-ID-15',
    by: 'isolation',
    edits: [
      { file: BACK_END, find: "if (!smmu.hasVmid(domain)) return refuse('EINVAL');", replace: '' },
      { file: SMMU, find: 'S2VMID, S2T0SZ:', replace: 'S2VMID: S2VMID % 2 ** this.parts.vmidBits, S2T0SZ:' },
    ],
  },
  {
    ...pkvm,
    id: 'new-leaf-for-every-allocation',
    rule: 'PKVM-ID-16',
    edits: edit(TABLE, 'if (leaf !== 0n) return this.#descriptor(leaf, domain);', ''),
  },
];
