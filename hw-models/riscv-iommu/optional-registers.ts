/** Registers that an implementation may lack. */
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { MAP, type RegisterName } from '#hw-models/riscv-iommu/registers';

const never = (): boolean => false;

/** By how a name begins: whether an implementation has the register. @spec RISCV-IOMMU "Register layout" */
const OPTIONAL: readonly { readonly begins: RegExp; readonly has: (part: Capabilities, vector: number) => boolean }[] = [
  { begins: /^pq/, has: ({ ATS }) => ATS },
  { begins: /^io(count|hpm)/, has: never },
  { begins: /^tr_/, has: ({ DBG }) => DBG },
  { begins: /^iommu_qosid/, has: never },
  { begins: /^msi_\D*/, has: ({ IGS, vectors }, vector) => IGS !== 'WSI' && vector < vectors },
];

/** The registers that `part` does not have: they read as 0. @spec RISCV-IOMMU "Memory-mapped register interface" */
export function absentFrom(part: Capabilities): ReadonlySet<RegisterName> {
  const names = Object.keys(MAP) as RegisterName[];
  return new Set(
    names.filter((name) => OPTIONAL.some(({ begins, has }) => begins.test(name) && !has(part, Number(name.replace(begins, ''))))),
  );
}
