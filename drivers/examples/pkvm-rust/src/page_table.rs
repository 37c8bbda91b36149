//! The stage-2 page table of one domain. Its root is the host's page, given for the purpose; its other tables come from the memcache
//! and go back only when no cache of the SMMU can lead there. Pages of the host are marked while they are mapped, and the mark is taken
//! back only when no endpoint reaches them.

use crate::addresses::Addresses;
use crate::domain_layer::Mapping;
use crate::invalidations::{Invalidations, BATCH};
use crate::page_table_format::{Format, Meaning, LAST_LEVEL};
use crate::table_extents::TableExtents;
use crate::table_pages::TablePages;
use crate::walker_memory::WalkerMemory;
use core::ops::Range;
use iommu_tck::{host_share_dma, host_unshare_dma, Errno, EEXIST, EINVAL, ENOENT, ENOMEM};

const ENTRY_BYTES: u64 = 8;

pub struct PageTable<'a> {
    pub addresses: Addresses,
    pub memory: WalkerMemory,
    pub pages: TablePages,
    pub format: Format,
    pub invalidations: &'a mut Invalidations,
    pub extents: &'a mut TableExtents,
    /// What the caches tag the table with.
    pub vmid: u32,
    /// Physical address.
    pub root: u64,
    /// The table that was looked into last, if it is still there.
    pub near: Option<Near>,
}

/// A table below the root, and an input address that leads to it.
#[derive(Clone, Copy)]
pub struct Near {
    table: u64,
    level: u32,
    iova: u64,
}

/// One entry of a table, as it was read.
struct Slot {
    table: u64,
    level: u32,
    index: u64,
    raw: u64,
    meaning: Meaning,
}

impl Slot {
    /// Physical address.
    fn at(&self) -> u64 {
        self.table + self.index * ENTRY_BYTES
    }
}

/// A leaf, and the range that it maps.
#[derive(Clone, Copy)]
struct Leaf {
    at: u64,
    raw: u64,
    iova: u64,
    pa: u64,
    bytes: u64,
}

