/**
 * Version 4 of the series as it was submitted: with each of the catalogue's defects VTDN-DEF-03 to -05. docs/systems/vtd.md says what each
 * is and what exposes it. DEF-09 and DEF-10 are of version 3, and no version has DEF-11.
 */
import type { DriverModule } from '#drivers/contract/driver';
import type { Edit } from '#drivers/mutants/mutant';
import { edited, V4 } from './series';

const DOMAINS = 'vtd/domains.ts';
const INVALIDATIONS = 'vtd/guest-invalidations.ts';

/** By defect, in version 4. */
export const DEFECTS: Readonly<Record<string, readonly Edit[]>> = {
  // Tables that led to what is invalidated stay cached.
  'VTDN-DEF-03': [{ file: INVALIDATIONS, find: 'leafOnly: flags === VTD_INV_FLAGS_LEAF', replace: 'leafOnly: true' }],
  'VTDN-DEF-04': [
    { file: INVALIDATIONS, find: 'if (addr % PAGE !== 0n || (npages === EVERYTHING && addr !== 0n))', replace: 'if (addr % PAGE !== 0n)' },
  ],
  // What is wrong is not said: there was a domain, or none.
  'VTDN-DEF-05': [
    { file: DOMAINS, find: "parent.value.wasReadOnly ? refuse('EINVAL')", replace: "parent.value.wasReadOnly ? refuse('ENOMEM')" },
  ],
};

export const driver: DriverModule = edited('vtd-as-submitted', 'vtd-v4', [...V4, ...Object.values(DEFECTS).flat()]);
