//! Words that the SMMU reads in memory: stream table entries, level-1 descriptors and commands.

/// Log2 of the bytes of an STE and of a level-1 descriptor.
pub const STE_SHIFT: u32 = 6;
pub const L1STD_SHIFT: u32 = 3;
/// Words of an STE.
pub const STE_WORDS: u64 = 8;

/// STE word 0: valid, and what becomes of the stream.
pub const STE_V: u64 = 1;
const STE_CONFIG_ABORT: u64 = 0 << 1;
const STE_CONFIG_STAGE2: u64 = 6 << 1;
/// Word 0 of a blocked entry.
pub const BLOCKED: u64 = STE_V | STE_CONFIG_ABORT;
pub const TRANSLATED: u64 = STE_V | STE_CONFIG_STAGE2;

/// STE word 1.
pub const STE_SHCFG_INCOMING: u64 = 1 << 44;

/// STE word 2: how stage 2 translates and faults.
pub const STE_S2VMID: u64 = 0xffff;
pub const STE_S2T0SZ_SHIFT: u32 = 32;
pub const STE_S2SL0_SHIFT: u32 = 38;
pub const STE_S2IR0_SHIFT: u32 = 40;
pub const STE_S2OR0_SHIFT: u32 = 42;
pub const STE_S2SH0_INNER: u64 = 3 << 44;
pub const STE_S2TG_SHIFT: u32 = 46;
pub const STE_S2PS_SHIFT: u32 = 48;
pub const STE_S2AA64: u64 = 1 << 51;
pub const STE_S2R: u64 = 1 << 58;
/// Cacheability of walks.
pub const WALK_WRITE_BACK: u64 = 1;
pub const WALK_NON_CACHEABLE: u64 = 0;

/// STE word 3: the table, in place.
pub const STE_S2TTB: u64 = 0x00ff_ffff_ffff_fff0;

/// Level-1 descriptor: where the second level is, and log2 of its entries, plus 1.
pub const L1STD_L2PTR: u64 = 0x00ff_ffff_ffff_ffc0;
pub const L1STD_SPAN: u64 = 0x1f;

/// A command: two words.
pub type Command = [u64; 2];
pub const COMMAND_SHIFT: u32 = 4;
/// Of a record of the event queue.
pub const EVENT_SHIFT: u32 = 5;

const CMD_CFGI_STE: u64 = 0x03;
const CMD_CFGI_STE_RANGE: u64 = 0x04;
const CMD_TLBI_S12_VMALL: u64 = 0x28;
const CMD_TLBI_S2_IPA: u64 = 0x2a;
const CMD_TLBI_NSNH_ALL: u64 = 0x30;
const CMD_SYNC: u64 = 0x46;
/// Where a stream's id or a VMID is in word 0.
const TAG_SHIFT: u32 = 32;
/// Word 1.
const LEAF: u64 = 1;
const ADDRESS: u64 = 0x00ff_ffff_ffff_f000;
/// CMD_CFGI_ALL is the range of 2^32 streams.
const ALL_STREAMS: u64 = 31;

/// Completes without a signal.
pub const SYNC: Command = [CMD_SYNC, 0];
pub const ALL_CONFIGURATION: Command = [CMD_CFGI_STE_RANGE, ALL_STREAMS];
pub const ALL_TRANSLATIONS: Command = [CMD_TLBI_NSNH_ALL, 0];

/// The entry of a stream, or with `leaf` false also the descriptor that leads to it.
pub fn cfgi_ste(stream: u32, leaf: bool) -> Command {
    [CMD_CFGI_STE | u64::from(stream) << TAG_SHIFT, if leaf { LEAF } else { 0 }]
}

pub fn tlbi_vmid(vmid: u32) -> Command {
    [CMD_TLBI_S12_VMALL | u64::from(vmid) << TAG_SHIFT, 0]
}

/// The leaf of an input address.
pub fn tlbi_leaf(vmid: u32, iova: u64) -> Command {
    [CMD_TLBI_S2_IPA | u64::from(vmid) << TAG_SHIFT, iova & ADDRESS | LEAF]
}
