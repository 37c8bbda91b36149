/**
 * Why a request was refused, as a fault record says it.
 *
 * Driver-derived: numbers and the names of conditions, from Linux, QEMU and VirtualBox. Not confirmed: 0x29 for a read of an interrupt
 * address, 0x33, and which of 0x79, 0x85 and 0x86 a right is reported by that a second stage does not give.
 */
import { hex } from '#hw-models/core/hex';

/** What is known of one reason. */
export interface FaultReason {
  /** The condition's name. */
  readonly condition: string;
  readonly what: string;
  /** FPD of the structures that the request came to keeps it from being recorded. */
  readonly qualified: boolean;
}

const qualified = (condition: string, what: string): FaultReason => ({ condition, what, qualified: true });
const always = (condition: string, what: string): FaultReason => ({ condition, what, qualified: false });

/** @spec VT-D "Non-Recoverable Fault Conditions" @spec QEMU-VTD "VTDFaultReason" */
export const FAULT_REASONS: Readonly<Record<number, FaultReason>> = {
  0x01: always('LRT.2', 'root entry not present'),
  0x02: qualified('LCT.2', 'context entry not present'),
  0x03: qualified('LCT.4', 'invalid context entry'),
  0x04: qualified('LGN.1', 'address beyond the width'),
  0x05: qualified('LGN.2', 'no right to write'),
  0x06: qualified('LGN.3', 'no right to read'),
  0x07: qualified('LSL.1', 'no access to a paging entry'),
  0x08: always('LRT.1', 'no access to the root entry'),
  0x09: always('LCT.1', 'no access to the context entry'),
  0x0a: always('LRT.3', 'reserved bits in the root entry'),
  0x0b: qualified('LCT.3', 'reserved bits in the context entry'),
  0x0c: qualified('LSL.2', 'reserved bits in a paging entry'),
  0x0d: qualified('LCT.5', 'request blocked by the translation type'),
  0x0e: qualified('LGN.4', 'output in the range of interrupts'),
  0x29: always('', 'no interrupt request'),
  0x30: always('RTA.1', 'invalid root table address register'),
  0x31: always('RTA.2', 'PASID in legacy mode'),
  0x32: always('RTA.3', 'page request in legacy mode'),
  0x33: always('RTA.4', 'requests are aborted'),
  0x38: always('SRT.1', 'no access to the root entry'),
  0x39: always('SRT.2', 'root entry not present'),
  0x3a: always('SRT.3', 'reserved bits in the root entry'),
  0x40: always('SCT.1', 'no access to the context entry'),
  0x41: qualified('SCT.2', 'context entry not present'),
  0x42: qualified('SCT.3', 'reserved bits in the context entry'),
  0x43: qualified('SCT.4', 'invalid context entry'),
  0x44: qualified('SCT.5', 'device TLB not enabled'),
  0x45: qualified('SCT.6', 'PASID not enabled'),
  0x46: qualified('SCT.7', 'PASID beyond the directory'),
  0x47: qualified('SCT.8', 'page requests not enabled'),
  0x48: qualified('SCT.9', 'RID_PASID beyond the directory'),
  0x50: always('SPD.1', 'no access to the PASID directory entry'),
  0x51: qualified('SPD.2', 'PASID directory entry not present'),
  0x52: qualified('SPD.3', 'reserved bits in the PASID directory entry'),
  0x58: always('SPT.1', 'no access to the PASID entry'),
  0x59: qualified('SPT.2', 'PASID entry not present'),
  0x5a: qualified('SPT.3', 'reserved bits in the PASID entry'),
  0x5b: qualified('SPT.4', 'invalid PASID entry'),
  0x5c: qualified('SPT.5', 'execute requests not enabled'),
  0x5d: qualified('SPT.6', 'supervisor requests not enabled'),
  0x70: qualified('SFS.1', 'no access to a first-stage entry'),
  0x71: qualified('SFS.2', 'first-stage entry not present'),
  0x72: qualified('SFS.3', 'reserved bits in a first-stage entry'),
  0x73: qualified('SFS.4', 'no access to the first-stage root'),
  0x74: qualified('SFS.5', 'first-stage table beyond the width of the second stage'),
  0x75: qualified('SFS.6', 'no right to read the first-stage root'),
  0x76: qualified('SFS.7', 'no right to read a first-stage entry'),
  0x77: qualified('SFS.8', 'no right to write a first-stage entry'),
  0x78: qualified('SSS.1', 'no access to a second-stage entry'),
  0x79: qualified('SSS.2', 'no right in the second stage'),
  0x7a: qualified('SSS.3', 'reserved bits in a second-stage entry'),
  0x7b: qualified('SSS.4', 'no access to the second-stage root'),
  0x7c: qualified('SSS.5', 'second-stage flags to set without snooping'),
  0x80: qualified('SGN.1', 'address not canonical'),
  0x81: qualified('SGN.2', 'page of supervisors'),
  0x82: qualified('SGN.3', 'no right to execute'),
  0x83: qualified('SGN.4', 'address beyond the host address width'),
  0x84: qualified('SGN.5', 'address beyond the width of the second stage'),
  0x85: qualified('SGN.6', 'no right to write'),
  0x86: qualified('SGN.7', 'no right to read'),
  0x87: qualified('SGN.8', 'output in the range of interrupts'),
  0x90: qualified('SFS.9', 'first-stage flags to set without snooping'),
};

/** As reports and features say it: `0x59, PASID entry not present`. */
export const reasonNamed = (reason: number): string => `${hex(reason)}, ${FAULT_REASONS[reason]?.what ?? 'unknown'}`;
