//! The command queue of one SMMU. Commands are handed over together and waited for: when `issue` answers, their effect is complete.

use crate::layouts::{Command, COMMAND_SHIFT, SYNC};
use crate::registers::{Registers, CMDQ_CONS, CMDQ_ERR, CMDQ_PROD, CMDQ_RD, GERROR, GERRORN};
use crate::walker_memory::WalkerMemory;
use iommu_tck::{Errno, EIO};

pub struct CommandQueue {
    registers: Registers,
    memory: WalkerMemory,
    base: u64,
    /// log2 of the entries.
    shift: u32,
    /// Index of the next entry to fill, with the wrap flag above it.
    producer: u32,
    /// Whether a SYNC was given up that the SMMU may still come to.
    behind: bool,
}

impl CommandQueue {
    pub const NONE: Self =
        CommandQueue::new(Registers { iommu: 0 }, WalkerMemory { coherent: false }, 0, 0);

    /// `base`: physical address, aligned to the size of the queue. It has two entries at least.
    pub const fn new(registers: Registers, memory: WalkerMemory, base: u64, shift: u32) -> Self {
        CommandQueue { registers, memory, base, shift, producer: 0, behind: false }
    }

    /// Carries the commands out; a queue that did not answer before has to catch up first. `ETIMEDOUT`: the SMMU does not go on. `EIO`:
    /// it stopped at a command.
    pub fn issue(&mut self, commands: &[Command]) -> Result<(), Errno> {
        if self.behind {
            self.consumed()?;
        }
        // One entry is kept for the SYNC.
        for together in commands.chunks(self.entries() as usize - 1) {
            for command in together {
                self.push(command);
            }
            self.push(&SYNC);
            self.wait()?;
        }
        Ok(())
    }

    fn entries(&self) -> u32 {
        1 << self.shift
    }

    fn push(&mut self, command: &Command) {
        self.write(self.producer, command);
        self.producer = (self.producer + 1) % (2 * self.entries());
    }

    /// Hands over what was pushed, and everything stored before it, and waits until the SYNC at its end is consumed.
    fn wait(&mut self) -> Result<(), Errno> {
        self.memory.order();
        self.registers.write(CMDQ_PROD, self.producer);
        let consumed = self.consumed();
        if consumed.is_err() && self.has_stopped() {
            return Err(self.skip());
        }
        consumed
    }

    fn consumed(&mut self) -> Result<(), Errno> {
        let waited = self.registers.wait_for(CMDQ_CONS, CMDQ_RD, self.producer);
        self.behind = waited.is_err();
        waited
    }

    fn has_stopped(&self) -> bool {
        (self.registers.read(GERROR) ^ self.registers.read(GERRORN)) & CMDQ_ERR != 0
    }

    /// Puts a SYNC where the SMMU stopped, so that the queue goes on; what was asked for is not done.
    fn skip(&mut self) -> Errno {
        self.write(self.registers.read(CMDQ_CONS) & CMDQ_RD, &SYNC);
        self.memory.order();
        let error = self.registers.read(GERROR) & CMDQ_ERR;
        self.registers.change(GERRORN, CMDQ_ERR, error);
        // When it does not, the next `issue` waits again.
        let _ = self.consumed();
        EIO
    }

    fn write(&self, index: u32, command: &Command) {
        let at = self.base + (u64::from(index % self.entries()) << COMMAND_SHIFT);
        self.memory.write(at, command[0]);
        self.memory.write(at + 8, command[1]);
    }
}
