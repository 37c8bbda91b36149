/*
 * The command queue of one SMMU. Commands are handed over together and waited for: when `command_queue_issue`
 * answers, their effect is complete.
 *
 * @spec SMMU-V3 "SMMU circular queues", "Command queue errors" and "CMD_SYNC(ComplSignal, MSIAddress, MSIData,
 * MSIWriteAttributes)"
 */
#ifndef PKVM_COMMAND_QUEUE_H
#define PKVM_COMMAND_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "mmio.h"
#include "walker_memory.h"

struct command {
  uint64_t words[2];
};

struct command_queue {
  struct registers registers;
  struct walker_memory memory;
  /* Physical address, aligned to the size of the queue. */
  uint64_t base;
  uint32_t entries;
  /* Index of the next entry to fill, with the wrap flag above it. */
  uint32_t producer;
  /* Whether a SYNC was given up that the SMMU may still come to. */
  bool is_behind;
};

/*
 * Carries the commands out; a queue that did not answer before has to catch up first. `ETIMEDOUT`: the SMMU does not
 * go on. `EIO`: it stopped at a command.
 */
int32_t command_queue_issue(struct command_queue *queue, const struct command *commands, uint32_t count);

/* The queue's error is over: its bit of GERRORN is made equal to the one of GERROR. */
void command_queue_acknowledge_error(struct registers registers);

#endif
