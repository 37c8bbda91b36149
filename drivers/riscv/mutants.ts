/**
 * One defect each of the RISC-V driver, at least the one that the rule catalogue names for each rule. These rules name none that can be
 * declared:
 *
 * | Rule | Why |
 * | --- | --- |
 * | RVN-FLUSH-04 | the defect would be the hardware's, which keeps nothing that is not valid: device-context.test.ts of the model holds it |
 * | RVN-ML-05, RVN-ML-08, RVN-ML-12 | they bind Linux's driver alone, and say what it does |
 */
import type { Mutant } from '#drivers/mutants/mutant';
import { ALLOC_MUTANTS } from './mutants-alloc';
import { DETACH_MUTANTS } from './mutants-detach';
import { FLUSH_MUTANTS } from './mutants-flush';
import { MAINLINE_MUTANTS } from './mutants-mainline';
import { NESTED_MUTANTS } from './mutants-nested';
import { SEQUENCER_MUTANTS } from './mutants-sequencer';
import { SPECIFICATION_MUTANTS } from './mutants-specification';
import { TAG_MUTANTS } from './mutants-tags';
import { UAPI_MUTANTS } from './mutants-uapi';
import { UNWINDING_MUTANTS } from './mutants-unwinding';

export const RISCV_MUTANTS: readonly Mutant[] = [
  ...DETACH_MUTANTS,
  ...NESTED_MUTANTS,
  ...FLUSH_MUTANTS,
  ...SEQUENCER_MUTANTS,
  ...ALLOC_MUTANTS,
  ...UAPI_MUTANTS,
  ...UNWINDING_MUTANTS,
  ...TAG_MUTANTS,
  ...MAINLINE_MUTANTS,
  ...SPECIFICATION_MUTANTS,
];
