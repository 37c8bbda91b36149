/*
 * The contract between a driver and iommu-tck, for drivers in C and whatever calls C. Made from drivers/contract by `npm run sdk`.
 *
 * The suite calls the functions of the last part, which the driver defines; the driver calls the functions before it. A function that
 * returns int32_t returns 0, or an errno below 0 (-TCK_EINVAL), and puts its value at the address that its last parameter holds. Text
 * ends with a NUL. What an address leads to is valid until the function that got it returns; what a driver answers with by address has
 * to stay until it is called again. In a structure with `has`, the bits TCK_…_HAS_… say which of the optional members are there. A flag
 * is 0 or 1. Comments use the names of TypeScript: hypPageBytes is tck_hyp_page_bytes, NO_PASID is TCK_NO_PASID.
 *
 * Each bundled form of a driver is made from the same source: WebAssembly (everything here is an import or an export), or a process
 * that is linked with iommu_tck_stdio.c. docs/adding-a-driver.md shows both.
 */
#ifndef IOMMU_TCK_H
#define IOMMU_TCK_H

#include <stddef.h>
#include <stdint.h>

#define TCK_ABI_VERSION 1

#ifdef __wasm__
#define TCK_IMPORT(name) __attribute__((import_module("iommu_tck_1"), import_name(#name)))
#define TCK_EXPORT(name) __attribute__((export_name(#name)))
#else
#define TCK_IMPORT(name)
#define TCK_EXPORT(name) __attribute__((weak))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The Linux numbers of the refusals. */
enum {
  TCK_EPERM = 1,
  TCK_ENOENT = 2,
  TCK_EIO = 5,
  TCK_ENXIO = 6,
  TCK_E2BIG = 7,
  TCK_EAGAIN = 11,
  TCK_ENOMEM = 12,
  TCK_EACCES = 13,
  TCK_EFAULT = 14,
  TCK_EBUSY = 16,
  TCK_EEXIST = 17,
  TCK_ENODEV = 19,
  TCK_EINVAL = 22,
  TCK_ENOTTY = 25,
  TCK_ENOSPC = 28,
  TCK_ESPIPE = 29,
  TCK_ERANGE = 34,
  TCK_EOVERFLOW = 75,
  TCK_EMSGSIZE = 90,
  TCK_EOPNOTSUPP = 95,
  TCK_EADDRINUSE = 98,
  TCK_ETIMEDOUT = 110,
  TCK_ENOIOCTLCMD = 515,
};

#define TCK_NO_PASID 0xffffffffu
#define TCK_ALLOC_NEST_PARENT 0x1u
#define TCK_ALLOC_DIRTY_TRACKING 0x2u
#define TCK_ALLOC_FAULT_ID_VALID 0x4u
#define TCK_ALLOC_PASID 0x8u
#define TCK_HYP_READ 0x1u
#define TCK_HYP_WRITE 0x2u

enum {
  TCK_PAGE_OWNER_KIND_DRIVER = 0,
  TCK_PAGE_OWNER_KIND_DOMAIN = 1,
  TCK_PAGE_OWNER_KIND_DEVICE = 2,
};

enum {
  TCK_PAGE_KIND_PAGE_TABLE = 0,
  TCK_PAGE_KIND_DEVICE_TABLE = 1,
  TCK_PAGE_KIND_CONTEXT_TABLE = 2,
  TCK_PAGE_KIND_DOMAIN_TABLE = 3,
  TCK_PAGE_KIND_QUEUE = 4,
  TCK_PAGE_KIND_COMPLETION = 5,
  TCK_PAGE_KIND_OBJECT = 6,
};

enum {
  TCK_HYP_PROTECTION_OWNED = 0,
  TCK_HYP_PROTECTION_SHARED_OWNED = 1,
};

enum {
  TCK_ACCESS_READ = 0,
  TCK_ACCESS_WRITE = 1,
  TCK_ACCESS_EXECUTE = 2,
};

enum {
  TCK_REGION_KIND_DIRECT = 0,
  TCK_REGION_KIND_DIRECT_RELAXABLE = 1,
  TCK_REGION_KIND_RESERVED = 2,
  TCK_REGION_KIND_MSI = 3,
  TCK_REGION_KIND_SW_MSI = 4,
};

enum {
  TCK_IOMMU_CAPABILITY_CACHE_COHERENCY = 0,
  TCK_IOMMU_CAPABILITY_ENFORCE_CACHE_COHERENCY = 1,
  TCK_IOMMU_CAPABILITY_DEFERRED_FLUSH = 2,
  TCK_IOMMU_CAPABILITY_DIRTY_TRACKING = 3,
};

