/**
 * The ioctls of /dev/iommu: their numbers, and the structure that each takes, as `include/uapi/linux/iommufd.h` has them. Fields are
 * written most significant first, so the first member of a structure is the last line; 64 bits are bigints, the rest are numbers.
 */
import { bits, reserved, uint, word, type AnyLayout, type ViewOf } from '#hw-models/core/bits';

/** @spec LINUX-IOMMUFD "struct iommu_destroy" */
export const Destroy = word(64, 'iommu_destroy', { id: uint(63, 32), size: uint(31, 0) });

/** @spec LINUX-IOMMUFD "struct iommu_ioas_alloc" */
export const IoasAlloc = word(96, 'iommu_ioas_alloc', { out_ioas_id: uint(95, 64), flags: uint(63, 32), size: uint(31, 0) });

/** Both ends belong to it. @spec LINUX-IOMMUFD "struct iommu_iova_range" */
export const IovaRange = word(128, 'iommu_iova_range', { last: bits(127, 64), start: bits(63, 0) });

/** @spec LINUX-IOMMUFD "struct iommu_ioas_iova_ranges" */
export const IoasIovaRanges = word(256, 'iommu_ioas_iova_ranges', {
  out_iova_alignment: bits(255, 192),
  allowed_iovas: bits(191, 128),
  __reserved: reserved(127, 96),
  num_iovas: uint(95, 64),
  ioas_id: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_ioas_allow_iovas" */
export const IoasAllowIovas = word(192, 'iommu_ioas_allow_iovas', {
  allowed_iovas: bits(191, 128),
  __reserved: reserved(127, 96),
  num_iovas: uint(95, 64),
  ioas_id: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_ioas_map" */
export const IoasMap = word(320, 'iommu_ioas_map', {
  iova: bits(319, 256),
  length: bits(255, 192),
  user_va: bits(191, 128),
  __reserved: reserved(127, 96),
  ioas_id: uint(95, 64),
  flags: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_ioas_map_file" */
export const IoasMapFile = word(320, 'iommu_ioas_map_file', {
  iova: bits(319, 256),
  length: bits(255, 192),
  start: bits(191, 128),
  fd: uint(127, 96),
  ioas_id: uint(95, 64),
  flags: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_ioas_copy" */
export const IoasCopy = word(320, 'iommu_ioas_copy', {
  src_iova: bits(319, 256),
  dst_iova: bits(255, 192),
  length: bits(191, 128),
  src_ioas_id: uint(127, 96),
  dst_ioas_id: uint(95, 64),
  flags: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_ioas_unmap" */
export const IoasUnmap = word(192, 'iommu_ioas_unmap', {
  length: bits(191, 128),
  iova: bits(127, 64),
  ioas_id: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_option" */
export const Option = word(192, 'iommu_option', {
  val64: bits(191, 128),
  object_id: uint(127, 96),
  __reserved: reserved(95, 80),
  op: uint(79, 64),
  option_id: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_vfio_ioas" */
export const VfioIoas = word(96, 'iommu_vfio_ioas', {
  __reserved: reserved(95, 80),
  op: uint(79, 64),
  ioas_id: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_hwpt_alloc" */
export const HwptAlloc = word(384, 'iommu_hwpt_alloc', {
  __reserved2: reserved(383, 352),
  fault_id: uint(351, 320),
  data_uptr: bits(319, 256),
  data_len: uint(255, 224),
  data_type: uint(223, 192),
  __reserved: reserved(191, 160),
  out_hwpt_id: uint(159, 128),
  pt_id: uint(127, 96),
  dev_id: uint(95, 64),
  flags: uint(63, 32),
  size: uint(31, 0),
});

/** On the way in, `out_data_type` is the type that is asked for. @spec LINUX-IOMMUFD "struct iommu_hw_info" */
export const GetHwInfo = word(320, 'iommu_hw_info', {
  out_capabilities: bits(319, 256),
  __reserved: reserved(255, 232),
  out_max_pasid_log2: uint(231, 224),
  out_data_type: uint(223, 192),
  data_uptr: bits(191, 128),
  data_len: uint(127, 96),
  dev_id: uint(95, 64),
  flags: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_hwpt_set_dirty_tracking" */
export const SetDirtyTracking = word(128, 'iommu_hwpt_set_dirty_tracking', {
  __reserved: reserved(127, 96),
  hwpt_id: uint(95, 64),
  flags: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_hwpt_get_dirty_bitmap" */
export const GetDirtyBitmap = word(384, 'iommu_hwpt_get_dirty_bitmap', {
  data: bits(383, 320),
  page_size: bits(319, 256),
  length: bits(255, 192),
  iova: bits(191, 128),
  __reserved: reserved(127, 96),
  flags: uint(95, 64),
  hwpt_id: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_hwpt_invalidate" */
export const HwptInvalidate = word(256, 'iommu_hwpt_invalidate', {
  __reserved: reserved(255, 224),
  entry_num: uint(223, 192),
  entry_len: uint(191, 160),
  data_type: uint(159, 128),
  data_uptr: bits(127, 64),
  hwpt_id: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_fault_alloc" */
export const FaultAlloc = word(128, 'iommu_fault_alloc', {
  out_fault_fd: uint(127, 96),
  out_fault_id: uint(95, 64),
  flags: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_viommu_alloc" */
export const ViommuAlloc = word(320, 'iommu_viommu_alloc', {
  data_uptr: bits(319, 256),
  __reserved: reserved(255, 224),
  data_len: uint(223, 192),
  out_viommu_id: uint(191, 160),
  hwpt_id: uint(159, 128),
  dev_id: uint(127, 96),
  type: uint(95, 64),
  flags: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_vdevice_alloc" */
export const VdeviceAlloc = word(192, 'iommu_vdevice_alloc', {
  virt_id: bits(191, 128),
  out_vdevice_id: uint(127, 96),
  dev_id: uint(95, 64),
  viommu_id: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_ioas_change_process" */
export const IoasChangeProcess = word(64, 'iommu_ioas_change_process', { __reserved: reserved(63, 32), size: uint(31, 0) });

/** @spec LINUX-IOMMUFD "struct iommu_veventq_alloc" */
export const VeventqAlloc = word(256, 'iommu_veventq_alloc', {
  __reserved: reserved(255, 224),
  out_veventq_fd: uint(223, 192),
  out_veventq_id: uint(191, 160),
  veventq_depth: uint(159, 128),
  type: uint(127, 96),
  viommu_id: uint(95, 64),
  flags: uint(63, 32),
  size: uint(31, 0),
});

/** @spec LINUX-IOMMUFD "struct iommu_hw_queue_alloc" */
export const HwQueueAlloc = word(320, 'iommu_hw_queue_alloc', {
  length: bits(319, 256),
  nesting_parent_iova: bits(255, 192),
  out_hw_queue_id: uint(191, 160),
  index: uint(159, 128),
  type: uint(127, 96),
  viommu_id: uint(95, 64),
  flags: uint(63, 32),
  size: uint(31, 0),
});

/** An ioctl: its number within the type, its structure, and the last member that a caller has to give. */
export interface Ioctl<L extends AnyLayout = AnyLayout> {
  readonly nr: number;
  readonly layout: L;
  readonly least: string;
}

const ioctl = <L extends AnyLayout>(nr: number, layout: L, least: keyof L['fields'] & string): Ioctl<L> => ({ nr, layout, least });

/** @spec LINUX-IOMMUFD "General ioctl format" */
export const IOCTLS = {
  IOMMU_DESTROY: ioctl(0x80, Destroy, 'id'),
  IOMMU_IOAS_ALLOC: ioctl(0x81, IoasAlloc, 'out_ioas_id'),
  IOMMU_IOAS_ALLOW_IOVAS: ioctl(0x82, IoasAllowIovas, 'allowed_iovas'),
  IOMMU_IOAS_COPY: ioctl(0x83, IoasCopy, 'src_iova'),
  IOMMU_IOAS_IOVA_RANGES: ioctl(0x84, IoasIovaRanges, 'out_iova_alignment'),
  IOMMU_IOAS_MAP: ioctl(0x85, IoasMap, 'iova'),
  IOMMU_IOAS_UNMAP: ioctl(0x86, IoasUnmap, 'length'),
  IOMMU_OPTION: ioctl(0x87, Option, 'val64'),
  IOMMU_VFIO_IOAS: ioctl(0x88, VfioIoas, '__reserved'),
  IOMMU_HWPT_ALLOC: ioctl(0x89, HwptAlloc, '__reserved'),
  IOMMU_GET_HW_INFO: ioctl(0x8a, GetHwInfo, '__reserved'),
  IOMMU_HWPT_SET_DIRTY_TRACKING: ioctl(0x8b, SetDirtyTracking, '__reserved'),
  IOMMU_HWPT_GET_DIRTY_BITMAP: ioctl(0x8c, GetDirtyBitmap, 'data'),
  IOMMU_HWPT_INVALIDATE: ioctl(0x8d, HwptInvalidate, '__reserved'),
  IOMMU_FAULT_QUEUE_ALLOC: ioctl(0x8e, FaultAlloc, 'out_fault_fd'),
  IOMMU_IOAS_MAP_FILE: ioctl(0x8f, IoasMapFile, 'iova'),
  IOMMU_VIOMMU_ALLOC: ioctl(0x90, ViommuAlloc, 'out_viommu_id'),
  IOMMU_VDEVICE_ALLOC: ioctl(0x91, VdeviceAlloc, 'virt_id'),
  IOMMU_IOAS_CHANGE_PROCESS: ioctl(0x92, IoasChangeProcess, '__reserved'),
  IOMMU_VEVENTQ_ALLOC: ioctl(0x93, VeventqAlloc, '__reserved'),
  IOMMU_HW_QUEUE_ALLOC: ioctl(0x94, HwQueueAlloc, 'length'),
} as const;
export type IoctlName = keyof typeof IOCTLS;

/** What a structure of an ioctl reads as. */
export type FieldsOf<N extends IoctlName> = ViewOf<(typeof IOCTLS)[N]['layout']>;

/** A request of ioctl(2): without direction or size, of the type `;`. */
export const Request = word(32, 'ioctl request', { dir: uint(31, 30), size: uint(29, 16), type: uint(15, 8), nr: uint(7, 0) });

const IOMMUFD_TYPE = 0x3b;

/** The whole number that ioctl(2) is given. */
export const requestOf = ({ nr }: Ioctl): number => Number(Request.encode({ type: IOMMUFD_TYPE, nr }));

/** Bytes of the structure as it is now. */
export const bytesOf = ({ layout }: Ioctl): number => layout.width / 8;

/** Bytes that a caller has to give at least. */
export const leastBytesOf = ({ layout, least }: Ioctl): number => (layout.fields[least]!.msb + 1) / 8;
