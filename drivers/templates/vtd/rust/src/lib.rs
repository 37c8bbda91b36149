//! A driver of Intel VT-d, to be filled in: it enables IOMMU 0 in scalable mode, with every device blocked, and has one second stage,
//! for the first 16 MiB of one paging domain and devices 0 to 15 of bus 0. To everything else it says yes without doing it. What each
//! function promises stands in `iommu_tck/src/abi.rs`; registers, tables and commands are laid out in docs/registers/vtd.md.
#![no_std]

use iommu_tck::abi::{self, ALLOC_FAULT_ID_VALID, DOMAIN_TYPE_PAGING, DOMAIN_TYPE_SVA, NO_PASID, PAGE_KIND_DEVICE_TABLE};
use iommu_tck::{answer, answer_with, barrier, check_types, clean, manifest, zero, Errno, Mutex, Protected};
use iommu_tck::{mmio_read64, mmio_write32, mmio_write64, page_alloc, page_free, poll_until, read64, write64};
use iommu_tck::{EEXIST, EINVAL, ENODEV, ENOENT, EOPNOTSUPP};

/// Registers, in bytes from the start of the register file.
const CAP: u32 = 0x08;
const ECAP: u32 = 0x10;
const GCMD: u32 = 0x18;
const GSTS: u32 = 0x1c;
const RTADDR: u32 = 0x20;
const IQT: u32 = 0x88;
const IQA: u32 = 0x90;
const ICS: u32 = 0x9c;
/// CAP.SAGAW, 39 bits; ECAP.SMTS and SLTS; ECAP.ADMS.
const CAP_39: u64 = 0x200;
const ECAP_SCALABLE: u64 = 0x4800_0000_0000;
const ECAP_ADMS: u64 = 0x10_0000_0000_0000;
/// GCMD, and GSTS once it is carried out.
const TE: u32 = 0x8000_0000;
const SRTP: u32 = 0x4000_0000;
const QIE: u32 = 0x0400_0000;
/// RTADDR.TTM; IQA.DW, descriptors of 256 bits; ICS.IWC.
const SCALABLE: u64 = 0x400;
const ABORT: u64 = 0xc00;
const DW: u64 = 0x800;
const IWC: u32 = 1;
const TIMEOUT_US: u64 = 1000;

/// Where the driver's pages are, from the root table on. Leaves are those of the first 16 MiB.
const CONTEXTS: u64 = 0x1000;
const DIRECTORY: u64 = 0x2000;
const PASIDS: u64 = 0x3000;
const LEVEL_2: u64 = 0x4000;
const LEVEL_1: u64 = 0x5000;
const QUEUE: u64 = 0x6000;
const LEAVES: u64 = 0x8000;
const PAGES_END: u64 = 0x1_0000;
const ORDER: u32 = 4;
const PAGE: u64 = 4096;
const WORD: u64 = 8;
const CONTEXT_BYTES: u64 = 32;
const DESCRIPTOR_BYTES: u64 = 32;
const LAST_ID: u32 = 127;
const DEVICES: usize = 128;
const IOVA_END: u64 = 0x100_0000;
/// In entries. That of the PASID table has P, AW (39 bits) and PGTT (second stage).
const P: u64 = 1;
const R: u64 = 1;
const W: u64 = 2;
const SECOND_STAGE: u64 = 0x85;
const DID: u64 = 1;
/// Descriptors that empty caches, in the order in which caches fill one another: cc_inv, pc_inv, iotlb_inv; inv_wait that sets IWC.
const EVERYTHING: &[u64] = &[0x11, 0x37, 0xd2];
const TRANSLATIONS: &[u64] = &[0xd2];
const WAIT: u64 = 0x55;

/// Everything that the driver knows.
struct Driver {
    pages: u64,
    /// Of the context entry, by device; 0: it is not known.
    context_of: [u64; DEVICES],
    tail: u64,
    next_domain: u32,
    paging: u32,
}

impl Protected for Driver {
    const LOCK: &'static str = "driver\0";
}

static DRIVER: Mutex<Driver> = Mutex::new(Driver::new(0));