enum {
  TCK_DOMAIN_TYPE_PAGING = 0,
  TCK_DOMAIN_TYPE_NESTED = 1,
  TCK_DOMAIN_TYPE_IDENTITY = 2,
  TCK_DOMAIN_TYPE_BLOCKED = 3,
  TCK_DOMAIN_TYPE_SVA = 4,
};

enum {
  TCK_DOMAIN_OR_VIOMMU_KIND_DOMAIN = 0,
  TCK_DOMAIN_OR_VIOMMU_KIND_VIOMMU = 1,
};

enum {
  TCK_DOMAIN_OPERATION_MAP = 0,
  TCK_DOMAIN_OPERATION_UNMAP = 1,
  TCK_DOMAIN_OPERATION_IOVA_TO_PHYS = 2,
  TCK_DOMAIN_OPERATION_CACHE_INVALIDATE = 3,
  TCK_DOMAIN_OPERATION_DIRTY_TRACKING = 4,
  TCK_DOMAIN_OPERATION_ENFORCE_COHERENCY = 5,
};

enum {
  TCK_RESPONSE_CODE_SUCCESS = 0,
  TCK_RESPONSE_CODE_INVALID = 1,
  TCK_RESPONSE_CODE_FAILURE = 2,
};

enum {
  TCK_KVM_IOMMU_OP_GET_IOMMU_BY_ID = 0,
  TCK_KVM_IOMMU_OP_ALLOC_IOPT = 1,
  TCK_KVM_IOMMU_OP_FREE_IOPT = 2,
  TCK_KVM_IOMMU_OP_ATTACH_DEV = 3,
  TCK_KVM_IOMMU_OP_DETACH_DEV = 4,
};

/*
 * For whom a page is taken: a domain's is given back when it is freed, a device's when it is released, the
 * driver's own at `stop`.
 */
struct tck_page_owner {
  uint32_t kind;
  uint32_t handle;
};

#define TCK_PAGE_REQUEST_HAS_OWNER 0x1u /* owner */
/* A request for `2^order` contiguous 4 KiB pages, aligned to their size, zeroed. */
struct tck_page_request {
  uint32_t has;
  uint32_t order;
  /* Left out: the driver. */
  struct tck_page_owner owner;
  uint32_t kind;
};

struct tck_guest_event {
  uint32_t viommu;
  uint32_t type;
  const uint8_t *record;
  uint32_t record_size;
};

#define TCK_FAULT_EVENT_HAS_IOVA 0x1u /* iova */
#define TCK_FAULT_EVENT_HAS_ACCESS 0x2u /* access */
#define TCK_FAULT_EVENT_HAS_GUEST 0x4u /* guest */
/* A request that the hardware did not let through, as its record says. */
struct tck_fault_event {
  uint32_t has;
  uint32_t device;
  /* Or `NO_PASID`. */
  uint32_t pasid;
  /* As the architecture names it. */
  const char *cause;
  /* Left out where the record has none. */
  uint64_t iova;
  uint32_t access;
  /*
   * The guest's affair, and not the host's: whose it is, its `enum iommu_veventq_type`, and the record with the
   * guest's ids.
   */
  struct tck_guest_event guest;
};

/*
 * A request for a page, or an access that waits for one. Those of a group are answered together, after the last
 * of them.
 */
struct tck_page_fault {
  uint32_t device;
  uint32_t pasid;
  /* Tells the unanswered groups of one device and PASID apart. */
  uint32_t group;
  uint32_t last;
  uint64_t iova;
  uint32_t read;
  uint32_t write;
  uint32_t execute;
  uint32_t privileged;
};

/* What the domain layer knows of a domain when it calls the back end. */
struct tck_kvm_domain {
  uint32_t iommu;
  uint32_t domain;
  /* Root of the page table as the descriptor holds it; 0 before `allocIopt`. */
  uint64_t pgd;
};

struct tck_iopt {
  uint64_t pgd;
};

/* What firmware says of an IOMMU; the rest stands in its registers. */
struct tck_iommu_description {
  /* The instance's index, as in `mmioRead32(iommu, …)`. */
  uint32_t iommu;
  /* Its walkers see what the CPUs' caches hold; where they do not, a store to a table needs `clean`. */
  uint32_t coherent;
  /* The interrupts that it can raise, as `irq` names them. None: it is polled. */
  const char *const *interrupts;
  uint32_t interrupts_count;
};

/* What the suite hands to a driver besides the platform. */
struct tck_surroundings {
  /* Every IOMMU of the machine, in order of index; none on `scripted` hardware. */
  const struct tck_iommu_description *iommus;
  uint32_t iommus_count;
  uint32_t scripted;
};

struct tck_reserved_region {
  uint64_t start;
  uint64_t length;
  uint32_t kind;
};

