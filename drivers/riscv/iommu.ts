/** One IOMMU, started: what it can do, its queues, its device directory, and the devices' contexts in it. */
import { done, ok, refuse, type IommuDescription, type Platform, type Result } from '#drivers/contract/driver';
import { unwinding } from '#drivers/parts/unwind';
import type { ViewOf } from '#hw-models/core/bits';
import type { CapabilitiesRegister } from '#hw-models/riscv-iommu/registers';
import { CommandQueue } from './command-queue';
import { DeviceDirectory } from './device-directory';
import { FaultQueue } from './fault-queue';
import { Invalidations } from './invalidations';
import { Registers } from './mmio';
import { QueueMemory } from './queue-memory';
import { Sequencer } from './sequencer';

export type Capabilities = ViewOf<typeof CapabilitiesRegister>;

/** log2 of the pages of the queues: 1024 commands, more than one call gives, and 128 records. */
const COMMAND_PAGES_LOG2 = 2;
const FAULT_PAGES_LOG2 = 0;

/** What an IOMMU consists of. */
interface Parts {
  readonly index: number;
  readonly registers: Registers;
  readonly commandMemory: QueueMemory;
  readonly faultMemory: QueueMemory;
  readonly directory: DeviceDirectory;
  readonly invalidations: Invalidations;
}

export class Iommu {
  readonly index: number;
  readonly registers: Registers;
  readonly capabilities: Capabilities;
  readonly directory: DeviceDirectory;
  readonly invalidations: Invalidations;
  readonly sequencer: Sequencer;
  readonly faults: FaultQueue;
  readonly #parts: Parts;

  private constructor(platform: Platform, parts: Parts) {
    const { index, registers, directory, invalidations, faultMemory } = parts;
    this.#parts = parts;
    this.index = index;
    this.registers = registers;
    this.capabilities = registers.read('capabilities');
    this.directory = directory;
    this.invalidations = invalidations;
    this.sequencer = new Sequencer(platform, invalidations);
    this.faults = new FaultQueue(platform, registers, faultMemory);
  }

  /**
   * Brings an IOMMU up that nobody uses. `EBUSY`: somebody does. `EINVAL`: it is big-endian, or its guests have 32 bits. `ENODEV`: it does
   * not snoop, or takes no directory. `ENOMEM`. `ETIMEDOUT`, `EIO`: it does not do what it is told.
   */
  static start(platform: Platform, { iommu: index, coherent, interrupts }: IommuDescription): Result<Iommu> {
    const registers = new Registers(platform, index);
    const fit = coherent ? checkIdle(registers) : refuse('ENODEV');
    if (!fit.ok) return fit;
    const hasInterrupts = interrupts.length > 0 && useWires(registers);
    return unwinding((take) => {
      const stop = (queue: QueueMemory): unknown => queue.stop();
      const commandMemory = take(QueueMemory.start(platform, registers, 'command', COMMAND_PAGES_LOG2), stop);
      if (!commandMemory.ok) return commandMemory;
      const faultMemory = take(QueueMemory.start(platform, registers, 'fault', FAULT_PAGES_LOG2, hasInterrupts), stop);
      if (!faultMemory.ok) return faultMemory;
      const directory = take(DeviceDirectory.start(platform, registers), (unused) => unused.turnOff().ok && unused.release());
      if (!directory.ok) return directory;
      const invalidations = new Invalidations(platform, new CommandQueue(platform, registers, commandMemory.value), index);
      const clean = invalidations.everything();
      if (!clean.ok) return clean;
      const memory = { commandMemory: commandMemory.value, faultMemory: faultMemory.value };
      return ok(new Iommu(platform, { index, registers, ...memory, directory: directory.value, invalidations }));
    });
  }

  /** Lets nothing through any more, and gives everything back. Refused, and nothing is given back, when the IOMMU may go on using it. */
  stop(): Result<null> {
    const { directory, invalidations, commandMemory, faultMemory } = this.#parts;
    for (const step of [
      () => directory.turnOff(),
      () => invalidations.everything(),
      () => faultMemory.stop(),
      () => commandMemory.stop(),
    ]) {
      const stopped = step();
      if (!stopped.ok) return stopped;
    }
    directory.release();
    return done;
  }
}

/** Whether nobody uses the IOMMU, and it reads memory as this driver writes it. */
function checkIdle(registers: Registers): Result<null> {
  const { BE, GXL } = registers.read('fctl');
  if (BE || GXL) return refuse('EINVAL');
  const { busy, iommu_mode } = registers.read('ddtp');
  const { cqon, busy: commandsBusy } = registers.read('cqcsr');
  const { fqon, busy: faultsBusy } = registers.read('fqcsr');
  const isIdle = iommu_mode === 'Off' || iommu_mode === 'Bare';
  return busy || !isIdle || cqon || fqon || commandsBusy || faultsBusy ? refuse('EBUSY') : done;
}

/** Interrupts come by wire, the first one, as messages would need an address to go to. @returns Whether the IOMMU can, in its present mode. */
function useWires(registers: Registers): boolean {
  const { BE, GXL, WSI } = registers.read('fctl');
  if (!WSI && registers.read('ddtp').iommu_mode === 'Off') registers.write('fctl', { BE, GXL, WSI: true });
  registers.write('icvec', {});
  return registers.read('fctl').WSI;
}
