#include "smmu_back_end.h"

#include "bits.h"
#include "hyp_memory.h"
#include "page_table.h"
#include "smmu_take_over.h"
#include "smmu_v3.h"
#include "table_extents.h"

static struct known_smmu {
  bool is_there;
  uint32_t iommu;
  struct smmu smmu;
} smmus[MAX_IOMMUS];

void smmu_back_end_start(void)
{
  for (uint32_t slot = 0; slot < MAX_IOMMUS; slot++)
    smmus[slot].is_there = false;
  table_extents_start();
}

static struct known_smmu *find_smmu(uint32_t iommu)
{
  for (uint32_t slot = 0; slot < MAX_IOMMUS; slot++)
    if (smmus[slot].is_there && smmus[slot].iommu == iommu)
      return &smmus[slot];
  return NULL;
}

static struct known_smmu *free_slot(void)
{
  for (uint32_t slot = 0; slot < MAX_IOMMUS; slot++)
    if (!smmus[slot].is_there)
      return &smmus[slot];
  return NULL;
}

/*
 * The domain layer calls for no IOMMUs but those that were taken over: another one is a fault of the hypervisor, which
 * must not go on.
 */
static struct smmu *smmu_of(uint32_t iommu)
{
  struct known_smmu *known = find_smmu(iommu);

  if (!known)
    __builtin_trap();
  return &known->smmu;
}

bool smmu_get_iommu_by_id(uint32_t iommu)
{
  return find_smmu(iommu) != NULL;
}

int32_t smmu_take_over_iommu(uint32_t iommu, const struct parameters *parameters)
{
  /* One that was taken over before and then found unusable is taken over anew. */
  struct known_smmu *known = find_smmu(iommu);
  int32_t err;

  if (!known)
    known = free_slot();
  if (!known)
    return -TCK_ENOMEM;
  err = smmu_take_over(&known->smmu, parameters);
  if (err)
    return err;
  known->iommu = iommu;
  known->is_there = true;
  return 0;
}

static struct page_table page_table_of(const struct tck_kvm_domain *domain)
{
  struct smmu *smmu = smmu_of(domain->iommu);

  return (struct page_table){
    .pages = smmu->pages,
    .format = &smmu->format,
    .invalidations = &smmu->invalidations,
    .vmid = domain->domain,
    .root = hyp_phys(domain->pgd),
  };
}

int32_t smmu_alloc_iopt(const struct tck_kvm_domain *domain, uint64_t pgd_hva, struct tck_iopt *iopt)
{
  struct smmu *smmu = smmu_of(domain->iommu);
  uint64_t pgd = tck_kern_hyp_va(pgd_hva);
  uint64_t root = hyp_phys(pgd);
  int32_t err;

  if (!smmu_has_vmid(smmu, domain->domain))
    return -TCK_EINVAL;
  if (root % hyp_page_bytes() != 0 || !table_page_reaches(smmu->pages, root))
    return -TCK_EINVAL;
  err = tck_host_donate_hyp(hyp_pfn(root), 1);
  if (err)
    return err;
  tck_zero(root, hyp_page_bytes());
  walker_zeroed(smmu->memory, root, hyp_page_bytes());
  page_table_begin(root);
  iopt->pgd = pgd;
  return 0;
}

int32_t smmu_free_iopt(const struct tck_kvm_domain *domain)
{
  int32_t err = invalidate_vmid(&smmu_of(domain->iommu)->invalidations, domain->domain);

  if (!err)
    smmu_abandon(domain);
  return err;
}

int32_t smmu_attach_dev(const struct tck_kvm_domain *domain, uint32_t endpoint)
{
  return smmu_attach(smmu_of(domain->iommu), endpoint, domain->domain, hyp_phys(domain->pgd));
}

int32_t smmu_detach_dev(const struct tck_kvm_domain *domain, uint32_t endpoint)
{
  return smmu_detach(smmu_of(domain->iommu), endpoint, domain->domain);
}

/*
 * Refuses pages that are not below 2^bits. Counted in pages, so that nothing overflows. `E2BIG`: beyond 2^64;
 * `EINVAL`: misaligned; `ERANGE`: beyond 2^bits.
 * @param page_size A power of two, less than 2^bits. @param bits At most 48.
 */
static int32_t check_addresses(uint64_t start, uint64_t page_size, uint64_t pages, uint32_t bits)
{
  uint32_t shift = log2_of(page_size);
  uint64_t first = start >> shift;
  bool is_aligned = start % page_size == 0;
  uint64_t whole_pages_left = (1ull << (64 - shift)) - first - (is_aligned ? 0 : 1);

  if (pages > whole_pages_left)
    return -TCK_E2BIG;
  if (!is_aligned)
    return -TCK_EINVAL;
  return first + pages <= 1ull << (bits - shift) ? 0 : -TCK_ERANGE;
}

/* Refuses a range that is not one of pages that the domain's table can have. `EINVAL`, `E2BIG`, `ERANGE`. */
static int32_t check_range(const struct tck_kvm_domain *domain, const struct page_range *range)
{
  const struct page_table_format *format = &smmu_of(domain->iommu)->format;
  uint32_t level;

  if (!format_level_of(format, range->page_size, &level))
    return -TCK_EINVAL;
  return check_addresses(range->iova, range->page_size, range->page_count, format->ias);
}

int32_t smmu_map_pages(const struct tck_kvm_domain *domain, const struct page_range *range, uint64_t pa, uint32_t prot,
                       uint64_t *bytes)
{
  struct page_table table = page_table_of(domain);
  int32_t err;

  if (prot == 0 || (prot & ~(TCK_HYP_READ | TCK_HYP_WRITE)) != 0)
    return -TCK_EOPNOTSUPP;
  err = check_range(domain, range);
  if (!err)
    err = check_addresses(pa, range->page_size, range->page_count, table.format->oas);
  return err ? err : page_table_map(&table, range, pa, prot, bytes);
}

int32_t smmu_unmap_pages(const struct tck_kvm_domain *domain, const struct page_range *range, uint64_t *bytes)
{
  struct page_table table = page_table_of(domain);
  int32_t err = check_range(domain, range);

  return err ? err : page_table_unmap(&table, range->iova, range->page_size * range->page_count, bytes);
}

int32_t smmu_iova_to_phys(const struct tck_kvm_domain *domain, uint64_t iova, uint64_t *pa)
{
  struct page_table table = page_table_of(domain);

  return iova >> table.format->ias == 0 ? page_table_phys(&table, iova, pa) : -TCK_ENOENT;
}

int32_t smmu_shut_down_iommu(uint32_t iommu)
{
  return smmu_shut_down(smmu_of(iommu));
}

void smmu_abandon(const struct tck_kvm_domain *domain)
{
  struct page_table table = page_table_of(domain);

  page_table_release(&table);
  tck_zero(table.root, hyp_page_bytes());
  /* Not refused: the page became the hypervisor's when it was taken for the root. */
  tck_hyp_donate_host(hyp_pfn(table.root), 1);
}
