/*
 * The domains of one IOMMU: a root of pointers, in a page that the trusted host set aside, and leaves of descriptors
 * that are donated when an id in them is first allocated. In memory exactly as the series lays it out.
 *
 * @spec PKVM-19 "struct kvm_hyp_iommu_domain", "KVM_IOMMU_DOMAIN_ID_SPLIT" and "KVM_IOMMU_DOMAINS_ROOT_ENTRIES"
 */
#ifndef PKVM_DOMAIN_TABLE_H
#define PKVM_DOMAIN_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "bitmap.h"
#include "hyp_memory.h"
#include "parameters.h"

/* Domain ids that exist per IOMMU. @spec PKVM-19 "KVM_IOMMU_MAX_DOMAINS" */
#define MAX_DOMAINS 65536u
/* A descriptor: the root of the page table, u32 refs, padding. @spec PKVM-19 "struct kvm_hyp_iommu_domain" */
#define DOMAIN_BYTES 16u
/* Pointers in the root at most: with the smallest leaves. */
#define MAX_LEAVES (MAX_DOMAINS / (LEAST_HYP_PAGE_BYTES / DOMAIN_BYTES))

struct domain_table {
  /* Address of the hypervisor. */
  uint64_t root;
  uint32_t nr_domains;
  /* Bits of an id that select a descriptor of a leaf. */
  uint32_t split;
  /*
   * The leaves that are there and the domains that were recorded, so that the end need not look through all of the
   * table.
   */
  uint64_t leaves[BITMAP_WORDS(MAX_LEAVES)];
  uint64_t recorded[BITMAP_WORDS(MAX_DOMAINS)];
};

/* One domain, in place, as it was when it was looked up. */
struct descriptor {
  struct domain_table *table;
  uint32_t domain;
  /* Physical address. */
  uint64_t at;
  /* 0 while the domain is not allocated, 1 when it is, and 1 more for each endpoint. */
  uint32_t refs;
};

void domain_table_init(struct domain_table *table, const struct parameters *parameters);

/* Maps the root, which is empty afterwards. `EINVAL`: it has no page of its own. The mapping's own errno. */
int32_t domain_table_map(const struct domain_table *table);

/* The descriptor of an id in range, if its leaf is there. */
bool domain_table_find(struct domain_table *table, uint32_t domain, struct descriptor *found);

/* As `domain_table_find`, but a missing leaf is put there; false when no page is to be had for it. */
bool domain_table_obtain(struct domain_table *table, uint32_t domain, struct descriptor *found);

/* The first allocated domain from `from` on. */
bool domain_table_next(struct domain_table *table, uint32_t from, struct descriptor *found);

/* Gives every leaf back to the host. Nothing may use the table afterwards. */
void domain_table_release(struct domain_table *table);

/* Address of the hypervisor of the root of the domain's page table. */
uint64_t descriptor_pgd(const struct descriptor *descriptor);

/* The domain is allocated. */
void descriptor_record(const struct descriptor *descriptor, uint64_t pgd);

void descriptor_set_refs(const struct descriptor *descriptor, uint32_t refs);

/* The domain is free again. */
void descriptor_clear(const struct descriptor *descriptor);

#endif