/* What firmware says of a device: where it sits and under which ids its requests arrive. */
struct tck_device_description {
  uint32_t device;
  /* Index of the IOMMU instance that translates for it. */
  uint32_t iommu;
  /*
   * Stream, requester or device ids; a device may have several. 32 bits, as in a firmware specifier (SMMUv2:
   * mask above id).
   */
  const uint32_t *ids;
  uint32_t ids_count;
  /* Devices of a group cannot be isolated from one another. */
  uint32_t group;
  /* What firmware reserves for it; `reservedRegions` adds the driver's own. */
  const struct tck_reserved_region *reserved;
  uint32_t reserved_count;
  /* It keeps translations of its own. */
  uint32_t ats;
  /* It can ask for pages. */
  uint32_t pri;
  /* Its accesses can wait for a page. */
  uint32_t stall;
  /* Width of its PASIDs in bits; 0 when it has none. */
  uint32_t pasid_bits;
  /* Its accesses see what the CPUs' caches hold, where the mapping lets them. */
  uint32_t coherent;
  /* They do so whatever the mapping says, as where the path to memory has it so (CANWBS). */
  uint32_t always_coherent;
};

struct tck_hw_info {
  /* As `enum iommu_hw_info_type`. */
  uint32_t type;
  const uint8_t *data;
  uint32_t data_size;
};

/* A domain, or the viommu that stands before it. */
struct tck_domain_or_viommu {
  uint32_t kind;
  uint32_t handle;
};

/* Bytes of the user, in uAPI layout, still in user memory: the driver copies them in. */
struct tck_user_data {
  uint32_t type;
  uint64_t address;
  uint32_t length;
};

#define TCK_DOMAIN_SPEC_HAS_PARENT 0x1u /* parent */
#define TCK_DOMAIN_SPEC_HAS_PROCESS 0x2u /* process */
#define TCK_DOMAIN_SPEC_HAS_DATA 0x4u /* data */
struct tck_domain_spec {
  uint32_t has;
  uint32_t type;
  /* The device that the domain is for; others may be attached if they are compatible. */
  uint32_t device;
  /*
   * `ALLOC_…`. A domain that PASIDs are to be attached to has `ALLOC_PASID`; one whose page faults are answered,
   * `ALLOC_FAULT_ID_VALID`.
   */
  uint32_t flags;
  /* Nested only: the nest parent, or the viommu that holds it. */
  struct tck_domain_or_viommu parent;
  /* Shared only (`sva`): whose page table it is. */
  uint32_t process;
  struct tck_user_data data;
};

struct tck_aperture {
  uint64_t start;
  uint64_t last;
};

#define TCK_DOMAIN_INFO_HAS_APERTURE 0x1u /* aperture */
struct tck_domain_info {
  uint32_t has;
  uint32_t type;
  const uint32_t *operations;
  uint32_t operations_count;
  /* Bytes, ascending; none where nothing can be mapped. */
  const uint64_t *page_sizes;
  uint32_t page_sizes_count;
  /* IOVAs that can be mapped: `[start, last]`. Left out where nothing can be. */
  struct tck_aperture aperture;
};

struct tck_protection {
  uint32_t read;
  uint32_t write;
  uint32_t execute;
  uint32_t privileged;
  /* Accesses through it see what the CPUs' caches hold (IOMMU_CACHE). */
  uint32_t coherent;
  uint32_t mmio;
};

struct tck_mapping {
  uint64_t iova;
  /* PA, or GPA for a domain of a guest. */
  uint64_t pa;
  /* Bytes. */
  uint64_t size;
  struct tck_protection prot;
};

/*
 * A range whose invalidation was put off, and the table pages that wait for it: opaque to the caller, returned
 * by `unmapPages`.
 */
struct tck_gather {
  uint64_t start;
  uint64_t last;
  uint32_t handle;
};

struct tck_unmapped {
  /* Bytes. */
  uint64_t size;
  struct tck_gather gather;
};

/* Raw invalidation entries of the user, as an array in user memory. */
struct tck_invalidation_array {
  uint32_t type;
  uint64_t address;
  uint32_t entry_length;
  uint32_t entries;
};

#define TCK_INVALIDATED_HAS_ERROR 0x1u /* errno */
/*
 * A partial result that is declared: how many entries the hardware has really completed, and why the next one
 * was not, if there is one.
 */
struct tck_invalidated {
  uint32_t has;
  uint32_t handled;
  uint32_t error;
};

#define TCK_VIOMMU_SPEC_HAS_DATA 0x1u /* data */
/* A virtual IOMMU in front of a nest parent. */
struct tck_viommu_spec {
  uint32_t has;
  /* A device behind the IOMMU that it stands for. */
  uint32_t device;
  uint32_t parent;
  /* As `enum iommu_viommu_type`. */
  uint32_t type;
  struct tck_user_data data;
};

