/** What arrives at a RISC-V IOMMU, and what it answers the IO bridge. */

/** An inbound transaction, or a PCIe ATS Translation Request. @spec RISCV-IOMMU "Process to translate an IOVA" */
export interface Inbound {
  /** 24 bits. */
  readonly deviceId: number;
  /** 20 bits; undefined: the transaction has none. */
  readonly processId: number | undefined;
  /** Requests supervisor privilege. Only with a process_id. */
  readonly privileged: boolean;
  readonly iova: bigint;
  /** Writes include AMOs; `execute` is a read for execute. */
  readonly access: 'read' | 'write' | 'execute';
  /** `ats` asks for a translation, `translated` brings one. */
  readonly type: 'untranslated' | 'translated' | 'ats';
  /** Of an ATS Translation Request: write permission is not asked for. */
  readonly noWrite?: boolean;
}

/** The memory type of the leaf of the walk: as the PMA says, non-cacheable, or I/O. @spec RISCV-PRIV "Svpbmt" */
export type MemoryType = 'PMA' | 'NC' | 'IO';

/** The transaction goes on with this address. */
export interface Translated {
  readonly kind: 'translated';
  readonly pa: bigint;
  /** log2 of the bytes of the leaf; of the smaller of the two stages. */
  readonly sizeLog2: number;
  /** Rights as in `hw-models/core/walk`. */
  readonly prot: number;
  readonly memoryType: MemoryType;
  /** Nothing translated it: `pa` is the address that came. */
  readonly bypassed: boolean;
  /** It was recognised as an MSI and went through an MSI PTE in basic translate mode. */
  readonly msi: boolean;
}

/** The transaction is an MSI to a memory-resident interrupt file. @spec RISCV-IOMMU "Process to translate addresses of MSIs" */
export interface ToInterruptFile {
  readonly kind: 'interrupt-file';
  /** Of the MRIF, a multiple of 512. */
  readonly file: bigint;
  /** Where the notice MSI goes, and its data. */
  readonly notice: bigint;
  readonly noticeId: number;
}

/** The Success response to an ATS Translation Request. @spec RISCV-IOMMU "PCIe ATS translation request handling" */
export interface AtsSuccess {
  readonly kind: 'ats';
  /** PA, or GPA under T2GPA. UNSPECIFIED, here 0, when neither read nor write is granted. */
  readonly address: bigint;
  /** The PA, also under T2GPA: what a translated request with `address` comes to. Not part of the response. */
  readonly physical: bigint;
  readonly sizeLog2: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** Only untranslated requests may use the range. */
  readonly untranslatedOnly: boolean;
  readonly privileged: boolean;
  readonly global: boolean;
  /** The cause that kept it from being granted, never recorded; undefined when there is a translation. */
  readonly cause?: number;
}

/** The transaction is aborted, or the ATS request gets UR or CA. */
export interface Refused {
  readonly kind: 'refused';
  readonly response: 'unsupported-request' | 'completer-abort';
  /** As in the fault record. */
  readonly cause: number;
  readonly iotval: bigint;
  readonly iotval2: bigint;
  readonly record: 'recorded' | 'suppressed' | 'lost';
}

export type Answer = Translated | ToInterruptFile | AtsSuccess | Refused;

/** A PCIe "Page Request" or "Stop Marker" message. @spec RISCV-IOMMU "PCIe ATS Page Request handling" */
export interface PageRequest {
  readonly deviceId: number;
  readonly processId: number | undefined;
  readonly privileged: boolean;
  readonly execute: boolean;
  readonly read: boolean;
  readonly write: boolean;
  /** Last Request in PRG. */
  readonly last: boolean;
  /** 9 bits. */
  readonly group: number;
  readonly iova: bigint;
}

/** The "Page Request Group Response" that the IOMMU itself sends; undefined: the request was queued, or needs no response. */
export interface GroupResponse {
  readonly status: 'success' | 'invalid-request' | 'response-failure';
  readonly group: number;
  /** Whether the response carries the process_id of the request. */
  readonly processId: number | undefined;
}
