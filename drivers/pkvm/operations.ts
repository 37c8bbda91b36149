/** What the domain layer asks of a back end: the five operations of the series, and the page tables that its successors add. */
import { done, refuse, type Result } from '#drivers/contract/driver';
import { KVM_IOMMU_OPS, type KvmDomain, type KvmIommuOps } from '#drivers/contract/hyp';
import type { Parameters } from './parameters';

/** A range of pages of one size. Bytes; `prot` holds HYP_READ and HYP_WRITE. */
export interface PageRange {
  readonly iova: bigint;
  readonly pageSize: bigint;
  readonly pageCount: bigint;
}

export interface Mapping extends PageRange {
  readonly pa: bigint;
  readonly prot: number;
}

export interface Operations extends KvmIommuOps {
  /** Takes an IOMMU over from the trusted host: from the answer on it blocks every endpoint. */
  takeOver(iommu: number, parameters: Parameters): Result<null>;
  /** @returns Bytes mapped. */
  mapPages(domain: KvmDomain, mapping: Mapping): Result<bigint>;
  /** @returns Bytes unmapped; no endpoint reaches them any more. */
  unmapPages(domain: KvmDomain, range: PageRange): Result<bigint>;
  iovaToPhys(domain: KvmDomain, iova: bigint): Result<bigint>;
  /** Blocks every endpoint for good. Refused when the IOMMU does not answer: then it may still use what it had. */
  shutDown(iommu: number): Result<null>;
  /** Gives the page table of a domain back after `shutDown`. */
  abandon(domain: KvmDomain): void;
}

/**
 * A back end that has the five operations only, as a scenario scripts it. Page tables are its own affair: mapping, unmapping and looking
 * up are refused with ENODEV.
 */
export const withoutPageTables = (backEnd: KvmIommuOps): Operations => ({
  getIommuById: (iommu) => backEnd.getIommuById(iommu),
  allocIopt: (domain, pgdHva) => backEnd.allocIopt(domain, pgdHva),
  freeIopt: (domain) => backEnd.freeIopt(domain),
  attachDev: (domain, endpoint) => backEnd.attachDev(domain, endpoint),
  detachDev: (domain, endpoint) => backEnd.detachDev(domain, endpoint),
  takeOver: () => done,
  mapPages: () => refuse('ENODEV'),
  unmapPages: () => refuse('ENODEV'),
  iovaToPhys: () => refuse('ENODEV'),
  shutDown: () => done,
  abandon: () => undefined,
});

/** Whether a back end that offers these operations has all five. */
export const isComplete = (offered: readonly (keyof KvmIommuOps)[]): boolean =>
  KVM_IOMMU_OPS.every((operation) => offered.includes(operation));
