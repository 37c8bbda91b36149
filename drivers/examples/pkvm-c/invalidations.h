/*
 * What the caches of one SMMU are told to drop. When an answer comes it is done: no access of a device uses the old
 * any more. What was refused is owed: the next invalidation drops everything first, so that nothing stays cached
 * because the SMMU once did not answer.
 *
 * @spec SMMU-V3 "Configuration structures and configuration invalidation completion" and "Translation tables and TLB
 * invalidation completion behavior"
 */
#ifndef PKVM_INVALIDATIONS_H
#define PKVM_INVALIDATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "command_queue.h"

/* Leaves that are invalidated together, at most. */
#define INVALIDATION_BATCH 64u

struct invalidations {
  struct command_queue queue;
  bool is_owed;
  /* Room for the commands of a batch, which is too much for a stack of one page. */
  struct command leaves[INVALIDATION_BATCH];
};

/*
 * All configuration, then all translations: only a CMD_SYNC orders the two, and a walk through the old configuration
 * could refill the TLB. As all that follow: `ETIMEDOUT` and `EIO` of `command_queue_issue`.
 */
int32_t invalidate_everything(struct invalidations *invalidations);

/* The entry of one stream. */
int32_t invalidate_stream(struct invalidations *invalidations, uint32_t stream);

/* The level-1 descriptor that led nowhere for a stream. */
int32_t invalidate_directory(struct invalidations *invalidations, uint32_t stream);

/* Everything that was translated under a VMID, and every way through its tables. */
int32_t invalidate_vmid(struct invalidations *invalidations, uint32_t vmid);

/*
 * The leaves of these input addresses under a VMID; ways to their tables may stay. @param count At most
 * `INVALIDATION_BATCH`.
 */
int32_t invalidate_leaves(struct invalidations *invalidations, uint32_t vmid, const uint64_t *iovas, uint32_t count);

#endif
