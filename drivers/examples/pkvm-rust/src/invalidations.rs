//! What the caches of one SMMU are told to drop. When an answer comes it is done: no access of a device uses the old any more. What was
//! refused is owed: the next invalidation drops everything first, so that nothing stays cached because the SMMU once did not answer.

use crate::command_queue::CommandQueue;
use crate::layouts::{cfgi_ste, tlbi_leaf, tlbi_vmid, Command, ALL_CONFIGURATION};
use crate::layouts::{ALL_TRANSLATIONS, SYNC};
use iommu_tck::Errno;

/// Leaves that are invalidated together.
pub const BATCH: usize = 64;

pub struct Invalidations {
    queue: CommandQueue,
    owed: bool,
}

impl Invalidations {
    pub const NONE: Self = Invalidations::new(CommandQueue::NONE);

    pub const fn new(queue: CommandQueue) -> Self {
        Invalidations { queue, owed: false }
    }

    /// All configuration, then all translations: only a CMD_SYNC orders the two, and a walk through the old configuration could refill
    /// the TLB.
    pub fn everything(&mut self) -> Result<(), Errno> {
        self.queue.issue(&[ALL_CONFIGURATION])?;
        self.queue.issue(&[ALL_TRANSLATIONS])?;
        self.owed = false;
        Ok(())
    }

    /// The entry of one stream.
    pub fn stream(&mut self, stream: u32) -> Result<(), Errno> {
        self.issue(&[cfgi_ste(stream, true)])
    }

    /// The level-1 descriptor that led nowhere for a stream.
    pub fn directory(&mut self, stream: u32) -> Result<(), Errno> {
        self.issue(&[cfgi_ste(stream, false)])
    }

    /// Everything that was translated under a VMID, and every way through its tables.
    pub fn vmid(&mut self, vmid: u32) -> Result<(), Errno> {
        self.issue(&[tlbi_vmid(vmid)])
    }

    /// The leaves of these input addresses under a VMID, at most `BATCH`; ways to their tables may stay.
    pub fn leaves(&mut self, vmid: u32, iovas: impl Iterator<Item = u64>) -> Result<(), Errno> {
        let mut commands = [SYNC; BATCH];
        let mut count = 0;
        for (command, iova) in commands.iter_mut().zip(iovas) {
            *command = tlbi_leaf(vmid, iova);
            count += 1;
        }
        self.issue(&commands[..count])
    }

    fn issue(&mut self, commands: &[Command]) -> Result<(), Errno> {
        if self.owed {
            self.everything()?;
        }
        let issued = self.queue.issue(commands);
        self.owed = issued.is_err();
        issued
    }
}
