//! The platform port, safe to call: drivers/contract/platform.ts says what each does.

use crate::abi;
use crate::refusal::{result, Errno};

/// Functions that answer with their value, or nothing.
macro_rules! ask {
    ($($name:ident = $function:ident($($param:ident: $type:ty),*) $(-> $gives:ty)?;)+) => {
        $(pub fn $name($($param: $type),*) $(-> $gives)? {
            unsafe { abi::$function($($param),*) }
        })+
    };
}

ask! {
    read8 = tck_read8(pa: u64) -> u32;
    read16 = tck_read16(pa: u64) -> u32;
    read32 = tck_read32(pa: u64) -> u32;
    read64 = tck_read64(pa: u64) -> u64;
    write8 = tck_write8(pa: u64, value: u32);
    write16 = tck_write16(pa: u64, value: u32);
    write32 = tck_write32(pa: u64, value: u32);
    write64 = tck_write64(pa: u64, value: u64);
    zero = tck_zero(pa: u64, bytes: u64);
    cmpxchg64 = tck_cmpxchg64(pa: u64, expected: u64, value: u64) -> u64;
    fetch_and64 = tck_fetch_and64(pa: u64, mask: u64) -> u64;
    fetch_or64 = tck_fetch_or64(pa: u64, mask: u64) -> u64;
    clean = tck_clean(pa: u64, bytes: u64);
    barrier = tck_barrier();
    mmio_read32 = tck_mmio_read32(iommu: u32, offset: u32) -> u32;
    mmio_read64 = tck_mmio_read64(iommu: u32, offset: u32) -> u64;
    mmio_write32 = tck_mmio_write32(iommu: u32, offset: u32, value: u32);
    mmio_write64 = tck_mmio_write64(iommu: u32, offset: u32, value: u64);
    page_free = tck_page_free(pa: u64, order: u32);
    object_free = tck_object_free(object: u32);
    cpu = tck_cpu() -> u32;
    now = tck_now() -> u64;
    delay = tck_delay(microseconds: u64);
    hyp_page_bytes = tck_hyp_page_bytes() -> u32;
    kern_hyp_va = tck_kern_hyp_va(address: u64) -> u64;
    hyp_phys = tck_hyp_phys(address: u64) -> u64;
}

/// Functions that may refuse and give nothing.
macro_rules! call {
    ($($name:ident = $function:ident($($param:ident: $type:ty),*);)+) => {
        $(pub fn $name($($param: $type),*) -> Result<(), Errno> {
            result(unsafe { abi::$function($($param),*) })
        })+
    };
}

call! {
    host_donate_hyp = tck_host_donate_hyp(pfn: u64, pages: u64);
    hyp_donate_host = tck_hyp_donate_host(pfn: u64, pages: u64);
    host_share_dma = tck_host_share_dma(pfn: u64, pages: u64);
    host_unshare_dma = tck_host_unshare_dma(pfn: u64, pages: u64);
    create_mappings = tck_create_mappings(from: u64, to: u64, protection: u32);
}

/// Waits until `(value & mask) == want`, at most so many microseconds of virtual time.
pub fn poll_until(
    iommu: u32,
    offset: u32,
    mask: u32,
    want: u32,
    timeout_us: u64,
) -> Result<u32, Errno> {
    let mut value = 0;
    result(unsafe { abi::tck_poll_until(iommu, offset, mask, want, timeout_us, &mut value) })?;
    Ok(value)
}

/// `2^order` pages for the driver itself; `kind` is one of `abi::PAGE_KIND_…`.
pub fn page_alloc(order: u32, kind: u32) -> Result<u64, Errno> {
    let owner = abi::PageOwner { kind: abi::PAGE_OWNER_KIND_DRIVER, handle: 0 };
    request(abi::PageRequest { has: 0, order, owner, kind })
}

/// `2^order` pages for a domain or a device.
pub fn page_alloc_for(owner: abi::PageOwner, order: u32, kind: u32) -> Result<u64, Errno> {
    request(abi::PageRequest { has: abi::PAGE_REQUEST_HAS_OWNER, order, owner, kind })
}

fn request(request: abi::PageRequest) -> Result<u64, Errno> {
    let mut value = 0;
    result(unsafe { abi::tck_page_alloc(&request, &mut value) })?;
    Ok(value)
}

/// The address of a text that has to end with a NUL.
fn terminated(text: &str) -> *const u8 {
    assert!(text.ends_with('\0'));
    text.as_ptr()
}

/// `name` ends with a NUL, here and below.
pub fn lock(name: &str) {
    unsafe { abi::tck_lock(terminated(name)) }
}

pub fn unlock(name: &str) {
    unsafe { abi::tck_unlock(terminated(name)) }
}

pub fn object_alloc(kind: &str) -> Result<u32, Errno> {
    let mut value = 0;
    result(unsafe { abi::tck_object_alloc(terminated(kind), &mut value) })?;
    Ok(value)
}

pub fn id_alloc(space: &str, first: u32, last: u32) -> Result<u32, Errno> {
    let mut value = 0;
    result(unsafe { abi::tck_id_alloc(terminated(space), first, last, &mut value) })?;
    Ok(value)
}

pub fn id_free(space: &str, id: u32) {
    unsafe { abi::tck_id_free(terminated(space), id) }
}

/// Fills `bytes` from user memory.
pub fn copy_in(address: u64, bytes: &mut [u8]) -> Result<(), Errno> {
    result(unsafe { abi::tck_copy_in(address, bytes.len() as u32, bytes.as_mut_ptr()) })
}

pub fn copy_out(address: u64, bytes: &[u8]) -> Result<(), Errno> {
    result(unsafe { abi::tck_copy_out(address, bytes.as_ptr(), bytes.len() as u32) })
}

/// `EAGAIN`: let the access try again, where it waits. `EOPNOTSUPP`: nobody listens; the event is dropped.
pub fn report_event(event: &abi::FaultEvent) -> Result<(), Errno> {
    result(unsafe { abi::tck_report_event(event) })
}

/// Refused: nobody will answer, and the driver answers by itself.
pub fn report_page_fault(fault: &abi::PageFault) -> Result<(), Errno> {
    result(unsafe { abi::tck_report_page_fault(fault) })
}

/// The back end that the scenario decides, where `start` was told that there is one.
pub mod back_end {
    use crate::abi;
    use crate::refusal::{result, Errno};

    pub fn get_iommu_by_id(iommu: u32) -> bool {
        unsafe { abi::tck_backend_get_iommu_by_id(iommu) != 0 }
    }

    /// The root of the page table that the domain shall record.
    pub fn alloc_iopt(domain: &abi::KvmDomain, pgd_hva: u64) -> Result<u64, Errno> {
        let mut value = abi::Iopt { pgd: 0 };
        result(unsafe { abi::tck_backend_alloc_iopt(domain, pgd_hva, &mut value) })?;
        Ok(value.pgd)
    }

    pub fn free_iopt(domain: &abi::KvmDomain) -> Result<(), Errno> {
        result(unsafe { abi::tck_backend_free_iopt(domain) })
    }

    pub fn attach_dev(domain: &abi::KvmDomain, endpoint: u32) -> Result<(), Errno> {
        result(unsafe { abi::tck_backend_attach_dev(domain, endpoint) })
    }

    pub fn detach_dev(domain: &abi::KvmDomain, endpoint: u32) -> Result<(), Errno> {
        result(unsafe { abi::tck_backend_detach_dev(domain, endpoint) })
    }
}
