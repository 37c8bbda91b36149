/*
 * A driver of the toy IOMMU, to be filled in: it enables the hardware with an empty device table, so that every device is blocked, and
 * says yes to everything else without doing it. What each function promises stands above it in iommu_tck.h; the hardware is described
 * in docs/systems/toy.md.
 */
#include "iommu_tck.h"

/* Registers of IOMMU 0, in bytes from the start of its register file. */
enum { CONTROL = 0x00, COMMAND = 0x08, STATUS = 0x10 };
enum { CONTROL_ENABLE = 1 };

/* Everything that the driver knows: driver_start sets all of it, since it is called again for each scenario. */
static struct {
  uint64_t device_table;
  uint32_t next_domain;
} driver;

const char *driver_manifest(void) {
  return "{"
         "\"name\": \"my-driver\","
         "\"implements\": [\"iommu\"],"
         "\"profile\": \"toy\","
         "\"hardware\": \"toy\","
         "\"supports\": {"
         "  \"paging\": true, \"identity\": false, \"blocked\": false, \"replace\": false, \"hitless\": false,"
         "  \"pasid\": false, \"nesting\": false, \"dirty-tracking\": false, \"ats\": false, \"page-faults\": false,"
         "  \"viommu\": false, \"gather\": false, \"two-cpus\": true, \"domain-table\": false"
         "},"
         "\"locks\": {}"
         "}";
}

int32_t driver_start(const struct tck_surroundings *surroundings) {
  const struct tck_page_request request = {.order = 0, .kind = TCK_PAGE_KIND_DEVICE_TABLE};

  (void)surroundings;
  driver.next_domain = 1;
  const int32_t refused = tck_page_alloc(&request, &driver.device_table);
  if (refused)
    return refused;
  tck_barrier();
  tck_mmio_write64(0, CONTROL, driver.device_table | CONTROL_ENABLE);
  return 0;
}

int32_t driver_stop(void) {
  tck_mmio_write64(0, CONTROL, 0);
  tck_page_free(driver.device_table, 0);
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
  if (spec->type != TCK_DOMAIN_TYPE_PAGING)
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
