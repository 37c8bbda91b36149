/*
 * The parameters of one IOMMU, copied once from the memory of the host while it is trusted. What it writes there
 * later is not read.
 */
#ifndef PKVM_PARAMETERS_H
#define PKVM_PARAMETERS_H

#include <stdint.h>

/*
 * @spec PKVM-19 "struct kvm_hyp_iommu": what the trusted host sets before the hypervisor is finalised. Not checked
 * yet.
 */
struct parameters {
  /* Kernel linear address of the root of the domain table. */
  uint64_t domains;
  /* Domains that the host wants, exclusive. */
  uint64_t nr_domains;
  /* Bits of an input address, and of an output address. */
  uint64_t ias;
  uint64_t oas;
  /* Bytes of a page of its page tables. */
  uint64_t granule;
  /* The IOMMU instance whose registers it has. */
  uint64_t mmio;
};

/* @param address Kernel linear address of the parameters, mapped at EL2. */
void parameters_copy(struct parameters *parameters, uint64_t address);

#endif
