/** The reference /dev/iommu above the reference driver of Intel VT-d. */
import { iommufdOver } from '#drivers/iommufd/driver';
import { driver as vtd } from '#drivers/vtd/driver';

export const driver = iommufdOver(vtd);
