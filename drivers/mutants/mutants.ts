/** Every mutant of every bundled driver. */
import { PKVM_MUTANTS } from '../pkvm/mutants';
import { TOY_MUTANTS } from '../toy/mutants';
import type { Mutant } from './mutant';

export const MUTANTS: readonly Mutant[] = [...TOY_MUTANTS, ...PKVM_MUTANTS];
