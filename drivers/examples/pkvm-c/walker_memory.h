/*
 * Memory that the SMMU reads by itself: tables and queues. A store there is seen after `walker_order`, and where the
 * SMMU does not snoop the processor's caches, only if it was cleaned before.
 *
 * @spec SMMU-V3 "SMMU_IDR0" field COHACC
 */
#ifndef PKVM_WALKER_MEMORY_H
#define PKVM_WALKER_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "iommu_tck.h"

struct walker_memory {
  /* What SMMU_IDR0.COHACC says. */
  bool coherent;
};

static inline uint64_t walker_read(uint64_t pa)
{
  return tck_read64(pa);
}

static inline void walker_write(struct walker_memory memory, uint64_t pa, uint64_t value)
{
  tck_write64(pa, value);
  if (!memory.coherent)
    tck_clean(pa, 8);
}

/* What was zeroed by others is seen as zeros too. */
static inline void walker_zeroed(struct walker_memory memory, uint64_t pa, uint64_t bytes)
{
  if (!memory.coherent)
    tck_clean(pa, bytes);
}

/* Everything stored so far is seen before everything that follows. */
static inline void walker_order(void)
{
  tck_barrier();
}

#endif
