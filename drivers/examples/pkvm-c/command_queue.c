#include "command_queue.h"

#include "smmu_v3_layouts.h"

static void write_command(const struct command_queue *queue, uint32_t index, struct command command)
{
  uint64_t at = queue->base + (index % queue->entries) * COMMAND_SIZE;

  walker_write(queue->memory, at, command.words[0]);
  walker_write(queue->memory, at + 8, command.words[1]);
}

static struct command sync_command(void)
{
  uint64_t word = field_put(CMD0_OPCODE, CMD_SYNC) | field_put(SYNC0_CS, SYNC0_CS_SIG_NONE);

  return (struct command){ { word, 0 } };
}

static void push(struct command_queue *queue, struct command command)
{
  write_command(queue, queue->producer, command);
  queue->producer = (queue->producer + 1) % (2 * queue->entries);
}

/* Waits until the SMMU has consumed everything. When it does not, the queue is behind. `ETIMEDOUT`. */
static int32_t wait_consumed(struct command_queue *queue)
{
  int32_t err = mmio_wait(queue->registers, SMMU_CMDQ_CONS, CMDQ_CONS_RD, field_put(CMDQ_CONS_RD, queue->producer));

  queue->is_behind = err != 0;
  return err;
}

/* Whether the SMMU has stopped at a command: its bit of GERROR is then unlike the one of GERRORN. */
static bool has_stopped(const struct command_queue *queue)
{
  uint32_t error = mmio_read(queue->registers, SMMU_GERROR);

  return ((error ^ mmio_read(queue->registers, SMMU_GERRORN)) & GERROR_CMDQ_ERR) != 0;
}

void command_queue_acknowledge_error(struct registers registers)
{
  uint32_t error = mmio_read(registers, SMMU_GERROR) & GERROR_CMDQ_ERR;
  uint32_t others = mmio_read(registers, SMMU_GERRORN) & ~(uint32_t)GERROR_CMDQ_ERR;

  mmio_write(registers, SMMU_GERRORN, others | error);
}

/* Puts a SYNC where the SMMU stopped, so that the queue goes on; what was asked for is not done. */
static int32_t skip(struct command_queue *queue)
{
  uint32_t stopped_at = (uint32_t)field_get(CMDQ_CONS_RD, mmio_read(queue->registers, SMMU_CMDQ_CONS));

  write_command(queue, stopped_at, sync_command());
  walker_order();
  command_queue_acknowledge_error(queue->registers);
  /* The answer is EIO whether the rest is consumed or not; when not, the queue is behind, and catches up first. */
  wait_consumed(queue);
  return -TCK_EIO;
}

/* Hands over what was pushed, and everything stored before it, and waits until the SYNC at its end is consumed. */
static int32_t hand_over(struct command_queue *queue)
{
  int32_t err;

  walker_order();
  mmio_write(queue->registers, SMMU_CMDQ_PROD, field_put(CMDQ_PROD_WR, queue->producer));
  err = wait_consumed(queue);
  return err && has_stopped(queue) ? skip(queue) : err;
}

int32_t command_queue_issue(struct command_queue *queue, const struct command *commands, uint32_t count)
{
  int32_t err = queue->is_behind ? wait_consumed(queue) : 0;
  uint32_t done = 0;

  while (!err && done < count) {
    /* One entry is kept for the SYNC. */
    uint32_t part = least_of(count - done, queue->entries - 1);

    for (uint32_t next = 0; next < part; next++)
      push(queue, commands[done + next]);
    push(queue, sync_command());
    err = hand_over(queue);
    done += part;
  }
  return err;
}
