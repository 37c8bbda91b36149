/** What software does with any RISC-V IOMMU: registers, queues, and commands with a fence. For scenes of tests and benchmarks. */
import { toWords, type ValuesOf } from '#hw-models/core/bits';
import type { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import { readRegister, writeRegister } from '#hw-models/core/register-access';
import { COMMANDS, Iofence } from '#hw-models/riscv-iommu/commands';
import { type QueueName, QUEUES } from '#hw-models/riscv-iommu/queues';
import { Cqb, MAP, type RegisterName } from '#hw-models/riscv-iommu/registers';

const IOMMU = 0;
const POLL_US = 100;
const PAGE = 4096n;

/** The only CPU of a machine with one IOMMU. */
export class Software {
  readonly machine: Machine;
  readonly port: Port;
  /** Where the queues that have memory are. */
  readonly queues = new Map<QueueName, bigint>();
  readonly #queueLog2: number;

  /** @param queueLog2 log2 of the entries of each queue. */
  constructor(machine: Machine, queueLog2: number) {
    this.machine = machine;
    this.port = new Port(machine);
    this.#queueLog2 = queueLog2;
  }

  /** Pages of the driver's, enough for `bytes`. */
  pages(kind: string, bytes: number): bigint {
    const order = Math.max(0, Math.ceil(Math.log2(bytes / Number(PAGE))));
    const pages = this.port.pageAlloc({ order, kind });
    if (!pages.ok) throw new Error('no pages');
    return pages.value;
  }

  /** Gives a queue memory, and switches it on with its interrupt; by `waits` false it is busy afterwards. */
  enable(queue: QueueName, waits = true): void {
    const { base, software, csr, entryBytes } = QUEUES[queue];
    const pages = this.pages('queue', 2 ** this.#queueLog2 * entryBytes);
    this.queues.set(queue, pages);
    this.write(base, Cqb.encode({ PPN: Number(pages / PAGE), 'LOG2SZ-1': this.#queueLog2 - 1 }));
    this.write(software, 0n);
    this.write(csr, 3n);
    if (waits) this.settle();
  }

  /** Looks at a register of no meaning: every `busy` ends. */
  settle(): void {
    this.read('fctl');
  }

  read(register: RegisterName): bigint {
    return readRegister(this.port, IOMMU, MAP[register]);
  }

  write(register: RegisterName, value: bigint): void {
    writeRegister(this.port, IOMMU, MAP[register], value);
  }

  /** Puts commands into the queue and tells the IOMMU. */
  submit(...commands: readonly bigint[]): void {
    const slots = 2 ** this.#queueLog2;
    let index = this.#tail;
    for (const command of commands) {
      this.store(this.queues.get('command')! + BigInt(index * QUEUES.command.entryBytes), toWords(command, 2));
      index = (index + 1) % slots;
    }
    this.port.barrier();
    this.write('cqt', BigInt(index));
  }

  /** Waits until every command is consumed. @returns Whether they were. */
  wait(): boolean {
    return this.port.pollUntil(IOMMU, MAP.cqh.at, 0xffff_ffff, this.#tail, POLL_US).ok;
  }

  /** Submits commands and a fence, and waits. */
  complete(...commands: readonly bigint[]): void {
    this.submit(...commands, fence({ PR: true, PW: true }));
    if (!this.wait()) throw new Error('IOFENCE.C was not consumed');
  }

  /** The entries that the IOMMU has put into a queue, oldest first. They are consumed. */
  take(queue: 'fault' | 'page-request'): bigint[][] {
    const { hardware, software, entryBytes } = QUEUES[queue];
    const end = this.read(hardware);
    const slots = BigInt(2 ** this.#queueLog2);
    const entries: bigint[][] = [];
    for (let index = this.read(software); index !== end; index = (index + 1n) % slots) {
      const at = this.queues.get(queue)! + index * BigInt(entryBytes);
      entries.push(Array.from({ length: entryBytes / 8 }, (_, n) => this.port.read64(at + BigInt(n * 8))));
    }
    this.write(software, end);
    return entries;
  }

  /** Stores words from an address on. They are not ordered yet. */
  store(at: bigint, words: readonly bigint[]): void {
    words.forEach((word, n) => {
      this.port.write64(at + BigInt(n * 8), word);
    });
  }

  /** Not as software looks at it: that would let the IOMMU go on. */
  get #tail(): number {
    return Number(this.machine.instance(IOMMU).hardware.mmioRead(MAP.cqt.at, 32));
  }
}

/** IOFENCE.C. */
export const fence = (values: Partial<ValuesOf<(typeof Iofence)['fields']>> = {}): bigint =>
  Iofence.encode({ opcode: COMMANDS['IOFENCE.C'].opcode, ...values });
