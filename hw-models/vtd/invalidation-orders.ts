/** What descriptors of the invalidation queue ask for, and which of them are errors. */
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import { hex } from '#hw-models/core/hex';
import { domainIdBits, type Capabilities } from '#hw-models/vtd/capabilities';
import {
  CcInv,
  DescriptorWord,
  DESCRIPTORS,
  DevTlbInv,
  InvWait,
  IotlbInv,
  PageGrpResp,
  PcInv,
  PDevTlbInv,
  PIotlbInv,
  type DescriptorName,
} from '#hw-models/vtd/descriptors';

/** `2^am` pages from `address` on; with `ih`, entries that lead to leaves stay. */
interface Pages {
  readonly address: bigint;
  readonly am: number;
  readonly ih?: true;
}

/** Drops context entries. @spec VT-D "Context-cache Invalidate Descriptor" */
export type InvalidateContexts =
  | { readonly kind: 'cc_inv'; readonly scope: 'global' }
  | { readonly kind: 'cc_inv'; readonly scope: 'domain'; readonly did: number }
  | { readonly kind: 'cc_inv'; readonly scope: 'device'; readonly did: number; readonly sid: number; readonly fm: number };

/** Drops translations of a domain. @spec VT-D "IOTLB Invalidate Descriptor" */
export type InvalidateIotlb =
  | { readonly kind: 'iotlb_inv'; readonly scope: 'global' }
  | { readonly kind: 'iotlb_inv'; readonly scope: 'domain'; readonly did: number }
  | ({ readonly kind: 'iotlb_inv'; readonly scope: 'page'; readonly did: number } & Pages);

/** Drops translations of a PASID. @spec VT-D "PASID-based-IOTLB Invalidate Descriptor" */
export type InvalidatePasidIotlb =
  | { readonly kind: 'p_iotlb_inv'; readonly scope: 'pasid'; readonly did: number; readonly pasid: number }
  | ({ readonly kind: 'p_iotlb_inv'; readonly scope: 'page'; readonly did: number; readonly pasid: number } & Pages);

/** Drops PASID table entries. @spec VT-D "PASID-cache Invalidate Descriptor" */
export type InvalidatePasids =
  | { readonly kind: 'pc_inv'; readonly scope: 'global' }
  | { readonly kind: 'pc_inv'; readonly scope: 'domain'; readonly did: number }
  | { readonly kind: 'pc_inv'; readonly scope: 'pasid'; readonly did: number; readonly pasid: number };

/** Tells a device's TLB. @spec VT-D "Device-TLB Invalidate Descriptor" and "PASID-based-Device-TLB Invalidate Descriptor" */
export type InvalidateDeviceTlb = {
  readonly sid: number;
  readonly qdep: number;
  readonly address: bigint;
  /** The address has the size in it, as PCIe encodes it; otherwise one page. */
  readonly size?: true;
} & (
  | { readonly kind: 'dev_tlb_inv' }
  | {
      readonly kind: 'p_dev_tlb_inv';
      readonly pasid: number;
      /** Of every PASID. */
      readonly global?: true;
    }
);

/** Answers the requests of a group. @spec VT-D "Page Group Response Descriptor" */
export interface RespondToGroup {
  readonly kind: 'page_grp_resp';
  readonly rid: number;
  readonly pasid?: number;
  /** 9 bits. */
  readonly group: number;
  readonly status: 'success' | 'invalid-request' | 'response-failure' | 'reserved';
}

/** Waits for the descriptors before it, and tells software. @spec VT-D "Invalidation Wait Descriptor" */
export interface Wait {
  readonly kind: 'inv_wait';
  /** What it writes. */
  readonly status?: { readonly address: bigint; readonly data: number };
  readonly interrupt?: true;
  /** Descriptors behind it begin when it is complete. */
  readonly fence?: true;
  /** Page requests from before it are in the queue. */
  readonly drain?: true;
}

/** A descriptor other than a wait. */
export type Order = InvalidateContexts | InvalidateIotlb | InvalidatePasidIotlb | InvalidatePasids | InvalidateDeviceTlb | RespondToGroup;

/** Why a descriptor stops the queue, as IQERCD.IQEI says it. */
export type DescriptorError = 'type' | 'reserved';

/** What decides how a descriptor is read, besides itself. */
export interface Circumstances {
  readonly part: Capabilities;
  /** Descriptors have 256 bits. */
  readonly wide: boolean;
}

const PAGE = 4096n;
const NAMES: ReadonlyMap<number, DescriptorName> = new Map(
  Object.entries(DESCRIPTORS).map(([name, { type }]) => [type, name as DescriptorName]),
);
/** Which capability a type of descriptor is for. */
const NEEDS: Readonly<Partial<Record<DescriptorName, 'DT' | 'PRS' | 'SMTS'>>> = {
  dev_tlb_inv: 'DT',
  p_dev_tlb_inv: 'DT',
  page_grp_resp: 'PRS',
  pc_inv: 'SMTS',
  p_iotlb_inv: 'SMTS',
};

