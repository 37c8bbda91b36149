#include "operations.h"

#include "smmu_back_end.h"

/*
 * A back end that is scripted has the five operations only. Page tables are its own affair: mapping, unmapping and
 * looking up are refused with ENODEV.
 */
static bool scripted;

void operations_start(bool is_scripted)
{
  scripted = is_scripted;
  smmu_back_end_start();
}

bool ops_get_iommu_by_id(uint32_t iommu)
{
  return scripted ? tck_backend_get_iommu_by_id(iommu) != 0 : smmu_get_iommu_by_id(iommu);
}

int32_t ops_alloc_iopt(const struct tck_kvm_domain *domain, uint64_t pgd_hva, struct tck_iopt *iopt)
{
  return scripted ? tck_backend_alloc_iopt(domain, pgd_hva, iopt) : smmu_alloc_iopt(domain, pgd_hva, iopt);
}

int32_t ops_free_iopt(const struct tck_kvm_domain *domain)
{
  return scripted ? tck_backend_free_iopt(domain) : smmu_free_iopt(domain);
}

int32_t ops_attach_dev(const struct tck_kvm_domain *domain, uint32_t endpoint)
{
  return scripted ? tck_backend_attach_dev(domain, endpoint) : smmu_attach_dev(domain, endpoint);
}

int32_t ops_detach_dev(const struct tck_kvm_domain *domain, uint32_t endpoint)
{
  return scripted ? tck_backend_detach_dev(domain, endpoint) : smmu_detach_dev(domain, endpoint);
}

int32_t ops_take_over(uint32_t iommu, const struct parameters *parameters)
{
  return scripted ? 0 : smmu_take_over_iommu(iommu, parameters);
}

int32_t ops_map_pages(const struct tck_kvm_domain *domain, const struct page_range *range, uint64_t pa, uint32_t prot,
                      uint64_t *bytes)
{
  return scripted ? -TCK_ENODEV : smmu_map_pages(domain, range, pa, prot, bytes);
}

int32_t ops_unmap_pages(const struct tck_kvm_domain *domain, const struct page_range *range, uint64_t *bytes)
{
  return scripted ? -TCK_ENODEV : smmu_unmap_pages(domain, range, bytes);
}

int32_t ops_iova_to_phys(const struct tck_kvm_domain *domain, uint64_t iova, uint64_t *pa)
{
  return scripted ? -TCK_ENODEV : smmu_iova_to_phys(domain, iova, pa);
}

int32_t ops_shut_down(uint32_t iommu)
{
  return scripted ? 0 : smmu_shut_down_iommu(iommu);
}

void ops_abandon(const struct tck_kvm_domain *domain)
{
  if (!scripted)
    smmu_abandon(domain);
}
