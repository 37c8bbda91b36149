/**
 * Start here. A driver is a module that exports `driver: DriverModule`: a manifest that says what it is, and `start`, which gets the
 * platform port and returns the interfaces it implements.
 *
 * - `platform.ts`: what a driver may touch.
 * - `manifest.ts`: what a driver says of itself.
 * - `iommu.ts`, `iommufd.ts`, `hyp.ts`, `cache-invalidate.ts`: what a driver may be. Implement one or more.
 * - `upcalls.ts`: what a driver tells its caller.
 *
 * Only numbers, bigints, strings, bytes and plain records cross, both ways, so that a driver may live in another process or in
 * WebAssembly. Platform, upcalls, back end and interfaces are sets of methods, each a message of its own; no function is ever passed. A
 * refusal is a value (`refuse('EBUSY')`); an exception is a crash of the driver. Methods are added; one that is there is changed by a
 * decision record only.
 */
import type { Answer } from '#hw-models/core/result';
import { CACHE_INVALIDATE_METHODS, type CacheInvalidate } from './cache-invalidate';
import { HYP_METHODS, type HypIommuDriver, type KvmIommuOps } from './hyp';
import { IOMMU_METHODS, type IommuDriver } from './iommu';
import { IOMMUFD_METHODS, type Iommufd } from './iommufd';
import type { Interface, Manifest } from './manifest';
import type { Platform } from './platform';
import type { DriverUpcalls } from './upcalls';

export { after, done, ok, refuse } from '#hw-models/core/result';
export type { Platform } from './platform';
export type { Answer, Errno, Result } from '#hw-models/core/result';

/** What firmware says of an IOMMU; the rest stands in its registers. */
export interface IommuDescription {
  /** The instance's index, as in `mmioRead32(iommu, …)`. */
  readonly iommu: number;
  /** Its walkers see what the CPUs' caches hold; where they do not, a store to a table needs `clean`. */
  readonly coherent: boolean;
  /** The interrupts that it can raise, as `irq` names them. None: it is polled. */
  readonly interrupts: readonly string[];
}

/** What the suite hands to a driver besides the platform. */
export interface Surroundings {
  /** Every IOMMU of the machine, in order of index; none on `scripted` hardware. */
  readonly iommus: readonly IommuDescription[];
  readonly upcalls: DriverUpcalls;
  /** Given to drivers on `scripted` hardware: the back end whose results the scenario decides. */
  readonly backEnd?: KvmIommuOps;
  /**
   * For a driver above another in the same process: what it calls of the other it calls through what this answers with, so that each call
   * is looked at. The other is told of devices through the driver that is given here.
   */
  watched?(this: void, driver: IommuDriver): IommuDriver;
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

/** Where `start` answers with each interface, and what is called there. */
export const OFFERED = {
  iommu: { field: 'iommu', methods: IOMMU_METHODS },
  iommufd: { field: 'iommufd', methods: IOMMUFD_METHODS },
  hyp: { field: 'hyp', methods: HYP_METHODS },
  'cache-invalidate': { field: 'cacheInvalidate', methods: CACHE_INVALIDATE_METHODS },
} as const satisfies Readonly<Record<Interface, { readonly field: keyof Started; readonly methods: readonly string[] }>>;

export interface DriverModule {
  readonly manifest: Manifest;
  /**
   * Brings the hardware up. From its answer on the sanitizer holds the driver to its grants. `ENOMEM`, `ENODEV`.
   *
   * Called for each scenario and each replay of it, on another machine each time, also while the driver of an earlier call lives:
   * everything a driver keeps is in what this answers with.
   */
  start(platform: Platform, surroundings: Surroundings): Answer<Started>;
  /** What the next `start` needs is there, however long that takes: it is no call of the driver. What goes wrong is thrown. */
  ready?(): Promise<void>;
  /** Each call is a message to another process: what scenarios do very often they do less often, and say so. */
  readonly isRemote?: true;
  /** Nothing that was started so far is used any more: a scenario has ended. For drivers that keep something for each start elsewhere. */
  idle?(): void;
}