struct tck_dirty_range {
  uint64_t iova;
  uint64_t size;
  /* Bytes for each bit of the bitmap. */
  uint64_t page_size;
  uint32_t clear;
};

/* The answer to a group of page faults. */
struct tck_page_response {
  uint32_t device;
  uint32_t pasid;
  uint32_t group;
  uint32_t code;
};

struct tck_readiness {
  uint32_t readable;
  uint32_t writable;
};

/* A part of a file to be mapped. */
struct tck_file_mapping {
  /* Bytes. */
  uint64_t offset;
  uint32_t length;
  uint32_t write;
  uint32_t execute;
  uint32_t shared;
};

/* What the trusted host hands over before it loses its privileges. Addresses are kernel linear addresses. */
struct tck_hyp_init {
  /* The per-CPU memcaches, an array of `KVM_HYP_MEMCACHE` entries in host memory. */
  uint64_t memcaches;
  uint32_t cpus;
  /* The operations that the back end has: `init` refuses with `ENODEV` when a needed one is missing. */
  const uint32_t *operations;
  uint32_t operations_count;
};

/*
 * The parameters of one IOMMU stand in host memory at `params`, in the layout of `struct kvm_hyp_iommu`; the
 * host may write them later.
 */
struct tck_hyp_device {
  uint32_t iommu;
  uint64_t params;
};

/* What a driver may call: the platform, its caller, and the back end where there is one. */

TCK_IMPORT(tck_read8) uint32_t tck_read8(uint64_t pa);

TCK_IMPORT(tck_read16) uint32_t tck_read16(uint64_t pa);

TCK_IMPORT(tck_read32) uint32_t tck_read32(uint64_t pa);

TCK_IMPORT(tck_read64) uint64_t tck_read64(uint64_t pa);

TCK_IMPORT(tck_write8) void tck_write8(uint64_t pa, uint32_t value);

TCK_IMPORT(tck_write16) void tck_write16(uint64_t pa, uint32_t value);

TCK_IMPORT(tck_write32) void tck_write32(uint64_t pa, uint32_t value);

TCK_IMPORT(tck_write64) void tck_write64(uint64_t pa, uint64_t value);

/*
 * Stores zeros to whole 4 KiB frames, in any order: one event, however many stores. Both arguments are multiples
 * of 4096.
 */
TCK_IMPORT(tck_zero) void tck_zero(uint64_t pa, uint64_t bytes);

/* @returns The old value; `value` is stored only if the old value equals `expected`. */
TCK_IMPORT(tck_cmpxchg64) uint64_t tck_cmpxchg64(uint64_t pa, uint64_t expected, uint64_t value);

/* @returns The old value. */
TCK_IMPORT(tck_fetch_and64) uint64_t tck_fetch_and64(uint64_t pa, uint64_t mask);

/* @returns The old value. */
TCK_IMPORT(tck_fetch_or64) uint64_t tck_fetch_or64(uint64_t pa, uint64_t mask);

/* Writes back the CPU's caches for `[pa, pa + bytes)`; needed only where a walker does not snoop. */
TCK_IMPORT(tck_clean) void tck_clean(uint64_t pa, uint64_t bytes);

/*
 * Orders stores before it against stores and register writes after it, as the hardware sees them (DSB ST,
 * dma_wmb, sfence).
 */
TCK_IMPORT(tck_barrier) void tck_barrier(void);

/* @param iommu Index of the IOMMU instance. @param offset Bytes from the start of its register file. */
TCK_IMPORT(tck_mmio_read32) uint32_t tck_mmio_read32(uint32_t iommu, uint32_t offset);

TCK_IMPORT(tck_mmio_read64) uint64_t tck_mmio_read64(uint32_t iommu, uint32_t offset);

TCK_IMPORT(tck_mmio_write32) void tck_mmio_write32(uint32_t iommu, uint32_t offset, uint32_t value);

TCK_IMPORT(tck_mmio_write64) void tck_mmio_write64(uint32_t iommu, uint32_t offset, uint64_t value);

/*
 * Reads a 32-bit register until `(value & mask) === want`, in virtual time.
 * @param timeoutUs Microseconds of virtual time; `ETIMEDOUT` when they have passed.
 */
TCK_IMPORT(tck_poll_until) int32_t tck_poll_until(uint32_t iommu, uint32_t offset, uint32_t mask, uint32_t want, uint64_t timeout_us, uint32_t *value);

/* @returns Physical address of the first page. `ENOMEM`. */
TCK_IMPORT(tck_page_alloc) int32_t tck_page_alloc(const struct tck_page_request *request, uint64_t *value);

