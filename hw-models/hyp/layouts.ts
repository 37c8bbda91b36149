/**
 * What host and hypervisor share of pKVM's IOMMU domain layer in memory: the suite writes it as the host, a driver reads it at EL2.
 * The sizes are those of "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains"; every structure is an array of 8-byte words.
 */
import { bit, bits, reserved, uint, word } from '#hw-models/core/bits';

/** One descriptor of the domain table, 16 bytes: two words. @spec PKVM-19 "struct kvm_hyp_iommu_domain" */
export const DomainPgd = word(64, 'kvm_hyp_iommu_domain.pgd', { pgd: bits(63, 0) });
/** @spec PKVM-19 "struct kvm_hyp_iommu_domain": u32 refs, then padding. */
export const DomainRefs = word(64, 'kvm_hyp_iommu_domain.refs', { pad: reserved(63, 32), refs: uint(31, 0) });
/** Bytes of a descriptor. */
export const DOMAIN_BYTES = 16;
/** Bytes of a pointer of the root table. */
export const POINTER_BYTES = 8;
/** Domain ids that exist per IOMMU. @spec PKVM-19 "KVM_IOMMU_MAX_DOMAINS" */
export const MAX_DOMAINS = 65_536;

/** Descriptors in a leaf of the domain table. @param pageBytes 4096, 16384 or 65536. @spec PKVM-19 "KVM_IOMMU_DOMAINS_PER_PAGE" */
export const domainsPerPage = (pageBytes: number): number => pageBytes / DOMAIN_BYTES;
/** Pointers in the root. @spec PKVM-19 "KVM_IOMMU_DOMAINS_ROOT_ENTRIES" */
export const rootEntries = (pageBytes: number): number => MAX_DOMAINS / domainsPerPage(pageBytes);
/** Bytes of the root. @spec PKVM-19 "KVM_IOMMU_DOMAINS_ROOT_SIZE" */
export const rootBytes = (pageBytes: number): number => rootEntries(pageBytes) * POINTER_BYTES;

/**
 * One CPU's memcache: physical address of the first page (each page's first word leads to the next), how many there are, and whether
 * a call found it empty. @spec PKVM-19 "struct kvm_hyp_iommu_memcache"
 */
export const MemcacheHead = word(64, 'kvm_hyp_iommu_memcache.head', { head: bits(63, 0) });
export const MemcachePages = word(64, 'kvm_hyp_iommu_memcache.nr_pages', { nr_pages: bits(63, 0) });
export const MemcacheNeeds = word(64, 'kvm_hyp_iommu_memcache.needs_page', { pad: reserved(63, 1), needs_page: bit(0) });
/** Bytes of one CPU's memcache. */
export const MEMCACHE_BYTES = 24;

/** Parameters of one IOMMU, in host memory: word offsets. Addresses are kernel linear addresses. @spec PKVM-19 "struct kvm_hyp_iommu" */
export const PARAMS = { domains: 0, nrDomains: 1, ias: 2, oas: 3, granule: 4, mmio: 5 } as const;
/** Bytes of the parameters. */
export const PARAMS_BYTES = 48;
