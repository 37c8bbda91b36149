/**
 * Entries of the Command queue: 128 bits each, opcodes and operands. What the commands do is in another file.
 *
 * Read in the specification: opcodes, the operands of CMD_TLBI_NH_ASID and those of range invalidation. Its figures were not
 * available: the positions of the other operands are driver-derived, and those of SSec, of the VMID of CMD_CFGI_VMS_PIDM and of
 * what is said to be so below are not confirmed at all.
 */

import { bit, bits, oneOf, reserved, uint, word } from '#hw-models/core/bits';
import type { AnyLayout } from '#hw-models/core/bits';
import { SHAREABILITY } from '#hw-models/smmu-v3/registers';

/** Bytes of a command. @spec SMMU-V3 "Command opcodes" */
export const COMMAND_SIZE = 16;

const opcode = { opcode: uint(7, 0) };
const stream = { StreamID: uint(63, 32), rsv11: reserved(31, 11), SSec: bit(10), rsv8: reserved(9, 8), ...opcode };
const substream = { StreamID: uint(63, 32), SubstreamID: uint(31, 12), SSV: bit(11), SSec: bit(10), rsv8: reserved(9, 8), ...opcode };
const atsSubstream = { StreamID: uint(63, 32), SubstreamID: uint(31, 12), SSV: bit(11), rsv10: reserved(10) };
const noOperand = { rsv64: reserved(127, 64) };
const leafOperand = { rsv65: reserved(127, 65), Leaf: bit(64) };
const noTag = { rsv32: reserved(63, 32) };
const vmidTag = { rsv48: reserved(63, 48), VMID: uint(47, 32) };
const asidTag = { ASID: uint(63, 48), rsv32: reserved(47, 32) };
const bothTags = { ASID: uint(63, 48), VMID: uint(47, 32) };
const everything = { rsv8: reserved(31, 8), ...opcode };
const range = {
  rsv26: reserved(31, 26),
  SCALE: uint(25, 20),
  rsv17: reserved(19, 17),
  NUM: uint(16, 12),
  rsv8: reserved(11, 8),
  ...opcode,
};
const hints = {
  TG: oneOf(75, 74, { any: 0, '4K': 1, '16K': 2, '64K': 3 }),
  TTL: uint(73, 72),
  TTL128: bit(71),
  rsv65: reserved(70, 65),
  Leaf: bit(64),
};
// Addresses are in units of 4 KiB.
const va = { Address: bits(127, 76), ...hints };
const ipa = { rsv120: reserved(127, 120), Address: bits(119, 76), ...hints };

/** Hints that a stream will be used. @spec SMMU-V3 "CMD_PREFETCH_CONFIG(StreamID, SSec, SubstreamID, SSV)" */
export const PrefetchConfig = word(128, 'CMD_PREFETCH_CONFIG', { ...noOperand, ...substream });

/**
 * Hints that addresses will be used; how Stride and NS share their bits is not confirmed.
 * @spec SMMU-V3 "CMD_PREFETCH_ADDR(StreamID, SSec, SubstreamID, SSV, Addr, NS, Size, Stride)"
 */
export const PrefetchAddr = word(128, 'CMD_PREFETCH_ADDR', {
  Address: bits(127, 76),
  Stride_NS: uint(75, 69),
  Size: uint(68, 64),
  ...substream,
});

/** Drops the STE of a stream, and with Leaf clear the descriptors that lead to it. @spec SMMU-V3 "CMD_CFGI_STE(StreamID, SSec, Leaf)" */
export const CfgiSte = word(128, 'CMD_CFGI_STE', { ...leafOperand, ...stream });

/**
 * Drops those of an aligned block of `2 ** (Range + 1)` streams; Range 31 is all.
 * @spec SMMU-V3 "CMD_CFGI_STE_RANGE(StreamID, SSec, Range)"
 */
export const CfgiSteRange = word(128, 'CMD_CFGI_STE_RANGE', { rsv69: reserved(127, 69), Range: uint(68, 64), ...stream });

/** Drops one CD of a stream, and with Leaf clear what leads to it. @spec SMMU-V3 "CMD_CFGI_CD(StreamID, SSec, SubstreamID, Leaf)" */
export const CfgiCd = word(128, 'CMD_CFGI_CD', {
  ...leafOperand,
  StreamID: uint(63, 32),
  SubstreamID: uint(31, 12),
  rsv11: reserved(11),
  SSec: bit(10),
  rsv8: reserved(9, 8),
  ...opcode,
});

/** Drops all CDs of a stream. @spec SMMU-V3 "CMD_CFGI_CD_ALL(StreamID, SSec)" */
export const CfgiCdAll = word(128, 'CMD_CFGI_CD_ALL', { ...noOperand, ...stream });

/** Drops the partition map of a VMID. @spec SMMU-V3 "CMD_CFGI_VMS_PIDM(SSec, VMID)" */
export const CfgiVmsPidm = word(128, 'CMD_CFGI_VMS_PIDM', {
  ...noOperand,
  ...vmidTag,
  rsv11: reserved(31, 11),
  SSec: bit(10),
  rsv8: reserved(9, 8),
  ...opcode,
});

