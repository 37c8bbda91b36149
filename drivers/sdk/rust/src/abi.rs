//! The contract between a driver and iommu-tck. Made from drivers/contract by `npm run sdk`.
//!
//! A function that returns `i32` returns 0, or an errno below 0 (`-EINVAL`), and puts its value at the address that its last
//! parameter holds. Text ends with a NUL. What an address leads to is valid until the function that got it returns; what a
//! driver answers with by address has to stay until it is called again. In a structure with `has`, the bits `…_HAS_…` say
//! which of the optional members are there.

/// Version of the functions, of the structures and of their meaning.
pub const ABI_VERSION: u32 = 1;

// The Linux numbers of the refusals.

pub const EPERM: i32 = 1;
pub const ENOENT: i32 = 2;
pub const EIO: i32 = 5;
pub const ENXIO: i32 = 6;
pub const E2BIG: i32 = 7;
pub const EAGAIN: i32 = 11;
pub const ENOMEM: i32 = 12;
pub const EACCES: i32 = 13;
pub const EFAULT: i32 = 14;
pub const EBUSY: i32 = 16;
pub const EEXIST: i32 = 17;
pub const ENODEV: i32 = 19;
pub const EINVAL: i32 = 22;
pub const ENOTTY: i32 = 25;
pub const ENOSPC: i32 = 28;
pub const ESPIPE: i32 = 29;
pub const ERANGE: i32 = 34;
pub const EOVERFLOW: i32 = 75;
pub const EMSGSIZE: i32 = 90;
pub const EOPNOTSUPP: i32 = 95;
pub const EADDRINUSE: i32 = 98;
pub const ETIMEDOUT: i32 = 110;
pub const ENOIOCTLCMD: i32 = 515;

pub const NO_PASID: u32 = 0xffffffff;
pub const ALLOC_NEST_PARENT: u32 = 0x1;
pub const ALLOC_DIRTY_TRACKING: u32 = 0x2;
pub const ALLOC_FAULT_ID_VALID: u32 = 0x4;
pub const ALLOC_PASID: u32 = 0x8;
pub const HYP_READ: u32 = 0x1;
pub const HYP_WRITE: u32 = 0x2;

pub const PAGE_OWNER_KIND_DRIVER: u32 = 0;
pub const PAGE_OWNER_KIND_DOMAIN: u32 = 1;
pub const PAGE_OWNER_KIND_DEVICE: u32 = 2;

pub const PAGE_KIND_PAGE_TABLE: u32 = 0;
pub const PAGE_KIND_DEVICE_TABLE: u32 = 1;
pub const PAGE_KIND_CONTEXT_TABLE: u32 = 2;
pub const PAGE_KIND_DOMAIN_TABLE: u32 = 3;
pub const PAGE_KIND_QUEUE: u32 = 4;
pub const PAGE_KIND_COMPLETION: u32 = 5;
pub const PAGE_KIND_OBJECT: u32 = 6;

pub const HYP_PROTECTION_OWNED: u32 = 0;
pub const HYP_PROTECTION_SHARED_OWNED: u32 = 1;

pub const ACCESS_READ: u32 = 0;
pub const ACCESS_WRITE: u32 = 1;
pub const ACCESS_EXECUTE: u32 = 2;

pub const REGION_KIND_DIRECT: u32 = 0;
pub const REGION_KIND_DIRECT_RELAXABLE: u32 = 1;
pub const REGION_KIND_RESERVED: u32 = 2;
pub const REGION_KIND_MSI: u32 = 3;
pub const REGION_KIND_SW_MSI: u32 = 4;

pub const IOMMU_CAPABILITY_CACHE_COHERENCY: u32 = 0;
pub const IOMMU_CAPABILITY_ENFORCE_CACHE_COHERENCY: u32 = 1;
pub const IOMMU_CAPABILITY_DEFERRED_FLUSH: u32 = 2;
pub const IOMMU_CAPABILITY_DIRTY_TRACKING: u32 = 3;

pub const DOMAIN_TYPE_PAGING: u32 = 0;
pub const DOMAIN_TYPE_NESTED: u32 = 1;
pub const DOMAIN_TYPE_IDENTITY: u32 = 2;
pub const DOMAIN_TYPE_BLOCKED: u32 = 3;
pub const DOMAIN_TYPE_SVA: u32 = 4;

