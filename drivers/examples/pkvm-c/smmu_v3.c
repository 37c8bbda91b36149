#include "smmu_v3.h"

#include "iommu_tck.h"
#include "smmu_v3_layouts.h"

/* The word of an STE that has the VMID. */
#define VMID_WORD 2u

#define ADDRESS_SIZES 8u

/* By their encoding. */
static const uint8_t address_sizes[ADDRESS_SIZES] = { 32, 36, 40, 42, 44, 48, 52, 56 };

bool address_size_code(uint32_t bits, uint32_t *code)
{
  for (*code = 0; *code < ADDRESS_SIZES; ++*code)
    if (address_sizes[*code] == bits)
      return true;
  return false;
}

uint32_t address_size(uint32_t code)
{
  return address_sizes[code % ADDRESS_SIZES];
}

bool smmu_has_vmid(const struct smmu *smmu, uint32_t vmid)
{
  return vmid >> smmu->vmid_bits == 0;
}

/* Doubleword 2 of an STE: how stage 2 translates. Faults are recorded and never stalled. */
static uint64_t stage2_word(const struct smmu *smmu, uint32_t vmid)
{
  const struct page_table_format *format = &smmu->format;
  uint64_t cacheability = smmu->memory.coherent ? STE_WALK_WRITE_BACK_ALLOCATE : STE_WALK_NON_CACHEABLE;
  uint32_t output_size;

  /* The take-over has refused a size without an encoding. */
  address_size_code(format->oas, &output_size);
  return field_put(STE2_S2VMID, vmid) | field_put(STE2_S2T0SZ, format->t0sz) | field_put(STE2_S2SL0, format->sl0) |
         field_put(STE2_S2IR0, cacheability) | field_put(STE2_S2OR0, cacheability) |
         field_put(STE2_S2SH0, SH_INNER_SHAREABLE) | field_put(STE2_S2TG, format->tg) |
         field_put(STE2_S2PS, output_size) | STE2_S2AA64 | STE2_S2R;
}

/* Stage 2 only, no override of attributes. */
static void entry_for(const struct smmu *smmu, uint32_t vmid, uint64_t root, uint64_t ste[STE_WORDS])
{
  ste[0] = STE0_V | field_put(STE0_CONFIG, STE0_CONFIG_STAGE2);
  ste[1] = field_put(STE1_SHCFG, SHCFG_INCOMING);
  ste[2] = stage2_word(smmu, vmid);
  ste[3] = root & STE3_S2TTB;
  for (uint32_t word = 4; word < STE_WORDS; word++)
    ste[word] = 0;
}

/* Word 0 decides what a stream may do, in one store. When refused, the SMMU may go on by the old word. */
static int32_t set_first_word(struct smmu *smmu, uint32_t stream, uint64_t entry, uint64_t first)
{
  walker_write(smmu->memory, entry, first);
  return invalidate_stream(&smmu->invalidations, stream);
}

static int32_t block_stream(struct smmu *smmu, uint32_t stream, uint64_t entry)
{
  return set_first_word(smmu, stream, entry, STE0_BLOCKED);
}

static uint32_t vmid_of(uint64_t entry)
{
  return (uint32_t)field_get(STE2_S2VMID, walker_read(entry + VMID_WORD * 8));
}

int32_t smmu_attach(struct smmu *smmu, uint32_t stream, uint32_t vmid, uint64_t root)
{
  uint64_t ste[STE_WORDS];
  uint64_t entry;
  int32_t err = stream_table_obtain(&smmu->streams, &smmu->invalidations, stream, &entry);

  if (err)
    return err;
  if (walker_read(entry) != STE0_BLOCKED)
    return -TCK_EBUSY;
  entry_for(smmu, vmid, root, ste);
  /*
   * While word 0 says abort the others are unused, but any may be cached as it was: so they are settled before it
   * changes.
   */
  for (uint32_t word = 1; word < STE_WORDS; word++)
    walker_write(smmu->memory, entry + word * 8, ste[word]);
  err = invalidate_stream(&smmu->invalidations, stream);
  if (err)
    return err;
  err = set_first_word(smmu, stream, entry, ste[0]);
  /* Refused again, the invalidation is owed: before it is done the domain cannot be freed, nor a stream attached. */
  if (err)
    block_stream(smmu, stream, entry);
  return err;
}

int32_t smmu_detach(struct smmu *smmu, uint32_t stream, uint32_t vmid)
{
  uint64_t entry, first;
  int32_t err;

  if (!stream_table_find(&smmu->streams, stream, &entry))
    return -TCK_ENODEV;
  first = walker_read(entry);
  if (first == STE0_BLOCKED)
    return -TCK_ENODEV;
  if (vmid_of(entry) != vmid)
    return -TCK_EACCES;
  err = block_stream(smmu, stream, entry);
  /* Refused again, the invalidation is owed: until it is done the stream may still be blocked. */
  if (err)
    set_first_word(smmu, stream, entry, first);
  return err;
}

/* @spec SMMU-V3 "SMMU_CR0": what the acknowledgement of SMMUEN = 0 is complete for. */
int32_t smmu_shut_down(struct smmu *smmu)
{
  const uint64_t enables = CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN;
  uint32_t enabled = mmio_read(smmu->registers, SMMU_CR0);
  /* What is on its way has to arrive before anything else may be asked for. */
  int32_t err = mmio_wait(smmu->registers, SMMU_CR0ACK, enables, enabled & enables);

  if (err)
    return err;
  mmio_write(smmu->registers, SMMU_CR0, CR0_CMDQEN);
  err = mmio_wait(smmu->registers, SMMU_CR0ACK, enables, CR0_CMDQEN);
  if (err)
    return err;
  /* Refused or not, the caches are not used while SMMUEN is 0, and a take-over drops them before it sets it. */
  invalidate_everything(&smmu->invalidations);
  mmio_write(smmu->registers, SMMU_CR0, 0);
  err = mmio_wait(smmu->registers, SMMU_CR0ACK, CR0_CMDQEN, 0);
  if (err)
    return err;
  stream_table_release(&smmu->streams);
  smmu_release_queues(smmu);
  return 0;
}

void smmu_release_queues(const struct smmu *smmu)
{
  tck_page_free(smmu->commands, 0);
  tck_page_free(smmu->events, 0);
}
