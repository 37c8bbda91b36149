/*
 * A driver of Intel VT-d, to be filled in: it enables IOMMU 0 in scalable mode, with every device blocked, and has one second stage, for
 * the first 16 MiB of one paging domain and devices 0 to 15 of bus 0. To everything else it says yes without doing it. What each function
 * promises stands above it in iommu_tck.h; registers, tables and commands are laid out in docs/registers/vtd.md.
 */
#include "iommu_tck.h"

/* Registers, in bytes from the start of the register file. */
enum { CAP = 0x08, ECAP = 0x10, GCMD = 0x18, GSTS = 0x1c, RTADDR = 0x20, IQT = 0x88, IQA = 0x90, ICS = 0x9c };
/* CAP.SAGAW, 39 bits; ECAP.SMTS and SLTS; ECAP.ADMS. */
#define CAP_39 0x200ull
#define ECAP_SCALABLE 0x480000000000ull
#define ECAP_ADMS 0x10000000000000ull
/* GCMD, and GSTS once it is carried out. */
#define TE 0x80000000u
#define SRTP 0x40000000u
#define QIE 0x04000000u
/* RTADDR.TTM; IQA.DW, descriptors of 256 bits; ICS.IWC. */
enum { SCALABLE = 0x400, ABORT = 0xc00, DW = 0x800, IWC = 1, TIMEOUT_US = 1000 };

/* Where the driver's pages are, from the root table on. Leaves are those of the first 16 MiB. */
enum { ROOT = 0, CONTEXTS = 0x1000, DIRECTORY = 0x2000, PASIDS = 0x3000 };
enum { LEVEL_2 = 0x4000, LEVEL_1 = 0x5000, QUEUE = 0x6000, LEAVES = 0x8000 };
enum { ORDER = 4, PAGES_END = 0x10000, PAGE = 4096, WORD = 8 };
enum { CONTEXT_BYTES = 32, DESCRIPTOR_BYTES = 32, LAST_ID = 127, DEVICES = 128, IOVA_END = 0x1000000 };
/* In entries. That of the PASID table has P, AW (39 bits) and PGTT (second stage). */
enum { P = 1, R = 1, W = 2, SECOND_STAGE = 0x85, DID = 1 };
/* Descriptors that empty caches, in the order in which caches fill one another: cc_inv, pc_inv, iotlb_inv; inv_wait that sets IWC. */
static const uint64_t CACHES[] = {0x11, 0x37, 0xd2};
enum { EVERYTHING = 0, TRANSLATIONS = 2, CACHES_END = 3, WAIT = 0x55 };

/* Everything that the driver knows: driver_start sets all of it, since it is called again for each scenario. */
static struct {
  uint64_t pages;
  /* Of the context entry, by device; 0: it is not known. */
  uint64_t context_of[DEVICES];
  uint64_t tail;
  uint32_t next_domain;
  uint32_t paging;
} driver;

const char *driver_manifest(void) {
  return "{"
         "\"name\": \"my-driver\","
         "\"implements\": [\"iommu\"],"
         "\"profile\": \"vtd-mainline\","
         "\"hardware\": \"vtd\","
         "\"supports\": {"
         "  \"paging\": true, \"identity\": true, \"blocked\": true, \"replace\": true, \"hitless\": false,"
         "  \"pasid\": true, \"nesting\": true, \"dirty-tracking\": true, \"ats\": false, \"page-faults\": false,"
         "  \"viommu\": false, \"gather\": false, \"two-cpus\": true, \"domain-table\": false"
         "},"
         "\"locks\": {}"
         "}";
}

static uint64_t at(uint64_t offset) {
  return driver.pages + offset;
}

static uint64_t leaf_of(uint64_t iova) {
  return at(LEAVES + iova / PAGE * WORD);
}

static int is_outside(uint64_t iova, uint64_t size) {
  return (iova | size) % PAGE || iova > IOVA_END || size > IOVA_END - iova;
}