TCK_IMPORT(tck_page_free) void tck_page_free(uint64_t pa, uint32_t order);

/* A structure that the driver keeps for itself (kzalloc). @returns A handle. `ENOMEM`. */
TCK_IMPORT(tck_object_alloc) int32_t tck_object_alloc(const char *kind, uint32_t *value);

TCK_IMPORT(tck_object_free) void tck_object_free(uint32_t object);

/* A free identifier of a hardware space (`vmid`, `pscid`, …) within `[first, last]`. `ENOSPC`. */
TCK_IMPORT(tck_id_alloc) int32_t tck_id_alloc(const char *space, uint32_t first, uint32_t last, uint32_t *value);

TCK_IMPORT(tck_id_free) void tck_id_free(const char *space, uint32_t id);

/* The CPU that runs this call; it changes between calls and, in a race, inside one. */
TCK_IMPORT(tck_cpu) uint32_t tck_cpu(void);

TCK_IMPORT(tck_lock) void tck_lock(const char *name);

TCK_IMPORT(tck_unlock) void tck_unlock(const char *name);

/* Virtual time, microseconds since the machine was built. */
TCK_IMPORT(tck_now) uint64_t tck_now(void);

TCK_IMPORT(tck_delay) void tck_delay(uint64_t microseconds);

/* `EFAULT` when any byte is unreadable. */
TCK_IMPORT(tck_copy_in) int32_t tck_copy_in(uint64_t address, uint32_t length, uint8_t *value);

/* `EFAULT` when any byte is unwritable. */
TCK_IMPORT(tck_copy_out) int32_t tck_copy_out(uint64_t address, const uint8_t *bytes, uint32_t bytes_size);

/* Bytes of a page of the hypervisor: 4096, 16384 or 65536; donations and mappings are in such pages. */
TCK_IMPORT(tck_hyp_page_bytes) uint32_t tck_hyp_page_bytes(void);

/*
 * Moves `pages` pages (of `hypPageBytes`) from host to hypervisor. `EPERM`: the host does not own each of them
 * alone. `EINVAL`: not memory.
 */
TCK_IMPORT(tck_host_donate_hyp) int32_t tck_host_donate_hyp(uint64_t pfn, uint64_t pages);

/* Moves `pages` pages back. `EPERM`: the hypervisor does not own each of them alone. */
TCK_IMPORT(tck_hyp_donate_host) int32_t tck_hyp_donate_host(uint64_t pfn, uint64_t pages);

/*
 * Marks pages of the host as reachable by its devices; counted. While any count stands they cannot be donated.
 * `EPERM`: not the host's.
 */
TCK_IMPORT(tck_host_share_dma) int32_t tck_host_share_dma(uint64_t pfn, uint64_t pages);

/* Takes one mark back. `EPERM`: not marked. */
TCK_IMPORT(tck_host_unshare_dma) int32_t tck_host_unshare_dma(uint64_t pfn, uint64_t pages);

/*
 * Maps hypervisor addresses `[from, to)` at EL2, whole pages, before or after de-privilege. `EINVAL`, `EPERM`,
 * or an injected errno.
 */
TCK_IMPORT(tck_create_mappings) int32_t tck_create_mappings(uint64_t from, uint64_t to, uint32_t protection);

/* Kernel linear address to hypervisor address (arithmetic only: the result need not be mapped). */
TCK_IMPORT(tck_kern_hyp_va) uint64_t tck_kern_hyp_va(uint64_t address);

/* Hypervisor address to physical address (arithmetic only). */
TCK_IMPORT(tck_hyp_phys) uint64_t tck_hyp_phys(uint64_t address);

/* `EAGAIN`: let the access try again, where it waits. `EOPNOTSUPP`: nobody listens; the event is dropped. */
TCK_IMPORT(tck_report_event) int32_t tck_report_event(const struct tck_fault_event *event);

/* Refused: nobody will answer, and the driver answers by itself. */
TCK_IMPORT(tck_report_page_fault) int32_t tck_report_page_fault(const struct tck_page_fault *fault);

TCK_IMPORT(tck_backend_get_iommu_by_id) uint32_t tck_backend_get_iommu_by_id(uint32_t iommu);

/* @returns The page-table root that the domain shall record, which need not be `pgdHva`. */
TCK_IMPORT(tck_backend_alloc_iopt) int32_t tck_backend_alloc_iopt(const struct tck_kvm_domain *domain, uint64_t pgd_hva, struct tck_iopt *value);

TCK_IMPORT(tck_backend_free_iopt) int32_t tck_backend_free_iopt(const struct tck_kvm_domain *domain);

TCK_IMPORT(tck_backend_attach_dev) int32_t tck_backend_attach_dev(const struct tck_kvm_domain *domain, uint32_t endpoint);

