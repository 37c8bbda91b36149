/** What a driver says of itself. */
import type { HeldKind } from './platform';

/** The interfaces of this folder; a driver implements one or more. */
export const INTERFACES = ['iommu', 'iommufd', 'hyp', 'cache-invalidate'] as const;
export type Interface = (typeof INTERFACES)[number];

/**
 * What a driver can do beyond the least. A rule that needs one says `@needs:<capability>`. Positive names, and a manifest answers
 * each: a capability added here stops every driver from compiling until it has an answer.
 */
export const CAPABILITIES = [
  'paging', // domains with a page table that the driver maintains
  'identity', // domains that pass addresses through
  'blocked', // domains that stop every access
  'replace', // a device changes its domain without a blocked interval
  'hitless', // that change is invisible to accesses that both domains translate alike
  'pasid', // a domain for each PASID of a device
  'nesting', // domains with a guest's first stage above a nest parent
  'dirty-tracking', // dirty pages read and cleared by range
  'ats', // device translation caches are enabled and invalidated
  'page-faults', // page requests reach the caller
  'viommu', // virtual IOMMU and device objects
  'gather', // unmapPages with iotlbSync as well as unmap
  'two-cpus', // a call may be interrupted between two port events by another call (in-process drivers)
  'domain-table', // the two-level domain table of the pKVM series in machine memory, in its documented layout
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** The documents that may bind a driver, as `@profile:` names them. */
export const PROFILES = [
  'toy',
  'pkvm-rfc',
  'pkvm-hardened',
  'riscv-review',
  'riscv-mainline',
  'vtd-v3',
  'vtd-v4',
  'vtd-mainline',
  'iommufd',
] as const;
export type Profile = (typeof PROFILES)[number];

/** What a profile takes for granted: a driver that claims the profile and lacks one of these is broken, not excused. */
export const MANDATORY: Readonly<Record<Profile, readonly (Interface | Capability)[]>> = {
  toy: ['iommu', 'paging'],
  'pkvm-rfc': ['hyp', 'domain-table'],
  'pkvm-hardened': ['hyp'],
  'riscv-review': ['iommu', 'paging', 'identity', 'blocked', 'replace', 'nesting'],
  'riscv-mainline': ['iommu', 'paging', 'identity', 'blocked', 'replace'],
  'vtd-v3': ['iommu', 'paging', 'identity', 'blocked', 'replace', 'pasid', 'nesting', 'dirty-tracking'],
  'vtd-v4': ['iommu', 'paging', 'identity', 'blocked', 'replace', 'pasid', 'nesting', 'dirty-tracking'],
  'vtd-mainline': ['iommu', 'paging', 'identity', 'blocked', 'replace', 'pasid', 'nesting', 'dirty-tracking'],
  iommufd: ['iommufd'],
};

/** Kinds of page that the document of a profile never gives back, not even at the end, each with the rule that says so. */
export const PERMANENT: Readonly<Record<Profile, Readonly<Partial<Record<HeldKind, string>>>>> = {
  toy: {},
  'pkvm-rfc': { donated: 'PKVM-MEM-10' },
  'pkvm-hardened': {},
  'riscv-review': {},
  'riscv-mainline': {},
  'vtd-v3': {},
  'vtd-v4': {},
  'vtd-mainline': {},
  iommufd: {},
};

/** The hardware that a driver programs; the Bench builds the machine from it. */
export const HARDWARE = ['toy', 'pkvm', 'riscv', 'vtd'] as const;
export type Hardware = (typeof HARDWARE)[number];

export interface Manifest {
  readonly name: string;
  readonly implements: readonly Interface[];
  readonly profile: Profile;
  readonly hardware: Hardware;
  readonly supports: Readonly<Record<Capability, boolean>>;
  /** For structures that a lock protects once they are published: page kind → name of the lock. Absent: not protected by a lock. */
  readonly locks: Readonly<Partial<Record<HeldKind, string>>>;
}
