/*
 * The stage-2 page table of one domain. Its root is the host's page, given for the purpose; its other tables come
 * from the memcache and go back only when no cache of the SMMU can lead there. Pages of the host are marked while
 * they are mapped, and the mark is taken back only when no endpoint reaches them.
 *
 * @spec SMMU-V3 "Translation tables and TLB invalidation completion behavior"; ARM-ARM "Translation table descriptor
 * formats"
 */
#ifndef PKVM_PAGE_TABLE_H
#define PKVM_PAGE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "invalidations.h"
#include "operations.h"
#include "page_table_format.h"
#include "table_pages.h"

/* Where a walk ended: in which table, for which input address. */
struct walk_end {
  bool is_known;
  uint64_t table;
  uint32_t level;
  uint64_t iova;
};

/* A table as one call sees it. */
struct page_table {
  struct table_pages pages;
  const struct page_table_format *format;
  struct invalidations *invalidations;
  /* What the caches tag the table with. */
  uint32_t vmid;
  /* Physical address. */
  uint64_t root;
  /* Of the last walk in this call. The next address often has its entry in the same table: its walk begins there. */
  struct walk_end last_walk;
};

/* A table that maps nothing. @param root Physical address of a page of zeros. */
void page_table_begin(uint64_t root);

/*
 * Maps page by page. @param bytes Bytes mapped: fewer than asked for when a table page is missing, or a block after
 * the first cannot be mapped. On any refusal nothing is mapped that was not before. `EEXIST`: something is; `EPERM`,
 * `EINVAL`: not a page that the host may let its devices reach.
 */
int32_t page_table_map(struct page_table *table, const struct page_range *range, uint64_t pa, uint32_t prot,
                       uint64_t *bytes);

/*
 * Unmaps from `iova` on, up to the first address that is not mapped or the first leaf that reaches beyond the range.
 * @param bytes Bytes unmapped. Refuses, with the leaves as they were, when the SMMU does not answer at all.
 */
int32_t page_table_unmap(struct page_table *table, uint64_t iova, uint64_t size, uint64_t *bytes);

/* `ENOENT`: not mapped. */
int32_t page_table_phys(struct page_table *table, uint64_t iova, uint64_t *pa);

/* Gives all tables below the root back, and takes the marks of what is still mapped. Nothing may lead here any more. */
void page_table_release(struct page_table *table);

#endif