/** A TLB invalidation that selects nothing: all of a regime. @spec SMMU-V3 "CMD_TLBI_NSNH_ALL" */
export const TlbiAll = word(128, 'CMD_TLBI_*_ALL', { ...noOperand, ...noTag, ...everything });

/** Selects by VMID. @spec SMMU-V3 "CMD_TLBI_S12_VMALL(VMID)" and "CMD_TLBI_NH_ALL(VMID)" */
export const TlbiVmid = word(128, 'CMD_TLBI_*(VMID)', { ...noOperand, ...vmidTag, ...everything });

/** Selects by ASID where there is no VMID. @spec SMMU-V3 "CMD_TLBI_EL2_ASID(ASID)" */
export const TlbiAsid = word(128, 'CMD_TLBI_*(ASID)', { ...noOperand, ...asidTag, ...everything });

/** Selects by VMID and ASID. @spec SMMU-V3 "CMD_TLBI_NH_ASID(VMID, ASID)" */
export const TlbiNhAsid = word(128, 'CMD_TLBI_NH_ASID', { ...noOperand, ...bothTags, ...everything });

/** Selects by VMID and address, whatever the ASID. @spec SMMU-V3 "CMD_TLBI_NH_VAA(VMID, Addr, Leaf)" */
export const TlbiNhVaa = word(128, 'CMD_TLBI_NH_VAA', { ...va, ...vmidTag, ...range });

/** Selects by VMID, ASID and address. @spec SMMU-V3 "CMD_TLBI_NH_VA(VMID, ASID, Addr, Leaf)" */
export const TlbiNhVa = word(128, 'CMD_TLBI_NH_VA', { ...va, ...bothTags, ...range });

/** Selects by address alone. @spec SMMU-V3 "CMD_TLBI_EL2_VAA(Addr, Leaf)" and "CMD_TLBI_EL3_VA(Addr, Leaf)" */
export const TlbiVaa = word(128, 'CMD_TLBI_*(Addr)', { ...va, ...noTag, ...range });

/** Selects by ASID and address where there is no VMID. @spec SMMU-V3 "CMD_TLBI_EL2_VA(ASID, Addr, Leaf)" */
export const TlbiEl2Va = word(128, 'CMD_TLBI_EL2_VA', { ...va, ...asidTag, ...range });

/** Stage-2 entries by VMID and IPA; entries of both stages combined may stay. @spec SMMU-V3 "CMD_TLBI_S2_IPA(VMID, Addr, Leaf)" */
export const TlbiS2Ipa = word(128, 'CMD_TLBI_S2_IPA', { ...ipa, ...vmidTag, ...range });

/** The same for Secure entries; which of the upper bits is NS is not confirmed. @spec SMMU-V3 "CMD_TLBI_S_S2_IPA(VMID, Addr, Leaf, NS)" */
export const TlbiSS2Ipa = word(128, 'CMD_TLBI_S_S2_IPA', { NS: uint(127, 120), Address: bits(119, 76), ...hints, ...vmidTag, ...range });

/** Drops translations that a device caches itself. @spec SMMU-V3 "CMD_ATC_INV(StreamID, SubstreamID, SSV, Global, Address, Size)" */
export const AtcInv = word(128, 'CMD_ATC_INV', {
  Address: bits(127, 76),
  rsv70: reserved(75, 70),
  Size: uint(69, 64),
  ...atsSubstream,
  Global: bit(9),
  rsv8: reserved(8),
  ...opcode,
});

/** Answers a page request group. @spec SMMU-V3 "CMD_PRI_RESP(StreamID, SubstreamID, SSV, PRGIndex, Resp)" */
export const PriResp = word(128, 'CMD_PRI_RESP', {
  rsv78: reserved(127, 78),
  Resp: oneOf(77, 76, { ResponseFailure: 0, InvalidRequest: 1, Success: 2 }),
  rsv73: reserved(75, 73),
  PRGIndex: uint(72, 64),
  ...atsSubstream,
  rsv8: reserved(9, 8),
  ...opcode,
});

/**
 * Retries (Ac) or ends a stalled transaction, by abort (Ab) or silently.
 * @spec SMMU-V3 "CMD_RESUME(StreamID, SSec, STAG, Action, Abort)"
 */
export const Resume = word(128, 'CMD_RESUME', {
  rsv80: reserved(127, 80),
  STAG: uint(79, 64),
  StreamID: uint(63, 32),
  rsv14: reserved(31, 14),
  Ab: bit(13),
  Ac: bit(12),
  rsv11: reserved(11),
  SSec: bit(10),
  rsv8: reserved(9, 8),
  ...opcode,
});

/** Ends all stalled transactions of a stream. @spec SMMU-V3 "CMD_STALL_TERM(StreamID, SSec)" */
export const StallTerm = word(128, 'CMD_STALL_TERM', { ...noOperand, ...stream });

