//! The calls of the IOMMU domain layer. Each is one critical section: from looking the domain up to the last effect in the back end.
//! So each is made through the guard of the lock, which is released on every way back.
//!
//! An IOMMU, domain or endpoint that does not fit is refused with EINVAL, and any other errno is the back end's.

use crate::addresses::Addresses;
use crate::domain_table::{Descriptor, DomainTable};
use crate::memcache::Memcaches;
use crate::operations::{is_complete, BackEnd};
use crate::parameters::copy_parameters;
use iommu_tck::abi::KvmDomain;
use iommu_tck::{back_end, Errno, Protected, EINVAL, ENODEV, ENOMEM};

/// IOMMUs that the driver has room for.
const MAX_IOMMUS: usize = 16;
/// What a host may still do to a domain that has only its own reference.
const OWN_REFERENCE: u32 = 1;

/// A range of pages of one size. Bytes.
pub struct PageRange {
    pub iova: u64,
    pub page_size: u64,
    pub page_count: u64,
}

/// `prot` holds HYP_READ and HYP_WRITE.
pub struct Mapping {
    pub range: PageRange,
    pub pa: u64,
    pub prot: u32,
}

/// One IOMMU that was initialised, or room for one.
struct Iommu {
    used: bool,
    id: u32,
    table: DomainTable,
    back_end: BackEnd,
}

impl Iommu {
    const NONE: Self =
        Iommu { used: false, id: 0, table: DomainTable::NONE, back_end: BackEnd::NONE };

    fn find(&self, domain: u32) -> Result<Descriptor, Errno> {
        self.table.find(domain).ok_or(EINVAL)
    }
}

pub struct Driver {
    addresses: Addresses,
    memcaches: Memcaches,
    /// The scenario is the back end.
    scripted: bool,
    initialised: bool,
    iommus: [Iommu; MAX_IOMMUS],
}

/// Serialises domains, device tables and command queues.
impl Protected for Driver {
    const LOCK: &'static str = "iommu_lock\0";
}

impl Driver {
    pub const NONE: Self = Driver {
        addresses: Addresses::NONE,
        memcaches: Memcaches::NONE,
        scripted: false,
        initialised: false,
        iommus: [Iommu::NONE; MAX_IOMMUS],
    };

    /// On another machine: nothing is known of the one before.
    pub fn begin(&mut self, scripted: bool) {
        self.addresses = Addresses::ask();
        self.scripted = scripted;
        self.initialised = false;
        for iommu in &mut self.iommus {
            iommu.used = false;
        }
    }

    pub fn init(&mut self, memcaches: u64, cpus: u32, offered: &[u32]) -> Result<(), Errno> {
        if self.initialised {
            return Err(EINVAL);
        }
        if !is_complete(offered) {
            return Err(ENODEV);
        }
        self.memcaches = Memcaches::map(self.addresses, memcaches, cpus)?;
        self.initialised = true;
        Ok(())
    }

    /// `ENOMEM`: no room for so many IOMMUs.
    pub fn init_device(&mut self, id: u32, params: u64) -> Result<(), Errno> {
        let (addresses, memcaches) = (self.addresses, self.memcaches);
        if !self.initialised || self.known(id).is_some() {
            return Err(EINVAL);
        }
        let iommu = self.iommus.iter_mut().find(|iommu| !iommu.used).ok_or(ENOMEM)?;
        let parameters = copy_parameters(&addresses, params);
        iommu.table.begin(addresses, memcaches, &parameters);
        iommu.back_end.scripted = self.scripted;
        // From here on the IOMMU lets nothing through, whatever becomes of its domains.
        iommu.back_end.take_over(addresses, memcaches, &parameters)?;
        let mapped = iommu.table.map();
        match mapped {
            Ok(()) => (iommu.used, iommu.id) = (true, id),
            Err(_) => iommu.back_end.shut_down().unwrap_or(()),
        }
        mapped
    }

    pub fn alloc_domain(&mut self, iommu: u32, domain: u32, pgd: u64) -> Result<(), Errno> {
        let known = self.iommu(iommu)?;
        let descriptor = known.table.obtain(domain).ok_or(EINVAL)?;
        if descriptor.refs() != 0 {
            return Err(EINVAL);
        }
        let root = known.back_end.alloc_iopt(&KvmDomain { iommu, domain, pgd: 0 }, pgd)?;
        known.table.record(domain, descriptor, root);
        Ok(())
    }

