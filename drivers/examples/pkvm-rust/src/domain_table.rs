//! The domains of one IOMMU: a root of pointers, in a page that the trusted host set aside, and leaves of descriptors that are donated
//! when an id in them is first allocated. In memory exactly as the series lays it out.

use crate::addresses::Addresses;
use crate::bitmap::Bitmap;
use crate::memcache::Memcaches;
use crate::parameters::Parameters;
use iommu_tck::{abi, create_mappings, read64, write64, zero, Errno, EINVAL};

/// Bytes of a descriptor and of a pointer of the root, and domain ids that exist per IOMMU.
const DOMAIN_BYTES: u64 = 16;
const POINTER_BYTES: u64 = 8;
const MAX_DOMAINS: u32 = 65_536;
const DOMAIN_WORDS: usize = MAX_DOMAINS as usize / 64;
/// Leaves that the smallest pages make of them.
const LEAF_WORDS: usize = MAX_DOMAINS as usize / (4096 / DOMAIN_BYTES as usize) / 64;

/// Where the words of a descriptor are.
const PGD: u64 = 0;
const REFS: u64 = 8;

/// One domain, in place.
#[derive(Clone, Copy)]
pub struct Descriptor {
    at: u64,
}

impl Descriptor {
    /// 0 while the domain is not allocated, 1 when it is, and 1 more for each endpoint.
    pub fn refs(self) -> u32 {
        read64(self.at + REFS) as u32
    }

    pub fn set_refs(self, refs: u32) {
        write64(self.at + REFS, refs.into());
    }

    /// Address of the hypervisor of the root of the domain's page table.
    pub fn pgd(self) -> u64 {
        read64(self.at + PGD)
    }
}

pub struct DomainTable {
    addresses: Addresses,
    memcaches: Memcaches,
    /// Bits of an id that select a descriptor of a leaf; as many descriptors as fit.
    split: u32,
    /// Address of the hypervisor.
    root: u64,
    nr_domains: u32,
    /// Pointers of the root that lead to a leaf, and domains that are allocated.
    leaves: Bitmap<LEAF_WORDS>,
    allocated: Bitmap<DOMAIN_WORDS>,
}

impl DomainTable {
    pub const NONE: Self = DomainTable {
        addresses: Addresses::NONE,
        memcaches: Memcaches::NONE,
        split: 0,
        root: 0,
        nr_domains: 0,
        leaves: Bitmap::EMPTY,
        allocated: Bitmap::EMPTY,
    };

    pub fn begin(&mut self, addresses: Addresses, memcaches: Memcaches, parameters: &Parameters) {
        self.addresses = addresses;
        self.memcaches = memcaches;
        self.split = (addresses.page_bytes / DOMAIN_BYTES).trailing_zeros();
        self.root = addresses.hyp_va(parameters.domains);
        // The root has pointers for so many and no more, whatever the host says.
        self.nr_domains = parameters.nr_domains.min(MAX_DOMAINS.into()) as u32;
        self.leaves.clear();
        self.allocated.clear();
    }

    /// Maps the root, which is empty afterwards. `EINVAL`: it has no page of its own. The mapping's own errno.
    pub fn map(&self) -> Result<(), Errno> {
        if !self.addresses.is_page(self.root) {
            return Err(EINVAL);
        }
        let bytes = u64::from(MAX_DOMAINS >> self.split) * POINTER_BYTES;
        create_mappings(self.root, self.root.wrapping_add(bytes), abi::HYP_PROTECTION_OWNED)?;
        zero(self.addresses.phys(self.root), self.addresses.page_bytes);
        Ok(())
    }

    /// The descriptor of an id in range, if its leaf is there.
    pub fn find(&self, domain: u32) -> Option<Descriptor> {
        if domain >= self.nr_domains {
            return None;
        }
        match read64(self.pointer(domain)) {
            0 => None,
            leaf => Some(self.descriptor(leaf, domain)),
        }
    }

    /// As `find`, but a missing leaf is put there; none when no page is to be had for it.
    pub fn obtain(&mut self, domain: u32) -> Option<Descriptor> {
        if domain >= self.nr_domains {
            return None;
        }
        let leaf = read64(self.pointer(domain));
        if leaf != 0 {
            return Some(self.descriptor(leaf, domain));
        }
        let fresh = self.addresses.hyp_va_of(self.memcaches.take().ok()?);
        write64(self.pointer(domain), fresh);
        self.leaves.insert(domain >> self.split);
        Some(self.descriptor(fresh, domain))
    }

    /// The domain is allocated.
    pub fn record(&mut self, domain: u32, descriptor: Descriptor, pgd: u64) {
        descriptor.set_refs(1);
        write64(descriptor.at + PGD, pgd);
        self.allocated.insert(domain);
    }

    /// It is not any more.
    pub fn clear(&mut self, domain: u32, descriptor: Descriptor) {
        write64(descriptor.at + PGD, 0);
        write64(descriptor.at + REFS, 0);
        self.allocated.remove(domain);
    }

    /// The first allocated domain from `domain` on.
    pub fn next_allocated(&self, domain: u32) -> Option<u32> {
        self.allocated.next(domain)
    }

    /// Gives every leaf back to the host. Nothing may use the table afterwards.
    pub fn release(&mut self) {
        while let Some(index) = self.leaves.next(0) {
            self.leaves.remove(index);
            let pointer = self.pointer(index << self.split);
            let leaf = read64(pointer);
            write64(pointer, 0);
            self.memcaches.give(self.addresses.phys(leaf));
        }
    }

    /// Where the pointer to an id's leaf is.
    fn pointer(&self, domain: u32) -> u64 {
        self.addresses.phys(self.root) + u64::from(domain >> self.split) * POINTER_BYTES
    }

    fn descriptor(&self, leaf: u64, domain: u32) -> Descriptor {
        let index = domain & ((1 << self.split) - 1);
        Descriptor { at: self.addresses.phys(leaf) + u64::from(index) * DOMAIN_BYTES }
    }
}
