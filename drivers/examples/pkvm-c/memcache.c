#include "memcache.h"

#include <stdbool.h>

#include "hyp_memory.h"
#include "iommu_tck.h"

/* Bytes of one CPU's memcache, and where its words are. @spec PKVM-19 "struct kvm_hyp_iommu_memcache" */
#define MEMCACHE_BYTES 24u
#define MEMCACHE_HEAD 0u
#define MEMCACHE_NR_PAGES 8u
#define MEMCACHE_NEEDS_PAGE 16u

/* Physical address of the lists, and how many there are. */
static uint64_t lists;
static uint32_t nr_lists;

void memcaches_start(void)
{
  lists = 0;
  nr_lists = 0;
}

int32_t memcaches_map(uint64_t address, uint32_t cpus)
{
  uint64_t from = tck_kern_hyp_va(address);
  uint64_t to = from + (uint64_t)cpus * MEMCACHE_BYTES;
  int32_t err = tck_create_mappings(from, to, TCK_HYP_PROTECTION_SHARED_OWNED);

  if (err)
    return err;
  lists = hyp_phys(from);
  nr_lists = cpus;
  return 0;
}

/* The list of the CPU that the call runs on; false when the host set none up for it. */
static bool list_of_caller(uint64_t *list)
{
  uint32_t cpu = (uint32_t)tck_cpu();

  *list = lists + (uint64_t)cpu * MEMCACHE_BYTES;
  return cpu < nr_lists;
}

int32_t memcache_take(uint64_t *page)
{
  uint64_t list, head, nr_pages;

  if (!list_of_caller(&list))
    return -TCK_ENOMEM;
  head = tck_read64(list + MEMCACHE_HEAD);
  nr_pages = tck_read64(list + MEMCACHE_NR_PAGES);
  if (nr_pages == 0) {
    tck_write64(list + MEMCACHE_NEEDS_PAGE, 1);
    return -TCK_ENOMEM;
  }
  if (head % hyp_page_bytes() != 0)
    return -TCK_ENOMEM;
  /* Only a page that the host cannot change any more is read for the next one. */
  if (tck_host_donate_hyp(hyp_pfn(head), 1))
    return -TCK_ENOMEM;
  tck_write64(list + MEMCACHE_HEAD, tck_read64(head));
  tck_write64(list + MEMCACHE_NR_PAGES, nr_pages - 1);
  tck_zero(head, hyp_page_bytes());
  *page = head;
  return 0;
}

void memcache_give(uint64_t page)
{
  uint64_t list, nr_pages;

  tck_zero(page, hyp_page_bytes());
  if (list_of_caller(&list)) {
    nr_pages = tck_read64(list + MEMCACHE_NR_PAGES);
    tck_write64(page, tck_read64(list + MEMCACHE_HEAD));
    tck_write64(list + MEMCACHE_HEAD, page);
    tck_write64(list + MEMCACHE_NR_PAGES, nr_pages + 1);
  }
  /* Not refused: `memcache_take` made the page the hypervisor's. */
  tck_hyp_donate_host(hyp_pfn(page), 1);
}
