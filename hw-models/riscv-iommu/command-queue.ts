/**
 * The command queue: fetching in order, stopping at errors, and IOFENCE.C, the only command whose consumption means something.
 *
 * Commands are fetched as soon as `cqt` covers them. A fence is complete when software looks where that shows, and not before:
 * commands behind it are not even fetched until then.
 */
import { pageOfWord } from '#hw-models/core/address';
import { fromWords } from '#hw-models/core/bits';
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import type { Attention, Buffer } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import { MemoryMap } from '#hw-models/core/memory-map';
import { messageAt, send } from '#hw-models/core/message';
import type { RingQueue } from '#hw-models/core/queue';
import type { Silence } from '#hw-models/core/silence';
import { later } from '#hw-models/core/trace';
import { CommandWord, decode, type Command, type Fence, type Order } from '#hw-models/riscv-iommu/commands';
import { framesOf, ringOf } from '#hw-models/riscv-iommu/queue-settings';
import { QUEUES } from '#hw-models/riscv-iommu/queues';
import type { QueueParts } from '#hw-models/riscv-iommu/record-queue';

/** Does what commands say. */
export interface Executor {
  execute(order: Order): void;
  /** All earlier orders are complete, and so are earlier accesses of devices as the fence asks; or one of them has timed out. */
  complete(fence: Fence): 'done' | 'timeout';
}

const ENTRY_WORDS = QUEUES.command.entryBytes / 8;

/** Each stops the queue until software clears it. */
const ERRORS = ['cmd_ill', 'cmd_to', 'cqmf'] as const;
type CommandError = (typeof ERRORS)[number];

/** @spec RISCV-IOMMU "Command-Queue (CQ)" */
export class CommandQueue {
  readonly #parts: QueueParts;
  readonly #executor: Executor;
  readonly #map: MemoryMap;
  /** While the queue is on. */
  #ring: RingQueue | undefined;
  /** The fence at the head, while it is not complete. */
  #fence: Fence | undefined;
  /** Frames that fences in the queue write to; made when asked for. */
  #targets: ReadonlySet<number> | undefined;
  /** A scene has it stop at a fence. */
  silence: Silence | undefined;

  constructor(parts: QueueParts, executor: Executor) {
    this.#parts = parts;
    this.#executor = executor;
    this.#map = new MemoryMap(parts.bus.memory, parts.part.PAS);
  }

