//! The pKVM hypervisor's IOMMU domain layer, to be filled in: it blocks every stream of an SMMU when the SMMU is initialised, and says yes
//! to everything else without doing it. What each function promises stands in `iommu_tck/src/abi.rs`; the machine, the layouts that
//! host and hypervisor share and the rules are described in docs/systems/pkvm.md.
#![no_std]

use iommu_tck::{abi, answer, check_types, manifest, mmio_write32, poll_until, Mutex, Protected, ENOENT};

/// SMMU_GBPA: what becomes of streams while the SMMU is disabled. Arm IHI 0070, "SMMU_GBPA".
const SMMU_GBPA: u32 = 0x44;
const GBPA_ABORT: u32 = 1 << 20;
const GBPA_UPDATE: u32 = 1 << 31;
const TIMEOUT_US: u64 = 1000;

/// Everything that the driver knows.
struct Driver {
    /// The scenario is the back end: `iommu_tck::back_end` is there, and no SMMU is.
    scripted: bool,
}

impl Protected for Driver {
    const LOCK: &'static str = "iommu_lock\0";
}

static DRIVER: Mutex<Driver> = Mutex::new(Driver { scripted: false });

manifest!(
    r#"{
  "name": "my-driver",
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
    "domain-table": false
  },
  "locks": {}
}"#
);

check_types!(driver_manifest, driver_start, driver_stop, hyp_init, hyp_init_device);
check_types!(hyp_alloc_domain, hyp_free_domain, hyp_attach_dev, hyp_detach_dev);
check_types!(hyp_map_pages, hyp_unmap_pages, hyp_iova_to_phys);

#[no_mangle]
pub extern "C" fn driver_start(surroundings: *const abi::Surroundings) -> i32 {
    // What the suite passes by address is there until this returns.
    let scripted = unsafe { (*surroundings).scripted } != 0;
    // Everything is set: this is called again for each scenario.
    unsafe { DRIVER.begin(|driver| *driver = Driver { scripted }) };
    0
}

#[no_mangle]
pub extern "C" fn driver_stop() -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn hyp_init(_parameters: *const abi::HypInit) -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn hyp_init_device(device: *const abi::HypDevice) -> i32 {
    let smmu = unsafe { (*device).iommu };
    if DRIVER.lock().scripted {
        return 0;
    }
    mmio_write32(smmu, SMMU_GBPA, GBPA_UPDATE | GBPA_ABORT);
    answer(poll_until(smmu, SMMU_GBPA, GBPA_UPDATE, 0, TIMEOUT_US).map(drop))
}

#[no_mangle]
pub extern "C" fn hyp_alloc_domain(_iommu: u32, _domain: u32, _pgd: u64) -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn hyp_free_domain(_iommu: u32, _domain: u32) -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn hyp_attach_dev(_iommu: u32, _domain: u32, _endpoint: u32) -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn hyp_detach_dev(_iommu: u32, _domain: u32, _endpoint: u32) -> i32 {
    0
}

#[no_mangle]
pub extern "C" fn hyp_map_pages(
    _iommu: u32,
    _domain: u32,
    _iova: u64,
    _pa: u64,
    page_size: u64,
    page_count: u64,
    _prot: u32,
    value: *mut u64,
) -> i32 {
    unsafe { *value = page_size.wrapping_mul(page_count) };
    0
}

#[no_mangle]
pub extern "C" fn hyp_unmap_pages(
    _iommu: u32,
    _domain: u32,
    _iova: u64,
    page_size: u64,
    page_count: u64,
    value: *mut u64,
) -> i32 {
    unsafe { *value = page_size.wrapping_mul(page_count) };
    0
}

#[no_mangle]
pub extern "C" fn hyp_iova_to_phys(_iommu: u32, _domain: u32, _iova: u64, _value: *mut u64) -> i32 {
    answer(Err(ENOENT))
}
