/*
 * A driver of the RISC-V IOMMU, to be filled in: it enables IOMMU 0 with an empty device directory, so that every device is blocked, and
 * says yes to everything else without doing it. What each function promises stands above it in iommu_tck.h; registers, tables and
 * commands are laid out in docs/registers/riscv-iommu.md.
 */
#include "iommu_tck.h"

/* The device directory's pointer, in bytes from the start of the register file: PPN at bit 10, busy, iommu_mode. */
enum { DDTP = 0x10 };
enum { DDTP_BUSY = 0x10, DDTP_MODE = 0x0f };
enum { MODE_OFF = 0, MODE_3LVL = 4, TIMEOUT_US = 1000 };

/* Everything that the driver knows: driver_start sets all of it, since it is called again for each scenario. */
static struct {
  uint64_t directory;
  uint32_t next_domain;
} driver;

const char *driver_manifest(void) {
  return "{"
         "\"name\": \"my-driver\","
         "\"implements\": [\"iommu\"],"
         "\"profile\": \"riscv-review\","
         "\"hardware\": \"riscv\","
         "\"supports\": {"
         "  \"paging\": true, \"identity\": true, \"blocked\": true, \"replace\": true, \"hitless\": false,"
         "  \"pasid\": false, \"nesting\": true, \"dirty-tracking\": false, \"ats\": false, \"page-faults\": false,"
         "  \"viommu\": false, \"gather\": false, \"two-cpus\": true, \"domain-table\": false"
         "},"
         "\"locks\": {}"
         "}";
}

/* A mode that the IOMMU does not have reads back as another. The number of the root's page goes two bits below its address. */
static int32_t set_mode(uint64_t root, uint32_t mode) {
  uint32_t value;

  tck_mmio_write64(0, DDTP, root >> 2 | mode);
  return tck_poll_until(0, DDTP, DDTP_BUSY | DDTP_MODE, mode, TIMEOUT_US, &value);
}

int32_t driver_start(const struct tck_surroundings *surroundings) {
  const struct tck_page_request request = {.order = 0, .kind = TCK_PAGE_KIND_DEVICE_TABLE};

  (void)surroundings;
  driver.next_domain = 1;
  const int32_t refused = tck_page_alloc(&request, &driver.directory);
  if (refused)
    return refused;
  tck_barrier();
  return set_mode(driver.directory, MODE_3LVL);
}

int32_t driver_stop(void) {
  const int32_t refused = set_mode(0, MODE_OFF);
  if (refused)
    return refused;
  tck_page_free(driver.directory, 0);
  return 0;
}

int32_t iommu_probe_device(const struct tck_device_description *device) {
  (void)device;
  return 0;
}

int32_t iommu_release_device(uint32_t device) {
  (void)device;
  return 0;
}

int32_t iommu_domain_alloc(const struct tck_domain_spec *spec, uint32_t *value) {
  if (spec->type == TCK_DOMAIN_TYPE_SVA)
    return -TCK_EOPNOTSUPP;
  *value = driver.next_domain++;
  return 0;
}

int32_t iommu_domain_free(uint32_t domain) {
  (void)domain;
  return 0;
}

int32_t iommu_attach(uint32_t device, uint32_t domain, uint32_t pasid) {
  (void)device, (void)domain, (void)pasid;
  return 0;
}

int32_t iommu_detach(uint32_t device, uint32_t domain, uint32_t pasid) {
  (void)device, (void)domain, (void)pasid;
  return 0;
}

int32_t iommu_replace(uint32_t device, uint32_t domain, uint32_t pasid) {
  (void)device, (void)domain, (void)pasid;
  return 0;
}

int32_t iommu_map(uint32_t domain, const struct tck_mapping *mapping) {
  (void)domain, (void)mapping;
  return 0;
}

int32_t iommu_unmap(uint32_t domain, uint64_t iova, uint64_t size, uint64_t *value) {
  (void)domain, (void)iova;
  *value = size;
  return 0;
}

int32_t iommu_iova_to_phys(uint32_t domain, uint64_t iova, uint64_t *value) {
  (void)domain, (void)iova, (void)value;
  return -TCK_ENOENT;
}

int32_t iommu_cache_invalidate(const struct tck_domain_or_viommu *target, const struct tck_invalidation_array *array,
                               struct tck_invalidated *value) {
  (void)target;
  *value = (struct tck_invalidated){.handled = array->entries};
  return 0;
}
