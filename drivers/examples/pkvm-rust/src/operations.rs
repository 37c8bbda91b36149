//! What the domain layer asks of a back end: the five operations of the series, and the page tables that its successors add.
//!
//! A back end that the scenario scripts has the five operations only. Page tables are its own affair: mapping, unmapping and looking up
//! are refused with ENODEV.

use crate::addresses::Addresses;
use crate::domain_layer::{Mapping, PageRange};
use crate::memcache::Memcaches;
use crate::parameters::Parameters;
use crate::smmu::Smmu;
use crate::take_over::take_over;
use iommu_tck::abi::{self, KvmDomain};
use iommu_tck::{back_end, Errno, ENODEV};

pub struct BackEnd {
    pub scripted: bool,
    smmu: Smmu,
}

impl BackEnd {
    pub const NONE: Self = BackEnd { scripted: false, smmu: Smmu::NONE };

    /// Takes the IOMMU over from the trusted host: from the answer on it blocks every endpoint.
    pub fn take_over(
        &mut self,
        addresses: Addresses,
        memcaches: Memcaches,
        parameters: &Parameters,
    ) -> Result<(), Errno> {
        match self.own() {
            Some(smmu) => take_over(smmu, addresses, memcaches, parameters),
            None => Ok(()),
        }
    }

    /// The root of the page table that the domain shall record.
    pub fn alloc_iopt(&mut self, domain: &KvmDomain, pgd: u64) -> Result<u64, Errno> {
        match self.own() {
            Some(smmu) => smmu.alloc_iopt(domain, pgd),
            None => back_end::alloc_iopt(domain, pgd),
        }
    }

    pub fn free_iopt(&mut self, domain: &KvmDomain) -> Result<(), Errno> {
        match self.own() {
            Some(smmu) => smmu.free_iopt(domain),
            None => back_end::free_iopt(domain),
        }
    }

    pub fn attach_dev(&mut self, domain: &KvmDomain, endpoint: u32) -> Result<(), Errno> {
        match self.own() {
            Some(smmu) => smmu.attach_dev(domain, endpoint),
            None => back_end::attach_dev(domain, endpoint),
        }
    }

    pub fn detach_dev(&mut self, domain: &KvmDomain, endpoint: u32) -> Result<(), Errno> {
        match self.own() {
            Some(smmu) => smmu.detach_dev(domain, endpoint),
            None => back_end::detach_dev(domain, endpoint),
        }
    }

    /// Bytes mapped.
    pub fn map_pages(&mut self, domain: &KvmDomain, mapping: &Mapping) -> Result<u64, Errno> {
        self.own().ok_or(ENODEV)?.map_pages(domain, mapping)
    }

    /// Bytes unmapped; no endpoint reaches them any more.
    pub fn unmap_pages(&mut self, domain: &KvmDomain, range: &PageRange) -> Result<u64, Errno> {
        self.own().ok_or(ENODEV)?.unmap_pages(domain, range)
    }

    pub fn iova_to_phys(&mut self, domain: &KvmDomain, iova: u64) -> Result<u64, Errno> {
        self.own().ok_or(ENODEV)?.iova_to_phys(domain, iova)
    }

    /// Blocks every endpoint for good. Refused when the IOMMU does not answer: then it may still use what it had.
    pub fn shut_down(&mut self) -> Result<(), Errno> {
        match self.own() {
            Some(smmu) => smmu.shut_down(),
            None => Ok(()),
        }
    }

    /// Gives the page table of a domain back after `shut_down`.
    pub fn abandon(&mut self, domain: &KvmDomain) {
        if let Some(smmu) = self.own() {
            smmu.abandon(domain);
        }
    }

    /// The driver's own, unless the scenario is the back end.
    fn own(&mut self) -> Option<&mut Smmu> {
        if self.scripted {
            None
        } else {
            Some(&mut self.smmu)
        }
    }
}

const NEEDED: [u32; 5] = [
    abi::KVM_IOMMU_OP_GET_IOMMU_BY_ID,
    abi::KVM_IOMMU_OP_ALLOC_IOPT,
    abi::KVM_IOMMU_OP_FREE_IOPT,
    abi::KVM_IOMMU_OP_ATTACH_DEV,
    abi::KVM_IOMMU_OP_DETACH_DEV,
];

/// Whether a back end that offers these operations has all five.
pub fn is_complete(offered: &[u32]) -> bool {
    NEEDED.iter().all(|operation| offered.contains(operation))
}
