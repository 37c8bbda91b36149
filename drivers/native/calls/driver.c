/*
 * A driver that does nothing but call the platform: what a call costs is measured with it. iommu_map stores as many words as the mapping
 * has bytes, and iommu_unmap reads as many as it is told.
 */
#include "iommu_tck.h"

static uint64_t page;

const char *driver_manifest(void) {
  return "{ \"name\": \"calls\", \"implements\": [\"iommu\"], \"profile\": \"toy\", \"hardware\": \"toy\", \"locks\": {},"
         "  \"supports\": {"
         "    \"paging\": true, \"identity\": false, \"blocked\": false, \"replace\": false, \"hitless\": false,"
         "    \"pasid\": false, \"nesting\": false, \"dirty-tracking\": false, \"ats\": false, \"page-faults\": false,"
         "    \"viommu\": false, \"gather\": false, \"two-cpus\": true, \"domain-table\": false } }";
}

int32_t driver_start(const struct tck_surroundings *surroundings) {
  const struct tck_page_request request = {.order = 0, .kind = TCK_PAGE_KIND_OBJECT};

  (void)surroundings;
  return tck_page_alloc(&request, &page);
}

int32_t driver_stop(void) {
  tck_page_free(page, 0);
  return 0;
}

int32_t iommu_map(uint32_t domain, const struct tck_mapping *mapping) {
  (void)domain;
  for (uint64_t word = 0; word < mapping->size; word++)
    tck_write64(page, word);
  return 0;
}

int32_t iommu_unmap(uint32_t domain, uint64_t iova, uint64_t size, uint64_t *value) {
  (void)domain, (void)iova;
  *value = 0;
  for (uint64_t word = 0; word < size; word++)
    *value += tck_read64(page);
  return 0;
}
