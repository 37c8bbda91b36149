/*
 * One SMMUv3, used for stage 2 only. Its registers, queues and tables belong to the hypervisor. A stream that is not
 * attached is aborted. smmu_take_over.c makes one.
 *
 * @spec SMMU-V3 "STE, Stream Table Entry" and "Configuration structures and configuration invalidation completion"
 */
#ifndef PKVM_SMMU_V3_H
#define PKVM_SMMU_V3_H

#include <stdbool.h>
#include <stdint.h>

#include "invalidations.h"
#include "mmio.h"
#include "page_table_format.h"
#include "stream_table.h"
#include "table_pages.h"
#include "walker_memory.h"

struct smmu {
  struct registers registers;
  struct walker_memory memory;
  struct table_pages pages;
  struct invalidations invalidations;
  struct stream_table streams;
  /* Of every page table on this SMMU. */
  struct page_table_format format;
  uint32_t vmid_bits;
  /* Where the queues lie, a frame each. */
  uint64_t commands;
  uint64_t events;
};

/* Whether a TLB of this SMMU can tell so many address spaces apart. */
bool smmu_has_vmid(const struct smmu *smmu, uint32_t vmid);

/*
 * Sends a blocked stream through a page table. `EBUSY`: it is attached already. `ENODEV`: there is no such stream.
 * `ENOMEM`: the stream table needs a page. On refusal it is blocked as before.
 * @param root Physical address.
 */
int32_t smmu_attach(struct smmu *smmu, uint32_t stream, uint32_t vmid, uint64_t root);

/*
 * Blocks a stream that goes through the page table of `vmid`. `ENODEV`: it goes through none; `EACCES`: it goes
 * through another. On refusal it is as before.
 */
int32_t smmu_detach(struct smmu *smmu, uint32_t stream, uint32_t vmid);

/*
 * Blocks every stream for good and gives tables and queues back. Refused, and nothing is given back, when the SMMU
 * may go on using them.
 */
int32_t smmu_shut_down(struct smmu *smmu);

/* Gives back what the queues lie in. */
void smmu_release_queues(const struct smmu *smmu);

/*
 * The encoding that OAS and S2PS share, of an address size of so many bits. False: there is none. @spec SMMU-V3
 * "SMMU_IDR5"
 */
bool address_size_code(uint32_t bits, uint32_t *code);

/* The address size of an encoding, in bits. */
uint32_t address_size(uint32_t code);

#endif
