//! Taking an SMMU over from the trusted host: from the first step on it lets nothing through, and in the end it is the hypervisor's.

use crate::addresses::Addresses;
use crate::command_queue::CommandQueue;
use crate::invalidations::Invalidations;
use crate::layouts::{COMMAND_SHIFT, EVENT_SHIFT};
use crate::memcache::Memcaches;
use crate::page_table_format::{Format, Granule};
use crate::parameters::Parameters;
use crate::registers::*;
use crate::smmu::{Queues, Smmu};
use crate::stream_table::Shape;
use crate::table_pages::TablePages;
use crate::walker_memory::WalkerMemory;
use iommu_tck::{abi, page_alloc, page_free, Errno, EINVAL, ENODEV};

/// log2 of the bytes of each queue at most: one frame.
const QUEUE_SHIFT: u32 = 12;
/// The input size that stage 2 has for the sake of its 32-bit tables, if it has them.
const INPUT_BITS_OF_LPAE: u32 = 40;

/// What the SMMU is, as far as it is used.
struct Identity {
    format: Format,
    coherent: bool,
    vmid_bits: u32,
    sid_bits: u32,
    two_levels: bool,
    /// log2 of the entries of the queues.
    commands: u32,
    events: u32,
}

/// `ENODEV`: the SMMU cannot do stage 2 as this driver does it. `EINVAL`: the parameters do not suit it or the hypervisor. `ENOMEM`;
/// `ETIMEDOUT`: it does not answer. On refusal it lets nothing through.
pub fn take_over(
    smmu: &mut Smmu,
    addresses: Addresses,
    memcaches: Memcaches,
    parameters: &Parameters,
) -> Result<(), Errno> {
    let registers = Registers { iommu: parameters.mmio };
    quieten(registers)?;
    let identity = identify(registers, parameters, addresses.page_bytes)?;
    let queues = take_queues()?;

    let memory = WalkerMemory { coherent: identity.coherent };
    let queue = CommandQueue::new(registers, memory, queues.commands, identity.commands);
    smmu.addresses = addresses;
    smmu.registers = registers;
    smmu.memory = memory;
    let (page_bytes, oas) = (addresses.page_bytes, identity.format.oas);
    smmu.pages = TablePages { memcaches, memory, page_bytes, oas };
    smmu.format = identity.format;
    smmu.vmid_bits = identity.vmid_bits;
    smmu.queues = queues;
    smmu.invalidations = Invalidations::new(queue);
    smmu.extents.clear();
    let streams = smmu.streams.create(&smmu.pages, identity.sid_bits, identity.two_levels);
    if streams.is_err() {
        queues.release();
        return streams;
    }

    program(registers, &identity, &queues, &smmu.streams.shape);
    memory.order();
    let enabled = enable(registers, &mut smmu.invalidations);
    if enabled.is_err() {
        // What it may still use is not given back.
        let _ = smmu.shut_down();
    }
    enabled
}

/// Aborts what is not translated, then disables everything.
fn quieten(registers: Registers) -> Result<(), Errno> {
    registers.wait_for(GBPA, GBPA_UPDATE, 0)?;
    registers.write(GBPA, GBPA_UPDATE | GBPA_ABORT | GBPA_SHCFG_INCOMING);
    registers.wait_for(GBPA, GBPA_UPDATE, 0)?;
    registers.write(CR0, 0);
    registers.write(IRQ_CTRL, 0);
    let error = registers.read(GERROR) & CMDQ_ERR;
    registers.change(GERRORN, CMDQ_ERR, error);
    registers.wait_for(CR0ACK, SMMUEN | PRIQEN | EVENTQEN | CMDQEN, 0)
}

