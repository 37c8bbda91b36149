//! The address spaces of the hypervisor. Their conversions are arithmetic: what they add and mask is asked once for each machine.

use iommu_tck::{hyp_page_bytes, hyp_phys, kern_hyp_va};

#[derive(Clone, Copy)]
pub struct Addresses {
    /// Bytes of a page of the hypervisor.
    pub page_bytes: u64,
    /// Bits of a kernel linear address that stay, and bits that every address of the hypervisor has.
    kept: u64,
    tag: u64,
    /// From addresses of the hypervisor to physical ones.
    offset: u64,
}

impl Addresses {
    pub const NONE: Self = Addresses { page_bytes: 0, kept: 0, tag: 0, offset: 0 };

    pub fn ask() -> Self {
        let tag = kern_hyp_va(0);
        let kept = kern_hyp_va(u64::MAX) & !tag;
        let offset = hyp_phys(0);
        Addresses { page_bytes: hyp_page_bytes().into(), kept, tag, offset }
    }

    /// Kernel linear address to address of the hypervisor, which need not be mapped.
    pub fn hyp_va(&self, kernel: u64) -> u64 {
        kernel & self.kept | self.tag
    }

    pub fn phys(&self, hyp_va: u64) -> u64 {
        hyp_va.wrapping_add(self.offset)
    }

    /// The inverse of `phys`.
    pub fn hyp_va_of(&self, pa: u64) -> u64 {
        pa.wrapping_sub(self.offset)
    }

    pub fn pfn(&self, pa: u64) -> u64 {
        pa / self.page_bytes
    }

    pub fn is_page(&self, address: u64) -> bool {
        address % self.page_bytes == 0
    }
}
