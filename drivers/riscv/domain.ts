/** What every domain is to the devices that it is attached to, and the two domains that translate nothing. */
import { done, type Result } from '#drivers/contract/driver';
import type { DomainInfo } from '#drivers/contract/iommu';
import { Bonds } from './bonds';
import { BLOCKED, IDENTITY, type DeviceContext } from './device-context';
import type { Iommu } from './iommu';

export interface Domain {
  /** The structure that stands for it. */
  readonly object: number;
  readonly info: DomainInfo;
  /** Handles of the devices that are attached. */
  readonly devices: Set<number>;
  readonly bonds: Bonds;
  /** Whether caches hold anything under its tag: then each of its devices has a bond. */
  readonly isTagged: boolean;
  /** It can be done without, as far as devices and other domains go. */
  readonly isFree: boolean;
  /** What the context of a device is to be, but for what the device itself decides. */
  readonly context: DeviceContext;
  /** Whether caches of the IOMMU may hold anything under its tag that devices can come to use. */
  isUsedOn(iommu: Iommu): boolean;
  /** Whether the IOMMU can translate by it. `ENODEV`, `EINVAL`. */
  fits(iommu: Iommu): Result<null>;
  /** It is not used on the IOMMU any more: nothing under its tag stays there. */
  forget(iommu: Iommu): Result<null>;
  /** Gives back everything but the structure itself. Nothing may lead here any more. */
  release(): void;
}

export class StaticDomain implements Domain {
  readonly object: number;
  readonly info: DomainInfo;
  readonly devices = new Set<number>();
  readonly bonds = new Bonds();
  readonly isTagged = false;
  readonly context: DeviceContext;

  constructor(object: number, type: 'identity' | 'blocked') {
    this.object = object;
    this.info = { type, operations: [], pageSizes: [] };
    this.context = type === 'identity' ? IDENTITY : BLOCKED;
  }

  get isFree(): boolean {
    return this.devices.size === 0;
  }

  isUsedOn(): boolean {
    return false;
  }

  fits(): Result<null> {
    return done;
  }

  forget(): Result<null> {
    return done;
  }

  release(): void {
    // It holds nothing.
  }
}
