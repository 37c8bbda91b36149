/**
 * Records of the Event queue: 256 bits each, numbers and fields.
 *
 * Read in the specification: every field, and the positions in F_UUT, C_BAD_STREAMID, C_BAD_STE, C_BAD_SUBSTREAMID, C_BAD_CD,
 * F_CFG_CONFLICT, E_PAGE_REQUEST and F_VMS_FETCH. Its other figures were not available: positions are driver-derived there, and
 * those of NSIPA and IMPDEF, of the Reason of F_WALK_EABT and F_TLB_CONFLICT, and of what is named `unconfirmed` are not confirmed.
 */

import { bit, bits, oneOf, reserved, uint, word } from '#hw-models/core/bits';
import type { AnyLayout } from '#hw-models/core/bits';

/** Bytes of an event record. @spec SMMU-V3 "Event records" */
export const EVENT_SIZE = 32;

const number = { number: uint(7, 0) };
const stream = { StreamID: uint(63, 32), SubstreamID: uint(31, 12), SSV: bit(11), rsv8: reserved(10, 8), ...number };
const streamOnly = { StreamID: uint(63, 32), unconfirmed: bits(31, 8), ...number };
const access = { RnW: bit(99), InD: bit(98), PnU: bit(97), rsv96: reserved(96) };
const input = { InputAddr: bits(191, 128) };
// In units of 4 KiB; the offset in the page is that of InputAddr.
const ipa = { rsv248: reserved(255, 248), IPA: bits(247, 204), rsv192: reserved(203, 192) };
// In units of 8 bytes.
const fetched = { rsv248: reserved(255, 248), FetchAddr: bits(247, 195), rsv192: reserved(194, 192) };
const cause = { rsv80: reserved(95, 80), Reason: uint(79, 64) };
const fetchCause = { rsv81: reserved(95, 81), GPCF: bit(80), Reason: uint(79, 64) };
const stage = { S2: bit(103), rsv101: reserved(102, 101), NSIPA: bit(100) };
const operation = { CLASS: oneOf(105, 104, { CD: 0, TT: 1, IN: 2 }) };
const stall = { Stall: bit(95), rsv80: reserved(94, 80), STAG: uint(79, 64) };

// The four faults that CD.{A,R,S} and STE.{S2R,S2S} govern.
const translationRelated = {
  ...ipa,
  ...input,
  IMPDEF: uint(127, 112),
  rsv106: reserved(111, 106),
  ...operation,
  ...stage,
  ...access,
  ...stall,
  ...stream,
};
const bare = { rsv64: reserved(255, 64) };
const structureFetch = { ...fetched, rsv96: reserved(191, 96), ...fetchCause, ...stream };

/** A transaction of a kind that the SMMU does not support. @spec SMMU-V3 "F_UUT" */
export const FUut = word(256, 'F_UUT', {
  rsv192: reserved(255, 192),
  ...input,
  rsv100: reserved(127, 100),
  ...access,
  ...cause,
  ...stream,
});

/** The StreamID lies outside the Stream table. @spec SMMU-V3 "C_BAD_STREAMID" */
export const CBadStreamid = word(256, 'C_BAD_STREAMID', { ...bare, ...stream });

/** Fetching an STE or an L1STD was aborted. @spec SMMU-V3 "F_STE_FETCH" */
export const FSteFetch = word(256, 'F_STE_FETCH', structureFetch);

/** The STE is invalid or ILLEGAL. @spec SMMU-V3 "C_BAD_STE" */
export const CBadSte = word(256, 'C_BAD_STE', { ...bare, ...stream });

/** An ATS Translation Request that the stream may not make. @spec SMMU-V3 "F_BAD_ATS_TREQ" */
export const FBadAtsTreq = word(256, 'F_BAD_ATS_TREQ', { rsv192: reserved(255, 192), unconfirmed: bits(191, 64), ...stream });

/** A transaction without SubstreamID, or with SubstreamID 0, that STE.S1DSS excludes. @spec SMMU-V3 "F_STREAM_DISABLED" */
export const FStreamDisabled = word(256, 'F_STREAM_DISABLED', { ...bare, ...streamOnly });

/** An ATS Translated transaction that the stream may not make. @spec SMMU-V3 "F_TRANSL_FORBIDDEN" */
export const FTranslForbidden = word(256, 'F_TRANSL_FORBIDDEN', {
  rsv192: reserved(255, 192),
  ...input,
  rsv100: reserved(127, 100),
  RnW: bit(99),
  rsv64: reserved(98, 64),
  ...streamOnly,
});

/** The SubstreamID, always given, has no Context descriptor. @spec SMMU-V3 "C_BAD_SUBSTREAMID" */
export const CBadSubstreamid = word(256, 'C_BAD_SUBSTREAMID', {
  ...bare,
  StreamID: uint(63, 32),
  SubstreamID: uint(31, 12),
  rsv8: reserved(11, 8),
  ...number,
});

/** Fetching a CD was aborted. @spec SMMU-V3 "F_CD_FETCH" */
export const FCdFetch = word(256, 'F_CD_FETCH', structureFetch);

/** The CD is invalid or ILLEGAL. @spec SMMU-V3 "C_BAD_CD" */
export const CBadCd = word(256, 'C_BAD_CD', { ...bare, ...stream });

