/* Pages for one SMMU's tables: from the calling CPU's memcache, and where the SMMU can reach them. */
#ifndef PKVM_TABLE_PAGES_H
#define PKVM_TABLE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "walker_memory.h"

struct table_pages {
  struct walker_memory memory;
  /* Bits of a physical address that the SMMU can put out, at most 48. */
  uint32_t oas;
};

/* Whether the SMMU can address the whole page. */
bool table_page_reaches(struct table_pages pages, uint64_t page);

/* A page of zeros, for the SMMU too. `ENOMEM`. */
int32_t table_page_take(struct table_pages pages, uint64_t *page);

/* Gives a page of `table_page_take` back. Nothing may lead there any more. */
void table_page_give(uint64_t page);

#endif
