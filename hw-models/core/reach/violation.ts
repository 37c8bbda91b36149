/** A finding of the sanitizer. */

/** The checks, by the names of their ledger rules: `SAN-DANGLING` and so on. */
export const CHECKS = ['dangling', 'isolation', 'staleness', 'hitless', 'balance', 'locking', 'all-or-nothing', 'attention'] as const;
export type Check = (typeof CHECKS)[number];

export const ruleOf = (check: Check): string => `SAN-${check.toUpperCase()}`;

export class Violation extends Error {
  override readonly name = 'Violation';
  readonly check: Check;
  constructor(check: Check, message: string) {
    super(message);
    this.check = check;
  }
}
