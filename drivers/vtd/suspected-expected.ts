/**
 * What the points of mainline that are only suspected come to, beyond the advice that they get on the hardened rules, by the defect:
 * DEF-06 to -08 get advice alone.
 */
import type { ExpectedFailure } from '#drivers/contract/expected';

const each = (rules: readonly string[], message: string): readonly ExpectedFailure[] => rules.map((rule) => ({ rule, message }));

export const EXPECTED: readonly ExpectedFailure[] = [
  // DEF-01 and DEF-02: what is refused leaves the device, or the PASID, blocked.
  ...each(['SAN-ALL-OR-NOTHING', 'VTDN-ATT-12', 'VTDN-ATT-15'], 'and is now sent to nothing'),
];