TCK_IMPORT(tck_backend_detach_dev) int32_t tck_backend_detach_dev(const struct tck_kvm_domain *domain, uint32_t endpoint);

/*
 * What a driver defines: the first three, and the methods of each interface that its manifest says it implements. An iommu_ function that
 * is not defined is refused with EOPNOTSUPP; of the other interfaces all are needed.
 */

/* The manifest as JSON: drivers/contract/manifest.ts. */
TCK_EXPORT(driver_manifest) const char *driver_manifest(void);

/*
 * Brings the hardware up. From its answer on the sanitizer holds the driver to its grants. `ENOMEM`, `ENODEV`.
 *
 * Called for each scenario, on another machine each time: it sets everything that the driver keeps.
 */
TCK_EXPORT(driver_start) int32_t driver_start(const struct tck_surroundings *surroundings);

/* Undoes `start`: whatever is still held is released and every device is blocked. */
TCK_EXPORT(driver_stop) int32_t driver_stop(void);

/*
 * Takes a device. `ENODEV`: not behind this IOMMU, or an id out of range. `ENOMEM`. The device is blocked until
 * it is attached.
 */
TCK_EXPORT(iommu_probe_device) int32_t iommu_probe_device(const struct tck_device_description *device);

/* Gives a device back; it is blocked, and nothing the driver kept for it remains. `ENODEV`: not probed. */
TCK_EXPORT(iommu_release_device) int32_t iommu_release_device(uint32_t device);

/*
 * @returns IOVAs that the hardware or the driver keeps from being mapped for it, beyond those of its
 * description.
 */
TCK_EXPORT(iommu_reserved_regions) int32_t iommu_reserved_regions(uint32_t device, const struct tck_reserved_region **value, uint32_t *value_count);

/* @param type Requested type, 0 for the default. `EOPNOTSUPP`: the type is not this hardware's. */
TCK_EXPORT(iommu_hw_info) int32_t iommu_hw_info(uint32_t device, uint32_t type, struct tck_hw_info *value);

TCK_EXPORT(iommu_capable) int32_t iommu_capable(uint32_t device, uint32_t capability, uint32_t *value);

/*
 * `EOPNOTSUPP`: unknown flags, type or data. `EINVAL`: unfit parent or data. `EFAULT`: data unreadable.
 * `ENOMEM`. `ENOSPC`: identifiers used up.
 */
TCK_EXPORT(iommu_domain_alloc) int32_t iommu_domain_alloc(const struct tck_domain_spec *spec, uint32_t *value);

/* `ENOENT`: no such domain. */
TCK_EXPORT(iommu_domain_info) int32_t iommu_domain_info(uint32_t domain, struct tck_domain_info *value);

/*
 * Everything the domain held is released. `EBUSY`: still attached or a parent; the domain is unchanged.
 * `ENOENT`: no such domain.
 */
TCK_EXPORT(iommu_domain_free) int32_t iommu_domain_free(uint32_t domain);

/*
 * From its answer on, the device's requests with this PASID are translated by the domain. On refusal nothing has
 * changed.
 * @param pasid Or `NO_PASID`. `EINVAL`: the domain does not fit the device (another may). `EBUSY`: attached
 * elsewhere. `ENOENT`: no such
 * domain. `EOPNOTSUPP`: no PASIDs. `ENODEV`, `ENOMEM`, `ENOSPC`: the device's trouble.
 */
TCK_EXPORT(iommu_attach) int32_t iommu_attach(uint32_t device, uint32_t domain, uint32_t pasid);

/* From its answer on, the device (with this PASID) is blocked. `EINVAL`: not attached to this domain. */
TCK_EXPORT(iommu_detach) int32_t iommu_detach(uint32_t device, uint32_t domain, uint32_t pasid);

/*
 * As attach, from another domain: during it the device sees the old or the new translation or none. On refusal
 * it keeps the old. `EINVAL`: not attached.
 */
TCK_EXPORT(iommu_replace) int32_t iommu_replace(uint32_t device, uint32_t domain, uint32_t pasid);

/*
 * `EEXIST`: part of the range is mapped. `EINVAL`: misaligned, outside the aperture, or no paging domain.
 * `ENOMEM`. All or nothing.
 */
TCK_EXPORT(iommu_map) int32_t iommu_map(uint32_t domain, const struct tck_mapping *mapping);

/*
 * When it answers, no device reaches the old pages. @returns Bytes unmapped, 0 when nothing was mapped at
 * `iova`. `EINVAL`: misaligned, or no paging domain.
 */
TCK_EXPORT(iommu_unmap) int32_t iommu_unmap(uint32_t domain, uint64_t iova, uint64_t size, uint64_t *value);

