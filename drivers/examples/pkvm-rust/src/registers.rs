//! The registers of one SMMU. A register that is polled is read until its fields have given values.

use iommu_tck::{mmio_read32, mmio_write32, mmio_write64, poll_until, Errno};

pub const IDR0: u32 = 0x0000;
pub const IDR0_S2P: u32 = 1 << 0;
pub const IDR0_TTF_SHIFT: u32 = 2;
pub const IDR0_TTF_MASK: u32 = 3;
pub const IDR0_TTF_32_ONLY: u32 = 1;
pub const IDR0_TTF_BOTH: u32 = 3;
pub const IDR0_COHACC: u32 = 1 << 4;
pub const IDR0_VMID16: u32 = 1 << 18;
pub const IDR0_TTENDIAN_SHIFT: u32 = 21;
pub const IDR0_TTENDIAN_MASK: u32 = 3;
pub const IDR0_TTENDIAN_BIG: u32 = 3;
pub const IDR0_STALL_MODEL_SHIFT: u32 = 24;
pub const IDR0_STALL_MODEL_MASK: u32 = 3;
pub const IDR0_STALL_MODEL_STALL: u32 = 2;
pub const IDR0_ST_LEVEL_SHIFT: u32 = 27;
pub const IDR0_ST_LEVEL_MASK: u32 = 3;
pub const IDR0_ST_LEVEL_TWO: u32 = 1;

pub const IDR1: u32 = 0x0004;
pub const IDR1_SIDSIZE_MASK: u32 = 0x3f;
pub const IDR1_EVENTQS_SHIFT: u32 = 16;
pub const IDR1_CMDQS_SHIFT: u32 = 21;
pub const IDR1_QUEUES_MASK: u32 = 0x1f;
pub const IDR1_QUEUES_PRESET: u32 = 1 << 29;
pub const IDR1_TABLES_PRESET: u32 = 1 << 30;

pub const IDR5: u32 = 0x0014;
pub const IDR5_OAS_MASK: u32 = 7;
pub const IDR5_GRAN4K: u32 = 1 << 4;
pub const IDR5_GRAN16K: u32 = 1 << 5;
pub const IDR5_GRAN64K: u32 = 1 << 6;
/// Address sizes in bits, by the encoding that IDR5.OAS and STE.S2PS share.
pub const ADDRESS_SIZES: [u32; 8] = [32, 36, 40, 42, 44, 48, 52, 56];

pub const CR0: u32 = 0x0020;
pub const CR0ACK: u32 = 0x0024;
pub const SMMUEN: u32 = 1 << 0;
pub const PRIQEN: u32 = 1 << 1;
pub const EVENTQEN: u32 = 1 << 2;
pub const CMDQEN: u32 = 1 << 3;

/// Attributes of accesses to the stream table and to the queues.
pub const CR1: u32 = 0x0028;
pub const CR1_QUEUE_IC_SHIFT: u32 = 0;
pub const CR1_QUEUE_OC_SHIFT: u32 = 2;
pub const CR1_QUEUE_SH_INNER: u32 = 3 << 4;
pub const CR1_TABLE_IC_SHIFT: u32 = 6;
pub const CR1_TABLE_OC_SHIFT: u32 = 8;
pub const CR1_TABLE_SH_INNER: u32 = 3 << 10;
pub const CR1_NON_CACHEABLE: u32 = 0;
pub const CR1_WRITE_BACK: u32 = 1;

pub const CR2: u32 = 0x002c;
pub const CR2_PTM: u32 = 1 << 2;

pub const GBPA: u32 = 0x0044;
pub const GBPA_SHCFG_INCOMING: u32 = 1 << 12;
pub const GBPA_ABORT: u32 = 1 << 20;
pub const GBPA_UPDATE: u32 = 1 << 31;

pub const IRQ_CTRL: u32 = 0x0050;

pub const GERROR: u32 = 0x0060;
pub const GERRORN: u32 = 0x0064;
pub const CMDQ_ERR: u32 = 1 << 0;

pub const STRTAB_BASE: u32 = 0x0080;
pub const STRTAB_BASE_CFG: u32 = 0x0088;
pub const STRTAB_SPLIT_SHIFT: u32 = 6;
pub const STRTAB_TWO_LEVEL: u32 = 1 << 16;

/// Bases of queues hold log2 of the entries in their lowest bits.
pub const CMDQ_BASE: u32 = 0x0090;
pub const CMDQ_PROD: u32 = 0x0098;
pub const CMDQ_CONS: u32 = 0x009c;
pub const CMDQ_RD: u32 = 0xf_ffff;
pub const EVENTQ_BASE: u32 = 0x00a0;
pub const EVENTQ_PROD: u32 = 0x100a8;
pub const EVENTQ_CONS: u32 = 0x100ac;

/// Microseconds after which the hardware counts as broken.
const TIMEOUT_US: u64 = 1000;

/// `iommu`: index of the IOMMU instance.
#[derive(Clone, Copy)]
pub struct Registers {
    pub iommu: u32,
}

impl Registers {
    pub fn read(self, at: u32) -> u32 {
        mmio_read32(self.iommu, at)
    }

    pub fn write(self, at: u32, value: u32) {
        mmio_write32(self.iommu, at, value);
    }

    pub fn write64(self, at: u32, value: u64) {
        mmio_write64(self.iommu, at, value);
    }

    /// The bits outside the mask stay as they are.
    pub fn change(self, at: u32, mask: u32, value: u32) {
        self.write(at, self.read(at) & !mask | value);
    }

    /// Reads until the bits of the mask have the values of `want`. `ETIMEDOUT`.
    pub fn wait_for(self, at: u32, mask: u32, want: u32) -> Result<(), Errno> {
        poll_until(self.iommu, at, mask, want, TIMEOUT_US).map(|_| ())
    }
}