/* Hardware need not see what is only in the processors' caches. */
static void store(uint64_t address, uint64_t value) {
  tck_write64(address, value);
  tck_clean(address, WORD);
}

static int32_t order(uint32_t command, uint32_t status) {
  uint32_t value;

  tck_mmio_write32(0, GCMD, command);
  return tck_poll_until(0, GSTS, status, command & status, TIMEOUT_US, &value);
}

/* Each is complete before the next begins, and the last when this returns. */
static int32_t invalidate(uint32_t first) {
  int32_t refused = 0;
  uint32_t value;

  tck_lock("queue");
  for (uint32_t cache = first; cache < CACHES_END && !refused; cache++) {
    store(at(QUEUE + driver.tail), CACHES[cache]);
    store(at(QUEUE + driver.tail + DESCRIPTOR_BYTES), WAIT);
    driver.tail = (driver.tail + 2 * DESCRIPTOR_BYTES) % PAGE;
    tck_barrier();
    tck_mmio_write64(0, IQT, driver.tail);
    refused = tck_poll_until(0, ICS, IWC, IWC, TIMEOUT_US, &value);
    if (!refused)
      tck_mmio_write32(0, ICS, IWC);
  }
  tck_unlock("queue");
  return refused;
}

static int32_t set_root(uint64_t mode, uint32_t switches) {
  tck_mmio_write64(0, RTADDR, at(ROOT) | mode);
  const int32_t refused = order(switches | SRTP, SRTP);
  return refused ? refused : invalidate(EVERYTHING);
}

static int32_t point(uint32_t device, uint32_t pasid, uint64_t context) {
  if (device >= DEVICES || !driver.context_of[device])
    return -TCK_ENODEV;
  if (pasid != TCK_NO_PASID)
    return 0;
  store(driver.context_of[device], context);
  tck_barrier();
  return invalidate(EVERYTHING);
}

static void fill_tables(void) {
  tck_write64(at(ROOT), at(CONTEXTS) | P);
  tck_write64(at(DIRECTORY), at(PASIDS) | P);
  tck_write64(at(PASIDS), at(LEVEL_2) | SECOND_STAGE);
  tck_write64(at(PASIDS + WORD), DID);
  tck_write64(at(LEVEL_2), at(LEVEL_1) | R | W);
  for (uint64_t table = LEAVES; table < PAGES_END; table += PAGE)
    tck_write64(at(LEVEL_1 + (table - LEAVES) / PAGE * WORD), at(table) | R | W);
  tck_clean(at(ROOT), PAGES_END);
  tck_barrier();
}

int32_t driver_start(const struct tck_surroundings *surroundings) {
  const struct tck_page_request request = {.order = ORDER, .kind = TCK_PAGE_KIND_DEVICE_TABLE};
  int32_t refused;

  (void)surroundings;
  if ((tck_mmio_read64(0, ECAP) & ECAP_SCALABLE) != ECAP_SCALABLE || !(tck_mmio_read64(0, CAP) & CAP_39))
    return -TCK_ENODEV;
  driver.tail = 0;
  driver.next_domain = 1;
  driver.paging = 0;
  for (uint32_t device = 0; device < DEVICES; device++)
    driver.context_of[device] = 0;
  refused = tck_page_alloc(&request, &driver.pages);
  if (refused)
    return refused;
  fill_tables();
  tck_mmio_write64(0, IQA, at(QUEUE) | DW);
  refused = order(QIE, QIE);
  if (!refused)
    refused = set_root(SCALABLE, QIE);
  return refused ? refused : order(QIE | TE, TE);
}

/* Without translation, accesses pass as they are: where it can, the hardware goes on refusing them. */
int32_t driver_stop(void) {
  const int can_abort = (tck_mmio_read64(0, ECAP) & ECAP_ADMS) != 0;
  int32_t refused = can_abort ? set_root(ABORT, QIE | TE) : order(QIE, TE);

  if (!refused)
    refused = order(can_abort ? TE : 0, QIE);
  if (refused)
    return refused;
  tck_page_free(driver.pages, ORDER);
  return 0;
}