manifest!(
    r#"{
  "name": "my-driver",
  "implements": ["iommu"],
  "profile": "vtd-mainline",
  "hardware": "vtd",
  "supports": {
    "paging": true,
    "identity": true,
    "blocked": true,
    "replace": true,
    "hitless": false,
    "pasid": true,
    "nesting": true,
    "dirty-tracking": true,
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
check_types!(iommu_map, iommu_unmap, iommu_iova_to_phys, iommu_cache_invalidate, iommu_set_dirty_tracking);

/// Hardware need not see what is only in the processors' caches.
fn store(address: u64, value: u64) {
    write64(address, value);
    clean(address, WORD);
}

fn order(command: u32, status: u32) -> Result<(), Errno> {
    mmio_write32(0, GCMD, command);
    poll_until(0, GSTS, status, command & status, TIMEOUT_US).map(|_| ())
}

fn is_outside(iova: u64, size: u64) -> bool {
    (iova | size) % PAGE != 0 || iova > IOVA_END || size > IOVA_END - iova
}

/// Offsets of the pages of a range.
fn pages_of(size: u64) -> impl Iterator<Item = u64> {
    (0..size / PAGE).map(|page| page * PAGE)
}

impl Driver {
    const fn new(pages: u64) -> Self {
        Driver { pages, context_of: [0; DEVICES], tail: 0, next_domain: 1, paging: 0 }
    }

    fn leaf_of(&self, iova: u64) -> u64 {
        self.pages + LEAVES + iova / PAGE * WORD
    }

    /// Each is complete before the next begins, and the last when this returns.
    fn invalidate(&mut self, descriptors: &[u64]) -> Result<(), Errno> {
        for descriptor in descriptors {
            let at = self.pages + QUEUE + self.tail;
            store(at, *descriptor);
            store(at + DESCRIPTOR_BYTES, WAIT);
            self.tail = (self.tail + 2 * DESCRIPTOR_BYTES) % PAGE;
            barrier();
            mmio_write64(0, IQT, self.tail);
            poll_until(0, ICS, IWC, IWC, TIMEOUT_US)?;
            mmio_write32(0, ICS, IWC);
        }
        Ok(())
    }

    fn set_root(&mut self, mode: u64, switches: u32) -> Result<(), Errno> {
        mmio_write64(0, RTADDR, self.pages | mode);
        order(switches | SRTP, SRTP)?;
        self.invalidate(EVERYTHING)
    }

    fn point(&mut self, device: u32, pasid: u32, context: u64) -> Result<(), Errno> {
        let at = self.context_of.get(device as usize).copied().unwrap_or(0);
        if at == 0 {
            return Err(ENODEV);
        }
        if pasid != NO_PASID {
            return Ok(());
        }
        store(at, context);
        barrier();
        self.invalidate(EVERYTHING)
    }

    fn attach(&mut self, device: u32, domain: u32, pasid: u32) -> Result<(), Errno> {
        let context = if domain == self.paging { self.pages + DIRECTORY | P } else { 0 };
        self.point(device, pasid, context)
    }

    fn fill_tables(&self) {
        let at = |offset: u64| self.pages + offset;
        write64(at(0), at(CONTEXTS) | P);
        write64(at(DIRECTORY), at(PASIDS) | P);
        write64(at(PASIDS), at(LEVEL_2) | SECOND_STAGE);
        write64(at(PASIDS + WORD), DID);
        write64(at(LEVEL_2), at(LEVEL_1) | R | W);
        for offset in pages_of(PAGES_END - LEAVES) {
            write64(at(LEVEL_1 + offset / PAGE * WORD), at(LEAVES + offset) | R | W);
        }
        clean(self.pages, PAGES_END);
        barrier();
    }

    fn enable(&mut self) -> Result<(), Errno> {
        self.fill_tables();
        mmio_write64(0, IQA, self.pages + QUEUE | DW);
        order(QIE, QIE)?;
        self.set_root(SCALABLE, QIE)?;
        order(QIE | TE, TE)
    }

    /// Without translation, accesses pass as they are: where it can, the hardware goes on refusing them.
    fn disable(&mut self) -> Result<(), Errno> {
        if mmio_read64(0, ECAP) & ECAP_ADMS == 0 {
            order(QIE, TE)?;
            return order(0, QIE);
        }
        self.set_root(ABORT, QIE | TE)?;
        order(TE, QIE)
    }

    fn map(&self, mapping: &abi::Mapping) -> Result<(), Errno> {
        if is_outside(mapping.iova, mapping.size) || mapping.pa % PAGE != 0 {
            return Err(EINVAL);
        }
        if pages_of(mapping.size).any(|offset| read64(self.leaf_of(mapping.iova + offset)) != 0) {
            return Err(EEXIST);
        }
        let access = if mapping.prot.read != 0 { R } else { 0 } | if mapping.prot.write != 0 { W } else { 0 };
        for offset in pages_of(mapping.size) {
            store(self.leaf_of(mapping.iova + offset), mapping.pa + offset | access);
        }
        barrier();
        Ok(())
    }

    fn unmap(&mut self, iova: u64, size: u64) -> Result<u64, Errno> {
        if is_outside(iova, size) {
            return Err(EINVAL);
        }
        let mut unmapped = 0;
        for leaf in pages_of(size).map(|offset| self.leaf_of(iova + offset)) {
            if read64(leaf) != 0 {
                store(leaf, 0);
                unmapped += PAGE;
            }
        }
        barrier();
        self.invalidate(TRANSLATIONS).map(|()| unmapped)
    }

    fn unmap_all(&mut self) -> Result<(), Errno> {
        zero(self.pages + LEAVES, PAGES_END - LEAVES);
        clean(self.pages + LEAVES, PAGES_END - LEAVES);
        barrier();
        self.invalidate(TRANSLATIONS)
    }
}

#[no_mangle]
pub extern "C" fn driver_start(_surroundings: *const abi::Surroundings) -> i32 {
    if mmio_read64(0, ECAP) & ECAP_SCALABLE != ECAP_SCALABLE || mmio_read64(0, CAP) & CAP_39 == 0 {
        return answer(Err(ENODEV));
    }
    answer(page_alloc(ORDER, PAGE_KIND_DEVICE_TABLE).and_then(|pages| {
        // Everything is set: this is called again for each scenario.
        unsafe { DRIVER.begin(|driver| *driver = Driver::new(pages)) };
        DRIVER.lock().enable()
    }))
}

#[no_mangle]
pub extern "C" fn driver_stop() -> i32 {
    let mut driver = DRIVER.lock();
    answer(driver.disable().map(|()| page_free(driver.pages, ORDER)))
}

#[no_mangle]
pub extern "C" fn iommu_probe_device(device: *const abi::DeviceDescription) -> i32 {
    // What the suite passes by address is there until this returns.
    let device = unsafe { &*device };
    let id = if device.ids_count == 0 { 0 } else { unsafe { *device.ids } };
    if device.iommu != 0 || device.device as usize >= DEVICES || id > LAST_ID {
        return answer(Err(ENODEV));
    }
    let mut driver = DRIVER.lock();
    driver.context_of[device.device as usize] = driver.pages + CONTEXTS + u64::from(id) * CONTEXT_BYTES;
    0
}

#[no_mangle]
pub extern "C" fn iommu_release_device(device: u32) -> i32 {
    answer(DRIVER.lock().point(device, NO_PASID, 0))
}

#[no_mangle]
pub extern "C" fn iommu_domain_alloc(spec: *const abi::DomainSpec, value: *mut u32) -> i32 {
    let spec = unsafe { &*spec };
    if spec.r#type == DOMAIN_TYPE_SVA || spec.flags & ALLOC_FAULT_ID_VALID != 0 {
        return answer(Err(EOPNOTSUPP));
    }
    let mut driver = DRIVER.lock();
    if spec.r#type == DOMAIN_TYPE_PAGING && driver.paging == 0 {
        driver.paging = driver.next_domain;
    }
    unsafe { *value = driver.next_domain };
    driver.next_domain += 1;
    0
}

