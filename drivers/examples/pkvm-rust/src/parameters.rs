//! The parameters of one IOMMU, copied once from the memory of the host while it is trusted. What it writes there later is not read.

use crate::addresses::Addresses;
use iommu_tck::read64;

// Words of struct kvm_hyp_iommu.
const DOMAINS: u64 = 0;
const NR_DOMAINS: u64 = 1;
const IAS: u64 = 2;
const OAS: u64 = 3;
const GRANULE: u64 = 4;
const MMIO: u64 = 5;

pub struct Parameters {
    /// Kernel linear address of the root of the domain table.
    pub domains: u64,
    /// Domains that the host wants, exclusive; not checked yet.
    pub nr_domains: u64,
    /// Bits of an input address.
    pub ias: u64,
    /// Bits of an output address.
    pub oas: u64,
    /// Bytes of a page of its page tables.
    pub granule: u64,
    /// The IOMMU instance whose registers it has.
    pub mmio: u32,
}

/// `params`: kernel linear address of the parameters, mapped at EL2.
pub fn copy_parameters(addresses: &Addresses, params: u64) -> Parameters {
    let at = addresses.phys(addresses.hyp_va(params));
    let word = |index: u64| read64(at.wrapping_add(index * 8));
    Parameters {
        domains: word(DOMAINS),
        nr_domains: word(NR_DOMAINS),
        ias: word(IAS),
        oas: word(OAS),
        granule: word(GRANULE),
        mmio: word(MMIO) as u32,
    }
}
