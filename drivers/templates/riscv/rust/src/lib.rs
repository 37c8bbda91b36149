//! A driver of the RISC-V IOMMU, to be filled in: it enables IOMMU 0 with an empty device directory, so that every device is blocked,
//! and says yes to everything else without doing it. What each function promises stands in `iommu_tck/src/abi.rs`; registers, tables
//! and commands are laid out in docs/registers/riscv-iommu.md.
#![no_std]

use iommu_tck::abi::{self, DOMAIN_TYPE_SVA, PAGE_KIND_DEVICE_TABLE};
use iommu_tck::{answer, barrier, check_types, manifest, mmio_write64, page_alloc, page_free, poll_until};
use iommu_tck::{Errno, Mutex, Protected, ENOENT, EOPNOTSUPP};

/// The device directory's pointer, in bytes from the start of the register file: PPN at bit 10, busy, iommu_mode.
const DDTP: u32 = 0x10;
const DDTP_BUSY: u32 = 0x10;
const DDTP_MODE: u32 = 0x0f;
const MODE_OFF: u32 = 0;
const MODE_3LVL: u32 = 4;
const TIMEOUT_US: u64 = 1000;

/// Everything that the driver knows.
struct Driver {
    directory: u64,
    next_domain: u32,
}

impl Protected for Driver {
    const LOCK: &'static str = "driver\0";
}

static DRIVER: Mutex<Driver> = Mutex::new(Driver { directory: 0, next_domain: 1 });

manifest!(
    r#"{
  "name": "my-driver",
  "implements": ["iommu"],
  "profile": "riscv-review",
  "hardware": "riscv",
  "supports": {
    "paging": true,
    "identity": true,
    "blocked": true,
    "replace": true,
    "hitless": false,
    "pasid": false,
    "nesting": true,
    "dirty-tracking": false,
    "ats": false,
    "page-faults": false,
    "viommu": false,
    "gather": false,
    "two-cpus": true,
    "domain-table": false
  },
  "locks": {}
}"#
);

check_types!(driver_manifest, driver_start, driver_stop, iommu_probe_device, iommu_release_device);
check_types!(iommu_domain_alloc, iommu_domain_free, iommu_attach, iommu_detach, iommu_replace);
check_types!(iommu_map, iommu_unmap, iommu_iova_to_phys, iommu_cache_invalidate);

/// A mode that the IOMMU does not have reads back as another. The number of the root's page goes two bits below its address.
fn set_mode(root: u64, mode: u32) -> Result<(), Errno> {
    mmio_write64(0, DDTP, root >> 2 | u64::from(mode));
    poll_until(0, DDTP, DDTP_BUSY | DDTP_MODE, mode, TIMEOUT_US).map(|_| ())
}

#[no_mangle]
pub extern "C" fn driver_start(_surroundings: *const abi::Surroundings) -> i32 {
    answer(page_alloc(0, PAGE_KIND_DEVICE_TABLE).and_then(|directory| {
        // Everything is set: this is called again for each scenario.
        unsafe { DRIVER.begin(|driver| *driver = Driver { directory, next_domain: 1 }) };
        barrier();
        set_mode(directory, MODE_3LVL)
    }))
}

#[no_mangle]
pub extern "C" fn driver_stop() -> i32 {
    answer(set_mode(0, MODE_OFF).map(|()| page_free(DRIVER.lock().directory, 0)))
}

#[no_mangle]
pub extern "C" fn iommu_probe_device(_device: *const abi::DeviceDescription) -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn iommu_release_device(_device: u32) -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn iommu_domain_alloc(spec: *const abi::DomainSpec, value: *mut u32) -> i32 {
    // What the suite passes by address is there until this returns.
    if unsafe { (*spec).r#type } == DOMAIN_TYPE_SVA {
        return answer(Err(EOPNOTSUPP));
    }
    let mut driver = DRIVER.lock();
    unsafe { *value = driver.next_domain };
    driver.next_domain += 1;
    0
}

#[no_mangle]
pub extern "C" fn iommu_domain_free(_domain: u32) -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn iommu_attach(_device: u32, _domain: u32, _pasid: u32) -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn iommu_detach(_device: u32, _domain: u32, _pasid: u32) -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn iommu_replace(_device: u32, _domain: u32, _pasid: u32) -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn iommu_map(_domain: u32, _mapping: *const abi::Mapping) -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn iommu_unmap(_domain: u32, _iova: u64, size: u64, value: *mut u64) -> i32 {
    unsafe { *value = size };
    0
}

#[no_mangle]
pub extern "C" fn iommu_iova_to_phys(_domain: u32, _iova: u64, _value: *mut u64) -> i32 {
    answer(Err(ENOENT))
}

#[no_mangle]
pub extern "C" fn iommu_cache_invalidate(
    _target: *const abi::DomainOrViommu,
    array: *const abi::InvalidationArray,
    value: *mut abi::Invalidated,
) -> i32 {
    let handled = unsafe { (*array).entries };
    unsafe { *value = abi::Invalidated { has: 0, handled, error: 0 } };
    0
}