pub const DOMAIN_OR_VIOMMU_KIND_DOMAIN: u32 = 0;
pub const DOMAIN_OR_VIOMMU_KIND_VIOMMU: u32 = 1;

pub const DOMAIN_OPERATION_MAP: u32 = 0;
pub const DOMAIN_OPERATION_UNMAP: u32 = 1;
pub const DOMAIN_OPERATION_IOVA_TO_PHYS: u32 = 2;
pub const DOMAIN_OPERATION_CACHE_INVALIDATE: u32 = 3;
pub const DOMAIN_OPERATION_DIRTY_TRACKING: u32 = 4;
pub const DOMAIN_OPERATION_ENFORCE_COHERENCY: u32 = 5;

pub const RESPONSE_CODE_SUCCESS: u32 = 0;
pub const RESPONSE_CODE_INVALID: u32 = 1;
pub const RESPONSE_CODE_FAILURE: u32 = 2;

pub const KVM_IOMMU_OP_GET_IOMMU_BY_ID: u32 = 0;
pub const KVM_IOMMU_OP_ALLOC_IOPT: u32 = 1;
pub const KVM_IOMMU_OP_FREE_IOPT: u32 = 2;
pub const KVM_IOMMU_OP_ATTACH_DEV: u32 = 3;
pub const KVM_IOMMU_OP_DETACH_DEV: u32 = 4;

/// For whom a page is taken: a domain's is given back when it is freed, a device's when it is released, the
/// driver's own at `stop`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct PageOwner {
    pub kind: u32,
    pub handle: u32,
}

pub const PAGE_REQUEST_HAS_OWNER: u32 = 0x1;

/// A request for `2^order` contiguous 4 KiB pages, aligned to their size, zeroed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct PageRequest {
    pub has: u32,
    pub order: u32,
    /// Left out: the driver.
    pub owner: PageOwner,
    pub kind: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct GuestEvent {
    pub viommu: u32,
    pub r#type: u32,
    pub record: *const u8,
    pub record_size: u32,
}

pub const FAULT_EVENT_HAS_IOVA: u32 = 0x1;
pub const FAULT_EVENT_HAS_ACCESS: u32 = 0x2;
pub const FAULT_EVENT_HAS_GUEST: u32 = 0x4;

/// A request that the hardware did not let through, as its record says.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct FaultEvent {
    pub has: u32,
    pub device: u32,
    /// Or `NO_PASID`.
    pub pasid: u32,
    /// As the architecture names it.
    pub cause: *const u8,
    /// Left out where the record has none.
    pub iova: u64,
    pub access: u32,
    /// The guest's affair, and not the host's: whose it is, its `enum iommu_veventq_type`, and the record with
    /// the guest's ids.
    pub guest: GuestEvent,
}

/// A request for a page, or an access that waits for one. Those of a group are answered together, after the last
/// of them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct PageFault {
    pub device: u32,
    pub pasid: u32,
    /// Tells the unanswered groups of one device and PASID apart.
    pub group: u32,
    pub last: u32,
    pub iova: u64,
    pub read: u32,
    pub write: u32,
    pub execute: u32,
    pub privileged: u32,
}

/// What the domain layer knows of a domain when it calls the back end.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct KvmDomain {
    pub iommu: u32,
    pub domain: u32,
    /// Root of the page table as the descriptor holds it; 0 before `allocIopt`.
    pub pgd: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Iopt {
    pub pgd: u64,
}

/// What firmware says of an IOMMU; the rest stands in its registers.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct IommuDescription {
    /// The instance's index, as in `mmioRead32(iommu, …)`.
    pub iommu: u32,
    /// Its walkers see what the CPUs' caches hold; where they do not, a store to a table needs `clean`.
    pub coherent: u32,
    /// The interrupts that it can raise, as `irq` names them. None: it is polled.
    pub interrupts: *const *const u8,
    pub interrupts_count: u32,
}

