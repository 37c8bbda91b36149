#include "page_table_format.h"

#include <stddef.h>

#include "bits.h"
#include "iommu_tck.h"
#include "smmu_v3_layouts.h"

/*
 * Descriptors. @spec ARM-ARM "VMSAv8-64 Table descriptor format" and "VMSAv8-64 Block descriptor and Page descriptor
 * formats"
 */
#define DESCRIPTOR_XN FIELD(54, 53)
#define DESCRIPTOR_AF BIT(10)
#define DESCRIPTOR_SH FIELD(9, 8)
#define DESCRIPTOR_S2AP_WRITE BIT(7)
#define DESCRIPTOR_S2AP_READ BIT(6)
#define DESCRIPTOR_MEM_ATTR FIELD(5, 2)
#define DESCRIPTOR_TABLE_OR_PAGE BIT(1)
#define DESCRIPTOR_VALID BIT(0)
/* The address of a table, or of what a leaf maps, begins at a bit that granule and level decide. */
#define DESCRIPTOR_ADDRESS_MSB 47

/* Not for instructions, at any privilege. */
#define XN_EXECUTE_NEVER 2u
/* Normal write-back memory, for the page and for its inner and outer caches. */
#define MEM_ATTR_WRITE_BACK 0xfu

/* Output addresses of 52 bits have descriptors of another shape. */
#define LARGEST_SIZE 48u
/* Larger only with small translation tables. @spec SMMU-V3 "STE, Stream Table Entry" field S2T0SZ */
#define T0SZ_LARGEST 39u

/*
 * A start level, and the T0SZ values that go with it. Below the least, each step doubles the tables that lie one
 * after the other as the root. @spec ARM-ARM "Concatenated translation tables" and "Intermediate physical address
 * size configuration"
 */
struct start {
  uint8_t sl0;
  uint8_t level;
  /* T0SZ for one table. */
  uint8_t least;
  uint8_t largest;
  /* log2 of the tables at most. */
  uint8_t joined;
  /* Only with output addresses of so many bits; 0: with any. */
  uint8_t least_oas;
};

#define MAX_STARTS 3u

/* What a granule means. */
struct geometry {
  /* log2 of the granule. */
  uint8_t page_shift;
  /* Bits of the input address that a table of one page resolves. */
  uint8_t stride;
  /* STE.S2TG. */
  uint8_t tg;
  struct start starts[MAX_STARTS];
};

/* Level 3 of the 4K granule is no start without small translation tables. */
static const struct geometry geometries[] = {
  {
    .page_shift = 12,
    .stride = 9,
    .tg = STE_S2TG_4K,
    .starts = {
      { .sl0 = 2, .level = 0, .least = 16, .largest = 24, .joined = 0, .least_oas = 44 },
      { .sl0 = 1, .level = 1, .least = 25, .largest = 33, .joined = 4 },
      { .sl0 = 0, .level = 2, .least = 34, .largest = 42, .joined = 4 },
    },
  },
  {
    .page_shift = 14,
    .stride = 11,
    .tg = STE_S2TG_16K,
    .starts = {
      { .sl0 = 2, .level = 1, .least = 17, .largest = 27, .joined = 1, .least_oas = 42 },
      { .sl0 = 1, .level = 2, .least = 28, .largest = 38, .joined = 4 },
      { .sl0 = 0, .level = 3, .least = 39, .largest = 48, .joined = 4 },
    },
  },
  {
    .page_shift = 16,
    .stride = 13,
    .tg = STE_S2TG_64K,
    .starts = {
      { .sl0 = 2, .level = 1, .least = 12, .largest = 21, .joined = 0, .least_oas = 44 },
      { .sl0 = 1, .level = 2, .least = 22, .largest = 34, .joined = 4 },
      { .sl0 = 0, .level = 3, .least = 35, .largest = 47, .joined = 4 },
    },
  },
};

static const struct geometry *geometry_of(uint64_t granule)
{
  for (uint32_t row = 0; row < sizeof(geometries) / sizeof(geometries[0]); row++)
    if (1ull << geometries[row].page_shift == granule)
      return &geometries[row];
  return NULL;
}