/** A descriptor as it lies in memory. @spec VT-D "Queued Invalidation Interface" */
export function decode(raw: bigint, { part, wide }: Circumstances): Order | Wait | DescriptorError {
  const { type, type_high } = DescriptorWord.of(raw);
  const name = type_high === 0 ? NAMES.get(type) : undefined;
  if (name === undefined) return 'type';
  const need = NEEDS[name];
  if ((DESCRIPTORS[name].wide && !wide) || (need !== undefined && !part[need])) return 'type';
  return DESCRIPTORS[name].layout.hasReserved(raw) ? 'reserved' : DECODERS[name](raw, part);
}

const DECODERS: Readonly<Record<DescriptorName, (raw: bigint, part: Capabilities) => Order | Wait | DescriptorError>> = {
  cc_inv: (raw, part) => {
    const { G, SID: sid, FM: fm } = CcInv.of(raw);
    const did = domainOf(CcInv.of(raw).DID, part);
    switch (G) {
      case 'global':
        return { kind: 'cc_inv', scope: G };
      case 'domain':
        return { kind: 'cc_inv', scope: G, did };
      case 'device':
        return { kind: 'cc_inv', scope: G, did, sid, fm };
      case 'reserved':
        return G;
    }
  },
  iotlb_inv: (raw, part) => {
    const { G, AM } = IotlbInv.of(raw);
    const did = domainOf(IotlbInv.of(raw).DID, part);
    switch (G) {
      case 'global':
        return { kind: 'iotlb_inv', scope: G };
      case 'domain':
        return { kind: 'iotlb_inv', scope: G, did };
      case 'page':
        if (!part.PSI) throw new UnspecifiedBehaviour('iotlb_inv_dsc of pages', 'CAP.PSI is 0');
        if (AM > part.MAMV) throw new UnspecifiedBehaviour(`iotlb_inv_dsc with AM ${AM}`, `CAP.MAMV is ${part.MAMV}`);
        return { kind: 'iotlb_inv', scope: G, did, ...pagesOf(raw) };
      case 'reserved':
        return G;
    }
  },
  dev_tlb_inv: (raw) => {
    const { SID: sid, MIP: qdep, ADDR, S } = DevTlbInv.of(raw);
    return { kind: 'dev_tlb_inv', sid, qdep, address: ADDR * PAGE, ...(S && { size: true }) };
  },
  inv_wait: (raw, { PDS }) => {
    const { address, data, IF, SW, FN, PD } = InvWait.of(raw);
    if (PD && !PDS) return 'reserved';
    return {
      kind: 'inv_wait',
      ...(SW && { status: { address: address * 4n, data } }),
      ...(IF && { interrupt: true }),
      ...(FN && { fence: true }),
      ...(PD && { drain: true }),
    };
  },
  p_iotlb_inv: (raw, part) => {
    const { G, PASID: pasid } = PIotlbInv.of(raw);
    const did = domainOf(PIotlbInv.of(raw).DID, part);
    switch (G) {
      case 'pasid':
        return { kind: 'p_iotlb_inv', scope: G, did, pasid };
      case 'page':
        return { kind: 'p_iotlb_inv', scope: G, did, pasid, ...pagesOf(raw) };
      case 'reserved':
        return G;
    }
  },
  pc_inv: (raw, part) => {
    const { G, PASID: pasid } = PcInv.of(raw);
    const did = domainOf(PcInv.of(raw).DID, part);
    switch (G) {
      case 'global':
        return { kind: 'pc_inv', scope: G };
      case 'domain':
        return { kind: 'pc_inv', scope: G, did };
      case 'pasid':
        return { kind: 'pc_inv', scope: G, did, pasid };
      case 'reserved':
        return G;
    }
  },
  p_dev_tlb_inv: (raw) => {
    const { SID: sid, MIP: qdep, PASID: pasid, ADDR, S, G } = PDevTlbInv.of(raw);
    return { kind: 'p_dev_tlb_inv', sid, pasid, qdep, address: ADDR * PAGE, ...(S && { size: true }), ...(G && { global: true }) };
  },
  page_grp_resp: (raw) => {
    const { RID: rid, PP, PASID: pasid, PRGI: group, RC: status } = PageGrpResp.of(raw);
    return { kind: 'page_grp_resp', rid, ...(PP && { pasid }), group, status };
  },
};

/** Bits beyond those of a domain-id are ignored. @spec VT-D "Capability Register" field ND */
const domainOf = (did: number, part: Capabilities): number => did % 2 ** domainIdBits(part);

/** Low bits of the address that the mask covers are ignored. */
function pagesOf(raw: bigint): Pages {
  const { ADDR, AM: am, IH } = IotlbInv.of(raw);
  const pages = 2n ** BigInt(am);
  return { address: (ADDR - (ADDR % pages)) * PAGE, am, ...(IH && { ih: true }) };
}

/** A descriptor with the operands that it has. */
export function describe(raw: bigint, order: Order | Wait | DescriptorError): string {
  if (typeof order === 'string') return `descriptor ${hex(raw)}, an error of its ${order === 'type' ? 'type' : 'reserved bits'}`;
  const { kind, ...operands } = order;
  return [kind, ...Object.entries(operands).map(([name, value]) => shown(name, value))].join(' ');
}

function shown(name: string, value: unknown): string {
  if (value === true) return name;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return `${name} ${hex(value)}`;
  return [name, ...Object.entries(value as object).map(([inner, one]) => shown(inner, one))].join(' ');
}
