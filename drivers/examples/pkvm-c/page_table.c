#include "page_table.h"

#include "hyp_memory.h"
#include "iommu_tck.h"
#include "table_extents.h"
#include "walker_memory.h"

#define ENTRY_BYTES 8u

/* One entry of a table, as it was read. */
struct slot {
  uint64_t table;
  uint32_t level;
  uint32_t index;
  uint64_t raw;
  struct meaning meaning;
};

/*
 * Leaves that are taken out of a table together. Static, since they are too much for the one page that is the stack at
 * EL2; one for all tables, since every call holds iommu_lock.
 */
static struct batch {
  uint32_t count;
  struct slot leaves[INVALIDATION_BATCH];
  uint64_t iovas[INVALIDATION_BATCH];
} batch;

static uint64_t bytes_at(const struct page_table *table, uint32_t level)
{
  return 1ull << format_shift(table->format, level);
}

/* The extent is widened first: at no time may an entry be valid outside of it. */
static void write_entry(const struct page_table *table, const struct slot *slot, uint64_t descriptor)
{
  if (descriptor != 0)
    table_extent_widen(slot->table, slot->index);
  walker_write(table->pages.memory, slot->table + slot->index * ENTRY_BYTES, descriptor);
}

static uint64_t read_entry(uint64_t in, uint32_t index)
{
  return walker_read(in + index * ENTRY_BYTES);
}

/* The entry of `iova` in a table of zeros, which need not be read. */
static struct slot slot_of_nothing(const struct page_table *table, uint64_t in, uint32_t level, uint64_t iova)
{
  return (struct slot){
    .table = in,
    .level = level,
    .index = format_index(table->format, level, iova),
    .meaning = { .kind = MEANS_NOTHING },
  };
}

static struct slot read_slot(const struct page_table *table, uint64_t in, uint32_t level, uint64_t iova)
{
  struct slot slot = slot_of_nothing(table, in, level, iova);

  slot.raw = read_entry(in, slot.index);
  slot.meaning = format_meaning(table->format, level, slot.raw);
  return slot;
}

static void remember_walk(struct page_table *table, const struct slot *end, uint64_t iova)
{
  table->last_walk = (struct walk_end){ .is_known = true, .table = end->table, .level = end->level, .iova = iova };
}

static void forget_walk(struct page_table *table)
{
  table->last_walk.is_known = false;
}

/* Whether the table in which the last walk ended is on the way to `iova` too, and not below `lowest`. */
static bool passes_last_walk(const struct page_table *table, uint64_t iova, uint32_t lowest)
{
  const struct walk_end *last = &table->last_walk;

  /* The root is where a walk begins anyway. */
  if (!last->is_known || last->level == table->format->start_level || last->level > lowest)
    return false;
  return (last->iova ^ iova) >> format_shift(table->format, last->level - 1) == 0;
}

/* The entry of `iova` at `lowest`, or the one above it that leads to no table. */
static struct slot walk(struct page_table *table, uint64_t iova, uint32_t lowest)
{
  struct slot slot = passes_last_walk(table, iova, lowest)
                       ? read_slot(table, table->last_walk.table, table->last_walk.level, iova)
                       : read_slot(table, table->root, table->format->start_level, iova);

  while (slot.level < lowest && slot.meaning.kind == MEANS_TABLE)
    slot = read_slot(table, slot.meaning.pa, slot.level + 1, iova);
  remember_walk(table, &slot, iova);
  return slot;
}

/* The pages of the hypervisor that a leaf touches: one when it is smaller. */
static uint64_t host_pages(uint64_t bytes)
{
  return bytes > hyp_page_bytes() ? bytes / hyp_page_bytes() : 1;
}

static int32_t mark(uint64_t pa, uint64_t bytes)
{
  return tck_host_share_dma(hyp_pfn(pa), host_pages(bytes));
}

/* Not refused: what a leaf maps was marked before it was stored. */
static void unmark(uint64_t pa, uint64_t bytes)
{
  tck_host_unshare_dma(hyp_pfn(pa), host_pages(bytes));
}

static int32_t take_table(const struct page_table *table, uint64_t *page)
{
  int32_t err = table_page_take(table->pages, page);

  if (!err)
    table_extent_begin(*page);
  return err;
}

