/** The command queue of one IOMMU. Commands are handed over together and waited for: when `issue` answers, their effect is complete. */
import { done, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { toWords } from '#hw-models/core/bits';
import { QUEUES } from '#hw-models/riscv-iommu/queues';
import { FENCE } from './commands';
import type { Registers } from './mmio';
import type { QueueMemory } from './queue-memory';

const { entryBytes } = QUEUES.command;

/** Each stops the queue at a command until it is acknowledged. @spec RISCV-IOMMU "Command-queue CSR (cqcsr)" */
const ERRORS = { cmd_ill: true, cmd_to: true, cqmf: true } as const;

export class CommandQueue {
  readonly #platform: Platform;
  readonly #registers: Registers;
  readonly #memory: QueueMemory;
  /** Index of the next entry to fill. */
  #tail = 0;
  /** Whether a fence was given up that the IOMMU may still come to. */
  #behind = false;

  constructor(platform: Platform, registers: Registers, memory: QueueMemory) {
    this.#platform = platform;
    this.#registers = registers;
    this.#memory = memory;
  }

  /** Carries the commands out; a queue that did not answer before has to catch up first. `ETIMEDOUT`: the IOMMU does not go on. `EIO`: it stopped at a command. */
  issue(commands: readonly bigint[]): Result<null> {
    if (this.#behind) {
      const caughtUp = this.#consumed();
      if (!caughtUp.ok) return caughtUp;
    }
    // One entry is kept for the fence, and one stays empty: a full queue would look like an empty one.
    const most = this.#memory.entries - 2;
    for (let first = 0; first < commands.length; first += most) {
      for (const command of commands.slice(first, first + most)) this.#push(command);
      this.#push(FENCE);
      const waited = this.#wait();
      if (!waited.ok) return waited;
    }
    return done;
  }

  #push(command: bigint): void {
    this.#write(this.#tail, command);
    this.#tail = (this.#tail + 1) % this.#memory.entries;
  }

  /** Hands over what was pushed, and everything stored before it, and waits until the fence at its end is complete. */
  #wait(): Result<null> {
    this.#platform.barrier();
    this.#registers.write('cqt', { index: this.#tail });
    const consumed = this.#consumed();
    if (consumed.ok) return done;
    return this.#hasStopped ? this.#skip() : consumed;
  }

  #consumed(): Result<null> {
    const waited = this.#registers.waitFor('cqh', { index: this.#tail });
    this.#behind = !waited.ok;
    return waited.ok ? done : waited;
  }

  get #hasStopped(): boolean {
    const { cmd_ill, cmd_to, cqmf } = this.#registers.read('cqcsr');
    return cmd_ill || cmd_to || cqmf;
  }

  /** Puts a fence where the IOMMU stopped, so that the queue goes on; what was asked for is not done. */
  #skip(): Result<null> {
    this.#write(this.#registers.read('cqh').index, FENCE);
    this.#platform.barrier();
    this.#registers.write('cqcsr', { cqen: true, ...ERRORS });
    this.#registers.waitFor('cqcsr', { busy: false });
    this.#consumed();
    return refuse('EIO');
  }

  #write(index: number, command: bigint): void {
    const at = this.#memory.base + BigInt(index * entryBytes);
    toWords(command, entryBytes / 8).forEach((word, offset) => this.#platform.write64(at + BigInt(offset * 8), word));
  }
}
