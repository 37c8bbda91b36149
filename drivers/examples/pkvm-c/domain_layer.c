#include "domain_layer.h"

#include <stdbool.h>

#include "domain_table.h"
#include "iommu_tck.h"
#include "memcache.h"
#include "operations.h"

/* Serialises domains, device tables and command queues: what is static here and below changes under it only. */
#define LOCK "iommu_lock"

static const char *take_lock(void)
{
  const char *lock = LOCK;

  tck_lock(lock);
  return lock;
}

static void release_lock(const char **held)
{
  tck_unlock(*held);
}

/* The function holds the lock from here until it returns, whichever way: as with guard() of Linux. */
#define HOLD_LOCK() __attribute__((cleanup(release_lock), unused)) const char *held = take_lock()

/* The references of a domain that is allocated and has no endpoint. */
#define OWN_REFERENCE 1u

/* The IOMMUs that were initialised. */
static struct initialised_iommu {
  bool is_there;
  uint32_t iommu;
  struct domain_table table;
} iommus[MAX_IOMMUS];

static bool initialised;

void domain_layer_start(void)
{
  initialised = false;
  for (uint32_t slot = 0; slot < MAX_IOMMUS; slot++)
    iommus[slot].is_there = false;
}

static struct initialised_iommu *find_iommu(uint32_t iommu)
{
  for (uint32_t slot = 0; slot < MAX_IOMMUS; slot++)
    if (iommus[slot].is_there && iommus[slot].iommu == iommu)
      return &iommus[slot];
  return NULL;
}

static struct initialised_iommu *free_slot(void)
{
  for (uint32_t slot = 0; slot < MAX_IOMMUS; slot++)
    if (!iommus[slot].is_there)
      return &iommus[slot];
  return NULL;
}

/* The domains of an IOMMU that the back end knows and that was initialised. */
static struct domain_table *table_of(uint32_t iommu)
{
  struct initialised_iommu *found = ops_get_iommu_by_id(iommu) ? find_iommu(iommu) : NULL;

  return found ? &found->table : NULL;
}

static bool find_domain(uint32_t iommu, uint32_t domain, struct descriptor *found)
{
  struct domain_table *table = table_of(iommu);

  return table && domain_table_find(table, domain, found);
}

static bool obtain_domain(uint32_t iommu, uint32_t domain, struct descriptor *found)
{
  struct domain_table *table = table_of(iommu);

  return table && domain_table_obtain(table, domain, found);
}

static struct tck_kvm_domain kvm_domain(uint32_t iommu, const struct descriptor *descriptor)
{
  return (struct tck_kvm_domain){ .iommu = iommu, .domain = descriptor->domain, .pgd = descriptor_pgd(descriptor) };
}

/* Whether a back end that offers these operations has all five. */
static bool is_complete(const uint32_t *offered, uint32_t count)
{
  uint32_t missing = 1u << TCK_KVM_IOMMU_OP_GET_IOMMU_BY_ID | 1u << TCK_KVM_IOMMU_OP_ALLOC_IOPT |
                     1u << TCK_KVM_IOMMU_OP_FREE_IOPT | 1u << TCK_KVM_IOMMU_OP_ATTACH_DEV |
                     1u << TCK_KVM_IOMMU_OP_DETACH_DEV;

  for (uint32_t index = 0; index < count; index++)
    if (offered[index] < 32)
      missing &= ~(1u << offered[index]);
  return missing == 0;
}

int32_t hyp_init(const struct tck_hyp_init *parameters)
{
  int32_t err;

  HOLD_LOCK();
  if (initialised)
    return -TCK_EINVAL;
  if (!is_complete(parameters->operations, parameters->operations_count))
    return -TCK_ENODEV;
  err = memcaches_map(parameters->memcaches, parameters->cpus);
  if (err)
    return err;
  initialised = true;
  return 0;
}

int32_t hyp_init_device(const struct tck_hyp_device *device)
{
  struct initialised_iommu *slot;
  struct parameters parameters;
  int32_t err;

  HOLD_LOCK();
  if (!initialised || find_iommu(device->iommu))
    return -TCK_EINVAL;
  slot = free_slot();
  if (!slot)
    return -TCK_ENOMEM;
  parameters_copy(&parameters, device->params);
  domain_table_init(&slot->table, &parameters);
  /* From here on the IOMMU lets nothing through, whatever becomes of its domains. */
  err = ops_take_over(device->iommu, &parameters);
  if (err)
    return err;
  err = domain_table_map(&slot->table);
  if (err) {
    /* The refusal is the mapping's. An IOMMU that does not shut down keeps its memory, and lets nothing through. */
    ops_shut_down(device->iommu);
    return err;
  }
  slot->iommu = device->iommu;
  slot->is_there = true;
  return 0;
}