  /** The queue was switched on or off. A fence that was fetched is given up. @spec RISCV-IOMMU "Command-queue CSR (cqcsr)" */
  switched(): void {
    const { control } = this.#parts;
    this.#fence = undefined;
    this.#ring = control.isOn('command') ? ringOf(control.registers, 'command') : undefined;
    if (this.#ring === undefined) return;
    this.#setProducer(this.#ring);
    this.drain();
  }

  /** Software wrote `cqt`. It takes commands back only while an error stops the queue. */
  produced(): void {
    const ring = this.#ring;
    if (ring === undefined) return;
    const { count } = ring;
    this.#setProducer(ring);
    if (ring.count < count && this.#error === undefined)
      throw new UnspecifiedBehaviour('cqt', 'its index moves back over commands that may have been fetched');
    // Software that goes on does not wait any more.
    this.silence?.givenUp();
    this.drain();
  }

  #setProducer(ring: RingQueue): void {
    ring.producer = this.#parts.control.registers.view('cqt').index;
    this.#targets = undefined;
  }

  get #error(): CommandError | undefined {
    return ERRORS.find((error) => this.#parts.control.flag('command', error));
  }

  /** Fetches and runs commands up to a fence or an error. Also called when software has cleared an error. */
  drain(): void {
    const ring = this.#ring;
    if (ring === undefined || !this.#parts.control.flag('command', 'cqen')) return;
    while (!ring.isEmpty && this.#fence === undefined && this.#error === undefined) this.#step(ring);
  }

  /** Software looks where completion shows: one fence that waits is complete, and what stands behind it is fetched. */
  advance(): void {
    if (this.#fence === undefined || this.silence?.isHere === true) return;
    this.#complete(this.#fence);
    this.drain();
  }

  /** Whether a fence in the queue writes to a frame: the queue goes on while software reads there. */
  answersIn(page: number): boolean {
    if (this.#fence === undefined) return false;
    this.#targets ??= new Set(this.#completions());
    return this.#targets.has(page);
  }

  *attention(): Iterable<Attention> {
    const error = this.#error;
    if (error !== undefined)
      yield { what: `cqcsr.${error} at index ${hex(this.#parts.control.registers.view('cqh').index)}`, protocol: true };
  }

  *buffers(): Iterable<Buffer> {
    if (this.#ring === undefined) return;
    yield framesOf(this.#ring, 'command');
    if (this.#fence !== undefined)
      for (const page of this.#completions()) yield { page, what: 'the completion of an IOFENCE.C', message: true };
  }

  #step(ring: RingQueue): void {
    const { bus, part, control } = this.#parts;
    const word = ring.consumerWord;
    if (this.#map.refuses(word)) {
      this.#fail('cqmf');
      return;
    }
    const raw = fromWords(Array.from({ length: ENTRY_WORDS }, (_, index) => bus.fetch(word + index)));
    const command = decode(raw, { part, mode: control.mode, isWired: control.isWired });
    bus.note(
      'command',
      later(() => describe(raw, command)),
    );
    if (command === 'illegal' || command === 'unsupported') {
      this.#fail('cmd_ill');
    } else if (command.kind === 'IOFENCE.C') {
      this.#fence = command;
      this.silence?.fetched();
    } else {
      this.#executor.execute(command);
      this.#consume();
    }
  }

  /** The command stays at the head, to be fetched again. */
  #fail(error: CommandError): void {
    const { bus, control, signals } = this.#parts;
    control.setFlag('command', error);
    bus.note('fault', `cqcsr.${error}`);
    signals.update();
  }

  /** What it waited for is there before it is seen to be. @spec RISCV-IOMMU "IOMMU Command-queue Fence commands" */
  #complete(fence: Fence): void {
    const { bus, part, control, signals } = this.#parts;
    this.#fence = undefined;
    if (this.#executor.complete(fence) === 'timeout') {
      this.#fail('cmd_to');
      return;
    }
    if (fence.write !== undefined && !send(bus, part.PAS, fence.write.address, fence.write.data)) {
      this.#fail('cqmf');
      return;
    }
    this.#consume();
    if (!fence.wsi) return;
    control.setFlag('command', 'fence_w_ip');
    signals.update();
  }

  #consume(): void {
    const ring = this.#ring!;
    ring.advanceConsumer();
    this.#targets = undefined;
    this.#parts.control.registers.set('cqh', { index: ring.consumer });
  }

  /** The fences are those in memory now: software must not change an entry that `cqt` covers. */
  *#completions(): Iterable<number> {
    const ring = this.#ring!;
    const { bus, part, control } = this.#parts;
    const circumstances = { part, mode: control.mode, isWired: control.isWired };
    for (let index = ring.consumer; index !== ring.producer; index = ring.next(index)) {
      const word = ring.wordAt(index);
      const command = decode(fromWords([bus.memory.get(word), bus.memory.get(word + 1)]), circumstances);
      if (typeof command === 'string' || command.kind !== 'IOFENCE.C' || command.write === undefined) continue;
      const at = messageAt(part.PAS, command.write.address);
      if (at !== undefined) yield pageOfWord(at.word);
    }
  }
}

/** A command with the operands that it has. */
function describe(raw: bigint, command: Command | 'illegal' | 'unsupported'): string {
  if (typeof command === 'string') {
    const { opcode, func3 } = CommandWord.of(raw);
    return `${command} command ${hex(raw)}, opcode ${opcode}, func3 ${func3}`;
  }
  const { kind, ...operands } = command;
  return [kind, ...Object.entries(operands).map(([name, value]) => show(name, value))].filter((text) => text !== '').join(' ');
}

function show(name: string, value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return `${name} ${hex(value)}`;
  if (value === true) return name;
  if (typeof value === 'string') return `${name} ${value}`;
  if (typeof value !== 'object' || value === null) return '';
  return `${name} ${Object.entries(value)
    .map((field) => show(...field))
    .join(' ')}`;
}
