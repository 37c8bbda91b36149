//! A driver of the toy IOMMU, to be filled in: it enables the hardware with an empty device table, so that every device is blocked, and
//! says yes to everything else without doing it. What each function promises stands in `iommu_tck/src/abi.rs`; the hardware is
//! described in docs/systems/toy.md.
#![no_std]

use iommu_tck::abi::{self, DOMAIN_TYPE_PAGING, PAGE_KIND_DEVICE_TABLE};
use iommu_tck::{answer, barrier, check_types, manifest, mmio_write64, page_alloc, page_free, Mutex, Protected, ENOENT, EOPNOTSUPP};

/// Registers of IOMMU 0, in bytes from the start of its register file.
const CONTROL: u32 = 0x00;
const CONTROL_ENABLE: u64 = 1;

/// Everything that the driver knows.
struct Driver {
    device_table: u64,
    next_domain: u32,
}

impl Protected for Driver {
    const LOCK: &'static str = "driver\0";
}

static DRIVER: Mutex<Driver> = Mutex::new(Driver { device_table: 0, next_domain: 1 });

manifest!(
    r#"{
  "name": "my-driver",
  "implements": ["iommu"],
  "profile": "toy",
  "hardware": "toy",
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
    "domain-table": false
  },
  "locks": {}
}"#
);

check_types!(driver_manifest, driver_start, driver_stop, iommu_probe_device, iommu_release_device);
check_types!(iommu_domain_alloc, iommu_domain_free, iommu_attach, iommu_detach);
check_types!(iommu_map, iommu_unmap, iommu_iova_to_phys);

#[no_mangle]
pub extern "C" fn driver_start(_surroundings: *const abi::Surroundings) -> i32 {
    answer(page_alloc(0, PAGE_KIND_DEVICE_TABLE).map(|device_table| {
        // Everything is set: this is called again for each scenario.
        unsafe { DRIVER.begin(|driver| *driver = Driver { device_table, next_domain: 1 }) };
        barrier();
        mmio_write64(0, CONTROL, device_table | CONTROL_ENABLE);
    }))
}

#[no_mangle]
pub extern "C" fn driver_stop() -> i32 {
    mmio_write64(0, CONTROL, 0);
    page_free(DRIVER.lock().device_table, 0);
    0
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
    if unsafe { (*spec).r#type } != DOMAIN_TYPE_PAGING {
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