static void give_table(uint64_t page)
{
  table_extent_end(page);
  table_page_give(page);
}

/* Whether nothing is mapped through a table. Calls itself once for each level below. */
static bool is_empty(const struct page_table *table, uint64_t in, uint32_t level)
{
  uint32_t index, end;

  table_extent_of(in, format_entries(table->format, level), &index, &end);
  for (; index < end; index++) {
    struct meaning meaning = format_meaning(table->format, level, read_entry(in, index));

    if (meaning.kind == MEANS_LEAF || (meaning.kind == MEANS_TABLE && !is_empty(table, meaning.pa, level + 1)))
      return false;
  }
  return true;
}

/* Gives back the tables below one, and the marks of what they map. Calls itself once for each level below. */
static void release_below(const struct page_table *table, uint64_t in, uint32_t level)
{
  uint32_t index, end;

  table_extent_of(in, format_entries(table->format, level), &index, &end);
  for (; index < end; index++) {
    struct meaning meaning = format_meaning(table->format, level, read_entry(in, index));

    if (meaning.kind == MEANS_LEAF)
      unmark(meaning.pa, bytes_at(table, level));
    if (meaning.kind != MEANS_TABLE)
      continue;
    release_below(table, meaning.pa, level + 1);
    give_table(meaning.pa);
  }
}

/* Whether nothing is mapped in a range, so that leaves of `level` have room. */
static bool is_free(struct page_table *table, uint64_t iova, uint64_t size, uint32_t level)
{
  uint64_t at = iova;

  while (at < iova + size) {
    struct slot slot = walk(table, at, level);
    uint64_t bytes = bytes_at(table, slot.level);

    if (slot.meaning.kind == MEANS_LEAF)
      return false;
    if (slot.meaning.kind == MEANS_TABLE && !is_empty(table, slot.meaning.pa, slot.level + 1))
      return false;
    at += bytes - at % bytes;
  }
  return true;
}

/*
 * A table of nothing makes room for a block: the entry is broken, and the table forgotten, before it is made anew.
 * @spec SMMU-V3 "CMD_TLBI_S12_VMALL(VMID)": walks to the table are dropped too.
 */
static int32_t remove_table(struct page_table *table, const struct slot *slot)
{
  int32_t err;

  write_entry(table, slot, 0);
  err = invalidate_vmid(table->invalidations, table->vmid);
  if (err) {
    /* page_table_map orders it. */
    write_entry(table, slot, slot->raw);
    return err;
  }
  release_below(table, slot->meaning.pa, slot->level + 1);
  give_table(slot->meaning.pa);
  /* The last walk may have ended in a table that is gone. */
  forget_walk(table);
  return 0;
}

/* The invalid entry for a leaf at `level`, with tables built down to it, where `is_free` found room. `ENOMEM`. */
static int32_t slot_for(struct page_table *table, uint64_t iova, uint32_t level, struct slot *slot)
{
  *slot = walk(table, iova, level);
  while (slot->level < level && slot->meaning.kind == MEANS_NOTHING) {
    uint64_t fresh;
    int32_t err = take_table(table, &fresh);

    if (err)
      return err;
    /* The SMMU must not find in the table what was in its page before. */
    walker_order();
    write_entry(table, slot, format_table(fresh));
    *slot = slot_of_nothing(table, fresh, slot->level + 1, iova);
    remember_walk(table, slot, iova);
  }
  return slot->meaning.kind == MEANS_TABLE ? remove_table(table, slot) : 0;
}

static int32_t map_one(struct page_table *table, uint64_t iova, uint64_t pa, uint32_t level, uint32_t prot)
{
  struct slot slot;
  /* First, since it may be refused: a table that made room is not had back. */
  int32_t err = mark(pa, bytes_at(table, level));

  if (err)
    return err;
  err = slot_for(table, iova, level, &slot);
  if (err) {
    unmark(pa, bytes_at(table, level));
    return err;
  }
  write_entry(table, &slot, format_leaf(level, pa, prot));
  return 0;
}

/*
 * Whether a call keeps the `done` bytes that it had mapped when a page was refused. A caller that lacks a table page
 * asks for the rest once more. Blocks may have taken the place of empty tables, which are not had back.
 */
