/**
 * One defect each of the pKVM driver, at least the one that the rule catalogue names for each rule. These rules name none that can be
 * declared:
 *
 * | Rule | Why |
 * | --- | --- |
 * | PKVM-FREE-05 | says what the patch as submitted does; `pkvm-as-submitted` is the driver that does it |
 * | PKVM-LOCK-03 | a lock of the platform needs no initialisation, so it cannot come too late |
 * | PKVM-LOCK-04 | left open: with one lock or with several, a driver keeps it |
 */
import type { Mutant } from '#drivers/mutants/mutant';
import { ATTACH_MUTANTS } from './mutants-attach';
import { HARDWARE_MUTANTS } from './mutants-hardware';
import { IDENTIFIER_MUTANTS } from './mutants-identifiers';
import { INIT_MUTANTS } from './mutants-init';
import { LIFECYCLE_MUTANTS } from './mutants-lifecycle';
import { MAPPING_MUTANTS } from './mutants-mappings';
import { MEMCACHE_MUTANTS } from './mutants-memcache';

export const PKVM_MUTANTS: readonly Mutant[] = [
  ...IDENTIFIER_MUTANTS,
  ...MEMCACHE_MUTANTS,
  ...LIFECYCLE_MUTANTS,
  ...ATTACH_MUTANTS,
  ...INIT_MUTANTS,
  ...HARDWARE_MUTANTS,
  ...MAPPING_MUTANTS,
];
