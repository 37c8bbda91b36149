#include "smmu_take_over.h"

#include <stdbool.h>

#include "hyp_memory.h"
#include "iommu_tck.h"
#include "smmu_v3_layouts.h"

/* Bytes of each queue at most: one frame. */
#define QUEUE_BYTES FRAME_BYTES
/* The input size that stage 2 has for the sake of its 32-bit tables, if it has them. */
#define INPUT_BITS_OF_LPAE 40u

/* What the SMMU is, beyond what it is used with. */
struct identity {
  uint32_t sid_bits;
  bool two_level;
  /* log2 of the entries of the queues. */
  uint32_t commands;
  uint32_t events;
};

/* Aborts what is not translated, then disables everything. @spec SMMU-V3 "SMMU_GBPA" and "SMMU_CR0" */
static int32_t quieten(struct registers registers)
{
  int32_t err = mmio_wait(registers, SMMU_GBPA, GBPA_UPDATE, 0);

  if (err)
    return err;
  mmio_write(registers, SMMU_GBPA, GBPA_UPDATE | GBPA_ABORT | field_put(GBPA_SHCFG, SHCFG_INCOMING));
  err = mmio_wait(registers, SMMU_GBPA, GBPA_UPDATE, 0);
  if (err)
    return err;
  mmio_write(registers, SMMU_CR0, 0);
  mmio_write(registers, SMMU_IRQ_CTRL, 0);
  /* An error of the time before is none of ours. */
  command_queue_acknowledge_error(registers);
  return mmio_wait(registers, SMMU_CR0ACK, CR0_SMMUEN | CR0_PRIQEN | CR0_EVENTQEN | CR0_CMDQEN, 0);
}

/*
 * Stage 2 with 64-bit little-endian tables, faults that end the access, and tables and queues that are the driver's
 * to place.
 */
static bool is_usable(uint32_t idr0, uint32_t idr1)
{
  if (!(idr0 & IDR0_S2P) || field_get(IDR0_TTF, idr0) == IDR0_TTF_VMSAV8_32)
    return false;
  if (field_get(IDR0_TTENDIAN, idr0) == IDR0_TTENDIAN_BIG)
    return false;
  if (field_get(IDR0_STALL_MODEL, idr0) == IDR0_STALL_MODEL_STALL)
    return false;
  return !(idr1 & (IDR1_TABLES_PRESET | IDR1_QUEUES_PRESET)) && field_get(IDR1_CMDQS, idr1) != 0;
}

static bool has_granule(uint32_t idr5, const struct page_table_format *format)
{
  switch (format->tg) {
  case STE_S2TG_4K:
    return (idr5 & IDR5_GRAN4K) != 0;
  case STE_S2TG_16K:
    return (idr5 & IDR5_GRAN16K) != 0;
  default:
    return (idr5 & IDR5_GRAN64K) != 0;
  }
}

/* Whether the SMMU has the granule and the address sizes. */
static bool has_format(uint32_t idr0, uint32_t idr5, const struct page_table_format *format)
{
  uint32_t output_bits = address_size((uint32_t)field_get(IDR5_OAS, idr5));
  bool has_lpae = field_get(IDR0_TTF, idr0) == IDR0_TTF_BOTH;
  uint32_t input_bits = most_of(output_bits, has_lpae ? INPUT_BITS_OF_LPAE : 0);
  uint32_t code;

  return has_granule(idr5, format) && format->ias <= input_bits && format->oas <= output_bits &&
         address_size_code(format->oas, &code);
}

/* Tables come one page of the hypervisor at a time. */
static bool fits_page(const struct page_table_format *format)
{
  return most_of(format->root_entries, format->table_entries) * 8 <= hyp_page_bytes();
}

/* What the SMMU is, and the format that the parameters ask of it. `ENODEV`, `EINVAL`. */
static int32_t identify(struct smmu *smmu, struct identity *identity, const struct parameters *parameters)
{
  uint32_t idr0 = mmio_read(smmu->registers, SMMU_IDR0);
  uint32_t idr1 = mmio_read(smmu->registers, SMMU_IDR1);
  uint32_t idr5;

  if (!is_usable(idr0, idr1))
    return -TCK_ENODEV;
  idr5 = mmio_read(smmu->registers, SMMU_IDR5);
  if (!format_of(&smmu->format, parameters, address_size((uint32_t)field_get(IDR5_OAS, idr5))))
    return -TCK_EINVAL;
  if (!has_format(idr0, idr5, &smmu->format) || !fits_page(&smmu->format))
    return -TCK_EINVAL;
  smmu->memory.coherent = (idr0 & IDR0_COHACC) != 0;
  smmu->vmid_bits = idr0 & IDR0_VMID16 ? 16 : 8;
  identity->sid_bits = (uint32_t)field_get(IDR1_SIDSIZE, idr1);
  identity->two_level = field_get(IDR0_ST_LEVEL, idr0) == IDR0_ST_LEVEL_TWO_LEVEL;
  identity->commands = least_of((uint32_t)field_get(IDR1_CMDQS, idr1), log2_of(QUEUE_BYTES / COMMAND_SIZE));
  identity->events = least_of((uint32_t)field_get(IDR1_EVENTQS, idr1), log2_of(QUEUE_BYTES / EVENT_SIZE));
  return 0;
}