/// What the suite hands to a driver besides the platform.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Surroundings {
    /// Every IOMMU of the machine, in order of index; none on `scripted` hardware.
    pub iommus: *const IommuDescription,
    pub iommus_count: u32,
    pub scripted: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ReservedRegion {
    pub start: u64,
    pub length: u64,
    pub kind: u32,
}

/// What firmware says of a device: where it sits and under which ids its requests arrive.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct DeviceDescription {
    pub device: u32,
    /// Index of the IOMMU instance that translates for it.
    pub iommu: u32,
    /// Stream, requester or device ids; a device may have several. 32 bits, as in a firmware specifier (SMMUv2:
    /// mask above id).
    pub ids: *const u32,
    pub ids_count: u32,
    /// Devices of a group cannot be isolated from one another.
    pub group: u32,
    /// What firmware reserves for it; `reservedRegions` adds the driver's own.
    pub reserved: *const ReservedRegion,
    pub reserved_count: u32,
    /// It keeps translations of its own.
    pub ats: u32,
    /// It can ask for pages.
    pub pri: u32,
    /// Its accesses can wait for a page.
    pub stall: u32,
    /// Width of its PASIDs in bits; 0 when it has none.
    pub pasid_bits: u32,
    /// Its accesses see what the CPUs' caches hold, where the mapping lets them.
    pub coherent: u32,
    /// They do so whatever the mapping says, as where the path to memory has it so (CANWBS).
    pub always_coherent: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct HwInfo {
    /// As `enum iommu_hw_info_type`.
    pub r#type: u32,
    pub data: *const u8,
    pub data_size: u32,
}

/// A domain, or the viommu that stands before it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct DomainOrViommu {
    pub kind: u32,
    pub handle: u32,
}

/// Bytes of the user, in uAPI layout, still in user memory: the driver copies them in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct UserData {
    pub r#type: u32,
    pub address: u64,
    pub length: u32,
}

pub const DOMAIN_SPEC_HAS_PARENT: u32 = 0x1;
pub const DOMAIN_SPEC_HAS_PROCESS: u32 = 0x2;
pub const DOMAIN_SPEC_HAS_DATA: u32 = 0x4;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct DomainSpec {
    pub has: u32,
    pub r#type: u32,
    /// The device that the domain is for; others may be attached if they are compatible.
    pub device: u32,
    /// `ALLOC_…`. A domain that PASIDs are to be attached to has `ALLOC_PASID`; one whose page faults are
    /// answered, `ALLOC_FAULT_ID_VALID`.
    pub flags: u32,
    /// Nested only: the nest parent, or the viommu that holds it.
    pub parent: DomainOrViommu,
    /// Shared only (`sva`): whose page table it is.
    pub process: u32,
    pub data: UserData,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Aperture {
    pub start: u64,
    pub last: u64,
}

pub const DOMAIN_INFO_HAS_APERTURE: u32 = 0x1;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct DomainInfo {
    pub has: u32,
    pub r#type: u32,
    pub operations: *const u32,
    pub operations_count: u32,
    /// Bytes, ascending; none where nothing can be mapped.
    pub page_sizes: *const u64,
    pub page_sizes_count: u32,
    /// IOVAs that can be mapped: `[start, last]`. Left out where nothing can be.
    pub aperture: Aperture,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Protection {
    pub read: u32,
    pub write: u32,
    pub execute: u32,
    pub privileged: u32,
    /// Accesses through it see what the CPUs' caches hold (IOMMU_CACHE).
    pub coherent: u32,
    pub mmio: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Mapping {
    pub iova: u64,
    /// PA, or GPA for a domain of a guest.
    pub pa: u64,
    /// Bytes.
    pub size: u64,
    pub prot: Protection,
}

/// A range whose invalidation was put off, and the table pages that wait for it: opaque to the caller, returned
/// by `unmapPages`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Gather {
    pub start: u64,
    pub last: u64,
    pub handle: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Unmapped {
    /// Bytes.
    pub size: u64,
    pub gather: Gather,
}

/// Raw invalidation entries of the user, as an array in user memory.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct InvalidationArray {
    pub r#type: u32,
    pub address: u64,
    pub entry_length: u32,
    pub entries: u32,
}

pub const INVALIDATED_HAS_ERROR: u32 = 0x1;

/// A partial result that is declared: how many entries the hardware has really completed, and why the next one
/// was not, if there is one.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Invalidated {
    pub has: u32,
    pub handled: u32,
    pub error: u32,
}

pub const VIOMMU_SPEC_HAS_DATA: u32 = 0x1;

/// A virtual IOMMU in front of a nest parent.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ViommuSpec {
    pub has: u32,
    /// A device behind the IOMMU that it stands for.
    pub device: u32,
    pub parent: u32,
    /// As `enum iommu_viommu_type`.
    pub r#type: u32,
    pub data: UserData,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct DirtyRange {
    pub iova: u64,
    pub size: u64,
    /// Bytes for each bit of the bitmap.
    pub page_size: u64,
    pub clear: u32,
}

/// The answer to a group of page faults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct PageResponse {
    pub device: u32,
    pub pasid: u32,
    pub group: u32,
    pub code: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Readiness {
    pub readable: u32,
    pub writable: u32,
}

/// A part of a file to be mapped.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct FileMapping {
    /// Bytes.
    pub offset: u64,
    pub length: u32,
    pub write: u32,
    pub execute: u32,
    pub shared: u32,
}

