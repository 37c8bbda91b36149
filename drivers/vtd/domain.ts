/** What every domain is to the devices that it is attached to, and the two domains that translate nothing. */
import { done, ok, refuse, type Result } from '#drivers/contract/driver';
import type { DomainInfo } from '#drivers/contract/iommu';
import type { CacheKind, CacheTags } from './cache-tags';
import { IDENTITY_DID } from './domain-ids';
import type { Iommu } from './iommu';
import type { Slot } from './slots';
import { IDENTITY, type Wanted } from './wanted';

/** A device, or its requests with a PASID, and the domain that these are translated by. */
export interface Attachment {
  readonly iommu: Iommu;
  readonly slots: readonly Slot[];
  readonly domain: Domain;
  readonly ties: readonly Tie[];
}

/** What a device's use of a domain takes: a domain-id, and the tags that caches may have it under. */
export interface Tie {
  readonly did: number;
  release(): void;
}

/** A list of tags that a user of the domain stands in. */
export interface TagList {
  readonly tags: CacheTags;
  /** What an IOTLB holds, and what a device holds itself. */
  readonly kinds: readonly [iotlb: CacheKind, devtlb: CacheKind];
}

export interface Domain {
  /** The structure that stands for it. */
  readonly object: number;
  readonly info: DomainInfo;
  /** Those that its entries are for. */
  readonly attachments: Set<Attachment>;
  /** IOMMUs that still owe to forget what they held of it. */
  readonly unsettled: Set<Iommu>;
  /** It can be done without, as far as devices and other domains go. */
  readonly isFree: boolean;
  readonly tagLists: readonly TagList[];
  /** Somebody answers when its devices ask for pages. */
  readonly answersFaults: boolean;
  /** What entries are to be; undefined: not present. */
  readonly wanted: Wanted | undefined;
  /** Whether a unit can translate by it. `EINVAL`. */
  fits(iommu: Iommu): Result<null>;
  /** The domain-id on an IOMMU, for one more user. `ENOSPC`. */
  takeDid(iommu: Iommu): Result<number>;
  giveDid(iommu: Iommu): void;
  /** Gives back everything but the structure itself. Nothing may lead here any more. */
  release(): void;
}

export class StaticDomain implements Domain {
  readonly object: number;
  readonly info: DomainInfo;
  readonly attachments = new Set<Attachment>();
  readonly unsettled = new Set<Iommu>();
  readonly tagLists: readonly TagList[] = [];
  readonly answersFaults = false;
  readonly wanted: Wanted | undefined;

  constructor(object: number, type: 'identity' | 'blocked') {
    this.object = object;
    this.info = { type, operations: [], pageSizes: [] };
    this.wanted = type === 'identity' ? IDENTITY : undefined;
  }

  get isFree(): boolean {
    return this.attachments.size === 0;
  }

  fits({ features }: Iommu): Result<null> {
    return this.wanted === undefined || features.ecap.PT ? done : refuse('EINVAL');
  }

  takeDid(): Result<number> {
    return ok(IDENTITY_DID);
  }

  giveDid(): void {
    // Everybody shares it.
  }

  release(): void {
    // It holds nothing.
  }
}
