/** The command queue of one SMMU. Commands are handed over together and waited for: when `issue` answers, their effect is complete. */
import { done, refuse, type Result } from '#drivers/contract/driver';
import { toWords } from '#hw-models/core/bits';
import { COMMAND_SIZE, COMMANDS, Sync } from '#hw-models/smmu-v3/commands';
import type { Registers } from './mmio';
import type { WalkerMemory } from './walker-memory';

const SYNC = Sync.encode({ opcode: COMMANDS.CMD_SYNC.opcode, CS: 'SIG_NONE' });

export class CommandQueue {
  readonly #registers: Registers;
  readonly #memory: WalkerMemory;
  readonly #base: bigint;
  readonly #entries: number;
  /** Index of the next entry to fill, with the wrap flag above it. */
  #producer = 0;
  /** Whether a SYNC was given up that the SMMU may still come to. */
  #behind = false;

  /** @param base Physical address, aligned to the size of the queue. */
  constructor(registers: Registers, memory: WalkerMemory, base: bigint, sizeLog2: number) {
    this.#registers = registers;
    this.#memory = memory;
    this.#base = base;
    this.#entries = 2 ** sizeLog2;
  }

  /** Carries the commands out; a queue that did not answer before has to catch up first. `ETIMEDOUT`: the SMMU does not go on. `EIO`: it stopped at a command. */
  issue(commands: readonly bigint[]): Result<null> {
    if (this.#behind) {
      const caughtUp = this.#consumed();
      if (!caughtUp.ok) return caughtUp;
    }
    // One entry is kept for the SYNC.
    for (let first = 0; first < commands.length; first += this.#entries - 1) {
      for (const command of commands.slice(first, first + this.#entries - 1)) this.#push(command);
      this.#push(SYNC);
      const waited = this.#wait();
      if (!waited.ok) return waited;
    }
    return done;
  }

  #push(command: bigint): void {
    this.#write(this.#producer, command);
    this.#producer = (this.#producer + 1) % (2 * this.#entries);
  }

  /** Hands over what was pushed, and everything stored before it, and waits until the SYNC at its end is consumed. */
  #wait(): Result<null> {
    this.#memory.order();
    this.#registers.write('CMDQ_PROD', { WR: this.#producer });
    const consumed = this.#consumed();
    if (consumed.ok) return done;
    return this.#hasStopped ? this.#skip() : consumed;
  }

  #consumed(): Result<null> {
    const waited = this.#registers.waitFor('CMDQ_CONS', { RD: this.#producer });
    this.#behind = !waited.ok;
    return waited.ok ? done : waited;
  }

  get #hasStopped(): boolean {
    return this.#registers.read('GERROR').CMDQ_ERR !== this.#registers.read('GERRORN').CMDQ_ERR;
  }

  /** Puts a SYNC where the SMMU stopped, so that the queue goes on; what was asked for is not done. */
  #skip(): Result<null> {
    this.#write(this.#registers.read('CMDQ_CONS').RD, SYNC);
    this.#memory.order();
    this.#registers.change('GERRORN', { CMDQ_ERR: this.#registers.read('GERROR').CMDQ_ERR });
    this.#consumed();
    return refuse('EIO');
  }

  #write(index: number, command: bigint): void {
    const at = this.#base + BigInt((index % this.#entries) * COMMAND_SIZE);
    toWords(command, COMMAND_SIZE / 8).forEach((word, offset) => this.#memory.write(at + BigInt(offset * 8), word));
  }
}
