/*
 * Pages and address spaces of the hypervisor. What cannot change on one machine is asked for once, by
 * `hyp_memory_start`.
 */
#ifndef PKVM_HYP_MEMORY_H
#define PKVM_HYP_MEMORY_H

#include <stdint.h>

/* Bytes of a frame, whatever the page of the hypervisor. */
#define FRAME_BYTES 4096u

/* Bytes of the smallest page of the hypervisor. */
#define LEAST_HYP_PAGE_BYTES 4096u

/* `EINVAL`: the page of the hypervisor is smaller than the smallest that there is. */
int32_t hyp_memory_start(void);

/* Bytes of a page of the hypervisor: 4096, 16384 or 65536. */
uint32_t hyp_page_bytes(void);

/* Physical address of an address of the hypervisor: the offset is the same everywhere. */
uint64_t hyp_phys(uint64_t address);

/* The inverse of `hyp_phys`. */
uint64_t hyp_va(uint64_t pa);

/* Number of the page of the hypervisor that holds a physical address. */
uint64_t hyp_pfn(uint64_t pa);

#endif
