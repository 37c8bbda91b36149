#include "invalidations.h"

#include "smmu_v3_layouts.h"

/* CMD_CFGI_ALL is the range of 2^(31 + 1) streams. @spec SMMU-V3 "Configuration structure invalidation" */
#define ALL_STREAMS 31u

static uint64_t opcode(uint32_t code)
{
  return field_put(CMD0_OPCODE, code);
}

int32_t invalidate_everything(struct invalidations *invalidations)
{
  const struct command configuration = { { opcode(CMD_CFGI_STE_RANGE), field_put(CMD1_RANGE, ALL_STREAMS) } };
  const struct command translations = { { opcode(CMD_TLBI_NSNH_ALL), 0 } };
  int32_t err = command_queue_issue(&invalidations->queue, &configuration, 1);

  if (!err)
    err = command_queue_issue(&invalidations->queue, &translations, 1);
  if (!err)
    invalidations->is_owed = false;
  return err;
}

/* Carries commands out, after everything that is owed. */
static int32_t issue(struct invalidations *invalidations, const struct command *commands, uint32_t count)
{
  int32_t err = invalidations->is_owed ? invalidate_everything(invalidations) : 0;

  if (err)
    return err;
  err = command_queue_issue(&invalidations->queue, commands, count);
  invalidations->is_owed = err != 0;
  return err;
}

int32_t invalidate_stream(struct invalidations *invalidations, uint32_t stream)
{
  const struct command command = { { opcode(CMD_CFGI_STE) | field_put(CMD0_STREAM_ID, stream), CMD1_LEAF } };

  return issue(invalidations, &command, 1);
}

int32_t invalidate_directory(struct invalidations *invalidations, uint32_t stream)
{
  const struct command command = { { opcode(CMD_CFGI_STE) | field_put(CMD0_STREAM_ID, stream), 0 } };

  return issue(invalidations, &command, 1);
}

int32_t invalidate_vmid(struct invalidations *invalidations, uint32_t vmid)
{
  const struct command command = { { opcode(CMD_TLBI_S12_VMALL) | field_put(CMD0_VMID, vmid), 0 } };

  return issue(invalidations, &command, 1);
}

int32_t invalidate_leaves(struct invalidations *invalidations, uint32_t vmid, const uint64_t *iovas, uint32_t count)
{
  struct command *commands = invalidations->leaves;

  for (uint32_t leaf = 0; leaf < count; leaf++) {
    commands[leaf].words[0] = opcode(CMD_TLBI_S2_IPA) | field_put(CMD0_VMID, vmid);
    commands[leaf].words[1] = (iovas[leaf] & CMD1_IPA) | CMD1_LEAF;
  }
  return issue(invalidations, commands, count);
}
