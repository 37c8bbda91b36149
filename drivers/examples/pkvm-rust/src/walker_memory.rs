//! Memory that the SMMU reads by itself: tables and queues. A store there is seen after `order`, and where the SMMU does not snoop the
//! processor's caches, only if it was cleaned before.

use iommu_tck::{barrier, clean, read64, write64};

#[derive(Clone, Copy)]
pub struct WalkerMemory {
    /// What SMMU_IDR0.COHACC says.
    pub coherent: bool,
}

impl WalkerMemory {
    pub fn read(self, pa: u64) -> u64 {
        read64(pa)
    }

    pub fn write(self, pa: u64, value: u64) {
        write64(pa, value);
        if !self.coherent {
            clean(pa, 8);
        }
    }

    /// What was zeroed by others is seen as zeros too.
    pub fn zeroed(self, pa: u64, bytes: u64) {
        if !self.coherent {
            clean(pa, bytes);
        }
    }

    /// Everything stored so far is seen before everything that follows.
    pub fn order(self) {
        barrier();
    }
}
