/**
 * What the patch did when it was submitted: the reference driver with each of the catalogue's defects PKVM-DEF-01 to -13 put back that
 * lies in code. The patch stands above an SMMUv3 driver of a later patch; here that driver believes what it is asked to do, which is
 * what the core leaves to it. docs/systems/pkvm.md says what each defect is and what exposes it.
 */
import type { DriverModule } from '#drivers/contract/driver';
import { loadEdited } from '#drivers/mutants/edited';
import type { Edit } from '#drivers/mutants/mutant';

const LAYER = 'pkvm/domain-layer.ts';
const TABLE = 'pkvm/domain-table.ts';
const SMMU = 'pkvm/smmu-v3.ts';

/** By defect. DEF-06 and DEF-12 are in the reference too, and DEF-09 is a comment. */
export const DEFECTS: Readonly<Record<string, readonly Edit[]>> = {
  'PKVM-DEF-01': [
    { file: LAYER, find: 'if (!freed.ok) return freed; descriptor.clear(); return done;', replace: 'descriptor.clear(); return freed;' },
  ],
  'PKVM-DEF-02': [{ file: SMMU, find: "if (memory.read(entry.value) !== BLOCKED) return refuse('EBUSY');", replace: '' }],
  'PKVM-DEF-03': [
    {
      file: SMMU,
      find: "if (entry === undefined || first === BLOCKED) return refuse('ENODEV');",
      replace: 'if (entry === undefined) return { ok: true, value: null };',
    },
  ],
  'PKVM-DEF-04': [{ file: SMMU, find: "if (this.#vmidOf(entry) !== vmid) return refuse('EACCES');", replace: '' }],
  'PKVM-DEF-05': [
    {
      file: TABLE,
      find: 'return leaf === 0n ? undefined : this.#descriptor(leaf, domain);',
      replace: 'return leaf === 0n ? this.obtain(domain) : this.#descriptor(leaf, domain);',
    },
  ],
  'PKVM-DEF-07': [{ file: TABLE, find: 'nrDomains < BigInt(MAX_DOMAINS) ? Number(nrDomains) : MAX_DOMAINS', replace: 'Number(nrDomains)' }],
  'PKVM-DEF-08': [
    {
      file: TABLE,
      find: 'Math.ceil(MAX_DOMAINS / 2 ** this.#split)',
      replace: 'Math.floor(MAX_DOMAINS / Math.floor(this.#pageBytes / DOMAIN_BYTES))',
    },
  ],
  'PKVM-DEF-10': [
    {
      file: LAYER,
      find: 'this.#operations.allocIopt({ iommu, domain, pgd: 0n }, pgd)',
      replace: 'this.#operations.allocIopt({ iommu, domain, pgd: descriptor.pgd }, pgd)',
    },
  ],
  'PKVM-DEF-11': [
    {
      file: LAYER,
      find: 'if (mapped.ok) this.#tables.set(iommu, table); else this.#operations.shutDown(iommu);',
      replace: 'this.#tables.set(iommu, table); if (!mapped.ok) this.#operations.shutDown(iommu);',
    },
  ],
  'PKVM-DEF-13': [
    { file: TABLE, find: "if (this.#root % BigInt(this.#pageBytes) !== 0n) return refuse('EINVAL');", replace: '' },
    { file: TABLE, find: 'if (mapped.ok) this.#platform.zero(this.#platform.hypPhys(this.#root), this.#pageBytes);', replace: '' },
  ],
};

const { driver: edited } = loadEdited('pkvm/driver.ts', Object.values(DEFECTS).flat()) as { readonly driver: DriverModule };

export const driver: DriverModule = {
  manifest: { ...edited.manifest, name: 'pkvm-as-submitted', profile: 'pkvm-rfc' },
  start: edited.start,
};
