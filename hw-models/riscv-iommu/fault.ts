/** Why a translation ended, before it is reported. */

/** What the procedure found. */
export class Fault {
  /** As in the fault record. @spec RISCV-IOMMU "Fault record CAUSE field encodings" */
  readonly cause: number;
  readonly iotval2: bigint;

  constructor(cause: number, iotval2 = 0n) {
    this.cause = cause;
    this.iotval2 = iotval2;
  }
}

type Access = 'read' | 'write' | 'execute';

/** The causes that say which access it was. @spec RISCV-IOMMU "Fault record CAUSE field encodings" */
export const ACCESS_FAULT: Readonly<Record<Access, number>> = { execute: 1, read: 5, write: 7 };
export const PAGE_FAULT: Readonly<Record<Access, number>> = { execute: 12, read: 13, write: 15 };
export const GUEST_PAGE_FAULT: Readonly<Record<Access, number>> = { execute: 20, read: 21, write: 23 };
