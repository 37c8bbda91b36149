/**
 * Version 3 of the series, of 11 May 2023: version 4 with what the review of version 3 ended, as far as a driver can be seen to do it.
 * These are VTDN-DEF-09 and VTDN-DEF-10 of the catalogue.
 */
import type { DriverModule } from '#drivers/contract/driver';
import type { Edit } from '#drivers/mutants/mutant';
import { edited, V4 } from './series';

const NESTED = 'vtd/nested-domain.ts';
const PAGING = 'vtd/paging-domain.ts';

/** By defect, in version 4. */
export const DEFECTS: Readonly<Record<string, readonly Edit[]>> = {
  // Nested domains are counted: after the last one a mapping may be read-only again.
  'VTDN-DEF-09': [{ file: PAGING, find: '(this.wasParent && !prot.write)', replace: '(this.children.size > 0 && !prot.write)' }],
  // Levels that a unit does not walk are taken away from the parent, whoever else uses it.
  'VTDN-DEF-10': [
    {
      file: NESTED,
      find: 'const parent = this.parent.fits(iommu);',
      replace: 'this.parent.trim(iommu.features); const parent = this.parent.fits(iommu);',
    },
    {
      file: PAGING,
      find: 'takeDid(iommu: Iommu): Result<number> {',
      replace: `trim({ widths }) {
          const { table } = this;
          const { format } = table;
          while (widths.at(-1) < format.shape.width) {
            const { root } = table;
            const below = format.meaningOf(this.#platform.read64(root), format.top);
            if (below.kind === 'table') table.root = below.pa;
            if (below.kind === 'table') this.#platform.pageFree(root, 0);
            const width = format.shape.width - 9;
            format.top--;
            format.shape = { ...format.shape, width, end: format.shape.end < 2n ** BigInt(width) ? format.shape.end : 2n ** BigInt(width) };
          }
        }

        takeDid(iommu: Iommu): Result<number> {`,
    },
  ],
};

export const driver: DriverModule = edited('vtd-v3', 'vtd-v3', [...V4, ...Object.values(DEFECTS).flat()]);
