/** Every mutant of every bundled driver. */
import { PKVM_C_MUTANTS } from '../examples/pkvm-c/mutants';
import { PKVM_RUST_MUTANTS } from '../examples/pkvm-rust/mutants';
import { IOMMUFD_MUTANTS } from '../iommufd/mutants';
import { PKVM_MUTANTS } from '../pkvm/mutants';
import { RISCV_MUTANTS } from '../riscv/mutants';
import { TOY_MUTANTS } from '../toy/mutants';
import { VTD_MUTANTS } from '../vtd/mutants';
import type { Mutant } from './mutant';

export const MUTANTS: readonly Mutant[] = [
  ...TOY_MUTANTS,
  ...PKVM_MUTANTS,
  ...PKVM_C_MUTANTS,
  ...PKVM_RUST_MUTANTS,
  ...RISCV_MUTANTS,
  ...VTD_MUTANTS,
  ...IOMMUFD_MUTANTS,
];
