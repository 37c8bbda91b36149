#include "table_pages.h"

#include "hyp_memory.h"
#include "iommu_tck.h"
#include "memcache.h"

bool table_page_reaches(struct table_pages pages, uint64_t page)
{
  uint64_t end = 1ull << pages.oas;

  return page < end && hyp_page_bytes() <= end - page;
}

int32_t table_page_take(struct table_pages pages, uint64_t *page)
{
  int32_t err = memcache_take(page);

  if (err)
    return err;
  if (!table_page_reaches(pages, *page)) {
    memcache_give(*page);
    return -TCK_ENOMEM;
  }
  walker_zeroed(pages.memory, *page, hyp_page_bytes());
  return 0;
}

void table_page_give(uint64_t page)
{
  memcache_give(page);
}