/// What the trusted host hands over before it loses its privileges. Addresses are kernel linear addresses.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct HypInit {
    /// The per-CPU memcaches, an array of `KVM_HYP_MEMCACHE` entries in host memory.
    pub memcaches: u64,
    pub cpus: u32,
    /// The operations that the back end has: `init` refuses with `ENODEV` when a needed one is missing.
    pub operations: *const u32,
    pub operations_count: u32,
}

/// The parameters of one IOMMU stand in host memory at `params`, in the layout of `struct kvm_hyp_iommu`; the
/// host may write them later.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct HypDevice {
    pub iommu: u32,
    pub params: u64,
}

// What a driver may call: the platform, its caller, and the back end where there is one.

#[cfg_attr(target_arch = "wasm32", link(wasm_import_module = "iommu_tck_1"))]
extern "C" {
    pub fn tck_read8(pa: u64) -> u32;

    pub fn tck_read16(pa: u64) -> u32;

    pub fn tck_read32(pa: u64) -> u32;

    pub fn tck_read64(pa: u64) -> u64;

    pub fn tck_write8(pa: u64, value: u32);

    pub fn tck_write16(pa: u64, value: u32);

    pub fn tck_write32(pa: u64, value: u32);

    pub fn tck_write64(pa: u64, value: u64);

    /// Stores zeros to whole 4 KiB frames, in any order: one event, however many stores. Both arguments are
    /// multiples of 4096.
    pub fn tck_zero(pa: u64, bytes: u64);

    /// @returns The old value; `value` is stored only if the old value equals `expected`.
    pub fn tck_cmpxchg64(pa: u64, expected: u64, value: u64) -> u64;

    /// @returns The old value.
    pub fn tck_fetch_and64(pa: u64, mask: u64) -> u64;

    /// @returns The old value.
    pub fn tck_fetch_or64(pa: u64, mask: u64) -> u64;

    /// Writes back the CPU's caches for `[pa, pa + bytes)`; needed only where a walker does not snoop.
    pub fn tck_clean(pa: u64, bytes: u64);

    /// Orders stores before it against stores and register writes after it, as the hardware sees them (DSB ST,
    /// dma_wmb, sfence).
    pub fn tck_barrier();

    /// @param iommu Index of the IOMMU instance. @param offset Bytes from the start of its register file.
    pub fn tck_mmio_read32(iommu: u32, offset: u32) -> u32;

    pub fn tck_mmio_read64(iommu: u32, offset: u32) -> u64;

    pub fn tck_mmio_write32(iommu: u32, offset: u32, value: u32);

    pub fn tck_mmio_write64(iommu: u32, offset: u32, value: u64);

    /// Reads a 32-bit register until `(value & mask) === want`, in virtual time.
    /// @param timeoutUs Microseconds of virtual time; `ETIMEDOUT` when they have passed.
    pub fn tck_poll_until(
        iommu: u32,
        offset: u32,
        mask: u32,
        want: u32,
        timeout_us: u64,
        value: *mut u32,
    ) -> i32;

    /// @returns Physical address of the first page. `ENOMEM`.
    pub fn tck_page_alloc(request: *const PageRequest, value: *mut u64) -> i32;

    pub fn tck_page_free(pa: u64, order: u32);

    /// A structure that the driver keeps for itself (kzalloc). @returns A handle. `ENOMEM`.
    pub fn tck_object_alloc(kind: *const u8, value: *mut u32) -> i32;

    pub fn tck_object_free(object: u32);

    /// A free identifier of a hardware space (`vmid`, `pscid`, …) within `[first, last]`. `ENOSPC`.
    pub fn tck_id_alloc(space: *const u8, first: u32, last: u32, value: *mut u32) -> i32;

    pub fn tck_id_free(space: *const u8, id: u32);

    /// The CPU that runs this call; it changes between calls and, in a race, inside one.
    pub fn tck_cpu() -> u32;

    pub fn tck_lock(name: *const u8);

    pub fn tck_unlock(name: *const u8);

    /// Virtual time, microseconds since the machine was built.
    pub fn tck_now() -> u64;

    pub fn tck_delay(microseconds: u64);

    /// `EFAULT` when any byte is unreadable.
    pub fn tck_copy_in(address: u64, length: u32, value: *mut u8) -> i32;

    /// `EFAULT` when any byte is unwritable.
    pub fn tck_copy_out(address: u64, bytes: *const u8, bytes_size: u32) -> i32;

    /// Bytes of a page of the hypervisor: 4096, 16384 or 65536; donations and mappings are in such pages.
    pub fn tck_hyp_page_bytes() -> u32;

    /// Moves `pages` pages (of `hypPageBytes`) from host to hypervisor. `EPERM`: the host does not own each of
    /// them alone. `EINVAL`: not memory.
    pub fn tck_host_donate_hyp(pfn: u64, pages: u64) -> i32;

    /// Moves `pages` pages back. `EPERM`: the hypervisor does not own each of them alone.
    pub fn tck_hyp_donate_host(pfn: u64, pages: u64) -> i32;

    /// Marks pages of the host as reachable by its devices; counted. While any count stands they cannot be
    /// donated. `EPERM`: not the host's.
    pub fn tck_host_share_dma(pfn: u64, pages: u64) -> i32;

    /// Takes one mark back. `EPERM`: not marked.
    pub fn tck_host_unshare_dma(pfn: u64, pages: u64) -> i32;

    /// Maps hypervisor addresses `[from, to)` at EL2, whole pages, before or after de-privilege. `EINVAL`,
    /// `EPERM`, or an injected errno.
    pub fn tck_create_mappings(from: u64, to: u64, protection: u32) -> i32;

    /// Kernel linear address to hypervisor address (arithmetic only: the result need not be mapped).
    pub fn tck_kern_hyp_va(address: u64) -> u64;

    /// Hypervisor address to physical address (arithmetic only).
    pub fn tck_hyp_phys(address: u64) -> u64;

    /// `EAGAIN`: let the access try again, where it waits. `EOPNOTSUPP`: nobody listens; the event is dropped.
    pub fn tck_report_event(event: *const FaultEvent) -> i32;

    /// Refused: nobody will answer, and the driver answers by itself.
    pub fn tck_report_page_fault(fault: *const PageFault) -> i32;

    pub fn tck_backend_get_iommu_by_id(iommu: u32) -> u32;

    /// @returns The page-table root that the domain shall record, which need not be `pgdHva`.
    pub fn tck_backend_alloc_iopt(domain: *const KvmDomain, pgd_hva: u64, value: *mut Iopt) -> i32;

    pub fn tck_backend_free_iopt(domain: *const KvmDomain) -> i32;

    pub fn tck_backend_attach_dev(domain: *const KvmDomain, endpoint: u32) -> i32;

    pub fn tck_backend_detach_dev(domain: *const KvmDomain, endpoint: u32) -> i32;
}

