/** Every mutant of every bundled driver. */
import { TOY_MUTANTS } from '../toy/mutants';
import type { Mutant } from './mutant';

export const MUTANTS: readonly Mutant[] = [...TOY_MUTANTS];
