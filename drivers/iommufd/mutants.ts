/**
 * One defect each of the reference /dev/iommu, at least the one that the rule catalogue names for each rule that can be asked of it above a
 * driver of ours.
 */
import type { Mutant } from '#drivers/mutants/mutant';
import { ATTACH_MUTANTS } from './mutants-attach';
import { DIRTY_MUTANTS } from './mutants-dirty';
import { EVENT_MUTANTS } from './mutants-events';
import { FAULT_MUTANTS } from './mutants-faults';
import { FRAME_MUTANTS } from './mutants-frame';
import { HWPT_MUTANTS } from './mutants-hwpt';
import { INVALIDATE_MUTANTS } from './mutants-invalidate';
import { IOAS_MUTANTS } from './mutants-ioas';
import { PASID_MUTANTS } from './mutants-pasid';

export const IOMMUFD_MUTANTS: readonly Mutant[] = [
  ...FRAME_MUTANTS,
  ...ATTACH_MUTANTS,
  ...HWPT_MUTANTS,
  ...INVALIDATE_MUTANTS,
  ...IOAS_MUTANTS,
  ...DIRTY_MUTANTS,
  ...PASID_MUTANTS,
  ...EVENT_MUTANTS,
  ...FAULT_MUTANTS,
];
