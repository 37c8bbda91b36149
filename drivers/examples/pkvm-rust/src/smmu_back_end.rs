//! The back end over SMMUv3: stage-2 page tables, and the domain's id as VMID. Every SMMU has its own format and its own tables.

use crate::domain_layer::{Mapping, PageRange};
use crate::page_table::PageTable;
use crate::smmu::Smmu;
use iommu_tck::abi::{KvmDomain, HYP_READ, HYP_WRITE};
use iommu_tck::{host_donate_hyp, hyp_donate_host, zero, Errno};
use iommu_tck::{E2BIG, EINVAL, ENOENT, EOPNOTSUPP, ERANGE};

/// First address that 64 bits do not hold.
const ADDRESS_END: u128 = 1 << 64;

impl Smmu {
    /// Takes the host's page for the root. `EINVAL`: the page or the id does not suit the SMMU. `EPERM`: it is not the host's to give.
    pub fn alloc_iopt(&mut self, domain: &KvmDomain, pgd_hva: u64) -> Result<u64, Errno> {
        let addresses = self.addresses;
        let pgd = addresses.hyp_va(pgd_hva);
        let root = addresses.phys(pgd);
        if !self.has_vmid(domain.domain) {
            return Err(EINVAL);
        }
        if !addresses.is_page(root) || !self.pages.reaches(root) {
            return Err(EINVAL);
        }
        host_donate_hyp(addresses.pfn(root), 1)?;
        zero(root, addresses.page_bytes);
        self.memory.zeroed(root, addresses.page_bytes);
        self.extents.begin(root);
        Ok(pgd)
    }

    /// The id is the tag of what the caches hold, and they lead to the tables: both are free when nothing is left there.
    pub fn free_iopt(&mut self, domain: &KvmDomain) -> Result<(), Errno> {
        self.invalidations.vmid(domain.domain)?;
        self.abandon(domain);
        Ok(())
    }

    pub fn attach_dev(&mut self, domain: &KvmDomain, endpoint: u32) -> Result<(), Errno> {
        let root = self.addresses.phys(domain.pgd);
        self.attach(endpoint, domain.domain, root)
    }

    pub fn detach_dev(&mut self, domain: &KvmDomain, endpoint: u32) -> Result<(), Errno> {
        self.detach(endpoint, domain.domain)
    }

    /// `EOPNOTSUPP`: no such permission. `E2BIG`: beyond 64 bits. `ERANGE`: beyond the address sizes. `EINVAL`: no such size, or
    /// misaligned.
    pub fn map_pages(&mut self, domain: &KvmDomain, mapping: &Mapping) -> Result<u64, Errno> {
        let &Mapping { ref range, pa, prot } = mapping;
        if prot == 0 || prot & !(HYP_READ | HYP_WRITE) != 0 {
            return Err(EOPNOTSUPP);
        }
        let size = self.check(range)?;
        self.check_address(pa, range, self.format.oas)?;
        self.page_table(domain).map(range.iova, size, mapping)
    }

    /// As `map_pages`, but for what only a mapping has.
    pub fn unmap_pages(&mut self, domain: &KvmDomain, range: &PageRange) -> Result<u64, Errno> {
        let size = self.check(range)?;
        self.page_table(domain).unmap(range.iova, size)
    }

    /// `ENOENT`: not mapped.
    pub fn iova_to_phys(&mut self, domain: &KvmDomain, iova: u64) -> Result<u64, Errno> {
        if iova >= 1 << self.format.ias {
            return Err(ENOENT);
        }
        self.page_table(domain).phys(iova)
    }

    pub fn abandon(&mut self, domain: &KvmDomain) {
        self.page_table(domain).release();
        let addresses = self.addresses;
        let root = addresses.phys(domain.pgd);
        zero(root, addresses.page_bytes);
        // It was donated when the domain was allocated.
        let _ = hyp_donate_host(addresses.pfn(root), 1);
    }

    /// The bytes of a range of pages that the domain's table can have.
    fn check(&self, range: &PageRange) -> Result<u64, Errno> {
        self.format.level_of(range.page_size).ok_or(EINVAL)?;
        self.check_address(range.iova, range, self.format.ias)
    }

    fn check_address(&self, start: u64, range: &PageRange, bits: u32) -> Result<u64, Errno> {
        let size = u128::from(range.page_size) * u128::from(range.page_count);
        let end = u128::from(start) + size;
        if end > ADDRESS_END {
            return Err(E2BIG);
        }
        if start % range.page_size != 0 {
            return Err(EINVAL);
        }
        if end > 1 << bits {
            return Err(ERANGE);
        }
        Ok(size as u64)
    }

    fn page_table(&mut self, domain: &KvmDomain) -> PageTable<'_> {
        PageTable {
            addresses: self.addresses,
            memory: self.memory,
            pages: self.pages,
            format: self.format,
            invalidations: &mut self.invalidations,
            extents: &mut self.extents,
            vmid: domain.domain,
            root: self.addresses.phys(domain.pgd),
            near: None,
        }
    }
}
