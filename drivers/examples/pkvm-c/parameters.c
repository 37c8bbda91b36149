#include "parameters.h"

#include "hyp_memory.h"
#include "iommu_tck.h"

/* Words of the parameters in the memory of the host. */
enum { PARAM_DOMAINS, PARAM_NR_DOMAINS, PARAM_IAS, PARAM_OAS, PARAM_GRANULE, PARAM_MMIO };

static uint64_t parameter(uint64_t at, uint32_t word)
{
  return tck_read64(at + word * 8);
}

void parameters_copy(struct parameters *parameters, uint64_t address)
{
  uint64_t at = hyp_phys(tck_kern_hyp_va(address));

  parameters->domains = parameter(at, PARAM_DOMAINS);
  parameters->nr_domains = parameter(at, PARAM_NR_DOMAINS);
  parameters->ias = parameter(at, PARAM_IAS);
  parameters->oas = parameter(at, PARAM_OAS);
  parameters->granule = parameter(at, PARAM_GRANULE);
  parameters->mmio = parameter(at, PARAM_MMIO);
}
