/*
 * Access to the registers of one SMMU, by the offsets of smmu_v3_layouts.h. @spec SMMU-V3 "Memory map and registers"
 */
#ifndef PKVM_MMIO_H
#define PKVM_MMIO_H

#include <stdint.h>

#include "iommu_tck.h"

/* Microseconds after which the hardware counts as broken. */
#define MMIO_TIMEOUT_US 1000u

struct registers {
  /* Index of the IOMMU instance. */
  uint32_t instance;
};

static inline uint32_t mmio_read(struct registers registers, uint32_t offset)
{
  return tck_mmio_read32(registers.instance, offset);
}

static inline void mmio_write(struct registers registers, uint32_t offset, uint64_t value)
{
  tck_mmio_write32(registers.instance, offset, (uint32_t)value);
}

static inline void mmio_write64(struct registers registers, uint32_t offset, uint64_t value)
{
  tck_mmio_write64(registers.instance, offset, value);
}

/* Reads a 32-bit register until the fields in `mask` are as in `want`. `ETIMEDOUT`. */
static inline int32_t mmio_wait(struct registers registers, uint32_t offset, uint64_t mask, uint64_t want)
{
  uint32_t value;

  return tck_poll_until(registers.instance, offset, (uint32_t)mask, (uint32_t)want, MMIO_TIMEOUT_US, &value);
}

#endif
