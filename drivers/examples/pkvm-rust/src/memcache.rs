//! Pages that the host has set aside for the hypervisor, one list for each CPU. Taking one donates and clears it; a call that finds its
//! CPU's list empty asks for a page and fails, and the host makes the call again.
//!
//! The lists lie in memory that the host may write at any time: nothing in them is believed, and nothing is read twice.

use crate::addresses::Addresses;
use iommu_tck::{abi, cpu, create_mappings, host_donate_hyp, hyp_donate_host};
use iommu_tck::{read64, write64, zero, Errno, ENOMEM};

/// Bytes of one CPU's memcache, and where its words are.
const MEMCACHE_BYTES: u64 = 24;
const HEAD: u64 = 0;
const PAGES: u64 = 8;
const NEEDS: u64 = 16;
const NEEDS_PAGE: u64 = 1;

#[derive(Clone, Copy)]
pub struct Memcaches {
    addresses: Addresses,
    /// Physical address of the first.
    at: u64,
    cpus: u32,
}

impl Memcaches {
    pub const NONE: Self = Memcaches { addresses: Addresses::NONE, at: 0, cpus: 0 };

    /// Maps the lists of `cpus` processors, shared with the host: `address` is a kernel linear address. The mapping's own errno.
    pub fn map(addresses: Addresses, address: u64, cpus: u32) -> Result<Self, Errno> {
        let from = addresses.hyp_va(address);
        let to = from.wrapping_add(u64::from(cpus) * MEMCACHE_BYTES);
        create_mappings(from, to, abi::HYP_PROTECTION_SHARED_OWNED)?;
        Ok(Memcaches { addresses, at: addresses.phys(from), cpus })
    }

    /// Physical address of a page that is the hypervisor's now, and zero. `ENOMEM`: the calling CPU's list is empty, and says that it
    /// needs a page; or its first page is not the host's to give, and stays where it is.
    pub fn take(&self) -> Result<u64, Errno> {
        let list = self.of_caller().ok_or(ENOMEM)?;
        let head = read64(list + HEAD);
        let pages = read64(list + PAGES);
        if pages == 0 {
            write64(list + NEEDS, NEEDS_PAGE);
            return Err(ENOMEM);
        }
        if !self.addresses.is_page(head) {
            return Err(ENOMEM);
        }
        // Only a page that the host cannot change any more is read for the next one.
        host_donate_hyp(self.addresses.pfn(head), 1).map_err(|_| ENOMEM)?;
        write64(list + HEAD, read64(head));
        write64(list + PAGES, pages - 1);
        zero(head, self.addresses.page_bytes);
        Ok(head)
    }

    /// Gives a page of `take` back to the host, cleared, in front of the calling CPU's list.
    pub fn give(&self, page: u64) {
        zero(page, self.addresses.page_bytes);
        if let Some(list) = self.of_caller() {
            let pages = read64(list + PAGES);
            write64(page, read64(list + HEAD));
            write64(list + HEAD, page);
            write64(list + PAGES, pages.wrapping_add(1));
        }
        // It was taken, so it is the hypervisor's to give.
        let _ = hyp_donate_host(self.addresses.pfn(page), 1);
    }

    fn of_caller(&self) -> Option<u64> {
        let cpu = cpu();
        (cpu < self.cpus).then(|| self.at + u64::from(cpu) * MEMCACHE_BYTES)
    }
}
