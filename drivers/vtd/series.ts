/**
 * The series "Add Intel VT-d nested translation" as it was before it was merged: the reference driver with edits. They are about what the
 * versions say otherwise; where the series says nothing, it does what the reference does. It is our rewrite and nobody else's driver.
 */
import type { DriverModule } from '#drivers/contract/driver';
import { loadEdited } from '#drivers/mutants/edited';
import type { Edit } from '#drivers/mutants/mutant';

const DOMAINS = 'vtd/domains.ts';
const INVALIDATIONS = 'vtd/guest-invalidations.ts';
const NESTED = 'vtd/nested-domain.ts';
const PAGING = 'vtd/paging-domain.ts';

/** Version 4 of the series, of 24 July 2023, without what is wrong in it. */
export const V4: readonly Edit[] = [
  // Nothing is read-only in a domain that has been a parent, and nothing that has had read-only mappings becomes one.
  {
    file: PAGING,
    find: 'readonly purpose: Purpose; /**',
    replace: 'readonly purpose: Purpose; wasParent = false; wasReadOnly = false; /**',
  },
  {
    file: PAGING,
    find: "if (!canExpress(this.#shape, prot) || (this.purpose.isNestParent && !prot.write)) return refuse('EINVAL');",
    replace: `if (!canExpress(this.#shape, prot) || (this.wasParent && !prot.write)) return refuse('EINVAL');
      this.wasReadOnly ||= !prot.write;`,
  },
  { file: NESTED, find: 'parent.children.add(this);', replace: 'parent.children.add(this); parent.wasParent = true;' },
  {
    file: DOMAINS,
    find: 'this.#make((object) => ok(new NestedDomain',
    replace: "this.#make((object) => parent.value.wasReadOnly ? refuse('EINVAL') : ok(new NestedDomain",
  },
  // An array of invalidations has the number of a domain's data.
  {
    file: INVALIDATIONS,
    find: 'if (type !== INVALIDATE_DATA.VTD_S1)',
    replace: 'if (type !== INVALIDATE_DATA.VTD_S1 && type !== 1)',
  },
  { file: INVALIDATIONS, find: "return refuse('EOPNOTSUPP');", replace: "return refuse('EINVAL');" },
  // Whether a device can have a guest's first stage is found when it is to be attached.
  {
    file: NESTED,
    find: 'const parent = this.parent.fits(iommu);',
    replace: "if (!iommu.features.hasNesting) return refuse('ENODEV'); const parent = this.parent.fits(iommu);",
  },
];

type Profile = DriverModule['manifest']['profile'];

/** The reference driver with edits, under a name and a profile of its own. */
export function edited(name: string, profile: Profile, edits: readonly Edit[]): DriverModule {
  const { driver } = loadEdited('vtd/driver.ts', edits) as { readonly driver: DriverModule };
  return { manifest: { ...driver.manifest, name, profile }, start: driver.start };
}