static bool starts_at(const struct start *start, uint32_t t0sz, uint32_t output_bits)
{
  return output_bits >= start->least_oas && t0sz <= start->largest && t0sz + start->joined >= start->least;
}

/* The first start with one table, or else the first. */
static const struct start *start_of(const struct geometry *geometry, uint32_t t0sz, uint32_t output_bits)
{
  const struct start *first = NULL;

  if (t0sz > T0SZ_LARGEST)
    return NULL;
  for (const struct start *start = geometry->starts; start < geometry->starts + MAX_STARTS; start++) {
    if (!starts_at(start, t0sz, output_bits))
      continue;
    if (t0sz >= start->least)
      return start;
    if (!first)
      first = start;
  }
  return first;
}

bool format_of(struct page_table_format *format, const struct parameters *parameters, uint32_t output_bits)
{
  const struct geometry *geometry = geometry_of(parameters->granule);
  const struct start *start;

  if (!geometry || parameters->ias > LARGEST_SIZE || parameters->oas > LARGEST_SIZE)
    return false;
  format->page_shift = geometry->page_shift;
  format->stride = geometry->stride;
  format->tg = geometry->tg;
  format->ias = (uint32_t)parameters->ias;
  format->oas = (uint32_t)parameters->oas;
  format->t0sz = 64 - format->ias;
  start = start_of(geometry, format->t0sz, output_bits);
  if (!start)
    return false;
  format->sl0 = start->sl0;
  format->start_level = start->level;
  format->root_entries = 1u << (format->ias - format_shift(format, start->level));
  format->table_entries = 1u << geometry->stride;
  return true;
}

uint32_t format_shift(const struct page_table_format *format, uint32_t level)
{
  return format->page_shift + format->stride * (LAST_LEVEL - level);
}

/* Where blocks begin, up to output addresses of 48 bits; a table has none above its root. */
static uint32_t first_leaf_level(const struct page_table_format *format)
{
  uint32_t first = format->tg == STE_S2TG_4K ? 1 : 2;

  return format->start_level > first ? format->start_level : first;
}

bool format_level_of(const struct page_table_format *format, uint64_t bytes, uint32_t *level)
{
  for (*level = first_leaf_level(format); *level <= LAST_LEVEL; ++*level)
    if (bytes == 1ull << format_shift(format, *level))
      return true;
  return false;
}

uint32_t format_entries(const struct page_table_format *format, uint32_t level)
{
  return level == format->start_level ? format->root_entries : format->table_entries;
}

uint32_t format_index(const struct page_table_format *format, uint32_t level, uint64_t iova)
{
  return (uint32_t)(iova >> format_shift(format, level)) & (format_entries(format, level) - 1);
}

struct meaning format_meaning(const struct page_table_format *format, uint32_t level, uint64_t raw)
{
  if (raw == 0)
    return (struct meaning){ MEANS_NOTHING, 0 };
  if ((raw & DESCRIPTOR_TABLE_OR_PAGE) && level < LAST_LEVEL)
    return (struct meaning){ MEANS_TABLE, raw & FIELD(DESCRIPTOR_ADDRESS_MSB, format->page_shift) };
  return (struct meaning){ MEANS_LEAF, raw & FIELD(DESCRIPTOR_ADDRESS_MSB, format_shift(format, level)) };
}

uint64_t format_table(uint64_t pa)
{
  return pa | DESCRIPTOR_TABLE_OR_PAGE | DESCRIPTOR_VALID;
}

uint64_t format_leaf(uint32_t level, uint64_t pa, uint32_t prot)
{
  uint64_t access =
    (prot & TCK_HYP_READ ? DESCRIPTOR_S2AP_READ : 0) | (prot & TCK_HYP_WRITE ? DESCRIPTOR_S2AP_WRITE : 0);
  uint64_t attributes = field_put(DESCRIPTOR_XN, XN_EXECUTE_NEVER) | field_put(DESCRIPTOR_SH, SH_INNER_SHAREABLE) |
                        field_put(DESCRIPTOR_MEM_ATTR, MEM_ATTR_WRITE_BACK) | DESCRIPTOR_AF;

  return pa | attributes | access | (level == LAST_LEVEL ? DESCRIPTOR_TABLE_OR_PAGE : 0) | DESCRIPTOR_VALID;
}
