/**
 * One defect each of the pKVM driver, at least the one that the rule catalogue names for each rule: chapters 1 to 4 of the rules in
 * `mutants-identifiers.ts`, `mutants-memcache.ts` and `mutants-lifecycle.ts`; chapters 5 to 7 in `mutants-attach.ts` and `mutants-init.ts`.
 */
import type { Mutant } from '#drivers/mutants/mutant';

export const PKVM_MUTANTS: readonly Mutant[] = [];