/* As `unmap`, but the old pages are out of reach only after `iotlbSync` of its gather. Needs `gather`. */
TCK_EXPORT(iommu_unmap_pages) int32_t iommu_unmap_pages(uint32_t domain, uint64_t iova, uint64_t size, struct tck_unmapped *value);

/*
 * When it answers, no device reaches what the gather is of, and the pages that waited are given back. Once for
 * each gather.
 */
TCK_EXPORT(iommu_iotlb_sync) int32_t iommu_iotlb_sync(uint32_t domain, const struct tck_gather *gather);

/* @returns PA, or GPA for a domain of a guest. `ENOENT`: not mapped. `EINVAL`: no paging domain. */
TCK_EXPORT(iommu_iova_to_phys) int32_t iommu_iova_to_phys(uint32_t domain, uint64_t iova, uint64_t *value);

/*
 * Entries in order; stops at the first bad one, which is not handled. Refused only when none was looked at.
 * `EOPNOTSUPP`, `EINVAL`: type or length of entries.
 */
TCK_EXPORT(iommu_cache_invalidate) int32_t iommu_cache_invalidate(const struct tck_domain_or_viommu *target, const struct tck_invalidation_array *array, struct tck_invalidated *value);

/* `EOPNOTSUPP`: type, or hardware that cannot. `EINVAL`: no nest parent, or another IOMMU's. `ENOMEM`. */
TCK_EXPORT(iommu_viommu_alloc) int32_t iommu_viommu_alloc(const struct tck_viommu_spec *spec, uint32_t *value);

/* `EBUSY`: it has vdevices or nested domains. */
TCK_EXPORT(iommu_viommu_free) int32_t iommu_viommu_free(uint32_t viommu);

/*
 * @param virtualId What the guest calls the device. `EEXIST`: taken, or the device has one. `EINVAL`: another
 * IOMMU's device.
 */
TCK_EXPORT(iommu_vdevice_alloc) int32_t iommu_vdevice_alloc(uint32_t viommu, uint32_t device, uint64_t virtual_id, uint32_t *value);

TCK_EXPORT(iommu_vdevice_free) int32_t iommu_vdevice_free(uint32_t vdevice);

/*
 * Every access through the domain, now and later, sees what the CPUs' caches hold. @returns Whether that could
 * be done.
 */
TCK_EXPORT(iommu_enforce_coherency) int32_t iommu_enforce_coherency(uint32_t domain, uint32_t *value);

/* `EOPNOTSUPP`: the domain cannot. Twice the same is accepted. */
TCK_EXPORT(iommu_set_dirty_tracking) int32_t iommu_set_dirty_tracking(uint32_t domain, uint32_t enable);

/* @returns One bit for each `pageSize` bytes from `iova` on, least significant first. */
TCK_EXPORT(iommu_read_and_clear_dirty) int32_t iommu_read_and_clear_dirty(uint32_t domain, const struct tck_dirty_range *range, const uint8_t **value, uint32_t *value_size);

/* Answers a group that `DriverUpcalls.reportPageFault` brought. `EINVAL`: unknown or answered. */
TCK_EXPORT(iommu_page_response) int32_t iommu_page_response(const struct tck_page_response *response);

/*
 * An interrupt of an IOMMU was raised. Comes inside another call only on another CPU. @param line One of its
 * description's `interrupts`.
 */
TCK_EXPORT(iommu_irq) int32_t iommu_irq(uint32_t iommu, const char *line);

/* A fresh /dev/iommu. */
TCK_EXPORT(iommufd_open) int32_t iommufd_open(uint32_t *value);

TCK_EXPORT(iommufd_close) int32_t iommufd_close(uint32_t file);

/*
 * Zeroed user memory, whole pages of its own. @param writable False: the kernel can read it and not write it.
 * @returns Its address, never 0.
 */
TCK_EXPORT(iommufd_user_alloc) int32_t iommufd_user_alloc(uint32_t length, uint32_t writable, uint64_t *value);

TCK_EXPORT(iommufd_user_read) int32_t iommufd_user_read(uint64_t address, uint32_t length, const uint8_t **value, uint32_t *value_size);

/* Fills user memory from outside, where the kernel may not write too. */
TCK_EXPORT(iommufd_user_write) int32_t iommufd_user_write(uint64_t address, const uint8_t *bytes, uint32_t bytes_size);

/*
 * @param request The whole ioctl number. @param argument Address of the structure, which is looked at afterwards
 * even when the call is refused. @returns The call's value.
 */
TCK_EXPORT(iommufd_ioctl) int32_t iommufd_ioctl(uint32_t file, uint32_t request, uint64_t argument, uint32_t *value);

