/*
 * What the domain layer asks of a back end: the five operations of the series, and the page tables that its
 * successors add. Below it stands the SMMU, or the back end that a scenario scripts.
 *
 * @spec PKVM-19 "kvm_iommu_ops.get_iommu_by_id"
 */
#ifndef PKVM_OPERATIONS_H
#define PKVM_OPERATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "iommu_tck.h"
#include "parameters.h"

/* A range of pages of one size, in bytes. */
struct page_range {
  uint64_t iova;
  uint64_t page_size;
  uint64_t page_count;
};

/* IOMMUs that there are at most; one beyond them is refused with `ENOMEM`. */
#define MAX_IOMMUS 16u

/* @param is_scripted Whether the suite is the back end. */
void operations_start(bool is_scripted);

bool ops_get_iommu_by_id(uint32_t iommu);
int32_t ops_alloc_iopt(const struct tck_kvm_domain *domain, uint64_t pgd_hva, struct tck_iopt *iopt);
int32_t ops_free_iopt(const struct tck_kvm_domain *domain);
int32_t ops_attach_dev(const struct tck_kvm_domain *domain, uint32_t endpoint);
int32_t ops_detach_dev(const struct tck_kvm_domain *domain, uint32_t endpoint);

/* Takes an IOMMU over from the trusted host: from the answer on it blocks every endpoint. */
int32_t ops_take_over(uint32_t iommu, const struct parameters *parameters);

/* @param prot TCK_HYP_READ and TCK_HYP_WRITE. @param bytes Bytes mapped. */
int32_t ops_map_pages(const struct tck_kvm_domain *domain, const struct page_range *range, uint64_t pa, uint32_t prot,
                      uint64_t *bytes);

/* @param bytes Bytes unmapped; no endpoint reaches them any more. */
int32_t ops_unmap_pages(const struct tck_kvm_domain *domain, const struct page_range *range, uint64_t *bytes);

int32_t ops_iova_to_phys(const struct tck_kvm_domain *domain, uint64_t iova, uint64_t *pa);

/* Blocks every endpoint for good. Refused when the IOMMU does not answer: then it may still use what it had. */
int32_t ops_shut_down(uint32_t iommu);

/* Gives the page table of a domain back after `ops_shut_down`. */
void ops_abandon(const struct tck_kvm_domain *domain);

#endif
