//! VMSAv8-64 stage 2 for one IOMMU: granule, address sizes and where walks start, from its own parameters.

use crate::parameters::Parameters;
use iommu_tck::abi::{HYP_READ, HYP_WRITE};

pub const LAST_LEVEL: u32 = 3;

/// Output addresses of 52 bits have descriptors of another shape.
const LARGEST_SIZE: u64 = 48;
/// Larger ones, that is smaller tables, are an extension.
const T0SZ_LARGEST: u32 = 39;

const VALID: u64 = 1 << 0;
/// A table above the last level, a page at it.
const TABLE_OR_PAGE: u64 = 1 << 1;
/// Normal write-back memory, for the page and for its inner and outer caches.
const MEM_ATTR_WRITE_BACK: u64 = 0xf << 2;
const S2AP_READ: u64 = 1 << 6;
const S2AP_WRITE: u64 = 2 << 6;
const INNER_SHAREABLE: u64 = 3 << 8;
const AF: u64 = 1 << 10;
/// Not for instructions, at any privilege.
const EXECUTE_NEVER: u64 = 2 << 53;
/// Bits of a descriptor that hold an address end here.
const ADDRESS_END: u64 = 1 << 48;

#[derive(Clone, Copy)]
pub enum Granule {
    K4,
    K16,
    K64,
}

/// A start level, and the T0SZ values that go with it: least and largest for one table, and one less for each doubling of the tables
/// that lie one after the other, up to `2^joined`.
struct Start {
    sl0: u32,
    level: u32,
    least: u32,
    largest: u32,
    joined: u32,
    /// Only with output addresses of so many bits.
    least_oas: u32,
}

const fn start(sl0: u32, level: u32, t0sz: (u32, u32), joined: u32, least_oas: u32) -> Start {
    Start { sl0, level, least: t0sz.0, largest: t0sz.1, joined, least_oas }
}

// In the order in which they are preferred. The 4K granule starts at level 3 only with the extension for small tables.
const STARTS_4K: [Start; 3] =
    [start(2, 0, (16, 24), 0, 44), start(1, 1, (25, 33), 4, 0), start(0, 2, (34, 42), 4, 0)];
const STARTS_16K: [Start; 3] =
    [start(2, 1, (17, 27), 1, 42), start(1, 2, (28, 38), 4, 0), start(0, 3, (39, 48), 4, 0)];
const STARTS_64K: [Start; 3] =
    [start(2, 1, (12, 21), 0, 44), start(1, 2, (22, 34), 4, 0), start(0, 3, (35, 47), 4, 0)];

impl Granule {
    fn of(bytes: u64) -> Option<Self> {
        match bytes {
            4096 => Some(Granule::K4),
            16_384 => Some(Granule::K16),
            65_536 => Some(Granule::K64),
            _ => None,
        }
    }

    /// As STE.S2TG encodes it.
    pub fn s2tg(self) -> u32 {
        match self {
            Granule::K4 => 0,
            Granule::K64 => 1,
            Granule::K16 => 2,
        }
    }

    /// log2 of the bytes of a page.
    fn page_shift(self) -> u32 {
        match self {
            Granule::K4 => 12,
            Granule::K16 => 14,
            Granule::K64 => 16,
        }
    }

    /// Bits of an input address that a table of one page resolves.
    fn stride(self) -> u32 {
        self.page_shift() - 3
    }

    /// The highest level at which leaves may stand.
    fn first_leaf_level(self) -> u32 {
        match self {
            Granule::K4 => 1,
            Granule::K16 | Granule::K64 => 2,
        }
    }

    fn starts(self) -> &'static [Start; 3] {
        match self {
            Granule::K4 => &STARTS_4K,
            Granule::K16 => &STARTS_16K,
            Granule::K64 => &STARTS_64K,
        }
    }
}

#[derive(Clone, Copy)]
pub struct Format {
    pub granule: Granule,
    /// Bits of an input and of an output address.
    pub ias: u32,
    pub oas: u32,
    pub sl0: u32,
    pub start_level: u32,
}

