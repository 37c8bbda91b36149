#include "table_extents.h"

#include <stddef.h>

/* Tables that are known at most. */
#define MAX_EXTENTS 1024u

static struct extent {
  uint64_t table;
  /* Empty while `first` is not below `end`. */
  uint32_t first;
  uint32_t end;
} extents[MAX_EXTENTS];

static uint32_t nr_extents;

void table_extents_start(void)
{
  nr_extents = 0;
}

static struct extent *find_extent(uint64_t table)
{
  /* The newest are asked for most. */
  for (uint32_t slot = nr_extents; slot > 0; slot--)
    if (extents[slot - 1].table == table)
      return &extents[slot - 1];
  return NULL;
}

void table_extent_begin(uint64_t table)
{
  table_extent_end(table);
  if (nr_extents < MAX_EXTENTS)
    extents[nr_extents++] = (struct extent){ table, UINT32_MAX, 0 };
}

void table_extent_widen(uint64_t table, uint32_t index)
{
  struct extent *extent = find_extent(table);

  if (!extent)
    return;
  if (index < extent->first)
    extent->first = index;
  if (index >= extent->end)
    extent->end = index + 1;
}

void table_extent_end(uint64_t table)
{
  struct extent *extent = find_extent(table);

  if (extent)
    *extent = extents[--nr_extents];
}

void table_extent_of(uint64_t table, uint32_t entries, uint32_t *first, uint32_t *end)
{
  const struct extent *extent = find_extent(table);

  *first = extent ? extent->first : 0;
  *end = extent ? extent->end : entries;
}
