//! Pages for one SMMU's tables: from the calling CPU's memcache, and where the SMMU can reach them.

use crate::memcache::Memcaches;
use crate::walker_memory::WalkerMemory;
use iommu_tck::{Errno, ENOMEM};

#[derive(Clone, Copy)]
pub struct TablePages {
    pub memcaches: Memcaches,
    pub memory: WalkerMemory,
    /// Of a page of the hypervisor.
    pub page_bytes: u64,
    /// Bits of a physical address that the SMMU can put out: 32 to 48.
    pub oas: u32,
}

impl TablePages {
    /// Whether the SMMU can address the whole page.
    pub fn reaches(&self, page: u64) -> bool {
        page <= (1 << self.oas) - self.page_bytes
    }

    /// A page of zeros, for the SMMU too. `ENOMEM`.
    pub fn take(&self) -> Result<u64, Errno> {
        let page = self.memcaches.take()?;
        if !self.reaches(page) {
            self.memcaches.give(page);
            return Err(ENOMEM);
        }
        self.memory.zeroed(page, self.page_bytes);
        Ok(page)
    }

    pub fn give(&self, page: u64) {
        self.memcaches.give(page);
    }
}
