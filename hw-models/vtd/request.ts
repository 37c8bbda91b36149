/** What arrives at a remapping unit, and what it comes to. */
import type { Requester } from '#hw-models/core/reach/facts';

/** @spec VT-D "Types of DMA Requests" */
export interface Inbound {
  /** For whom hardware writes to the tables of a guest. */
  readonly requester: Requester;
  /** Source-id: bus, device and function in 16 bits. */
  readonly id: number;
  /** 20 bits; undefined: the request has none. */
  readonly pasid: number | undefined;
  readonly iova: bigint;
  /** Without a PASID, `execute` is a read. */
  readonly access: 'read' | 'write' | 'execute';
  /** Asks for supervisor privilege. Only with a PASID. */
  readonly privileged: boolean;
  /** `translation-request` asks for an address, `translated` brings one. */
  readonly type: 'untranslated' | 'translation-request' | 'translated';
}

/** The request goes on. */
export interface Found {
  readonly kind: 'translated';
  readonly pa: bigint;
  /** log2 of the bytes of the leaf; of the smaller of the two stages. */
  readonly sizeLog2: number;
  /** Rights as in `hw-models/core/walk`. */
  readonly prot: number;
  /** Nothing translated it: `pa` is the address that came. */
  readonly bypassed: boolean;
  /** It is an interrupt request. @spec VT-D "Handling Requests to Interrupt Address Range" */
  readonly isInterrupt: boolean;
  /** The device may keep what it is told: DTE, or the translation type of legacy mode. */
  readonly deviceTlb: boolean;
  /** What the translation was found under: names of spaces, the outer one first. */
  readonly spaces: readonly string[];
}

/** The request is blocked. */
export interface Refused {
  readonly kind: 'refused';
  /** As in the fault record. */
  readonly reason: number;
  readonly stage: 0 | 1 | 2;
  /** FPD of the structures that it came to keeps the fault from being recorded. */
  readonly silent: boolean;
}
