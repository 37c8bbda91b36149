/** One defect each of the VT-d driver, at least the one that the rule catalogue names for each rule. */
import type { Mutant } from '#drivers/mutants/mutant';
import { ALLOC_MUTANTS } from './mutants-alloc';
import { ALLOC_TABLE_MUTANTS } from './mutants-alloc-tables';
import { ATTACH_MUTANTS } from './mutants-attach';
import { CACHE_MUTANTS } from './mutants-caches';
import { COHERENCY_MUTANTS } from './mutants-coherency';
import { DEVICE_MUTANTS } from './mutants-devices';
import { DIRTY_MUTANTS } from './mutants-dirty';
import { ENTRY_MUTANTS } from './mutants-entry';
import { FAULT_MUTANTS } from './mutants-faults';
import { HISTORY_MUTANTS } from './mutants-history';
import { INVALIDATE_MUTANTS } from './mutants-invalidate';
import { SHARING_MUTANTS } from './mutants-sharing';
import { TYPE_MUTANTS } from './mutants-types';

export const VTD_MUTANTS: readonly Mutant[] = [
  ...ALLOC_MUTANTS,
  ...ALLOC_TABLE_MUTANTS,
  ...ATTACH_MUTANTS,
  ...ENTRY_MUTANTS,
  ...SHARING_MUTANTS,
  ...COHERENCY_MUTANTS,
  ...TYPE_MUTANTS,
  ...CACHE_MUTANTS,
  ...DEVICE_MUTANTS,
  ...DIRTY_MUTANTS,
  ...FAULT_MUTANTS,
  ...HISTORY_MUTANTS,
  ...INVALIDATE_MUTANTS,
];