#[no_mangle]
pub extern "C" fn iommu_domain_free(domain: u32) -> i32 {
    let mut driver = DRIVER.lock();
    if domain != driver.paging {
        return 0;
    }
    answer(driver.unmap_all().map(|()| driver.paging = 0))
}

#[no_mangle]
pub extern "C" fn iommu_attach(device: u32, domain: u32, pasid: u32) -> i32 {
    answer(DRIVER.lock().attach(device, domain, pasid))
}

#[no_mangle]
pub extern "C" fn iommu_detach(device: u32, _domain: u32, pasid: u32) -> i32 {
    answer(DRIVER.lock().point(device, pasid, 0))
}

#[no_mangle]
pub extern "C" fn iommu_replace(device: u32, domain: u32, pasid: u32) -> i32 {
    answer(DRIVER.lock().attach(device, domain, pasid))
}

#[no_mangle]
pub extern "C" fn iommu_map(domain: u32, mapping: *const abi::Mapping) -> i32 {
    let driver = DRIVER.lock();
    answer(if domain == driver.paging { driver.map(unsafe { &*mapping }) } else { Ok(()) })
}

#[no_mangle]
pub extern "C" fn iommu_unmap(domain: u32, iova: u64, size: u64, value: *mut u64) -> i32 {
    let mut driver = DRIVER.lock();
    let unmapped = if domain == driver.paging { driver.unmap(iova, size) } else { Ok(size) };
    unsafe { answer_with(unmapped, value) }
}

#[no_mangle]
pub extern "C" fn iommu_iova_to_phys(domain: u32, iova: u64, value: *mut u64) -> i32 {
    let driver = DRIVER.lock();
    let leaf = if domain == driver.paging && iova < IOVA_END { read64(driver.leaf_of(iova)) } else { 0 };
    let found = if leaf == 0 { Err(ENOENT) } else { Ok(leaf / PAGE * PAGE + iova % PAGE) };
    unsafe { answer_with(found, value) }
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

#[no_mangle]
pub extern "C" fn iommu_set_dirty_tracking(_domain: u32, _enable: u32) -> i32 {
    0
}