static int32_t take_queues(struct smmu *smmu)
{
  const struct tck_page_request request = { .order = 0, .kind = TCK_PAGE_KIND_QUEUE };
  int32_t err = tck_page_alloc(&request, &smmu->commands);

  if (err)
    return err;
  err = tck_page_alloc(&request, &smmu->events);
  if (err)
    tck_page_free(smmu->commands, 0);
  return err;
}

/* What reads and writes tables, pages and commands of the SMMU from now on. */
static void assemble(struct smmu *smmu, const struct identity *identity)
{
  smmu->pages = (struct table_pages){ .memory = smmu->memory, .oas = smmu->format.oas };
  smmu->invalidations.is_owed = false;
  smmu->invalidations.queue = (struct command_queue){
    .registers = smmu->registers,
    .memory = smmu->memory,
    .base = smmu->commands,
    .entries = 1u << identity->commands,
  };
}

static uint64_t table_and_queue_attributes(bool coherent)
{
  uint64_t cached = coherent ? CR1_WRITE_BACK : CR1_NON_CACHEABLE;

  return field_put(CR1_TABLE_SH, SH_INNER_SHAREABLE) | field_put(CR1_TABLE_OC, cached) |
         field_put(CR1_TABLE_IC, cached) | field_put(CR1_QUEUE_SH, SH_INNER_SHAREABLE) |
         field_put(CR1_QUEUE_OC, cached) | field_put(CR1_QUEUE_IC, cached);
}

static uint64_t stream_table_shape(const struct stream_table *streams)
{
  uint64_t format = streams->is_two_level ? STRTAB_BASE_CFG_FMT_TWO_LEVEL : STRTAB_BASE_CFG_FMT_LINEAR;

  return field_put(STRTAB_BASE_CFG_FMT, format) | field_put(STRTAB_BASE_CFG_SPLIT, streams->split) |
         field_put(STRTAB_BASE_CFG_LOG2SIZE, streams->log2size);
}

static uint64_t queue_base(uint64_t base, uint32_t log2size)
{
  return (base & QUEUE_BASE_ADDR) | field_put(QUEUE_BASE_LOG2SIZE, log2size);
}

/*
 * Everything that may only be written while the SMMU is disabled. A stream that the table does not know is aborted
 * silently, as any other.
 */
static void program(const struct smmu *smmu, const struct identity *identity)
{
  struct registers registers = smmu->registers;

  mmio_write(registers, SMMU_CR1, table_and_queue_attributes(smmu->memory.coherent));
  mmio_write(registers, SMMU_CR2, CR2_PTM);
  mmio_write64(registers, SMMU_STRTAB_BASE, smmu->streams.base & STRTAB_BASE_ADDR);
  mmio_write(registers, SMMU_STRTAB_BASE_CFG, stream_table_shape(&smmu->streams));
  mmio_write64(registers, SMMU_CMDQ_BASE, queue_base(smmu->commands, identity->commands));
  mmio_write(registers, SMMU_CMDQ_CONS, 0);
  mmio_write(registers, SMMU_CMDQ_PROD, 0);
  mmio_write64(registers, SMMU_EVENTQ_BASE, queue_base(smmu->events, identity->events));
  mmio_write(registers, SMMU_EVENTQ_PROD, 0);
  mmio_write(registers, SMMU_EVENTQ_CONS, 0);
}

/* Commands first: what the caches hold from before has to go before anything may use it. */
static int32_t enable(struct smmu *smmu)
{
  const uint64_t all = CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN;
  int32_t err;

  mmio_write(smmu->registers, SMMU_CR0, CR0_CMDQEN);
  err = mmio_wait(smmu->registers, SMMU_CR0ACK, CR0_CMDQEN, CR0_CMDQEN);
  if (err)
    return err;
  err = invalidate_everything(&smmu->invalidations);
  if (err)
    return err;
  mmio_write(smmu->registers, SMMU_CR0, all);
  return mmio_wait(smmu->registers, SMMU_CR0ACK, all, all);
}

/* Queues and tables, and registers that lead to them. */
static int32_t set_up(struct smmu *smmu, const struct identity *identity)
{
  int32_t err = take_queues(smmu);

  if (err)
    return err;
  assemble(smmu, identity);
  err = stream_table_create(&smmu->streams, smmu->pages, identity->sid_bits, identity->two_level);
  if (err) {
    smmu_release_queues(smmu);
    return err;
  }
  program(smmu, identity);
  walker_order();
  return 0;
}

int32_t smmu_take_over(struct smmu *smmu, const struct parameters *parameters)
{
  struct identity identity;
  int32_t err;

  if (parameters->mmio > UINT32_MAX)
    return -TCK_EINVAL;
  smmu->registers.instance = (uint32_t)parameters->mmio;
  err = quieten(smmu->registers);
  if (!err)
    err = identify(smmu, &identity, parameters);
  if (!err)
    err = set_up(smmu, &identity);
  if (err)
    return err;
  err = enable(smmu);
  /* Refused too, tables and queues stay for the SMMU to read. They let nothing through. */
  if (err)
    smmu_shut_down(smmu);
  return err;
}
