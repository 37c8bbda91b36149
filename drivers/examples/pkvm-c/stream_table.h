/*
 * The stream table of one SMMU: linear, or two levels with second-level arrays of one page each from the memcache.
 * Every entry that is there blocks its stream unless it was attached.
 *
 * Blocked is valid with Config = abort, not invalid: both stop the stream, but an invalid entry lets a device that
 * was detached fill the event queue with C_BAD_STE, and leaves its other words no time at which they are certainly
 * unused.
 *
 * @spec SMMU-V3 "Stream table lookup", "General properties of the L1STD" and "Validity of STE"
 */
#ifndef PKVM_STREAM_TABLE_H
#define PKVM_STREAM_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "bitmap.h"
#include "invalidations.h"
#include "smmu_v3_layouts.h"
#include "table_pages.h"
#include "walker_memory.h"

/* Word 0 of a blocked entry. */
#define STE0_BLOCKED (STE0_V | field_put(STE0_CONFIG, STE0_CONFIG_ABORT))

/* log2 of the streams of the largest linear table (4 MiB) and of the entries of the largest first level (1 MiB). */
#define LARGEST_LINEAR 16u
#define LARGEST_FIRST_LEVEL 17u

struct stream_table {
  struct walker_memory memory;
  struct table_pages pages;
  uint64_t base;
  bool is_two_level;
  /* log2 of the entries of a second level, and of the streams. */
  uint32_t split;
  uint32_t log2size;
  /* Of what was allocated for `base`. */
  uint32_t order;
  /* The second levels that are there, by their place in the first. */
  uint64_t second_levels[BITMAP_WORDS(1u << LARGEST_FIRST_LEVEL)];
};

/*
 * A table that blocks every stream. `ENOMEM`.
 * @param sid_bits log2 of the streams of the SMMU. @param two_level Whether it has two-level tables.
 */
int32_t stream_table_create(struct stream_table *table, struct table_pages pages, uint32_t sid_bits, bool two_level);

/* Where the entry of a stream is; false when the stream is out of range or has none yet: then it is blocked. */
bool stream_table_find(const struct stream_table *table, uint32_t stream, uint64_t *entry);

/*
 * As `stream_table_find`, but a missing second level is put there. `ENODEV`: no such stream; `ENOMEM`; or the SMMU
 * does not answer.
 */
int32_t stream_table_obtain(struct stream_table *table, struct invalidations *invalidations, uint32_t stream,
                            uint64_t *entry);

/* Gives the memory back. The SMMU must not use the table any more. */
void stream_table_release(struct stream_table *table);

#endif