    pub fn free_domain(&mut self, iommu: u32, domain: u32) -> Result<(), Errno> {
        let known = self.iommu(iommu)?;
        let descriptor = known.find(domain)?;
        if descriptor.refs() != OWN_REFERENCE {
            return Err(EINVAL);
        }
        // A page table that could not be freed may still be in use: its domain keeps it, and its id.
        known.back_end.free_iopt(&KvmDomain { iommu, domain, pgd: descriptor.pgd() })?;
        known.table.clear(domain, descriptor);
        Ok(())
    }

    pub fn attach_dev(&mut self, iommu: u32, domain: u32, endpoint: u32) -> Result<(), Errno> {
        let known = self.iommu(iommu)?;
        let descriptor = known.find(domain)?;
        let refs = descriptor.refs();
        if refs == 0 || refs == u32::MAX {
            return Err(EINVAL);
        }
        let of = KvmDomain { iommu, domain, pgd: descriptor.pgd() };
        known.back_end.attach_dev(&of, endpoint)?;
        descriptor.set_refs(refs + 1);
        Ok(())
    }

    pub fn detach_dev(&mut self, iommu: u32, domain: u32, endpoint: u32) -> Result<(), Errno> {
        let known = self.iommu(iommu)?;
        let descriptor = known.find(domain)?;
        let refs = descriptor.refs();
        if refs <= OWN_REFERENCE {
            return Err(EINVAL);
        }
        let of = KvmDomain { iommu, domain, pgd: descriptor.pgd() };
        known.back_end.detach_dev(&of, endpoint)?;
        descriptor.set_refs(refs - 1);
        Ok(())
    }

    pub fn map_pages(&mut self, iommu: u32, domain: u32, mapping: &Mapping) -> Result<u64, Errno> {
        self.on_page_table(iommu, domain, |back_end, of| back_end.map_pages(of, mapping))
    }

    pub fn unmap_pages(
        &mut self,
        iommu: u32,
        domain: u32,
        range: &PageRange,
    ) -> Result<u64, Errno> {
        self.on_page_table(iommu, domain, |back_end, of| back_end.unmap_pages(of, range))
    }

    pub fn iova_to_phys(&mut self, iommu: u32, domain: u32, iova: u64) -> Result<u64, Errno> {
        self.on_page_table(iommu, domain, |back_end, of| back_end.iova_to_phys(of, iova))
    }

    /// Blocks every endpoint and gives every page back to the host.
    pub fn stop(&mut self) -> Result<(), Errno> {
        for iommu in self.iommus.iter_mut().filter(|iommu| iommu.used) {
            iommu.back_end.shut_down()?;
            let mut from = 0;
            while let Some(domain) = iommu.table.next_allocated(from) {
                if let Some(descriptor) = iommu.table.find(domain) {
                    let pgd = descriptor.pgd();
                    iommu.back_end.abandon(&KvmDomain { iommu: iommu.id, domain, pgd });
                }
                from = domain + 1;
            }
            iommu.table.release();
            iommu.used = false;
        }
        self.initialised = false;
        Ok(())
    }

    fn on_page_table(
        &mut self,
        iommu: u32,
        domain: u32,
        using: impl FnOnce(&mut BackEnd, &KvmDomain) -> Result<u64, Errno>,
    ) -> Result<u64, Errno> {
        let known = self.iommu(iommu)?;
        let descriptor = known.find(domain)?;
        if descriptor.refs() == 0 {
            return Err(EINVAL);
        }
        let of = KvmDomain { iommu, domain, pgd: descriptor.pgd() };
        using(&mut known.back_end, &of)
    }

    /// An IOMMU that the back end knows and that was initialised; the driver's own back end knows all that were.
    fn iommu(&mut self, id: u32) -> Result<&mut Iommu, Errno> {
        if self.scripted && !back_end::get_iommu_by_id(id) {
            return Err(EINVAL);
        }
        self.known(id).ok_or(EINVAL)
    }

    fn known(&mut self, id: u32) -> Option<&mut Iommu> {
        self.iommus.iter_mut().find(|iommu| iommu.used && iommu.id == id)
    }
}