/** Reading or updating a translation table descriptor was aborted. @spec SMMU-V3 "F_WALK_EABT" */
export const FWalkEabt = word(256, 'F_WALK_EABT', {
  ...fetched,
  ...input,
  rsv106: reserved(127, 106),
  ...operation,
  S2: bit(103),
  rsv100: reserved(102, 100),
  ...access,
  ...fetchCause,
  ...stream,
});

/** No translation for the address. @spec SMMU-V3 "F_TRANSLATION" */
export const FTranslation = word(256, 'F_TRANSLATION', translationRelated);

/** A descriptor gave an address that is too large, or a bypass did. @spec SMMU-V3 "F_ADDR_SIZE" */
export const FAddrSize = word(256, 'F_ADDR_SIZE', translationRelated);

/** The Access flag of the last descriptor is clear. @spec SMMU-V3 "F_ACCESS" */
export const FAccess = word(256, 'F_ACCESS', translationRelated);

/**
 * The access is not permitted. AssuredOnly, Overlay and DirtyBit are among the reserved bits, at positions not confirmed:
 * they stay 0 without permission indirection.
 * @spec SMMU-V3 "F_PERMISSION"
 */
export const FPermission = word(256, 'F_PERMISSION', {
  ...ipa,
  ...input,
  IMPDEF: uint(127, 112),
  rsv109: reserved(111, 109),
  TTRnW: bit(108),
  rsv106: reserved(107, 106),
  ...operation,
  ...stage,
  ...access,
  ...stall,
  ...stream,
});

/** More than one TLB entry matched. @spec SMMU-V3 "F_TLB_CONFLICT" */
export const FTlbConflict = word(256, 'F_TLB_CONFLICT', {
  ...ipa,
  ...input,
  rsv104: reserved(127, 104),
  ...stage,
  ...access,
  ...cause,
  ...stream,
});

/** More than one cached STE matched. @spec SMMU-V3 "F_CFG_CONFLICT" */
export const FCfgConflict = word(256, 'F_CFG_CONFLICT', { rsv96: reserved(255, 96), ...cause, ...stream });

/** A device expects to access a range soon; the address is in units of 4 KiB. @spec SMMU-V3 "E_PAGE_REQUEST" */
export const EPageRequest = word(256, 'E_PAGE_REQUEST', {
  rsv192: reserved(255, 192),
  InputAddr: bits(191, 140),
  rsv116: reserved(139, 116),
  Span: uint(115, 108),
  rsv104: reserved(107, 104),
  pR: bit(103),
  pW: bit(102),
  pX: bit(101),
  rsv100: reserved(100),
  uR: bit(99),
  uW: bit(98),
  uX: bit(97),
  rsv64: reserved(96, 64),
  ...stream,
});

/** Fetching a VMS was aborted. @spec SMMU-V3 "F_VMS_FETCH" */
export const FVmsFetch = word(256, 'F_VMS_FETCH', structureFetch);

/** The number, which every record has. @spec SMMU-V3 "Event records" */
export const EventRecord = word(256, 'event', { fields: bits(255, 8), ...number });

/** Every event with its number; 0xe0 to 0xef are left to the implementation. @spec SMMU-V3 "Event records" */
export const EVENTS = {
  F_UUT: { number: 0x01, layout: FUut },
  C_BAD_STREAMID: { number: 0x02, layout: CBadStreamid },
  F_STE_FETCH: { number: 0x03, layout: FSteFetch },
  C_BAD_STE: { number: 0x04, layout: CBadSte },
  F_BAD_ATS_TREQ: { number: 0x05, layout: FBadAtsTreq },
  F_STREAM_DISABLED: { number: 0x06, layout: FStreamDisabled },
  F_TRANSL_FORBIDDEN: { number: 0x07, layout: FTranslForbidden },
  C_BAD_SUBSTREAMID: { number: 0x08, layout: CBadSubstreamid },
  F_CD_FETCH: { number: 0x09, layout: FCdFetch },
  C_BAD_CD: { number: 0x0a, layout: CBadCd },
  F_WALK_EABT: { number: 0x0b, layout: FWalkEabt },
  F_TRANSLATION: { number: 0x10, layout: FTranslation },
  F_ADDR_SIZE: { number: 0x11, layout: FAddrSize },
  F_ACCESS: { number: 0x12, layout: FAccess },
  F_PERMISSION: { number: 0x13, layout: FPermission },
  F_TLB_CONFLICT: { number: 0x20, layout: FTlbConflict },
  F_CFG_CONFLICT: { number: 0x21, layout: FCfgConflict },
  E_PAGE_REQUEST: { number: 0x24, layout: EPageRequest },
  F_VMS_FETCH: { number: 0x25, layout: FVmsFetch },
} as const satisfies Readonly<Record<string, { readonly number: number; readonly layout: AnyLayout }>>;

/** An event by its name. */
export type EventName = keyof typeof EVENTS;

const NAMES: ReadonlyMap<number, EventName> = new Map(Object.entries(EVENTS).map(([name, event]) => [event.number, name as EventName]));

/** The event that a number names; `undefined` for one reserved or left to the implementation. */
export const eventNamed = (code: number): EventName | undefined => NAMES.get(code);