/// What a descriptor is at its level; the address is physical.
#[derive(Clone, Copy)]
pub enum Meaning {
    Invalid,
    Table(u64),
    Leaf(u64),
}

impl Format {
    pub const NONE: Self = Format { granule: Granule::K4, ias: 0, oas: 0, sl0: 0, start_level: 0 };

    /// The format that the parameters ask for, if there is one: one for which one table is the root, if there is such.
    /// `output_bits`: address size of the SMMU, which decides where walks may start.
    pub fn of(parameters: &Parameters, output_bits: u32) -> Option<Self> {
        let granule = Granule::of(parameters.granule)?;
        if parameters.ias > LARGEST_SIZE || parameters.oas > LARGEST_SIZE {
            return None;
        }
        let (ias, oas) = (parameters.ias as u32, parameters.oas as u32);
        let t0sz = 64 - ias;
        if t0sz > T0SZ_LARGEST {
            return None;
        }
        let starts = || granule.starts().iter().filter(|start| output_bits >= start.least_oas);
        let with_one = starts().find(|start| (start.least..=start.largest).contains(&t0sz));
        let with_more =
            || starts().find(|start| t0sz < start.least && t0sz + start.joined >= start.least);
        let &Start { sl0, level, .. } = with_one.or_else(with_more)?;
        Some(Format { granule, ias, oas, sl0, start_level: level })
    }

    pub fn t0sz(&self) -> u32 {
        64 - self.ias
    }

    /// Bytes of the largest table: the root may be larger or smaller than the others.
    pub fn table_bytes(&self) -> u64 {
        let others = 1 << self.granule.stride();
        others.max(self.entries_at(self.start_level)) * 8
    }

    /// log2 of the bytes that an entry of a level maps.
    pub fn shift_of(&self, level: u32) -> u32 {
        self.granule.page_shift() + (LAST_LEVEL - level) * self.granule.stride()
    }

    pub fn bytes_at(&self, level: u32) -> u64 {
        1 << self.shift_of(level)
    }

    /// The level at which leaves map `bytes`, if there is one.
    pub fn level_of(&self, bytes: u64) -> Option<u32> {
        (self.granule.first_leaf_level()..=LAST_LEVEL).find(|&level| self.bytes_at(level) == bytes)
    }

    pub fn entries_at(&self, level: u32) -> u64 {
        if level == self.start_level {
            1 << (self.ias - self.shift_of(level))
        } else {
            1 << self.granule.stride()
        }
    }

    /// Which entry of a table of the level an input address selects.
    pub fn index_of(&self, level: u32, iova: u64) -> u64 {
        (iova >> self.shift_of(level)) % self.entries_at(level)
    }

    /// Reads a descriptor that this driver wrote.
    pub fn meaning_of(&self, level: u32, raw: u64) -> Meaning {
        let address = |shift: u32| raw & (ADDRESS_END - (1 << shift));
        if raw == 0 {
            Meaning::Invalid
        } else if raw & TABLE_OR_PAGE != 0 && level < LAST_LEVEL {
            Meaning::Table(address(self.granule.page_shift()))
        } else {
            Meaning::Leaf(address(self.shift_of(level)))
        }
    }

    pub fn table_descriptor(&self, pa: u64) -> u64 {
        pa | TABLE_OR_PAGE | VALID
    }

    /// `prot`: HYP_READ and HYP_WRITE, one at least.
    pub fn leaf_descriptor(&self, level: u32, pa: u64, prot: u32) -> u64 {
        let when = |condition: bool, bits: u64| if condition { bits } else { 0 };
        pa | EXECUTE_NEVER
            | AF
            | INNER_SHAREABLE
            | when(prot & HYP_READ != 0, S2AP_READ)
            | when(prot & HYP_WRITE != 0, S2AP_WRITE)
            | MEM_ATTR_WRITE_BACK
            | when(level == LAST_LEVEL, TABLE_OR_PAGE)
            | VALID
    }
}
