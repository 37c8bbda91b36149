#include "domain_table.h"

#include "bits.h"
#include "hyp_memory.h"
#include "iommu_tck.h"
#include "memcache.h"

/* Where the words of a descriptor are. */
#define DOMAIN_PGD 0u
#define DOMAIN_REFS 8u
#define DOMAIN_REFS_REFS FIELD(31, 0)

/* A pointer of the root. */
#define POINTER_BYTES 8u

_Static_assert(MAX_LEAVES * POINTER_BYTES <= LEAST_HYP_PAGE_BYTES, "the root of a domain table is one page");

void domain_table_init(struct domain_table *table, const struct parameters *parameters)
{
  table->root = tck_kern_hyp_va(parameters->domains);
  table->split = log2_of(hyp_page_bytes() / DOMAIN_BYTES);
  /* The root has pointers for so many and no more, whatever the host says. */
  table->nr_domains = parameters->nr_domains < MAX_DOMAINS ? (uint32_t)parameters->nr_domains : MAX_DOMAINS;
  bitmap_clear(table->leaves, BITMAP_WORDS(MAX_LEAVES));
  bitmap_clear(table->recorded, BITMAP_WORDS(MAX_DOMAINS));
}

int32_t domain_table_map(const struct domain_table *table)
{
  uint32_t root_bytes = (MAX_DOMAINS >> table->split) * POINTER_BYTES;
  int32_t err;

  if (table->root % hyp_page_bytes() != 0)
    return -TCK_EINVAL;
  err = tck_create_mappings(table->root, table->root + root_bytes, TCK_HYP_PROTECTION_OWNED);
  if (err)
    return err;
  tck_zero(hyp_phys(table->root), hyp_page_bytes());
  return 0;
}

/* Where the pointer to a leaf is. */
static uint64_t pointer_to(const struct domain_table *table, uint32_t leaf)
{
  return hyp_phys(table->root) + leaf * POINTER_BYTES;
}

/* @param leaf Address of the hypervisor. */
static void descriptor_in(struct domain_table *table, uint64_t leaf, uint32_t domain, struct descriptor *found)
{
  uint32_t index = domain & ((1u << table->split) - 1);

  found->table = table;
  found->domain = domain;
  found->at = hyp_phys(leaf) + index * DOMAIN_BYTES;
  found->refs = (uint32_t)field_get(DOMAIN_REFS_REFS, tck_read64(found->at + DOMAIN_REFS));
}

bool domain_table_find(struct domain_table *table, uint32_t domain, struct descriptor *found)
{
  uint64_t leaf;

  if (domain >= table->nr_domains)
    return false;
  leaf = tck_read64(pointer_to(table, domain >> table->split));
  if (leaf == 0)
    return false;
  descriptor_in(table, leaf, domain, found);
  return true;
}

bool domain_table_obtain(struct domain_table *table, uint32_t domain, struct descriptor *found)
{
  uint32_t index = domain >> table->split;
  uint64_t page;

  if (domain >= table->nr_domains)
    return false;
  if (domain_table_find(table, domain, found))
    return true;
  if (memcache_take(&page))
    return false;
  tck_write64(pointer_to(table, index), hyp_va(page));
  bitmap_add(table->leaves, index);
  descriptor_in(table, hyp_va(page), domain, found);
  return true;
}

bool domain_table_next(struct domain_table *table, uint32_t from, struct descriptor *found)
{
  for (uint32_t domain = from; bitmap_next(table->recorded, BITMAP_WORDS(MAX_DOMAINS), &domain); domain++)
    if (domain_table_find(table, domain, found) && found->refs > 0)
      return true;
  return false;
}

void domain_table_release(struct domain_table *table)
{
  for (uint32_t index = 0; bitmap_next(table->leaves, BITMAP_WORDS(MAX_LEAVES), &index); index++) {
    uint64_t pointer = pointer_to(table, index);
    uint64_t leaf = tck_read64(pointer);

    tck_write64(pointer, 0);
    memcache_give(hyp_phys(leaf));
  }
  bitmap_clear(table->leaves, BITMAP_WORDS(MAX_LEAVES));
}

uint64_t descriptor_pgd(const struct descriptor *descriptor)
{
  return tck_read64(descriptor->at + DOMAIN_PGD);
}

void descriptor_set_refs(const struct descriptor *descriptor, uint32_t refs)
{
  tck_write64(descriptor->at + DOMAIN_REFS, field_put(DOMAIN_REFS_REFS, refs));
}

void descriptor_record(const struct descriptor *descriptor, uint64_t pgd)
{
  descriptor_set_refs(descriptor, 1);
  tck_write64(descriptor->at + DOMAIN_PGD, pgd);
  bitmap_add(descriptor->table->recorded, descriptor->domain);
}

void descriptor_clear(const struct descriptor *descriptor)
{
  tck_write64(descriptor->at + DOMAIN_PGD, 0);
  tck_write64(descriptor->at + DOMAIN_REFS, 0);
  bitmap_remove(descriptor->table->recorded, descriptor->domain);
}