impl PageTable<'_> {
    /// Maps page by page. Answers with the bytes mapped: fewer than asked for when a table page is missing, or a block after the first
    /// cannot be mapped. On any refusal nothing is mapped that was not before. `EEXIST`: something is; `EPERM`, `EINVAL`: not a page
    /// that the host may let its devices reach.
    pub fn map(&mut self, iova: u64, size: u64, mapping: &Mapping) -> Result<u64, Errno> {
        let page_size = mapping.range.page_size;
        let level = self.format.level_of(page_size).ok_or(EINVAL)?;
        // Before the first store: a device must not even for a moment get part of a mapping that is refused.
        if !self.is_free(iova, size, level) {
            return Err(EEXIST);
        }
        let mut done = 0;
        while done < size {
            let mapped = self.map_one(iova + done, mapping.pa + done, level, mapping.prot);
            if let Err(errno) = mapped {
                self.memory.order();
                // Blocks that are there may have taken the place of empty tables, which are not had back.
                let is_for_good = level < LAST_LEVEL && done > 0;
                if errno == ENOMEM || is_for_good {
                    return Ok(done);
                }
                let _ = self.unmap(iova, done);
                return Err(errno);
            }
            done += page_size;
        }
        self.memory.order();
        Ok(size)
    }

    /// Unmaps from `iova` on, up to the first address that is not mapped or the first leaf that reaches beyond the range. Answers with
    /// the bytes unmapped. Refuses, with the leaves as they were, when the SMMU does not answer at all.
    pub fn unmap(&mut self, iova: u64, size: u64) -> Result<u64, Errno> {
        let end = iova + size;
        let mut at = iova;
        while at < end {
            let mut room = [Leaf { at: 0, raw: 0, iova: 0, pa: 0, bytes: 0 }; BATCH];
            let count = self.leaves(at, end, &mut room);
            let batch = &room[..count];
            for leaf in batch {
                self.memory.write(leaf.at, 0);
            }
            if let Err(errno) = self.forget(batch) {
                for leaf in batch {
                    self.memory.write(leaf.at, leaf.raw);
                }
                self.memory.order();
                return if at == iova { Err(errno) } else { Ok(at - iova) };
            }
            for leaf in batch {
                self.unmark(leaf.pa, leaf.bytes);
                at += leaf.bytes;
            }
            if count < BATCH {
                return Ok(at - iova);
            }
        }
        Ok(size)
    }

    /// `ENOENT`: not mapped.
    pub fn phys(&mut self, iova: u64) -> Result<u64, Errno> {
        let slot = self.descend(iova, LAST_LEVEL);
        match slot.meaning {
            Meaning::Leaf(pa) => Ok(pa + iova % self.format.bytes_at(slot.level)),
            _ => Err(ENOENT),
        }
    }

    /// Gives all tables below the root back, and takes the marks of what is still mapped. Nothing may lead here any more.
    pub fn release(&mut self) {
        self.release_below(self.root, self.format.start_level);
        self.extents.end(self.root);
    }

    fn map_one(&mut self, iova: u64, pa: u64, level: u32, prot: u32) -> Result<(), Errno> {
        let bytes = self.format.bytes_at(level);
        // First, since it may be refused: a table that made room is not had back.
        self.mark(pa, bytes)?;
        match self.slot_for(iova, level) {
            Ok(slot) => {
                self.enter(&slot, self.format.leaf_descriptor(level, pa, prot));
                Ok(())
            }
            Err(errno) => {
                self.unmark(pa, bytes);
                Err(errno)
            }
        }
    }

    /// Whether nothing is mapped in a range, so that leaves of `level` have room.
    fn is_free(&mut self, iova: u64, size: u64, level: u32) -> bool {
        let mut at = iova;
        while at < iova + size {
            let slot = self.descend(at, level);
            match slot.meaning {
                Meaning::Leaf(_) => return false,
                Meaning::Table(table) if !self.is_empty(table, slot.level + 1) => return false,
                _ => {}
            }
            let bytes = self.format.bytes_at(slot.level);
            at += bytes - at % bytes;
        }
        true
    }

    /// The invalid entry for a leaf at `level`, with tables built down to it, where `is_free` found room. `ENOMEM`.
    fn slot_for(&mut self, iova: u64, level: u32) -> Result<Slot, Errno> {
        let mut slot = self.descend(iova, level);
        while slot.level < level && matches!(slot.meaning, Meaning::Invalid) {
            let table = self.pages.take()?;
            self.extents.begin(table);
            // The SMMU must not find in the table what was in its page before.
            self.memory.order();
            self.enter(&slot, self.format.table_descriptor(table));
            slot = self.empty_slot(table, slot.level + 1, iova);
        }
        if let Meaning::Table(table) = slot.meaning {
            self.remove_table(&slot, table)?;
        }
        Ok(slot)
    }

    /// A table of nothing makes room for a block: the entry is broken before it is made anew.
    fn remove_table(&mut self, slot: &Slot, table: u64) -> Result<(), Errno> {
        self.memory.write(slot.at(), 0);
        if let Err(errno) = self.invalidations.vmid(self.vmid) {
            self.memory.write(slot.at(), slot.raw);
            return Err(errno);
        }
        self.release_below(table, slot.level + 1);
        self.give(table);
        self.near = None;
        Ok(())
    }

    /// The next leaves from `iova` on, without a gap and none beyond `end`; answers with their number.
    fn leaves(&mut self, iova: u64, end: u64, found: &mut [Leaf; BATCH]) -> usize {
        let mut at = iova;
        for (count, leaf) in found.iter_mut().enumerate() {
            if at >= end {
                return count;
            }
            let slot = self.descend(at, LAST_LEVEL);
            let bytes = self.format.bytes_at(slot.level);
            match slot.meaning {
                Meaning::Leaf(pa) if at % bytes == 0 && at + bytes <= end => {
                    *leaf = Leaf { at: slot.at(), raw: slot.raw, iova: at, pa, bytes };
                }
                _ => return count,
            }
            at += bytes;
        }
        BATCH
    }

    /// The entry of `iova` at `lowest`, or the one above it that leads to no table.
    fn descend(&mut self, iova: u64, lowest: u32) -> Slot {
        let (from, level) = match self.near {
            Some(near) if self.is_on_the_way(&near, iova, lowest) => (near.table, near.level),
            _ => (self.root, self.format.start_level),
        };
        let mut slot = self.slot(from, level, iova);
        while let (true, Meaning::Table(table)) = (slot.level < lowest, slot.meaning) {
            slot = self.slot(table, slot.level + 1, iova);
        }
        slot
    }

    /// Whether a table is passed on the way to the entry of `iova` at `lowest`.
    fn is_on_the_way(&self, near: &Near, iova: u64, lowest: u32) -> bool {
        near.level <= lowest && (near.iova ^ iova) >> self.format.shift_of(near.level - 1) == 0
    }

    fn slot(&mut self, table: u64, level: u32, iova: u64) -> Slot {
        let empty = self.empty_slot(table, level, iova);
        let raw = self.memory.read(empty.at());
        Slot { raw, meaning: self.format.meaning_of(level, raw), ..empty }
    }

    /// The entry of `iova` in a table of nothing: it is not read.
    fn empty_slot(&mut self, table: u64, level: u32, iova: u64) -> Slot {
        let is_root = level == self.format.start_level;
        self.near = if is_root { None } else { Some(Near { table, level, iova }) };
        let index = self.format.index_of(level, iova);
        Slot { table, level, index, raw: 0, meaning: Meaning::Invalid }
    }

    /// Makes an entry valid.
    fn enter(&mut self, slot: &Slot, descriptor: u64) {
        self.extents.widen(slot.table, slot.index);
        self.memory.write(slot.at(), descriptor);
    }

    fn is_empty(&self, table: u64, level: u32) -> bool {
        self.indices(table, level).all(|index| match self.meaning(table, level, index) {
            Meaning::Invalid => true,
            Meaning::Table(below) => self.is_empty(below, level + 1),
            Meaning::Leaf(_) => false,
        })
    }

    fn release_below(&mut self, table: u64, level: u32) {
        for index in self.indices(table, level) {
            match self.meaning(table, level, index) {
                Meaning::Invalid => {}
                Meaning::Leaf(pa) => self.unmark(pa, self.format.bytes_at(level)),
                Meaning::Table(below) => {
                    self.release_below(below, level + 1);
                    self.give(below);
                }
            }
        }
    }

    /// Gives the page of a table back.
    fn give(&mut self, table: u64) {
        self.extents.end(table);
        self.pages.give(table);
    }

    /// The entries of a table that may be valid.
    fn indices(&self, table: u64, level: u32) -> Range<u64> {
        self.extents.of(table, self.format.entries_at(level))
    }

    /// What an entry of a table means.
    fn meaning(&self, table: u64, level: u32, index: u64) -> Meaning {
        self.format.meaning_of(level, self.memory.read(table + index * ENTRY_BYTES))
    }

    fn forget(&mut self, leaves: &[Leaf]) -> Result<(), Errno> {
        if leaves.is_empty() {
            return Ok(());
        }
        self.invalidations.leaves(self.vmid, leaves.iter().map(|leaf| leaf.iova))
    }

    fn mark(&self, pa: u64, bytes: u64) -> Result<(), Errno> {
        host_share_dma(self.addresses.pfn(pa), self.host_pages(bytes))
    }

    fn unmark(&self, pa: u64, bytes: u64) {
        // Refused only where nothing is marked.
        let _ = host_unshare_dma(self.addresses.pfn(pa), self.host_pages(bytes));
    }

    /// Pages of the hypervisor that a leaf touches: one when it is smaller.
    fn host_pages(&self, bytes: u64) -> u64 {
        (bytes / self.addresses.page_bytes).max(1)
    }
}
