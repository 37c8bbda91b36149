/** What one RISC-V IOMMU supports, decoded from its `capabilities` register. Field names are the register's. */
import { NotModelled } from '#hw-models/core/errors';

/** The capabilities of an implementation. @spec RISCV-IOMMU "IOMMU capabilities (`capabilities`)" */
export interface Capabilities {
  readonly Sv39: boolean;
  readonly Sv48: boolean;
  readonly Sv57: boolean;
  readonly Svrsw60t59b: boolean;
  readonly Svpbmt: boolean;
  readonly Sv39x4: boolean;
  readonly Sv48x4: boolean;
  readonly Sv57x4: boolean;
  readonly AMO_MRIF: boolean;
  readonly MSI_FLAT: boolean;
  readonly MSI_MRIF: boolean;
  readonly AMO_HWAD: boolean;
  readonly ATS: boolean;
  readonly T2GPA: boolean;
  readonly IGS: 'MSI' | 'WSI' | 'both';
  readonly DBG: boolean;
  /** Physical address size in bits, 1 to 56. */
  readonly PAS: number;
  readonly PD8: boolean;
  readonly PD17: boolean;
  readonly PD20: boolean;
  /** Levels that a device directory may have; the others read back as Off. @spec RISCV-IOMMU "Device-directory-table pointer (`ddtp`)" */
  readonly levels: readonly (1 | 2 | 3)[];
  /** Interrupt vectors that the IOMMU has: 1, 2, 4, 8 or 16. */
  readonly vectors: number;
  /** log2 of the entries of the largest queue. */
  readonly queueLog2: number;
}

/** Version 1.0 with everything that this model has. */
export const FULL: Capabilities = {
  Sv39: true,
  Sv48: true,
  Sv57: true,
  Svrsw60t59b: true,
  Svpbmt: true,
  Sv39x4: true,
  Sv48x4: true,
  Sv57x4: true,
  AMO_MRIF: true,
  MSI_FLAT: true,
  MSI_MRIF: true,
  AMO_HWAD: true,
  ATS: true,
  T2GPA: true,
  IGS: 'both',
  DBG: true,
  PAS: 56,
  PD8: true,
  PD17: true,
  PD20: true,
  levels: [1, 2, 3],
  vectors: 4,
  queueLog2: 19,
};

/** Every combination that the specification rules out, by its statement. @spec RISCV-IOMMU "IOMMU capabilities (`capabilities`)" */
const RULED_OUT: readonly { readonly why: string; readonly when: (part: Capabilities) => boolean }[] = [
  { why: 'PAS is not 1 to 56', when: ({ PAS }) => !Number.isInteger(PAS) || PAS < 1 || PAS > 56 },
  { why: 'the number of vectors is not 1, 2, 4, 8 or 16', when: ({ vectors }) => ![1, 2, 4, 8, 16].includes(vectors) },
];

/** `part` over everything. Throws `RangeError` for what the specification rules out, `NotModelled` for what we leave out. */
export function capabilities(part: Partial<Capabilities> = {}): Capabilities {
  const all: Capabilities = { ...FULL, ...part };
  for (const { why, when } of RULED_OUT) if (when(all)) throw new RangeError(`capabilities of a RISC-V IOMMU: ${why}`);
  for (const absent of ['Sv32', 'Sv32x4', 'END', 'HPM', 'QOSID', 'NL', 'S'])
    if ((part as Readonly<Record<string, unknown>>)[absent] === true) throw new NotModelled(`capabilities.${absent}`);
  return all;
}
