/** From what the procedure found to what the IO bridge is told, and to the fault record where there is one. */
import { addressOf } from '#hw-models/core/address';
import { EXECUTE, READ, WRITE } from '#hw-models/core/walk';
import { CAUSES, FaultRecord, TRANSACTION_TYPES } from '#hw-models/riscv-iommu/fault-record';
import type { Answer, AtsSuccess, Inbound, Refused } from '#hw-models/riscv-iommu/request';
import { accessOf, type Found, type FoundFile, type NotFound } from '#hw-models/riscv-iommu/translate';

/** How ATS requests are refused, by cause; the others get a Success response without rights. @spec RISCV-IOMMU "PCIe ATS translation request handling" */
const ATS_RESPONSES: ReadonlyMap<number, Refused['response']> = new Map([
  ...[1, 5, 7, 261, 263, 265, 267].map((cause) => [cause, 'completer-abort'] as const),
  ...[256, 257, 258, 259, 260].map((cause) => [cause, 'unsupported-request'] as const),
]);

/** Writes fault records. */
export interface Recorder {
  record(raw: bigint): 'recorded' | 'lost';
}

/** Answers for one IOMMU. */
export class Answers {
  readonly #records: Recorder;

  constructor(records: Recorder) {
    this.#records = records;
  }

  of(result: Found | FoundFile | NotFound, inbound: Inbound): Answer {
    if (inbound.type === 'ats') return this.#ats(result, inbound);
    switch (result.kind) {
      case 'translated':
        return result;
      case 'file': {
        const { file, notice, noticeId } = result.target;
        return { kind: 'interrupt-file', file, notice, noticeId };
      }
      case 'fault':
        return this.#refused(result, inbound, 'unsupported-request');
    }
  }

  #ats(result: Found | FoundFile | NotFound, inbound: Inbound): AtsSuccess | Refused {
    if (result.kind === 'fault') {
      const { cause } = result.fault;
      const response = ATS_RESPONSES.get(cause);
      return response === undefined ? { ...nothing(inbound), cause } : this.#refused(result, inbound, response);
    }
    if (result.kind === 'file') return { ...nothing(inbound), read: true, write: true, untranslatedOnly: true };
    return granted(result, inbound);
  }

  #refused({ fault: { cause, iotval2 }, way }: NotFound, inbound: Inbound, response: Refused['response']): Refused {
    const { iova } = inbound;
    const isSilent = way?.silent === true && CAUSES[cause]!.suppressible;
    return {
      kind: 'refused',
      response,
      cause,
      iotval: iova,
      iotval2,
      record: isSilent ? 'suppressed' : this.#record(cause, iotval2, inbound),
    };
  }

  /** @spec RISCV-IOMMU "Fault/Event-Queue (FQ)" */
  #record(CAUSE: number, iotval2: bigint, inbound: Inbound): 'recorded' | 'lost' {
    const { deviceId, processId, privileged, iova } = inbound;
    const hasProcess = processId !== undefined;
    return this.#records.record(
      FaultRecord.encode({
        CAUSE,
        PID: processId ?? 0,
        PV: hasProcess,
        PRIV: hasProcess && privileged,
        TTYP: typeOf(inbound),
        DID: deviceId,
        iotval: iova,
        iotval2,
      }),
    );
  }
}

function typeOf(inbound: Inbound): number {
  const { type } = inbound;
  return type === 'ats' ? TRANSACTION_TYPES.ats : TRANSACTION_TYPES[`${type} ${accessOf(inbound)}` as const];
}

/** A Success response that grants nothing. */
const nothing = ({ processId, privileged }: Inbound): AtsSuccess => ({
  kind: 'ats',
  address: 0n,
  physical: 0n,
  sizeLog2: 12,
  read: false,
  write: false,
  execute: false,
  untranslatedOnly: false,
  privileged: processId !== undefined && privileged,
  global: false,
});

/** @spec RISCV-IOMMU "PCIe ATS translation request handling" */
function granted({ way, pa, guestFrame, sizeLog2, prot, global }: Found, inbound: Inbound): AtsSuccess {
  const read = (prot & READ) !== 0;
  return {
    ...nothing(inbound),
    address: way?.t2gpa === true ? addressOf(guestFrame, inbound.iova) : pa,
    physical: pa,
    sizeLog2,
    read,
    write: (prot & WRITE) !== 0,
    execute: read && inbound.access === 'execute' && (prot & EXECUTE) !== 0,
    global: global && inbound.processId !== undefined,
  };
}
