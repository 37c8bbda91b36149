#include "stream_table.h"

#include "hyp_memory.h"
#include "iommu_tck.h"

/* Makes entries block their streams. */
static void block(struct walker_memory memory, uint64_t table, uint32_t entries)
{
  for (uint32_t entry = 0; entry < entries; entry++)
    walker_write(memory, table + (uint64_t)entry * STE_SIZE, STE0_BLOCKED);
}

/* The least order of frames for so many bytes, a power of two. */
static uint32_t order_of(uint64_t bytes)
{
  return bytes <= FRAME_BYTES ? 0 : log2_of(bytes / FRAME_BYTES);
}

int32_t stream_table_create(struct stream_table *table, struct table_pages pages, uint32_t sid_bits, bool two_level)
{
  uint32_t split = log2_of(hyp_page_bytes() / STE_SIZE);
  struct tck_page_request request = { .kind = TCK_PAGE_KIND_DEVICE_TABLE };
  uint64_t bytes;
  int32_t err;

  table->memory = pages.memory;
  table->pages = pages;
  table->is_two_level = two_level && sid_bits > split;
  table->split = table->is_two_level ? split : 0;
  table->log2size = least_of(sid_bits, table->is_two_level ? LARGEST_FIRST_LEVEL + split : LARGEST_LINEAR);
  bytes = table->is_two_level ? (uint64_t)L1STD_SIZE << (table->log2size - split)
                              : (uint64_t)STE_SIZE << table->log2size;
  table->order = order_of(bytes);
  bitmap_clear(table->second_levels, BITMAP_WORDS(1u << LARGEST_FIRST_LEVEL));
  request.order = table->order;
  err = tck_page_alloc(&request, &table->base);
  if (err)
    return err;
  walker_zeroed(table->memory, table->base, (uint64_t)FRAME_BYTES << table->order);
  if (!table->is_two_level)
    block(table->memory, table->base, 1u << table->log2size);
  return 0;
}

static bool has_stream(const struct stream_table *table, uint32_t stream)
{
  return stream >> table->log2size == 0;
}

/* Where the level-1 descriptor of a second level is. */
static uint64_t directory(const struct stream_table *table, uint32_t second_level)
{
  return table->base + (uint64_t)second_level * L1STD_SIZE;
}

static uint64_t entry_in(const struct stream_table *table, uint64_t second_level, uint32_t stream)
{
  uint32_t index = stream & ((1u << table->split) - 1);

  return second_level + (uint64_t)index * STE_SIZE;
}

bool stream_table_find(const struct stream_table *table, uint32_t stream, uint64_t *entry)
{
  uint64_t l1std;

  if (!has_stream(table, stream))
    return false;
  if (!table->is_two_level) {
    *entry = table->base + (uint64_t)stream * STE_SIZE;
    return true;
  }
  l1std = walker_read(directory(table, stream >> table->split));
  if (field_get(L1STD_SPAN, l1std) == 0)
    return false;
  *entry = entry_in(table, l1std & L1STD_L2PTR, stream);
  return true;
}

/*
 * The new level is complete before anything leads to it; only the descriptor that led nowhere may be cached. When its
 * invalidation is refused the level stays: it blocks its streams, and the invalidation is owed.
 */
static int32_t install(struct stream_table *table, struct invalidations *invalidations, uint32_t stream, uint64_t *page)
{
  uint32_t second_level = stream >> table->split;
  uint64_t l1std;
  int32_t err = table_page_take(table->pages, page);

  if (err)
    return err;
  block(table->memory, *page, 1u << table->split);
  walker_order();
  bitmap_add(table->second_levels, second_level);
  l1std = (*page & L1STD_L2PTR) | field_put(L1STD_SPAN, table->split + 1);
  walker_write(table->memory, directory(table, second_level), l1std);
  return invalidate_directory(invalidations, stream);
}

int32_t stream_table_obtain(struct stream_table *table, struct invalidations *invalidations, uint32_t stream,
                            uint64_t *entry)
{
  uint64_t page;
  int32_t err;

  if (!has_stream(table, stream))
    return -TCK_ENODEV;
  if (stream_table_find(table, stream, entry))
    return 0;
  err = install(table, invalidations, stream, &page);
  if (err)
    return err;
  *entry = entry_in(table, page, stream);
  return 0;
}

void stream_table_release(struct stream_table *table)
{
  const uint32_t words = BITMAP_WORDS(1u << LARGEST_FIRST_LEVEL);

  for (uint32_t second_level = 0; bitmap_next(table->second_levels, words, &second_level); second_level++)
    table_page_give(walker_read(directory(table, second_level)) & L1STD_L2PTR);
  tck_page_free(table->base, table->order);
}
