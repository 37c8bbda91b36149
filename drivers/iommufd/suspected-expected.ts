/** What the points that are suspected of Linux's /dev/iommu come to, beyond what differs and advice, by the defect that is seen. */
import type { ExpectedFailure } from '#drivers/contract/expected';

export const EXPECTED: readonly ExpectedFailure[] = [
  // DEF-01: what could not be mapped is not there, and nobody is told.
  { rule: 'IFD-ATT-10', message: 'failing, what devices reach: , expected d1' },
  { rule: 'IFD-IOAS-04', message: 'failing, what devices reach: ' },
  // DEF-05: a device that is unbound leaves its group's HWPT a second time.
  { rule: 'SAN-BALANCE', message: 'object:device is still held' },
];
