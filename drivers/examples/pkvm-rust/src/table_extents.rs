//! Which entries of each table may be valid, so that going through a table reads no more than these. Only a help: a table that is not
//! known, because there are too many, is read from end to end.

use core::ops::Range;

/// Tables that are known at most.
const MAX_TABLES: usize = 1024;

#[derive(Clone, Copy)]
struct Extent {
    /// Physical address.
    table: u64,
    /// Empty while `first` is not below `end`.
    first: u32,
    end: u32,
}

impl Extent {
    const NONE: Self = Extent { table: 0, first: 0, end: 0 };
}

/// Those of one SMMU.
pub struct TableExtents {
    extents: [Extent; MAX_TABLES],
    count: usize,
}

impl TableExtents {
    pub const NONE: Self = TableExtents { extents: [Extent::NONE; MAX_TABLES], count: 0 };

    /// No table is in use.
    pub fn clear(&mut self) {
        self.count = 0;
    }

    /// A table of zeros came into use.
    pub fn begin(&mut self, table: u64) {
        self.end(table);
        if let Some(free) = self.extents.get_mut(self.count) {
            *free = Extent { table, first: 0, end: 0 };
            self.count += 1;
        }
    }

    /// An entry is about to become valid.
    pub fn widen(&mut self, table: u64, index: u64) {
        let index = index as u32;
        if let Some(at) = self.position(table) {
            let Extent { first, end, .. } = &mut self.extents[at];
            *first = if first < end { index.min(*first) } else { index };
            *end = (*end).max(index + 1);
        }
    }

    /// The table is given back.
    pub fn end(&mut self, table: u64) {
        if let Some(at) = self.position(table) {
            self.count -= 1;
            self.extents[at] = self.extents[self.count];
        }
    }

    /// The entries out of `entries` that may be valid.
    pub fn of(&self, table: u64, entries: u64) -> Range<u64> {
        match self.position(table) {
            Some(at) => self.extents[at].first.into()..self.extents[at].end.into(),
            None => 0..entries,
        }
    }

    /// The newest are asked for most.
    fn position(&self, table: u64) -> Option<usize> {
        self.extents[..self.count].iter().rposition(|extent| extent.table == table)
    }
}