/// What a driver defines: the first three, and the methods of each interface that its manifest says it implements. Here are
/// the types of the functions, each by the function's name.
#[allow(non_camel_case_types)]
pub mod exports {
    use super::*;

    /// The manifest as JSON: drivers/contract/manifest.ts.
    pub type driver_manifest = extern "C" fn() -> *const u8;

    /// Brings the hardware up. From its answer on the sanitizer holds the driver to its grants. `ENOMEM`,
    /// `ENODEV`.
    ///
    /// Called for each scenario, on another machine each time: it sets everything that the driver keeps.
    pub type driver_start = extern "C" fn(surroundings: *const Surroundings) -> i32;

    /// Undoes `start`: whatever is still held is released and every device is blocked.
    pub type driver_stop = extern "C" fn() -> i32;

    /// Takes a device. `ENODEV`: not behind this IOMMU, or an id out of range. `ENOMEM`. The device is blocked
    /// until it is attached.
    pub type iommu_probe_device = extern "C" fn(device: *const DeviceDescription) -> i32;

    /// Gives a device back; it is blocked, and nothing the driver kept for it remains. `ENODEV`: not probed.
    pub type iommu_release_device = extern "C" fn(device: u32) -> i32;

    /// @returns IOVAs that the hardware or the driver keeps from being mapped for it, beyond those of its
    /// description.
    pub type iommu_reserved_regions =
        extern "C" fn(device: u32, value: *mut *const ReservedRegion, value_count: *mut u32) -> i32;

