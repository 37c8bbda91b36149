/** What a fault record says of a request. */
import type { ValuesOf } from '#hw-models/core/bits';
import type { Frcd } from '#hw-models/vtd/registers';

/** Fields of a fault recording register. @spec VT-D "Fault Recording Registers" */
export type FaultRecord = Partial<Omit<ValuesOf<(typeof Frcd)['fields']>, 'F'>>;

/** T1 and T2. */
export const REQUEST_TYPES = {
  write: { T1: false, T2: false },
  'page-request': { T1: false, T2: true },
  read: { T1: true, T2: false },
  atomic: { T1: true, T2: true },
} as const;

/** AT: the address type of the request. */
export const ADDRESS_TYPES = { untranslated: 0, 'translation-request': 1, translated: 2 } as const;

/** A request that was refused. */
export interface RefusedRequest {
  readonly reason: number;
  readonly sourceId: number;
  readonly pasid: number | undefined;
  readonly iova: bigint;
  readonly access: 'read' | 'write' | 'execute';
  readonly privileged: boolean;
  readonly addressType: keyof typeof ADDRESS_TYPES;
}

/** PV, PRIV and EXE have a meaning with a PASID only. */
export function faultRecord({ reason, sourceId, pasid, iova, access, privileged, addressType }: RefusedRequest): FaultRecord {
  const tagged = pasid !== undefined;
  return {
    ...REQUEST_TYPES[access === 'write' ? 'write' : 'read'],
    AT: ADDRESS_TYPES[addressType],
    FR: reason,
    SID: sourceId,
    PP: tagged,
    PV: pasid ?? 0,
    PRIV: tagged && privileged,
    EXE: tagged && access === 'execute',
    FI: iova / PAGE,
  };
}

const PAGE = 4096n;
