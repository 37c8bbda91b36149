//! The stream table of one SMMU: linear, or two levels with second-level arrays of one page each from the memcache. Every entry that is
//! there blocks its stream unless it was attached.
//!
//! Blocked is valid with Config = abort, not invalid: both stop the stream, but an invalid entry lets a device that was detached fill
//! the event queue with C_BAD_STE, and leaves its other words no time at which they are certainly unused.

use crate::bitmap::Bitmap;
use crate::invalidations::Invalidations;
use crate::layouts::{BLOCKED, L1STD_L2PTR, L1STD_SHIFT, L1STD_SPAN, STE_SHIFT};
use crate::table_pages::TablePages;
use iommu_tck::{abi, page_alloc, page_free, Errno, ENODEV};

/// log2 of the streams of the largest linear table (4 MiB) and of the entries of the largest first level (1 MiB).
const LARGEST_LINEAR: u32 = 16;
const LARGEST_FIRST_LEVEL: u32 = 17;
const FIRST_LEVEL_WORDS: usize = (1 << LARGEST_FIRST_LEVEL) / 64;
const FRAME_SHIFT: u32 = 12;

/// What the SMMU has to know of a table.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Physical address.
    pub base: u64,
    pub two_level: bool,
    /// log2 of the streams of a second level; 0 for a linear table.
    pub split: u32,
    /// log2 of the streams.
    pub log2_size: u32,
}

pub struct StreamTable {
    pub shape: Shape,
    order: u32,
    /// Entries of the first level that lead to a second.
    installed: Bitmap<FIRST_LEVEL_WORDS>,
}

impl StreamTable {
    pub const NONE: Self = StreamTable {
        shape: Shape { base: 0, two_level: false, split: 0, log2_size: 0 },
        order: 0,
        installed: Bitmap::EMPTY,
    };

    /// A table that blocks every stream. `ENOMEM`. `sid_bits`: log2 of the streams of the SMMU; `two_levels`: it has such tables.
    pub fn create(
        &mut self,
        pages: &TablePages,
        sid_bits: u32,
        two_levels: bool,
    ) -> Result<(), Errno> {
        let split = pages.page_bytes.trailing_zeros() - STE_SHIFT;
        let two_level = two_levels && sid_bits > split;
        let largest = if two_level { LARGEST_FIRST_LEVEL + split } else { LARGEST_LINEAR };
        let log2_size = sid_bits.min(largest);
        let bytes_log2 =
            if two_level { log2_size - split + L1STD_SHIFT } else { log2_size + STE_SHIFT };
        self.order = bytes_log2.saturating_sub(FRAME_SHIFT);
        let base = page_alloc(self.order, abi::PAGE_KIND_DEVICE_TABLE)?;
        pages.memory.zeroed(base, 1 << (self.order + FRAME_SHIFT));
        self.shape = Shape { base, two_level, split: if two_level { split } else { 0 }, log2_size };
        self.installed.clear();
        if !two_level {
            block(pages, base, 1 << log2_size);
        }
        Ok(())
    }

    /// Where the entry of a stream is; none when the stream is out of range or has none yet: then it is blocked.
    pub fn find(&self, pages: &TablePages, stream: u32) -> Option<u64> {
        let Shape { base, two_level, split, .. } = self.shape;
        if !self.has(stream) {
            return None;
        }
        if !two_level {
            return Some(base + (u64::from(stream) << STE_SHIFT));
        }
        let descriptor = pages.memory.read(self.directory(stream));
        let index = u64::from(stream) & ((1 << split) - 1);
        (descriptor & L1STD_SPAN != 0).then(|| (descriptor & L1STD_L2PTR) + (index << STE_SHIFT))
    }

    /// As `find`, but a missing second level is put there. `ENODEV`: no such stream; `ENOMEM`; or the SMMU does not answer.
    pub fn obtain(
        &mut self,
        pages: &TablePages,
        invalidations: &mut Invalidations,
        stream: u32,
    ) -> Result<u64, Errno> {
        if !self.has(stream) {
            return Err(ENODEV);
        }
        if let Some(known) = self.find(pages, stream) {
            return Ok(known);
        }
        self.install(pages, invalidations, stream)?;
        self.find(pages, stream).ok_or(ENODEV)
    }

    /// Gives the memory back. The SMMU must not use the table any more.
    pub fn release(&mut self, pages: &TablePages) {
        while let Some(index) = self.installed.next(0) {
            self.installed.remove(index);
            let descriptor = pages.memory.read(self.directory(index << self.shape.split));
            pages.give(descriptor & L1STD_L2PTR);
        }
        page_free(self.shape.base, self.order);
    }

    /// The new level is complete before anything leads to it; only the descriptor that led nowhere may be cached.
    fn install(
        &mut self,
        pages: &TablePages,
        invalidations: &mut Invalidations,
        stream: u32,
    ) -> Result<(), Errno> {
        let split = self.shape.split;
        let page = pages.take()?;
        block(pages, page, 1 << split);
        pages.memory.order();
        pages.memory.write(self.directory(stream), page | u64::from(split + 1));
        self.installed.insert(stream >> split);
        invalidations.directory(stream)
    }

    fn has(&self, stream: u32) -> bool {
        u64::from(stream) < 1 << self.shape.log2_size
    }

    fn directory(&self, stream: u32) -> u64 {
        self.shape.base + (u64::from(stream >> self.shape.split) << L1STD_SHIFT)
    }
}

fn block(pages: &TablePages, table: u64, entries: u64) {
    for entry in 0..entries {
        pages.memory.write(table + (entry << STE_SHIFT), BLOCKED);
    }
}