static bool keeps_part(int32_t err, uint32_t level, uint64_t done)
{
  return err == -TCK_ENOMEM || (level < LAST_LEVEL && done > 0);
}

/* The batch becomes the next leaves from `iova` on, without a gap and none beyond `end`. */
static void fill_batch(struct page_table *table, uint64_t iova, uint64_t end)
{
  uint64_t at = iova;

  batch.count = 0;
  while (at < end && batch.count < INVALIDATION_BATCH) {
    struct slot slot = walk(table, at, LAST_LEVEL);
    uint64_t bytes = bytes_at(table, slot.level);

    if (slot.meaning.kind != MEANS_LEAF || at % bytes != 0 || at + bytes > end)
      break;
    batch.leaves[batch.count] = slot;
    batch.iovas[batch.count] = at;
    batch.count++;
    at += bytes;
  }
}

/* Takes the leaves of the batch out of the table; on refusal they are as they were. */
static int32_t clear_batch(const struct page_table *table)
{
  int32_t err;

  for (uint32_t leaf = 0; leaf < batch.count; leaf++)
    write_entry(table, &batch.leaves[leaf], 0);
  err = invalidate_leaves(table->invalidations, table->vmid, batch.iovas, batch.count);
  if (!err)
    return 0;
  for (uint32_t leaf = 0; leaf < batch.count; leaf++)
    write_entry(table, &batch.leaves[leaf], batch.leaves[leaf].raw);
  walker_order();
  return err;
}

/* The pages of a batch that was cleared are the host's alone again. Returns their bytes. */
static uint64_t unmark_batch(const struct page_table *table)
{
  uint64_t total = 0;

  for (uint32_t leaf = 0; leaf < batch.count; leaf++) {
    uint64_t bytes = bytes_at(table, batch.leaves[leaf].level);

    unmark(batch.leaves[leaf].meaning.pa, bytes);
    total += bytes;
  }
  return total;
}

int32_t page_table_unmap(struct page_table *table, uint64_t iova, uint64_t size, uint64_t *bytes)
{
  uint64_t end = iova + size;
  uint64_t at = iova;
  int32_t err = 0;

  do {
    fill_batch(table, at, end);
    if (batch.count == 0)
      break;
    err = clear_batch(table);
    if (err)
      break;
    at += unmark_batch(table);
    /* A batch that is not full was ended by a gap or by the end of the range. */
  } while (batch.count == INVALIDATION_BATCH);
  *bytes = at - iova;
  return *bytes == 0 ? err : 0;
}

/* Takes back what a call had mapped before it was refused. */
static void unmap_part(struct page_table *table, uint64_t iova, uint64_t size)
{
  uint64_t unmapped;

  /* Where the SMMU does not answer, pages stay mapped and marked, and the host may unmap them: no other errno helps. */
  page_table_unmap(table, iova, size, &unmapped);
}

void page_table_begin(uint64_t root)
{
  table_extent_begin(root);
}

int32_t page_table_map(struct page_table *table, const struct page_range *range, uint64_t pa, uint32_t prot,
                       uint64_t *bytes)
{
  uint64_t size = range->page_size * range->page_count;
  uint64_t done = 0;
  uint32_t level;
  int32_t err = 0;

  if (!format_level_of(table->format, range->page_size, &level))
    return -TCK_EINVAL;
  /* Before the first store: a device must not even for a moment get part of a mapping that is refused. */
  if (!is_free(table, range->iova, size, level))
    return -TCK_EEXIST;
  while (done < size) {
    err = map_one(table, range->iova + done, pa + done, level, prot);
    if (err)
      break;
    done += range->page_size;
  }
  walker_order();
  if (err && !keeps_part(err, level, done)) {
    unmap_part(table, range->iova, done);
    return err;
  }
  *bytes = done;
  return 0;
}

int32_t page_table_phys(struct page_table *table, uint64_t iova, uint64_t *pa)
{
  struct slot slot = walk(table, iova, LAST_LEVEL);

  if (slot.meaning.kind != MEANS_LEAF)
    return -TCK_ENOENT;
  *pa = slot.meaning.pa + iova % bytes_at(table, slot.level);
  return 0;
}

void page_table_release(struct page_table *table)
{
  release_below(table, table->root, table->format->start_level);
  table_extent_end(table->root);
}
