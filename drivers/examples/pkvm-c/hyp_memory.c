#include "hyp_memory.h"

#include "iommu_tck.h"

static uint32_t page_bytes;
/* What is added to an address of the hypervisor, modulo 2^64. */
static uint64_t phys_offset;

int32_t hyp_memory_start(void)
{
  page_bytes = tck_hyp_page_bytes();
  phys_offset = tck_hyp_phys(0);
  return page_bytes < LEAST_HYP_PAGE_BYTES ? -TCK_EINVAL : 0;
}

uint32_t hyp_page_bytes(void)
{
  return page_bytes;
}

uint64_t hyp_phys(uint64_t address)
{
  return address + phys_offset;
}

uint64_t hyp_va(uint64_t pa)
{
  return pa - phys_offset;
}

uint64_t hyp_pfn(uint64_t pa)
{
  return pa / page_bytes;
}
