/*
 * The pKVM hypervisor's IOMMU domain layer over SMMUv3 stage 2, freestanding: the reference driver of drivers/pkvm in
 * C. Start with domain_layer.c; smmu_back_end.c is what stands below it unless the suite brings its own.
 */
#include "domain_layer.h"
#include "hyp_memory.h"
#include "iommu_tck.h"
#include "memcache.h"
#include "operations.h"

const char *driver_manifest(void)
{
  return "{"
         "\"name\":\"pkvm-c\","
         "\"implements\":[\"hyp\"],"
         "\"profile\":\"pkvm-hardened\","
         "\"hardware\":\"pkvm\","
         "\"supports\":{"
         "\"paging\":true,"
         "\"identity\":false,"
         "\"blocked\":false,"
         "\"replace\":false,"
         "\"hitless\":false,"
         "\"pasid\":false,"
         "\"nesting\":false,"
         "\"dirty-tracking\":false,"
         "\"ats\":false,"
         "\"page-faults\":false,"
         "\"viommu\":false,"
         "\"gather\":false,"
         "\"two-cpus\":true,"
         "\"domain-table\":true},"
         "\"locks\":{\"device-table\":\"iommu_lock\",\"donated\":\"iommu_lock\",\"queue\":\"iommu_lock\"}"
         "}";
}

int32_t driver_start(const struct tck_surroundings *surroundings)
{
  int32_t err = hyp_memory_start();

  if (err)
    return err;
  memcaches_start();
  operations_start(surroundings->scripted != 0);
  domain_layer_start();
  return 0;
}

int32_t driver_stop(void)
{
  return domain_layer_stop();
}
