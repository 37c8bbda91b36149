//! One SMMUv3, used for stage 2 only. Its registers, queues and tables belong to the hypervisor. A stream that is not attached is
//! aborted. `take_over.rs` makes one.

use crate::addresses::Addresses;
use crate::invalidations::Invalidations;
use crate::layouts::*;
use crate::memcache::Memcaches;
use crate::page_table_format::Format;
use crate::registers::{Registers, ADDRESS_SIZES, CMDQEN, CR0, CR0ACK, EVENTQEN, SMMUEN};
use crate::stream_table::StreamTable;
use crate::table_extents::TableExtents;
use crate::table_pages::TablePages;
use crate::walker_memory::WalkerMemory;
use iommu_tck::{page_free, Errno, EACCES, EBUSY, ENODEV};

/// The word of an STE that has the VMID.
const VMID_WORD: u64 = 2;

/// Where the queues are: one frame each.
#[derive(Clone, Copy)]
pub struct Queues {
    pub commands: u64,
    pub events: u64,
}

impl Queues {
    /// Gives back what they lie in.
    pub fn release(&self) {
        page_free(self.commands, 0);
        page_free(self.events, 0);
    }
}

pub struct Smmu {
    pub addresses: Addresses,
    pub registers: Registers,
    pub memory: WalkerMemory,
    pub pages: TablePages,
    /// Of every page table on this SMMU.
    pub format: Format,
    pub vmid_bits: u32,
    pub queues: Queues,
    pub invalidations: Invalidations,
    pub extents: TableExtents,
    pub streams: StreamTable,
}

impl Smmu {
    pub const NONE: Self = Smmu {
        addresses: Addresses::NONE,
        registers: Registers { iommu: 0 },
        memory: WalkerMemory { coherent: false },
        pages: TablePages {
            memcaches: Memcaches::NONE,
            memory: WalkerMemory { coherent: false },
            page_bytes: 0,
            oas: 0,
        },
        format: Format::NONE,
        vmid_bits: 0,
        queues: Queues { commands: 0, events: 0 },
        invalidations: Invalidations::NONE,
        extents: TableExtents::NONE,
        streams: StreamTable::NONE,
    };

    /// Whether a TLB of this SMMU can tell so many address spaces apart.
    pub fn has_vmid(&self, vmid: u32) -> bool {
        vmid < 1 << self.vmid_bits
    }

    /// Sends a blocked stream through a page table with its root at a physical address. `EBUSY`: it is attached already. `ENODEV`: there
    /// is no such stream. `ENOMEM`: the stream table needs a page. On refusal it is blocked as before.
    pub fn attach(&mut self, stream: u32, vmid: u32, root: u64) -> Result<(), Errno> {
        let entry = self.streams.obtain(&self.pages, &mut self.invalidations, stream)?;
        if self.memory.read(entry) != BLOCKED {
            return Err(EBUSY);
        }
        let ste = self.entry_for(vmid, root);
        // While word 0 says abort the others are unused, but any may be cached as it was: so they are settled before it changes.
        for word in 1..STE_WORDS {
            self.memory.write(entry + word * 8, ste[word as usize]);
        }
        self.invalidations.stream(stream)?;
        let attached = self.set(stream, entry, ste[0]);
        if attached.is_err() {
            let _ = self.block(stream, entry);
        }
        attached
    }

    /// Blocks a stream that goes through the page table of `vmid`. `ENODEV`: it goes through none; `EACCES`: it goes through another. On
    /// refusal it is as before.
    pub fn detach(&mut self, stream: u32, vmid: u32) -> Result<(), Errno> {
        let entry = self.streams.find(&self.pages, stream).ok_or(ENODEV)?;
        let first = self.memory.read(entry);
        if first == BLOCKED {
            return Err(ENODEV);
        }
        if self.vmid_of(entry) != vmid {
            return Err(EACCES);
        }
        let detached = self.block(stream, entry);
        if detached.is_err() {
            let _ = self.set(stream, entry, first);
        }
        detached
    }

    /// Blocks every stream for good and gives tables and queues back. Refused, and nothing is given back, when the SMMU may go on using
    /// them.
    pub fn shut_down(&mut self) -> Result<(), Errno> {
        const ENABLES: u32 = SMMUEN | EVENTQEN | CMDQEN;
        let registers = self.registers;
        // What is on its way has to arrive before anything else may be asked for.
        registers.wait_for(CR0ACK, ENABLES, registers.read(CR0) & ENABLES)?;
        registers.write(CR0, CMDQEN);
        registers.wait_for(CR0ACK, ENABLES, CMDQEN)?;
        let _ = self.invalidations.everything();
        registers.write(CR0, 0);
        registers.wait_for(CR0ACK, CMDQEN, 0)?;
        self.streams.release(&self.pages);
        self.queues.release();
        Ok(())
    }

    fn block(&mut self, stream: u32, entry: u64) -> Result<(), Errno> {
        self.set(stream, entry, BLOCKED)
    }

    /// Word 0 decides what a stream may do, in one store.
    fn set(&mut self, stream: u32, entry: u64, first: u64) -> Result<(), Errno> {
        self.memory.write(entry, first);
        self.invalidations.stream(stream)
    }

    fn vmid_of(&self, entry: u64) -> u32 {
        (self.memory.read(entry + VMID_WORD * 8) & STE_S2VMID) as u32
    }

    /// Stage 2 only, faults recorded and never stalled, no override of attributes.
    fn entry_for(&self, vmid: u32, root: u64) -> [u64; STE_WORDS as usize] {
        let format = &self.format;
        let cached = if self.memory.coherent { WALK_WRITE_BACK } else { WALK_NON_CACHEABLE };
        let size = ADDRESS_SIZES.iter().position(|&bits| bits == format.oas).unwrap_or(0);
        let stage2 = u64::from(vmid)
            | u64::from(format.t0sz()) << STE_S2T0SZ_SHIFT
            | u64::from(format.sl0) << STE_S2SL0_SHIFT
            | cached << STE_S2IR0_SHIFT
            | cached << STE_S2OR0_SHIFT
            | STE_S2SH0_INNER
            | u64::from(format.granule.s2tg()) << STE_S2TG_SHIFT
            | (size as u64) << STE_S2PS_SHIFT
            | STE_S2AA64
            | STE_S2R;
        [TRANSLATED, STE_SHCFG_INCOMING, stage2, root & STE_S2TTB, 0, 0, 0, 0]
    }
}
