/*
 * Which entries of each table may be valid, so that going through a table reads no more than these. Only a help: a
 * table that is not known, because there are too many, is read from end to end.
 */
#ifndef PKVM_TABLE_EXTENTS_H
#define PKVM_TABLE_EXTENTS_H

#include <stdint.h>

void table_extents_start(void);

/* A table of zeros came into use. @param table Physical address. */
void table_extent_begin(uint64_t table);

/* An entry is about to become valid. */
void table_extent_widen(uint64_t table, uint32_t index);

/* The table is given back. */
void table_extent_end(uint64_t table);

/* The entries `[*first, *end)` out of `entries` that may be valid. */
void table_extent_of(uint64_t table, uint32_t entries, uint32_t *first, uint32_t *end);

#endif
