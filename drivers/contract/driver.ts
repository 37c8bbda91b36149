/**
 * Start here. A driver is a module that exports `driver: DriverModule`: a manifest that says what it is, and `start`, which gets the
 * platform port and returns the interfaces it implements.
 *
 * - `platform.ts`: what a driver may touch.
 * - `manifest.ts`: what a driver says of itself.
 * - `iommu.ts`, `iommufd.ts`, `hyp.ts`, `cache-invalidate.ts`: what a driver may be. Implement one or more.
 *
 * Only numbers, bigints, strings, bytes and plain records cross, both ways, so that a driver may live in another process or in
 * WebAssembly. A refusal is a value (`refuse('EBUSY')`); an exception is a crash of the driver.
 */
import type { Answer } from '#hw-models/core/result';
import type { CacheInvalidate } from './cache-invalidate';
import type { HypIommuDriver, KvmIommuOps } from './hyp';
import type { DriverUpcalls, IommuDriver } from './iommu';
import type { Iommufd } from './iommufd';
import type { Manifest } from './manifest';
import type { Platform } from './platform';

export { after, done, ok, refuse } from '#hw-models/core/result';
export type { Platform } from './platform';
export type { Answer, Errno, Result } from '#hw-models/core/result';

/** What the suite hands to a driver besides the platform. */
export interface Surroundings {
  readonly upcalls: DriverUpcalls;
  /** Given to drivers on `scripted` hardware: the back end whose results the scenario decides. */
  readonly backEnd?: KvmIommuOps;
}

/** The interfaces that a started driver offers; the manifest's `implements` names the ones that are there. */
export interface Started {
  readonly iommu?: IommuDriver;
  readonly iommufd?: Iommufd;
  readonly hyp?: HypIommuDriver;
  readonly cacheInvalidate?: CacheInvalidate;
  /** Undoes `start`: whatever is still held is released and every device is blocked. */
  stop(): Answer<null>;
}

export interface DriverModule {
  readonly manifest: Manifest;
  /** Brings the hardware up. From its answer on the sanitizer holds the driver to its grants. `ENOMEM`, `ENODEV`. */
  start(platform: Platform, surroundings: Surroundings): Answer<Started>;
}