int32_t hyp_alloc_domain(uint32_t iommu, uint32_t domain, uint64_t pgd)
{
  const struct tck_kvm_domain fresh = { .iommu = iommu, .domain = domain, .pgd = 0 };
  struct descriptor descriptor;
  struct tck_iopt iopt;
  int32_t err;

  HOLD_LOCK();
  if (!obtain_domain(iommu, domain, &descriptor) || descriptor.refs != 0)
    return -TCK_EINVAL;
  err = ops_alloc_iopt(&fresh, pgd, &iopt);
  if (err)
    return err;
  descriptor_record(&descriptor, iopt.pgd);
  return 0;
}

int32_t hyp_free_domain(uint32_t iommu, uint32_t domain)
{
  struct descriptor descriptor;
  struct tck_kvm_domain freed;
  int32_t err;

  HOLD_LOCK();
  if (!find_domain(iommu, domain, &descriptor) || descriptor.refs != OWN_REFERENCE)
    return -TCK_EINVAL;
  freed = kvm_domain(iommu, &descriptor);
  err = ops_free_iopt(&freed);
  /* A page table that could not be freed may still be in use: its domain keeps it, and its id. */
  if (err)
    return err;
  descriptor_clear(&descriptor);
  return 0;
}

int32_t hyp_attach_dev(uint32_t iommu, uint32_t domain, uint32_t endpoint)
{
  struct descriptor descriptor;
  struct tck_kvm_domain attached;
  int32_t err;

  HOLD_LOCK();
  if (!find_domain(iommu, domain, &descriptor) || descriptor.refs == 0 || descriptor.refs == UINT32_MAX)
    return -TCK_EINVAL;
  attached = kvm_domain(iommu, &descriptor);
  err = ops_attach_dev(&attached, endpoint);
  if (err)
    return err;
  descriptor_set_refs(&descriptor, descriptor.refs + 1);
  return 0;
}

int32_t hyp_detach_dev(uint32_t iommu, uint32_t domain, uint32_t endpoint)
{
  struct descriptor descriptor;
  struct tck_kvm_domain detached;
  int32_t err;

  HOLD_LOCK();
  if (!find_domain(iommu, domain, &descriptor) || descriptor.refs <= OWN_REFERENCE)
    return -TCK_EINVAL;
  detached = kvm_domain(iommu, &descriptor);
  err = ops_detach_dev(&detached, endpoint);
  if (err)
    return err;
  descriptor_set_refs(&descriptor, descriptor.refs - 1);
  return 0;
}

/* The allocated domain whose page table a call is about. */
static int32_t allocated_domain(uint32_t iommu, uint32_t domain, struct tck_kvm_domain *found)
{
  struct descriptor descriptor;

  if (!find_domain(iommu, domain, &descriptor) || descriptor.refs == 0)
    return -TCK_EINVAL;
  *found = kvm_domain(iommu, &descriptor);
  return 0;
}

int32_t hyp_map_pages(uint32_t iommu, uint32_t domain, uint64_t iova, uint64_t pa, uint64_t page_size,
                      uint64_t page_count, uint32_t prot, uint64_t *value)
{
  const struct page_range range = { .iova = iova, .page_size = page_size, .page_count = page_count };
  struct tck_kvm_domain found;
  int32_t err;

  HOLD_LOCK();
  err = allocated_domain(iommu, domain, &found);
  return err ? err : ops_map_pages(&found, &range, pa, prot, value);
}

int32_t hyp_unmap_pages(uint32_t iommu, uint32_t domain, uint64_t iova, uint64_t page_size, uint64_t page_count,
                        uint64_t *value)
{
  const struct page_range range = { .iova = iova, .page_size = page_size, .page_count = page_count };
  struct tck_kvm_domain found;
  int32_t err;

  HOLD_LOCK();
  err = allocated_domain(iommu, domain, &found);
  return err ? err : ops_unmap_pages(&found, &range, value);
}

int32_t hyp_iova_to_phys(uint32_t iommu, uint32_t domain, uint64_t iova, uint64_t *value)
{
  struct tck_kvm_domain found;
  int32_t err;

  HOLD_LOCK();
  err = allocated_domain(iommu, domain, &found);
  return err ? err : ops_iova_to_phys(&found, iova, value);
}

/* Blocks every endpoint of an IOMMU and gives its pages back. */
static int32_t shut_down(struct initialised_iommu *slot)
{
  struct descriptor descriptor;
  int32_t err = ops_shut_down(slot->iommu);

  if (err)
    return err;
  for (uint32_t from = 0; domain_table_next(&slot->table, from, &descriptor); from = descriptor.domain + 1) {
    struct tck_kvm_domain abandoned = kvm_domain(slot->iommu, &descriptor);

    ops_abandon(&abandoned);
  }
  domain_table_release(&slot->table);
  slot->is_there = false;
  return 0;
}

int32_t domain_layer_stop(void)
{
  HOLD_LOCK();
  for (uint32_t slot = 0; slot < MAX_IOMMUS; slot++) {
    int32_t err = iommus[slot].is_there ? shut_down(&iommus[slot]) : 0;

    if (err)
      return err;
  }
  initialised = false;
  return 0;
}
