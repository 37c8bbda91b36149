/*
 * Pages that the host has set aside for the hypervisor, one list for each CPU. Taking one donates and clears it; a
 * call that finds its CPU's list empty asks for a page and fails, and the host makes the call again.
 *
 * The lists lie in memory that the host may write at any time: nothing in them is believed, and nothing is read
 * twice.
 *
 * @spec PKVM-19 "struct kvm_hyp_iommu_memcache"
 */
#ifndef PKVM_MEMCACHE_H
#define PKVM_MEMCACHE_H

#include <stdint.h>

void memcaches_start(void);

/*
 * Maps the lists of `cpus` processors, shared with the host. The mapping's own errno.
 * @param address Kernel linear address. @spec PKVM-19 "The memcache is shared with the host"
 */
int32_t memcaches_map(uint64_t address, uint32_t cpus);

/*
 * Physical address of a page that is the hypervisor's now, and zero. `ENOMEM`: the calling CPU's list is empty, and
 * says that it needs a page; or its first page is not the host's to give, and stays where it is.
 */
int32_t memcache_take(uint64_t *page);

/* Gives a page of `memcache_take` back to the host, cleared, in front of the calling CPU's list. */
void memcache_give(uint64_t page);

#endif
