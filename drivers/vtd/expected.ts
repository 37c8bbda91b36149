/** What version 4 as it was submitted is known to break, by the defect. */
import type { ExpectedFailure } from '#drivers/contract/expected';

export const EXPECTED: readonly ExpectedFailure[] = [
  // DEF-03
  { rule: 'VTDN-INV-06', message: 'reaches PA 0x80000008, expected reaches PA 0x80001008' },
  // DEF-04
  { rule: 'VTDN-INV-04', message: 'was accepted, expected refused with EINVAL after 0' },
  // DEF-05
  { rule: 'VTDN-ERRATA-05', message: 'was refused with ENOMEM, expected refused with EINVAL' },
];
