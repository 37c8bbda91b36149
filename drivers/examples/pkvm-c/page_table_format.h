/*
 * VMSAv8-64 stage 2 for one IOMMU: granule, address sizes and where walks start, from its own parameters.
 *
 * @spec ARM-ARM "VMSAv8-64 translation using the 4KB granule", "… 16KB granule" and "… 64KB granule"
 */
#ifndef PKVM_PAGE_TABLE_FORMAT_H
#define PKVM_PAGE_TABLE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "parameters.h"

/* The last level of lookup: its leaves are pages. */
#define LAST_LEVEL 3u

struct page_table_format {
  /* log2 of the bytes of a page. */
  uint32_t page_shift;
  /* Bits of the input address that a table of one page resolves. */
  uint32_t stride;
  /* As STE.S2TG names the granule. */
  uint32_t tg;
  /* Bits of an input and of an output address, at most 48. */
  uint32_t ias;
  uint32_t oas;
  uint32_t t0sz;
  uint32_t sl0;
  uint32_t start_level;
  /* Entries of the root, and of every other table. */
  uint32_t root_entries;
  uint32_t table_entries;
};

/* What a descriptor is at its level. */
enum meaning_kind { MEANS_NOTHING, MEANS_TABLE, MEANS_LEAF };

struct meaning {
  enum meaning_kind kind;
  uint64_t pa;
};

/*
 * The format that the parameters ask for: fewest levels for which one table is the root. False when there is none.
 * @param output_bits Of the SMMU: which decides where walks may start.
 */
bool format_of(struct page_table_format *format, const struct parameters *parameters, uint32_t output_bits);

/* log2 of the bytes that an entry of a level maps. */
uint32_t format_shift(const struct page_table_format *format, uint32_t level);

/* The level of a table of this format at which leaves map `bytes`, if there is one. */
bool format_level_of(const struct page_table_format *format, uint64_t bytes, uint32_t *level);

uint32_t format_entries(const struct page_table_format *format, uint32_t level);

/* Which entry of a table of the level an input address selects. */
uint32_t format_index(const struct page_table_format *format, uint32_t level, uint64_t iova);

/* Reads a descriptor that this driver wrote. */
struct meaning format_meaning(const struct page_table_format *format, uint32_t level, uint64_t raw);

uint64_t format_table(uint64_t pa);

/* @param prot TCK_HYP_READ and TCK_HYP_WRITE, one at least. */
uint64_t format_leaf(uint32_t level, uint64_t pa, uint32_t prot);

#endif
