/** Where an access of a device arrives, as steps say it. */
import type { Outcome } from '#hw-models/core/hardware';

/** A physical address, a fault, or one with the number of the cause that the architecture gives it, written as there. */
export type Arrival = 'faults' | bigint | { readonly cause: string };

const reaches = (pa: bigint): string => `reaches PA 0x${pa.toString(16)}`;

export function showArrival(expected: Arrival): string {
  if (expected === 'faults') return expected;
  return typeof expected === 'bigint' ? reaches(expected) : `faults with cause ${expected.cause}`;
}

/** @param told Whether the cause is asked for. */
export function arrival(outcome: Outcome, told: boolean): string {
  if (outcome.kind === 'translated' || outcome.kind === 'bypassed') return reaches(outcome.pa);
  if (!told) return 'faults';
  return outcome.kind === 'aborted'
    ? 'is aborted'
    : `faults with cause ${/^(?:0x)?[0-9a-f]+/.exec(outcome.fault.cause)?.[0] ?? outcome.fault.cause}`;
}