/**
 * Waits for all earlier commands; the address is in units of 4 bytes. A reserved CS is illegal.
 * @spec SMMU-V3 "CMD_SYNC(ComplSignal, MSIAddress, MSIData, MSIWriteAttributes)"
 */
export const Sync = word(128, 'CMD_SYNC', {
  rsv120: reserved(127, 120),
  MSIAddress: bits(119, 66),
  rsv64: reserved(65, 64),
  MSIData: uint(63, 32),
  rsv28: reserved(31, 28),
  MSIAttr: uint(27, 24),
  MSH: oneOf(23, 22, SHAREABILITY),
  rsv14: reserved(21, 14),
  CS: oneOf(13, 12, { SIG_NONE: 0, SIG_IRQ: 1, SIG_SEV: 2 }),
  rsv8: reserved(11, 8),
  ...opcode,
});

/** The opcode, which every command has. @spec SMMU-V3 "Command opcodes" */
export const Command = word(128, 'CMD', { operands: bits(127, 8), ...opcode });

/** Every command with its opcode; CMD_CFGI_ALL is CMD_CFGI_STE_RANGE with Range 31. @spec SMMU-V3 "Command opcodes" */
export const COMMANDS = {
  CMD_PREFETCH_CONFIG: { opcode: 0x01, layout: PrefetchConfig },
  CMD_PREFETCH_ADDR: { opcode: 0x02, layout: PrefetchAddr },
  CMD_CFGI_STE: { opcode: 0x03, layout: CfgiSte },
  CMD_CFGI_STE_RANGE: { opcode: 0x04, layout: CfgiSteRange },
  CMD_CFGI_CD: { opcode: 0x05, layout: CfgiCd },
  CMD_CFGI_CD_ALL: { opcode: 0x06, layout: CfgiCdAll },
  CMD_CFGI_VMS_PIDM: { opcode: 0x07, layout: CfgiVmsPidm },
  CMD_TLBI_NH_ALL: { opcode: 0x10, layout: TlbiVmid },
  CMD_TLBI_NH_ASID: { opcode: 0x11, layout: TlbiNhAsid },
  CMD_TLBI_NH_VA: { opcode: 0x12, layout: TlbiNhVa },
  CMD_TLBI_NH_VAA: { opcode: 0x13, layout: TlbiNhVaa },
  CMD_TLBI_EL3_ALL: { opcode: 0x18, layout: TlbiAll },
  CMD_TLBI_EL3_VA: { opcode: 0x1a, layout: TlbiVaa },
  CMD_TLBI_EL2_ALL: { opcode: 0x20, layout: TlbiAll },
  CMD_TLBI_EL2_ASID: { opcode: 0x21, layout: TlbiAsid },
  CMD_TLBI_EL2_VA: { opcode: 0x22, layout: TlbiEl2Va },
  CMD_TLBI_EL2_VAA: { opcode: 0x23, layout: TlbiVaa },
  CMD_TLBI_S12_VMALL: { opcode: 0x28, layout: TlbiVmid },
  CMD_TLBI_S2_IPA: { opcode: 0x2a, layout: TlbiS2Ipa },
  CMD_TLBI_NSNH_ALL: { opcode: 0x30, layout: TlbiAll },
  CMD_ATC_INV: { opcode: 0x40, layout: AtcInv },
  CMD_PRI_RESP: { opcode: 0x41, layout: PriResp },
  CMD_RESUME: { opcode: 0x44, layout: Resume },
  CMD_STALL_TERM: { opcode: 0x45, layout: StallTerm },
  CMD_SYNC: { opcode: 0x46, layout: Sync },
  CMD_TLBI_S_EL2_ALL: { opcode: 0x50, layout: TlbiAll },
  CMD_TLBI_S_EL2_ASID: { opcode: 0x51, layout: TlbiAsid },
  CMD_TLBI_S_EL2_VA: { opcode: 0x52, layout: TlbiEl2Va },
  CMD_TLBI_S_EL2_VAA: { opcode: 0x53, layout: TlbiVaa },
  CMD_TLBI_S_S12_VMALL: { opcode: 0x58, layout: TlbiVmid },
  CMD_TLBI_S_S2_IPA: { opcode: 0x5a, layout: TlbiSS2Ipa },
  CMD_TLBI_SNH_ALL: { opcode: 0x60, layout: TlbiAll },
  // Their operands are not confirmed; without a Device Permission Table the opcodes are illegal anyhow.
  CMD_DPTI_ALL: { opcode: 0x70, layout: Command },
  CMD_DPTI_PA: { opcode: 0x73, layout: Command },
} as const satisfies Readonly<Record<string, { readonly opcode: number; readonly layout: AnyLayout }>>;

/** A command by its name. */
export type CommandName = keyof typeof COMMANDS;

const NAMES: ReadonlyMap<number, CommandName> = new Map(
  Object.entries(COMMANDS).map(([name, command]) => [command.opcode, name as CommandName]),
);

/** The command that an opcode names; `undefined` for a reserved one. */
export const commandNamed = (code: number): CommandName | undefined => NAMES.get(code);
