/*
 * The pKVM hypervisor's IOMMU domain layer, to be filled in: it blocks every stream of an SMMU when the SMMU is initialised, and says
 * yes to everything else without doing it. What each function promises stands above it in iommu_tck.h; the machine, the layouts that
 * host and hypervisor share and the rules are described in docs/systems/pkvm.md.
 */
#include "iommu_tck.h"

/* SMMU_GBPA: what becomes of streams while the SMMU is disabled. Arm IHI 0070, "SMMU_GBPA". */
enum { SMMU_GBPA = 0x44 };
#define GBPA_ABORT (1u << 20)
#define GBPA_UPDATE (1u << 31)
enum { TIMEOUT_US = 1000 };

const char *driver_manifest(void) {
  return "{"
         "\"name\": \"my-driver\","
         "\"implements\": [\"hyp\"],"
         "\"profile\": \"pkvm-hardened\","
         "\"hardware\": \"pkvm\","
         "\"supports\": {"
         "  \"paging\": true, \"identity\": false, \"blocked\": false, \"replace\": false, \"hitless\": false,"
         "  \"pasid\": false, \"nesting\": false, \"dirty-tracking\": false, \"ats\": false, \"page-faults\": false,"
         "  \"viommu\": false, \"gather\": false, \"two-cpus\": true, \"domain-table\": false"
         "},"
         "\"locks\": {}"
         "}";
}

/* Everything that the driver knows: driver_start sets all of it, since it is called again for each scenario. */
static struct {
  /* The scenario is the back end: tck_backend_* are there, and no SMMU is. */
  uint32_t scripted;
} driver;

int32_t driver_start(const struct tck_surroundings *surroundings) {
  driver.scripted = surroundings->scripted;
  return 0;
}

int32_t driver_stop(void) {
  return 0;
}

int32_t hyp_init(const struct tck_hyp_init *parameters) {
  (void)parameters;
  return 0;
}

int32_t hyp_init_device(const struct tck_hyp_device *device) {
  uint32_t value;

  if (driver.scripted)
    return 0;
  tck_mmio_write32(device->iommu, SMMU_GBPA, GBPA_UPDATE | GBPA_ABORT);
  return tck_poll_until(device->iommu, SMMU_GBPA, GBPA_UPDATE, 0, TIMEOUT_US, &value);
}

int32_t hyp_alloc_domain(uint32_t iommu, uint32_t domain, uint64_t pgd) {
  (void)iommu, (void)domain, (void)pgd;
  return 0;
}

int32_t hyp_free_domain(uint32_t iommu, uint32_t domain) {
  (void)iommu, (void)domain;
  return 0;
}

int32_t hyp_attach_dev(uint32_t iommu, uint32_t domain, uint32_t endpoint) {
  (void)iommu, (void)domain, (void)endpoint;
  return 0;
}

int32_t hyp_detach_dev(uint32_t iommu, uint32_t domain, uint32_t endpoint) {
  (void)iommu, (void)domain, (void)endpoint;
  return 0;
}

int32_t hyp_map_pages(uint32_t iommu, uint32_t domain, uint64_t iova, uint64_t pa, uint64_t page_size, uint64_t page_count,
                      uint32_t prot, uint64_t *value) {
  (void)iommu, (void)domain, (void)iova, (void)pa, (void)prot;
  *value = page_size * page_count;
  return 0;
}

int32_t hyp_unmap_pages(uint32_t iommu, uint32_t domain, uint64_t iova, uint64_t page_size, uint64_t page_count, uint64_t *value) {
  (void)iommu, (void)domain, (void)iova;
  *value = page_size * page_count;
  return 0;
}

int32_t hyp_iova_to_phys(uint32_t iommu, uint32_t domain, uint64_t iova, uint64_t *value) {
  (void)iommu, (void)domain, (void)iova, (void)value;
  return -TCK_ENOENT;
}
