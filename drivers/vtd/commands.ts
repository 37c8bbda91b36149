/** The descriptors that this driver queues. Addresses are in bytes. */
import {
  CcInv,
  DESCRIPTORS,
  DescriptorWord,
  DevTlbInv,
  InvWait,
  IotlbInv,
  PageGrpResp,
  PcInv,
  PDevTlbInv,
  PIotlbInv,
  type DescriptorName,
} from '#hw-models/vtd/descriptors';

const PAGE = 4096n;
const WAIT_UNIT = 4n;
const LOW_PFSID = 2 ** 4;

const typeOf = (name: DescriptorName): { readonly type: number } => ({ type: DESCRIPTORS[name].type });

/** `2^order` pages, aligned to their size. */
export interface Pages {
  readonly address: bigint;
  readonly order: number;
  /** Tables that lead there have not changed. */
  readonly leafOnly: boolean;
}

export const ccGlobal = CcInv.encode({ ...typeOf('cc_inv'), G: 'global' });
export const ccDevice = (DID: number, SID: number): bigint => CcInv.encode({ ...typeOf('cc_inv'), G: 'device', DID, SID });

export const pcGlobal = PcInv.encode({ ...typeOf('pc_inv'), G: 'global' });
export const pcPasid = (DID: number, PASID: number): bigint => PcInv.encode({ ...typeOf('pc_inv'), G: 'pasid', DID, PASID });

const pagesOf = ({ address, order, leafOnly }: Pages) => ({ ADDR: address / PAGE, AM: order, IH: leafOnly });
/** Reads and writes that were translated before are complete, too. */
const drain = { DR: true, DW: true } as const;

export const iotlbGlobal = IotlbInv.encode({ ...typeOf('iotlb_inv'), G: 'global', ...drain });
export const iotlbDomain = (DID: number): bigint => IotlbInv.encode({ ...typeOf('iotlb_inv'), G: 'domain', DID, ...drain });
export const iotlbPages = (DID: number, pages: Pages): bigint =>
  IotlbInv.encode({ ...typeOf('iotlb_inv'), G: 'page', DID, ...pagesOf(pages), ...drain });

export const pIotlbPasid = (DID: number, PASID: number): bigint => PIotlbInv.encode({ ...typeOf('p_iotlb_inv'), G: 'pasid', DID, PASID });
export const pIotlbPages = (DID: number, PASID: number, pages: Pages): bigint =>
  PIotlbInv.encode({ ...typeOf('p_iotlb_inv'), G: 'page', DID, PASID, ...pagesOf(pages) });

/** More pages than an address can tell: everything. */
const WHOLE: Pages = { address: 0n, order: 52, leafOnly: false };

/** The size stands in the low bits of the address: ones, and then a 0. @spec VT-D "Device-TLB Invalidate Descriptor" */
const sizeOf = ({ address, order }: Pages) => ({ S: order > 0, ADDR: address / PAGE + (order > 0 ? 2n ** BigInt(order - 1) - 1n : 0n) });

const sourceOf = (SID: number) => ({ SID, PFSID_low: SID % LOW_PFSID, PFSID_high: Math.floor(SID / LOW_PFSID) });

/** What a device keeps for its requests without PASID. @param pages Left out: all of it. */
export const devTlb = (sid: number, pages = WHOLE): bigint =>
  DevTlbInv.encode({ ...typeOf('dev_tlb_inv'), ...sourceOf(sid), ...sizeOf(pages) });
export const pDevTlb = (sid: number, PASID: number, pages = WHOLE): bigint =>
  PDevTlbInv.encode({ ...typeOf('p_dev_tlb_inv'), ...sourceOf(sid), PASID, ...sizeOf(pages) });

/** Writes `data` when everything before it is complete. @param address Physical. */
export const wait = (address: bigint, data: number): bigint =>
  InvWait.encode({ ...typeOf('inv_wait'), address: address / WAIT_UNIT, data, SW: true, FN: true });
/** Page requests that were on their way are in their queue. @spec VT-D "Page Request Drain" */
export const drained = InvWait.encode({ ...typeOf('inv_wait'), PD: true, FN: true });
/** Does nothing. */
export const nothing = InvWait.encode({ ...typeOf('inv_wait'), FN: true });

/** The answer to a group of page requests. */
export const pageGroupResponse = (values: Parameters<typeof PageGrpResp.encode>[0]): bigint =>
  PageGrpResp.encode({ ...typeOf('page_grp_resp'), ...values });

/**
 * Descriptors that must be complete before those of the next stage begin: until the first are, a cache may be filled from what they drop.
 * @spec VT-D "Guidance to Software for Invalidations"
 */
export const STAGES = [
  ['cc_inv'],
  ['pc_inv'],
  ['iotlb_inv', 'p_iotlb_inv'],
  ['dev_tlb_inv', 'p_dev_tlb_inv', 'page_grp_resp'],
  ['inv_wait'],
] as const;

/** By type of descriptor. */
const STAGE_OF = new Map<number, number>(STAGES.flatMap((names, stage) => names.map((name) => [DESCRIPTORS[name].type, stage])));

export const stageOf = (descriptor: bigint): number => STAGE_OF.get(DescriptorWord.of(descriptor).type)!;