/* @param buffer Address that the bytes go to. @param offset Position in the file, bytes. @returns Bytes read. */
TCK_EXPORT(iommufd_read) int32_t iommufd_read(uint32_t file, uint64_t buffer, uint32_t length, uint64_t offset, uint32_t *value);

/* @param buffer Address that the bytes come from. @returns Bytes written. */
TCK_EXPORT(iommufd_write) int32_t iommufd_write(uint32_t file, uint64_t buffer, uint32_t length, uint64_t offset, uint32_t *value);

TCK_EXPORT(iommufd_poll) int32_t iommufd_poll(uint32_t file, struct tck_readiness *value);

/* @returns Address in user memory. */
TCK_EXPORT(iommufd_mmap) int32_t iommufd_mmap(uint32_t file, const struct tck_file_mapping *mapping, uint64_t *value);

TCK_EXPORT(iommufd_munmap) int32_t iommufd_munmap(uint64_t address, uint32_t length);

/* Binds a device of the machine to this /dev/iommu, as VFIO or the mock does. @returns Its object id. */
TCK_EXPORT(iommufd_bind) int32_t iommufd_bind(uint32_t file, uint32_t device, uint32_t *value);

TCK_EXPORT(iommufd_unbind) int32_t iommufd_unbind(uint32_t file, uint32_t device_id);

/* @param pt Object id of an IOAS or HWPT. @param pasid Or `NO_PASID`. @returns The HWPT in use. */
TCK_EXPORT(iommufd_attach) int32_t iommufd_attach(uint32_t file, uint32_t device_id, uint32_t pt, uint32_t pasid, uint32_t *value);

TCK_EXPORT(iommufd_replace) int32_t iommufd_replace(uint32_t file, uint32_t device_id, uint32_t pt, uint32_t pasid, uint32_t *value);

TCK_EXPORT(iommufd_detach) int32_t iommufd_detach(uint32_t file, uint32_t device_id, uint32_t pasid);

/* Checks the operations, then maps the memcaches, shared with the host. `ENODEV`; the mapping's own errno. */
TCK_EXPORT(hyp_init) int32_t hyp_init(const struct tck_hyp_init *parameters);

/* Converts and maps the root of the domain table. The mapping's own errno; the IOMMU is then unusable. */
TCK_EXPORT(hyp_init_device) int32_t hyp_init_device(const struct tck_hyp_device *device);

/*
 * @param pgd Kernel linear address of the host's page for the root of the page table. `EINVAL`: bad id, in use,
 * or no page (`needs_page` is then set).
 */
TCK_EXPORT(hyp_alloc_domain) int32_t hyp_alloc_domain(uint32_t iommu, uint32_t domain, uint64_t pgd);

/* `EINVAL`: not allocated, or devices are attached. The back end's errno. */
TCK_EXPORT(hyp_free_domain) int32_t hyp_free_domain(uint32_t iommu, uint32_t domain);

/* `EINVAL`: not allocated, or references at UINT_MAX. The back end's errno. */
TCK_EXPORT(hyp_attach_dev) int32_t hyp_attach_dev(uint32_t iommu, uint32_t domain, uint32_t endpoint);

/* `EINVAL`: no device is attached. The back end's errno. */
TCK_EXPORT(hyp_detach_dev) int32_t hyp_detach_dev(uint32_t iommu, uint32_t domain, uint32_t endpoint);

/* @returns Bytes mapped; fewer than asked for when a table page is missing (`needs_page` is then set). */
TCK_EXPORT(hyp_map_pages) int32_t hyp_map_pages(uint32_t iommu, uint32_t domain, uint64_t iova, uint64_t pa, uint64_t page_size, uint64_t page_count, uint32_t prot, uint64_t *value);

/* When it answers, no device reaches the old pages. @returns Bytes unmapped. */
TCK_EXPORT(hyp_unmap_pages) int32_t hyp_unmap_pages(uint32_t iommu, uint32_t domain, uint64_t iova, uint64_t page_size, uint64_t page_count, uint64_t *value);

/* @returns PA. `ENOENT`: not mapped; `EINVAL`: no such domain. */
TCK_EXPORT(hyp_iova_to_phys) int32_t hyp_iova_to_phys(uint32_t iommu, uint32_t domain, uint64_t iova, uint64_t *value);

/*
 * Invalidates cached translations as the structure at `data` says; a version whose structure names an array
 * works through it in order.
 * @returns Requests handled: 1 for the versions that take one request a call.
 * `EINVAL`: version, granularity or size that the interface does not define. `EFAULT`: unreadable. `ENODEV`: the
 * hardware cannot.
 */
TCK_EXPORT(cache_invalidate) int32_t cache_invalidate(uint32_t domain, uint32_t device, const struct tck_user_data *data, struct tck_invalidated *value);

#ifdef __cplusplus
}
#endif

#endif