    /// @param type Requested type, 0 for the default. `EOPNOTSUPP`: the type is not this hardware's.
    pub type iommu_hw_info = extern "C" fn(device: u32, r#type: u32, value: *mut HwInfo) -> i32;

    pub type iommu_capable = extern "C" fn(device: u32, capability: u32, value: *mut u32) -> i32;

    /// `EOPNOTSUPP`: unknown flags, type or data. `EINVAL`: unfit parent or data. `EFAULT`: data unreadable.
    /// `ENOMEM`. `ENOSPC`: identifiers used up.
    pub type iommu_domain_alloc = extern "C" fn(spec: *const DomainSpec, value: *mut u32) -> i32;

    /// `ENOENT`: no such domain.
    pub type iommu_domain_info = extern "C" fn(domain: u32, value: *mut DomainInfo) -> i32;

    /// Everything the domain held is released. `EBUSY`: still attached or a parent; the domain is unchanged.
    /// `ENOENT`: no such domain.
    pub type iommu_domain_free = extern "C" fn(domain: u32) -> i32;

    /// From its answer on, the device's requests with this PASID are translated by the domain. On refusal nothing
    /// has changed.
    /// @param pasid Or `NO_PASID`. `EINVAL`: the domain does not fit the device (another may). `EBUSY`: attached
    /// elsewhere. `ENOENT`: no such
    /// domain. `EOPNOTSUPP`: no PASIDs. `ENODEV`, `ENOMEM`, `ENOSPC`: the device's trouble.
    pub type iommu_attach = extern "C" fn(device: u32, domain: u32, pasid: u32) -> i32;

    /// From its answer on, the device (with this PASID) is blocked. `EINVAL`: not attached to this domain.
    pub type iommu_detach = extern "C" fn(device: u32, domain: u32, pasid: u32) -> i32;

    /// As attach, from another domain: during it the device sees the old or the new translation or none. On
    /// refusal it keeps the old. `EINVAL`: not attached.
    pub type iommu_replace = extern "C" fn(device: u32, domain: u32, pasid: u32) -> i32;

    /// `EEXIST`: part of the range is mapped. `EINVAL`: misaligned, outside the aperture, or no paging domain.
    /// `ENOMEM`. All or nothing.
    pub type iommu_map = extern "C" fn(domain: u32, mapping: *const Mapping) -> i32;

    /// When it answers, no device reaches the old pages. @returns Bytes unmapped, 0 when nothing was mapped at
    /// `iova`. `EINVAL`: misaligned, or no paging domain.
    pub type iommu_unmap = extern "C" fn(domain: u32, iova: u64, size: u64, value: *mut u64) -> i32;

    /// As `unmap`, but the old pages are out of reach only after `iotlbSync` of its gather. Needs `gather`.
    pub type iommu_unmap_pages =
        extern "C" fn(domain: u32, iova: u64, size: u64, value: *mut Unmapped) -> i32;

    /// When it answers, no device reaches what the gather is of, and the pages that waited are given back. Once
    /// for each gather.
    pub type iommu_iotlb_sync = extern "C" fn(domain: u32, gather: *const Gather) -> i32;

    /// @returns PA, or GPA for a domain of a guest. `ENOENT`: not mapped. `EINVAL`: no paging domain.
    pub type iommu_iova_to_phys = extern "C" fn(domain: u32, iova: u64, value: *mut u64) -> i32;

    /// Entries in order; stops at the first bad one, which is not handled. Refused only when none was looked at.
    /// `EOPNOTSUPP`, `EINVAL`: type or length of entries.
    pub type iommu_cache_invalidate = extern "C" fn(
        target: *const DomainOrViommu,
        array: *const InvalidationArray,
        value: *mut Invalidated,
    ) -> i32;

    /// `EOPNOTSUPP`: type, or hardware that cannot. `EINVAL`: no nest parent, or another IOMMU's. `ENOMEM`.
    pub type iommu_viommu_alloc = extern "C" fn(spec: *const ViommuSpec, value: *mut u32) -> i32;

    /// `EBUSY`: it has vdevices or nested domains.
    pub type iommu_viommu_free = extern "C" fn(viommu: u32) -> i32;

    /// @param virtualId What the guest calls the device. `EEXIST`: taken, or the device has one. `EINVAL`:
    /// another IOMMU's device.
    pub type iommu_vdevice_alloc =
        extern "C" fn(viommu: u32, device: u32, virtual_id: u64, value: *mut u32) -> i32;

    pub type iommu_vdevice_free = extern "C" fn(vdevice: u32) -> i32;

    /// Every access through the domain, now and later, sees what the CPUs' caches hold. @returns Whether that
    /// could be done.
    pub type iommu_enforce_coherency = extern "C" fn(domain: u32, value: *mut u32) -> i32;

    /// `EOPNOTSUPP`: the domain cannot. Twice the same is accepted.
    pub type iommu_set_dirty_tracking = extern "C" fn(domain: u32, enable: u32) -> i32;

    /// @returns One bit for each `pageSize` bytes from `iova` on, least significant first.
    pub type iommu_read_and_clear_dirty = extern "C" fn(
        domain: u32,
        range: *const DirtyRange,
        value: *mut *const u8,
        value_size: *mut u32,
    ) -> i32;

    /// Answers a group that `DriverUpcalls.reportPageFault` brought. `EINVAL`: unknown or answered.
    pub type iommu_page_response = extern "C" fn(response: *const PageResponse) -> i32;

    /// An interrupt of an IOMMU was raised. Comes inside another call only on another CPU. @param line One of its
    /// description's `interrupts`.
    pub type iommu_irq = extern "C" fn(iommu: u32, line: *const u8) -> i32;

    /// A fresh /dev/iommu.
    pub type iommufd_open = extern "C" fn(value: *mut u32) -> i32;

    pub type iommufd_close = extern "C" fn(file: u32) -> i32;

    /// Zeroed user memory, whole pages of its own. @param writable False: the kernel can read it and not write
    /// it. @returns Its address, never 0.
    pub type iommufd_user_alloc = extern "C" fn(length: u32, writable: u32, value: *mut u64) -> i32;

    pub type iommufd_user_read = extern "C" fn(
        address: u64,
        length: u32,
        value: *mut *const u8,
        value_size: *mut u32,
    ) -> i32;

    /// Fills user memory from outside, where the kernel may not write too.
    pub type iommufd_user_write =
        extern "C" fn(address: u64, bytes: *const u8, bytes_size: u32) -> i32;

    /// @param request The whole ioctl number. @param argument Address of the structure, which is looked at
    /// afterwards even when the call is refused. @returns The call's value.
    pub type iommufd_ioctl =
        extern "C" fn(file: u32, request: u32, argument: u64, value: *mut u32) -> i32;

    /// @param buffer Address that the bytes go to. @param offset Position in the file, bytes. @returns Bytes
    /// read.
    pub type iommufd_read =
        extern "C" fn(file: u32, buffer: u64, length: u32, offset: u64, value: *mut u32) -> i32;

    /// @param buffer Address that the bytes come from. @returns Bytes written.
    pub type iommufd_write =
        extern "C" fn(file: u32, buffer: u64, length: u32, offset: u64, value: *mut u32) -> i32;

    pub type iommufd_poll = extern "C" fn(file: u32, value: *mut Readiness) -> i32;

    /// @returns Address in user memory.
    pub type iommufd_mmap =
        extern "C" fn(file: u32, mapping: *const FileMapping, value: *mut u64) -> i32;

    pub type iommufd_munmap = extern "C" fn(address: u64, length: u32) -> i32;

    /// Binds a device of the machine to this /dev/iommu, as VFIO or the mock does. @returns Its object id.
    pub type iommufd_bind = extern "C" fn(file: u32, device: u32, value: *mut u32) -> i32;

    pub type iommufd_unbind = extern "C" fn(file: u32, device_id: u32) -> i32;

    /// @param pt Object id of an IOAS or HWPT. @param pasid Or `NO_PASID`. @returns The HWPT in use.
    pub type iommufd_attach =
        extern "C" fn(file: u32, device_id: u32, pt: u32, pasid: u32, value: *mut u32) -> i32;

    pub type iommufd_replace =
        extern "C" fn(file: u32, device_id: u32, pt: u32, pasid: u32, value: *mut u32) -> i32;

    pub type iommufd_detach = extern "C" fn(file: u32, device_id: u32, pasid: u32) -> i32;

    /// Checks the operations, then maps the memcaches, shared with the host. `ENODEV`; the mapping's own errno.
    pub type hyp_init = extern "C" fn(parameters: *const HypInit) -> i32;

    /// Converts and maps the root of the domain table. The mapping's own errno; the IOMMU is then unusable.
    pub type hyp_init_device = extern "C" fn(device: *const HypDevice) -> i32;

    /// @param pgd Kernel linear address of the host's page for the root of the page table. `EINVAL`: bad id, in
    /// use, or no page (`needs_page` is then set).
    pub type hyp_alloc_domain = extern "C" fn(iommu: u32, domain: u32, pgd: u64) -> i32;

    /// `EINVAL`: not allocated, or devices are attached. The back end's errno.
    pub type hyp_free_domain = extern "C" fn(iommu: u32, domain: u32) -> i32;

    /// `EINVAL`: not allocated, or references at UINT_MAX. The back end's errno.
    pub type hyp_attach_dev = extern "C" fn(iommu: u32, domain: u32, endpoint: u32) -> i32;

    /// `EINVAL`: no device is attached. The back end's errno.
    pub type hyp_detach_dev = extern "C" fn(iommu: u32, domain: u32, endpoint: u32) -> i32;

    /// @returns Bytes mapped; fewer than asked for when a table page is missing (`needs_page` is then set).
    pub type hyp_map_pages = extern "C" fn(
        iommu: u32,
        domain: u32,
        iova: u64,
        pa: u64,
        page_size: u64,
        page_count: u64,
        prot: u32,
        value: *mut u64,
    ) -> i32;

    /// When it answers, no device reaches the old pages. @returns Bytes unmapped.
    pub type hyp_unmap_pages = extern "C" fn(
        iommu: u32,
        domain: u32,
        iova: u64,
        page_size: u64,
        page_count: u64,
        value: *mut u64,
    ) -> i32;

    /// @returns PA. `ENOENT`: not mapped; `EINVAL`: no such domain.
    pub type hyp_iova_to_phys =
        extern "C" fn(iommu: u32, domain: u32, iova: u64, value: *mut u64) -> i32;

    /// Invalidates cached translations as the structure at `data` says; a version whose structure names an array
    /// works through it in order.
    /// @returns Requests handled: 1 for the versions that take one request a call.
    /// `EINVAL`: version, granularity or size that the interface does not define. `EFAULT`: unreadable. `ENODEV`:
    /// the hardware cannot.
    pub type cache_invalidate = extern "C" fn(
        domain: u32,
        device: u32,
        data: *const UserData,
        value: *mut Invalidated,
    ) -> i32;
}
