/*
 * The back end over SMMUv3: stage-2 page tables, and the domain's id as VMID. Every SMMU has its own format and its
 * own tables. All but the first three functions are for IOMMUs that `smmu_get_iommu_by_id` knows.
 *
 * @spec PKVM-19 "kvm_iommu_ops.alloc_iopt"
 */
#ifndef PKVM_SMMU_BACK_END_H
#define PKVM_SMMU_BACK_END_H

#include <stdbool.h>
#include <stdint.h>

#include "iommu_tck.h"
#include "operations.h"
#include "parameters.h"

void smmu_back_end_start(void);

bool smmu_get_iommu_by_id(uint32_t iommu);

int32_t smmu_take_over_iommu(uint32_t iommu, const struct parameters *parameters);

/*
 * Takes the host's page for the root. `EINVAL`: the page or the id does not suit the SMMU. `EPERM`: it is not the
 * host's to give.
 */
int32_t smmu_alloc_iopt(const struct tck_kvm_domain *domain, uint64_t pgd_hva, struct tck_iopt *iopt);

/* The id is the tag of what the caches hold, and they lead to the tables: both are free when nothing is left there. */
int32_t smmu_free_iopt(const struct tck_kvm_domain *domain);

int32_t smmu_attach_dev(const struct tck_kvm_domain *domain, uint32_t endpoint);
int32_t smmu_detach_dev(const struct tck_kvm_domain *domain, uint32_t endpoint);

/*
 * `EOPNOTSUPP`: no such permission. `E2BIG`: beyond 64 bits. `ERANGE`: beyond the address sizes. `EINVAL`: no such
 * size, or misaligned.
 */
int32_t smmu_map_pages(const struct tck_kvm_domain *domain, const struct page_range *range, uint64_t pa, uint32_t prot,
                       uint64_t *bytes);

/* As `smmu_map_pages`, but for what only a mapping has. */
int32_t smmu_unmap_pages(const struct tck_kvm_domain *domain, const struct page_range *range, uint64_t *bytes);

/* `ENOENT`: not mapped. */
int32_t smmu_iova_to_phys(const struct tck_kvm_domain *domain, uint64_t iova, uint64_t *pa);

int32_t smmu_shut_down_iommu(uint32_t iommu);
void smmu_abandon(const struct tck_kvm_domain *domain);

#endif
