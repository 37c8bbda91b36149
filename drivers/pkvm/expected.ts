/**
 * What the patch as it was submitted is known to break, beyond the advice that it gets on the hardened rules. Each is one of its defects
 * seen from elsewhere: docs/systems/pkvm.md says which.
 */
import type { ExpectedFailure } from '#drivers/contract/expected';

export const EXPECTED: readonly ExpectedFailure[] = [
  // DEF-02, as PKVM-ATT-09 and -10 have it: the core keeps no list of endpoints, and a back end that believes it replaces a domain.
  { rule: 'COM-ATT-02', message: 'which it is not granted' },
  { rule: 'PKVM-TRUST-02', message: 'which it is not granted' },
  { rule: 'SAN-ISOLATION', message: 'which it is not granted' },
  { rule: 'SAN-STALENESS', message: 'which it is not granted' },
  // DEF-03 with DEF-04: a reference that another endpoint stood for is taken, and the page table is freed under it.
  { rule: 'PKVM-TRUST-02', message: 'was freed while the hardware walks through it' },
  { rule: 'SAN-DANGLING', message: 'was freed while the hardware walks through it' },
  // DEF-01, DEF-02 and DEF-04: references that nobody stands for keep a domain for ever.
  { rule: 'SAN-BALANCE', message: 'what the scene took cannot be given back' },
  // DEF-11: a root table that could not be mapped is used.
  { rule: 'SAN-BALANCE', message: 'the driver has not mapped that page' },
];
