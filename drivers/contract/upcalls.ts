/** What a driver tells its caller from inside a call: faults of devices, and pages that they wait for. */
import type { Result } from '#hw-models/core/result';
import type { Device, Viommu } from './iommu';

/** A request that the hardware did not let through, as its record says. */
export interface FaultEvent {
  readonly device: Device;
  /** Or `NO_PASID`. */
  readonly pasid: number;
  /** As the architecture names it. */
  readonly cause: string;
  /** Left out where the record has none. */
  readonly iova?: bigint;
  readonly access?: 'read' | 'write' | 'execute';
  /** The guest's affair, and not the host's: whose it is, its `enum iommu_veventq_type`, and the record with the guest's ids. */
  readonly guest?: { readonly viommu: Viommu; readonly type: number; readonly record: Uint8Array };
}

/** A request for a page, or an access that waits for one. Those of a group are answered together, after the last of them. */
export interface PageFault {
  readonly device: Device;
  readonly pasid: number;
  /** Tells the unanswered groups of one device and PASID apart. */
  readonly group: number;
  readonly last: boolean;
  readonly iova: bigint;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly privileged: boolean;
}

/** The answer to a group of page faults. */
export interface PageResponse {
  readonly device: Device;
  readonly pasid: number;
  readonly group: number;
  readonly code: 'success' | 'invalid' | 'failure';
}

/**
 * Driver to caller, from inside a call of the driver, and answered at once like the platform. The caller calls nothing of the driver
 * before that call has ended: no driver is entered again from here.
 */
export interface DriverUpcalls {
  /** `EAGAIN`: let the access try again, where it waits. `EOPNOTSUPP`: nobody listens; the event is dropped. */
  reportEvent(event: FaultEvent): Result<null>;
  /** Refused: nobody will answer, and the driver answers by itself. */
  reportPageFault(fault: PageFault): Result<null>;
}

export const UPCALL_METHODS = ['reportEvent', 'reportPageFault'] as const satisfies readonly (keyof DriverUpcalls)[];
