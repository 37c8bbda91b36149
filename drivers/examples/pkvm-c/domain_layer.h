/*
 * The calls of the IOMMU domain layer, `hyp_…` of the contract. Each is one critical section: from looking the domain
 * up to the last effect in the back end.
 *
 * An IOMMU, domain or endpoint that does not fit is refused with EINVAL, and any other errno is the back end's.
 * @spec PKVM-19 "kvm_iommu_alloc_domain", "kvm_iommu_free_domain", "kvm_iommu_attach_dev" and "kvm_iommu_detach_dev"
 */
#ifndef PKVM_DOMAIN_LAYER_H
#define PKVM_DOMAIN_LAYER_H

#include <stdint.h>

void domain_layer_start(void);

/* Blocks every endpoint and gives every page back to the host. */
int32_t domain_layer_stop(void);

#endif
