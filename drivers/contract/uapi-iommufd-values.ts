/** Flags, types and records that the structures of `uapi-iommufd.ts` are about, as `include/uapi/linux/iommufd.h` has them. */
import { bit, bits, reserved, uint, word } from '#hw-models/core/bits';

/** @spec LINUX-IOMMUFD "enum iommufd_ioas_map_flags" */
export const MAP_FIXED_IOVA = 1;
export const MAP_WRITEABLE = 2;
export const MAP_READABLE = 4;

/** @spec LINUX-IOMMUFD "enum iommufd_option" */
export const OPTION = { RLIMIT_MODE: 0, HUGE_PAGES: 1 } as const;
/** @spec LINUX-IOMMUFD "enum iommufd_option_ops" */
export const OPTION_OP = { SET: 0, GET: 1 } as const;
/** @spec LINUX-IOMMUFD "enum iommufd_vfio_ioas_op" */
export const VFIO_IOAS_OP = { GET: 0, SET: 1, CLEAR: 2 } as const;

/** @spec LINUX-IOMMUFD "enum iommufd_hw_info_flags" */
export const HW_INFO_INPUT_TYPE = 1;
/** @spec LINUX-IOMMUFD "enum iommufd_hw_capabilities" */
export const HwCapabilities = word(64, 'iommufd_hw_capabilities', {
  others: reserved(63, 4),
  PCI_ATS_NOT_SUPPORTED: bit(3),
  PCI_PASID_PRIV: bit(2),
  PCI_PASID_EXEC: bit(1),
  DIRTY_TRACKING: bit(0),
});

/** @spec LINUX-IOMMUFD "enum iommufd_hwpt_set_dirty_tracking_flags" */
export const DIRTY_TRACKING_ENABLE = 1;
/** @spec LINUX-IOMMUFD "enum iommufd_hwpt_get_dirty_bitmap_flags" */
export const DIRTY_BITMAP_NO_CLEAR = 1;

/** In place of a type of viommu, of its events or of its queues: none. @spec LINUX-IOMMUFD "enum iommu_viommu_type" */
export const TYPE_DEFAULT = 0;

/** One page request. @spec LINUX-IOMMUFD "struct iommu_hwpt_pgfault" */
export const Pgfault = word(320, 'iommu_hwpt_pgfault', {
  cookie: uint(319, 288),
  length: uint(287, 256),
  addr: bits(255, 192),
  __reserved: reserved(191, 160),
  perm: uint(159, 128),
  grpid: uint(127, 96),
  pasid: uint(95, 64),
  dev_id: uint(63, 32),
  flags: uint(31, 0),
});
/** @spec LINUX-IOMMUFD "enum iommu_hwpt_pgfault_flags" */
export const PGFAULT_PASID_VALID = 1;
export const PGFAULT_LAST_PAGE = 2;
/** @spec LINUX-IOMMUFD "enum iommu_hwpt_pgfault_perm" */
export const PGFAULT_PERM = { READ: 1, WRITE: 2, EXEC: 4, PRIV: 8 } as const;

/** The answer to the requests of one cookie. @spec LINUX-IOMMUFD "struct iommu_hwpt_page_response" */
export const PageResponseRecord = word(64, 'iommu_hwpt_page_response', { code: uint(63, 32), cookie: uint(31, 0) });
/** @spec LINUX-IOMMUFD "enum iommufd_page_response_code" */
export const PAGE_RESPONSE = { SUCCESS: 0, INVALID: 1 } as const;

/** What stands before each event of a viommu. @spec LINUX-IOMMUFD "struct iommufd_vevent_header" */
export const VeventHeader = word(64, 'iommufd_vevent_header', { sequence: uint(63, 32), flags: uint(31, 0) });
/** @spec LINUX-IOMMUFD "enum iommu_veventq_flag" */
export const VEVENT_LOST_EVENTS = 1;
