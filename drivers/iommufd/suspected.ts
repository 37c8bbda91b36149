/**
 * The reference /dev/iommu with the points of Linux's that look wrong, by the number that docs/systems/iommufd.md has for each. Nobody has
 * seen the kernel do them: they were found by reading, some are gone again, and a verdict on this driver is none on Linux.
 */
import type { DriverModule } from '#drivers/contract/driver';
import { loadEdited } from '#drivers/mutants/edited';
import type { Edit } from '#drivers/mutants/mutant';
import type * as Reference from './driver';

const AREAS = 'iommufd/areas.ts';
const ATTACH = 'iommufd/attach.ts';

/** By defect. IFD-DEF-10 is what the reference lets pass when nobody asks it to be stricter; IFD-DEF-11 is one of drivers below. */
export const DEFECTS: Readonly<Record<string, readonly Edit[]>> = {
  // A mapping that the driver below refused is taken for one that it made.
  'IFD-DEF-01': [{ file: AREAS, find: 'if (!mapped.ok) {', replace: 'if (!mapped.ok) { iova += size; continue; } if (!mapped.ok) {' }],
  // Regions are given back whether the move took them or not.
  'IFD-DEF-04': [
    {
      file: ATTACH,
      find: 'if (moves) for (const one of devices) ioas.unreserve(one); return refusal;',
      replace: 'for (const one of devices) ioas.unreserve(one); return refusal;',
    },
  ],
  // A device that is not attached drops what its neighbours hold.
  'IFD-DEF-05': [
    {
      file: ATTACH,
      find: 'if (attachment?.devices.has(device) !== true) return done;',
      replace: 'if (attachment === undefined) return done;',
    },
  ],
};

/** @param below Implements `IommuDriver`. */
export function suspectedOver(below: DriverModule, edits: readonly Edit[] = Object.values(DEFECTS).flat()): DriverModule {
  const { iommufdOver } = loadEdited('iommufd/driver.ts', edits) as typeof Reference;
  const module = iommufdOver(below, { hardened: false });
  return { ...module, manifest: { ...module.manifest, name: 'iommufd-suspected' } };
}
