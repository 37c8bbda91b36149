/**
 * Descriptors of the invalidation queue: what they say, and which of them are errors. Those of 128 bits are the lower halves of those of
 * 256 bits; all but the page group response have nothing in the upper half.
 *
 * Driver-derived (`LINUX-VTD` iommu.h and prq.c, `QEMU-VTD`): positions of operands, but not which bits beside them are reserved.
 */
import { bit, bits, oneOf, reserved, uint, word, type AnyLayout } from '#hw-models/core/bits';

const upper = { rsv128: reserved(255, 128) };
/** The type has seven bits, of which the upper three lie apart. */
const type = { type_high: uint(11, 9), type: uint(3, 0) };
const range = { ADDR: bits(127, 76), rsv71: reserved(75, 71), IH: bit(70), AM: uint(69, 64) };

/** What every descriptor has. @spec VT-D "Queued Invalidation Interface" */
export const DescriptorWord = word(256, 'descriptor', {
  operands: bits(255, 12),
  type_high: uint(11, 9),
  operand: uint(8, 4),
  type: uint(3, 0),
});

/** @spec VT-D "Context-cache Invalidate Descriptor" */
export const CcInv = word(256, 'cc_inv_dsc', {
  ...upper,
  rsv50: reserved(127, 50),
  FM: uint(49, 48),
  SID: uint(47, 32),
  DID: uint(31, 16),
  rsv12: reserved(15, 12),
  rsv6: reserved(8, 6),
  G: oneOf(5, 4, { global: 1, domain: 2, device: 3 }),
  ...type,
});

/** The address is in units of 4 KiB. @spec VT-D "IOTLB Invalidate Descriptor" */
export const IotlbInv = word(256, 'iotlb_inv_dsc', {
  ...upper,
  ...range,
  rsv32: reserved(63, 32),
  DID: uint(31, 16),
  rsv12: reserved(15, 12),
  rsv8: reserved(8),
  DR: bit(7),
  DW: bit(6),
  G: oneOf(5, 4, { global: 1, domain: 2, page: 3 }),
  ...type,
});

/** The address is in units of 4 KiB; with S its lowest 0 says the size. @spec VT-D "Device-TLB Invalidate Descriptor" */
export const DevTlbInv = word(256, 'dev_tlb_inv_dsc', {
  ...upper,
  ADDR: bits(127, 76),
  rsv65: reserved(75, 65),
  S: bit(64),
  PFSID_high: uint(63, 52),
  rsv48: reserved(51, 48),
  SID: uint(47, 32),
  rsv21: reserved(31, 21),
  MIP: uint(20, 16),
  PFSID_low: uint(15, 12),
  rsv4: reserved(8, 4),
  ...type,
});

/** The address is in units of 4 bytes. @spec VT-D "Invalidation Wait Descriptor" */
export const InvWait = word(256, 'inv_wait_dsc', {
  ...upper,
  address: bits(127, 66),
  rsv64: reserved(65, 64),
  data: uint(63, 32),
  rsv12: reserved(31, 12),
  rsv8: reserved(8),
  PD: bit(7),
  FN: bit(6),
  SW: bit(5),
  IF: bit(4),
  ...type,
});

/** The address is in units of 4 KiB. @spec VT-D "PASID-based-IOTLB Invalidate Descriptor" */
export const PIotlbInv = word(256, 'p_iotlb_inv_dsc', {
  ...upper,
  ...range,
  rsv52: reserved(63, 52),
  PASID: uint(51, 32),
  DID: uint(31, 16),
  rsv12: reserved(15, 12),
  rsv6: reserved(8, 6),
  G: oneOf(5, 4, { pasid: 2, page: 3 }),
  ...type,
});

/** @spec VT-D "PASID-cache Invalidate Descriptor" */
export const PcInv = word(256, 'pc_inv_dsc', {
  ...upper,
  rsv64: reserved(127, 64),
  rsv52: reserved(63, 52),
  PASID: uint(51, 32),
  DID: uint(31, 16),
  rsv12: reserved(15, 12),
  rsv6: reserved(8, 6),
  G: oneOf(5, 4, { domain: 0, pasid: 1, global: 3 }),
  ...type,
});

/** As `dev_tlb_inv_dsc`; G: of every PASID. @spec VT-D "PASID-based-Device-TLB Invalidate Descriptor" */
export const PDevTlbInv = word(256, 'p_dev_tlb_inv_dsc', {
  ...upper,
  ADDR: bits(127, 76),
  S: bit(75),
  rsv65: reserved(74, 65),
  G: bit(64),
  PFSID_high: uint(63, 52),
  PASID: uint(51, 32),
  SID: uint(31, 16),
  PFSID_low: uint(15, 12),
  MIP: uint(8, 4),
  ...type,
});

/** PDP and the private data are those of the request. @spec VT-D "Page Group Response Descriptor" */
export const PageGrpResp = word(256, 'page_grp_resp_dsc', {
  private_data: bits(255, 128),
  rsv76: reserved(127, 76),
  PRGI: uint(75, 67),
  LPIG: bit(66),
  rsv64: reserved(65, 64),
  rsv52: reserved(63, 52),
  PASID: uint(51, 32),
  RID: uint(31, 16),
  RC: oneOf(15, 12, { success: 0, 'invalid-request': 1, 'response-failure': 15 }),
  rsv6: reserved(8, 6),
  PDP: bit(5),
  PP: bit(4),
  ...type,
});

/** What hardware puts into the page request queue. The address is in units of 4 KiB. Neither R nor W, and LPIG: a "Stop Marker". @spec VT-D "Page Group Request Descriptor" */
export const PageGrpReq = word(256, 'page_grp_req_dsc', {
  rsv128: reserved(255, 128),
  ADDR: bits(127, 76),
  PRGI: uint(75, 67),
  LPIG: bit(66),
  WR: bit(65),
  RD: bit(64),
  rsv54: reserved(63, 54),
  PM: bit(53),
  EXE: bit(52),
  PASID: uint(51, 32),
  RID: uint(31, 16),
  rsv9: reserved(15, 9),
  PP: bit(8),
  type: uint(7, 0),
});

/** Every descriptor: its type, and whether it exists in 256 bits only. @spec VT-D "Queued Invalidation Interface" */
export const DESCRIPTORS = {
  cc_inv: { type: 1, layout: CcInv, wide: false },
  iotlb_inv: { type: 2, layout: IotlbInv, wide: false },
  dev_tlb_inv: { type: 3, layout: DevTlbInv, wide: false },
  inv_wait: { type: 5, layout: InvWait, wide: false },
  p_iotlb_inv: { type: 6, layout: PIotlbInv, wide: true },
  pc_inv: { type: 7, layout: PcInv, wide: true },
  p_dev_tlb_inv: { type: 8, layout: PDevTlbInv, wide: true },
  page_grp_resp: { type: 9, layout: PageGrpResp, wide: true },
} as const satisfies Readonly<Record<string, { readonly type: number; readonly layout: AnyLayout; readonly wide: boolean }>>;

export type DescriptorName = keyof typeof DESCRIPTORS;