/// Stage 2 with 64-bit little-endian tables, faults that end the access, and tables and queues that are the driver's to place.
fn identify(
    registers: Registers,
    parameters: &Parameters,
    page_bytes: u64,
) -> Result<Identity, Errno> {
    let idr0 = registers.read(IDR0);
    let idr1 = registers.read(IDR1);
    let tables = idr0 >> IDR0_TTF_SHIFT & IDR0_TTF_MASK;
    let endian = idr0 >> IDR0_TTENDIAN_SHIFT & IDR0_TTENDIAN_MASK;
    let stalls = idr0 >> IDR0_STALL_MODEL_SHIFT & IDR0_STALL_MODEL_MASK;
    let unfit = idr0 & IDR0_S2P == 0
        || tables == IDR0_TTF_32_ONLY
        || endian == IDR0_TTENDIAN_BIG
        || stalls == IDR0_STALL_MODEL_STALL;
    let commands = idr1 >> IDR1_CMDQS_SHIFT & IDR1_QUEUES_MASK;
    if unfit || idr1 & (IDR1_TABLES_PRESET | IDR1_QUEUES_PRESET) != 0 || commands == 0 {
        return Err(ENODEV);
    }
    let idr5 = registers.read(IDR5);
    let output_bits = ADDRESS_SIZES[(idr5 & IDR5_OAS_MASK) as usize];
    let format = Format::of(parameters, output_bits).ok_or(EINVAL)?;
    if !has_format(idr5, &format, output_bits, tables == IDR0_TTF_BOTH)
        || format.table_bytes() > page_bytes
    {
        return Err(EINVAL);
    }
    let events = idr1 >> IDR1_EVENTQS_SHIFT & IDR1_QUEUES_MASK;
    Ok(Identity {
        format,
        coherent: idr0 & IDR0_COHACC != 0,
        vmid_bits: if idr0 & IDR0_VMID16 != 0 { 16 } else { 8 },
        sid_bits: idr1 & IDR1_SIDSIZE_MASK,
        two_levels: idr0 >> IDR0_ST_LEVEL_SHIFT & IDR0_ST_LEVEL_MASK == IDR0_ST_LEVEL_TWO,
        commands: commands.min(QUEUE_SHIFT - COMMAND_SHIFT),
        events: events.min(QUEUE_SHIFT - EVENT_SHIFT),
    })
}

/// Whether the SMMU has the granule and the address sizes.
fn has_format(idr5: u32, format: &Format, output_bits: u32, has_lpae: bool) -> bool {
    let granule = match format.granule {
        Granule::K4 => IDR5_GRAN4K,
        Granule::K16 => IDR5_GRAN16K,
        Granule::K64 => IDR5_GRAN64K,
    };
    let input_bits = output_bits.max(if has_lpae { INPUT_BITS_OF_LPAE } else { 0 });
    idr5 & granule != 0
        && format.ias <= input_bits
        && format.oas <= output_bits
        && ADDRESS_SIZES.contains(&format.oas)
}

fn take_queues() -> Result<Queues, Errno> {
    let commands = page_alloc(0, abi::PAGE_KIND_QUEUE)?;
    match page_alloc(0, abi::PAGE_KIND_QUEUE) {
        Ok(events) => Ok(Queues { commands, events }),
        Err(errno) => {
            page_free(commands, 0);
            Err(errno)
        }
    }
}

/// Everything that may only be written while the SMMU is disabled. A stream that the table does not know is aborted silently, as any
/// other.
fn program(registers: Registers, identity: &Identity, queues: &Queues, shape: &Shape) {
    let cached = if identity.coherent { CR1_WRITE_BACK } else { CR1_NON_CACHEABLE };
    let tables = CR1_TABLE_SH_INNER | cached << CR1_TABLE_OC_SHIFT | cached << CR1_TABLE_IC_SHIFT;
    let rings = CR1_QUEUE_SH_INNER | cached << CR1_QUEUE_OC_SHIFT | cached << CR1_QUEUE_IC_SHIFT;
    let levels = if shape.two_level { STRTAB_TWO_LEVEL } else { 0 };
    registers.write(CR1, tables | rings);
    registers.write(CR2, CR2_PTM);
    registers.write64(STRTAB_BASE, shape.base);
    registers.write(STRTAB_BASE_CFG, levels | shape.split << STRTAB_SPLIT_SHIFT | shape.log2_size);
    registers.write64(CMDQ_BASE, queues.commands | u64::from(identity.commands));
    registers.write(CMDQ_CONS, 0);
    registers.write(CMDQ_PROD, 0);
    registers.write64(EVENTQ_BASE, queues.events | u64::from(identity.events));
    registers.write(EVENTQ_PROD, 0);
    registers.write(EVENTQ_CONS, 0);
}

/// Commands first: what the caches hold from before has to go before anything may use it.
fn enable(registers: Registers, invalidations: &mut Invalidations) -> Result<(), Errno> {
    const ALL: u32 = CMDQEN | EVENTQEN | SMMUEN;
    registers.write(CR0, CMDQEN);
    registers.wait_for(CR0ACK, CMDQEN, CMDQEN)?;
    invalidations.everything()?;
    registers.write(CR0, ALL);
    registers.wait_for(CR0ACK, ALL, ALL)
}