int32_t iommu_probe_device(const struct tck_device_description *device) {
  const uint32_t id = device->ids_count ? device->ids[0] : 0;

  if (device->iommu || device->device >= DEVICES || id > LAST_ID)
    return -TCK_ENODEV;
  driver.context_of[device->device] = at(CONTEXTS + id * CONTEXT_BYTES);
  return 0;
}

int32_t iommu_release_device(uint32_t device) {
  return point(device, TCK_NO_PASID, 0);
}

int32_t iommu_domain_alloc(const struct tck_domain_spec *spec, uint32_t *value) {
  if (spec->type == TCK_DOMAIN_TYPE_SVA || spec->flags & TCK_ALLOC_FAULT_ID_VALID)
    return -TCK_EOPNOTSUPP;
  *value = driver.next_domain++;
  if (spec->type == TCK_DOMAIN_TYPE_PAGING && !driver.paging)
    driver.paging = *value;
  return 0;
}

int32_t iommu_domain_free(uint32_t domain) {
  if (domain != driver.paging)
    return 0;
  tck_zero(at(LEAVES), PAGES_END - LEAVES);
  tck_clean(at(LEAVES), PAGES_END - LEAVES);
  tck_barrier();
  const int32_t refused = invalidate(TRANSLATIONS);
  if (!refused)
    driver.paging = 0;
  return refused;
}

int32_t iommu_attach(uint32_t device, uint32_t domain, uint32_t pasid) {
  return point(device, pasid, domain == driver.paging ? at(DIRECTORY) | P : 0);
}

int32_t iommu_detach(uint32_t device, uint32_t domain, uint32_t pasid) {
  (void)domain;
  return point(device, pasid, 0);
}

int32_t iommu_replace(uint32_t device, uint32_t domain, uint32_t pasid) {
  return iommu_attach(device, domain, pasid);
}

int32_t iommu_map(uint32_t domain, const struct tck_mapping *mapping) {
  const uint64_t access = (mapping->prot.read ? R : 0) | (mapping->prot.write ? W : 0);

  if (domain != driver.paging)
    return 0;
  if (is_outside(mapping->iova, mapping->size) || mapping->pa % PAGE)
    return -TCK_EINVAL;
  for (uint64_t done = 0; done < mapping->size; done += PAGE)
    if (tck_read64(leaf_of(mapping->iova + done)))
      return -TCK_EEXIST;
  for (uint64_t done = 0; done < mapping->size; done += PAGE)
    store(leaf_of(mapping->iova + done), (mapping->pa + done) | access);
  tck_barrier();
  return 0;
}

int32_t iommu_unmap(uint32_t domain, uint64_t iova, uint64_t size, uint64_t *value) {
  *value = size;
  if (domain != driver.paging)
    return 0;
  if (is_outside(iova, size))
    return -TCK_EINVAL;
  *value = 0;
  for (uint64_t done = 0; done < size; done += PAGE) {
    if (!tck_read64(leaf_of(iova + done)))
      continue;
    store(leaf_of(iova + done), 0);
    *value += PAGE;
  }
  tck_barrier();
  return invalidate(TRANSLATIONS);
}

int32_t iommu_iova_to_phys(uint32_t domain, uint64_t iova, uint64_t *value) {
  const uint64_t leaf = domain == driver.paging && iova < IOVA_END ? tck_read64(leaf_of(iova)) : 0;

  *value = leaf / PAGE * PAGE + iova % PAGE;
  return leaf ? 0 : -TCK_ENOENT;
}

int32_t iommu_cache_invalidate(const struct tck_domain_or_viommu *target, const struct tck_invalidation_array *array,
                               struct tck_invalidated *value) {
  (void)target;
  *value = (struct tck_invalidated){.handled = array->entries};
  return 0;
}

int32_t iommu_set_dirty_tracking(uint32_t domain, uint32_t enable) {
  (void)domain, (void)enable;
  return 0;
}
