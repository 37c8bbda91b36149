//! The pKVM hypervisor's IOMMU domain layer over SMMUv3 stage 2, in Rust: what drivers/pkvm is in TypeScript. Start with
//! `domain_layer.rs`; `smmu_back_end.rs` is what stands below it unless the suite brings its own.
#![no_std]

mod addresses;
mod bitmap;
mod command_queue;
mod domain_layer;
mod domain_table;
mod invalidations;
mod layouts;
mod memcache;
mod operations;
mod page_table;
mod page_table_format;
mod parameters;
mod registers;
mod smmu;
mod smmu_back_end;
mod stream_table;
mod table_extents;
mod table_pages;
mod take_over;
mod walker_memory;

use domain_layer::{Driver, Mapping, PageRange};
use iommu_tck::{abi, answer, answer_with, check_types, manifest, Mutex};

static DRIVER: Mutex<Driver> = Mutex::new(Driver::NONE);

manifest!(
    r#"{
  "name": "pkvm-rust",
  "implements": ["hyp"],
  "profile": "pkvm-hardened",
  "hardware": "pkvm",
  "supports": {
    "paging": true,
    "identity": false,
    "blocked": false,
    "replace": false,
    "hitless": false,
    "pasid": false,
    "nesting": false,
    "dirty-tracking": false,
    "ats": false,
    "page-faults": false,
    "viommu": false,
    "gather": false,
    "two-cpus": true,
    "domain-table": true
  },
  "locks": { "device-table": "iommu_lock", "donated": "iommu_lock", "queue": "iommu_lock" }
}"#
);

check_types!(driver_manifest, driver_start, driver_stop, hyp_init, hyp_init_device);
check_types!(hyp_alloc_domain, hyp_free_domain, hyp_attach_dev, hyp_detach_dev);
check_types!(hyp_map_pages, hyp_unmap_pages, hyp_iova_to_phys);

// What a function of the contract is given by address is there until it returns, and so is the place for its value.

#[no_mangle]
pub extern "C" fn driver_start(surroundings: *const abi::Surroundings) -> i32 {
    let scripted = unsafe { (*surroundings).scripted } != 0;
    unsafe { DRIVER.begin(|driver| driver.begin(scripted)) };
    0
}

#[no_mangle]
pub extern "C" fn driver_stop() -> i32 {
    answer(DRIVER.lock().stop())
}

#[no_mangle]
pub extern "C" fn hyp_init(parameters: *const abi::HypInit) -> i32 {
    let parameters = unsafe { &*parameters };
    let (first, count) = (parameters.operations, parameters.operations_count as usize);
    let offered = match count {
        0 => &[],
        _ => unsafe { core::slice::from_raw_parts(first, count) },
    };
    answer(DRIVER.lock().init(parameters.memcaches, parameters.cpus, offered))
}

#[no_mangle]
pub extern "C" fn hyp_init_device(device: *const abi::HypDevice) -> i32 {
    let device = unsafe { &*device };
    answer(DRIVER.lock().init_device(device.iommu, device.params))
}

#[no_mangle]
pub extern "C" fn hyp_alloc_domain(iommu: u32, domain: u32, pgd: u64) -> i32 {
    answer(DRIVER.lock().alloc_domain(iommu, domain, pgd))
}

#[no_mangle]
pub extern "C" fn hyp_free_domain(iommu: u32, domain: u32) -> i32 {
    answer(DRIVER.lock().free_domain(iommu, domain))
}

#[no_mangle]
pub extern "C" fn hyp_attach_dev(iommu: u32, domain: u32, endpoint: u32) -> i32 {
    answer(DRIVER.lock().attach_dev(iommu, domain, endpoint))
}

#[no_mangle]
pub extern "C" fn hyp_detach_dev(iommu: u32, domain: u32, endpoint: u32) -> i32 {
    answer(DRIVER.lock().detach_dev(iommu, domain, endpoint))
}

#[no_mangle]
pub extern "C" fn hyp_map_pages(
    iommu: u32,
    domain: u32,
    iova: u64,
    pa: u64,
    page_size: u64,
    page_count: u64,
    prot: u32,
    value: *mut u64,
) -> i32 {
    let range = PageRange { iova, page_size, page_count };
    let mapped = DRIVER.lock().map_pages(iommu, domain, &Mapping { range, pa, prot });
    unsafe { answer_with(mapped, value) }
}

#[no_mangle]
pub extern "C" fn hyp_unmap_pages(
    iommu: u32,
    domain: u32,
    iova: u64,
    page_size: u64,
    page_count: u64,
    value: *mut u64,
) -> i32 {
    let range = PageRange { iova, page_size, page_count };
    let unmapped = DRIVER.lock().unmap_pages(iommu, domain, &range);
    unsafe { answer_with(unmapped, value) }
}

#[no_mangle]
pub extern "C" fn hyp_iova_to_phys(iommu: u32, domain: u32, iova: u64, value: *mut u64) -> i32 {
    let found = DRIVER.lock().iova_to_phys(iommu, domain, iova);
    unsafe { answer_with(found, value) }
}
