/**
 * The Command queue: fetching in order, stopping at errors, and CMD_SYNC, the only command whose consumption means something.
 *
 * Commands are fetched as soon as PROD covers them. A CMD_SYNC is complete when software looks where that shows, and not before:
 * commands behind it are not even fetched until then.
 */
import { pageOfWord } from '#hw-models/core/address';
import { fromWords, type AnyLayout, type ViewOf } from '#hw-models/core/bits';
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import type { Buffer, Bus } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import { later } from '#hw-models/core/trace';
import type { RingQueue } from '#hw-models/core/queue';
import type { Capabilities } from '#hw-models/smmu-v3/capabilities';
import { EFFECTS, type Answer } from '#hw-models/smmu-v3/command-effects';
import { Command, COMMAND_SIZE, COMMANDS, commandNamed, Sync, type CommandName } from '#hw-models/smmu-v3/commands';
import type { Control } from '#hw-models/smmu-v3/control';
import type { Invalidator } from '#hw-models/smmu-v3/invalidation';
import { framesOfQueue, queueAt } from '#hw-models/smmu-v3/queues';
import type { Signals } from '#hw-models/smmu-v3/signals';
import type { Silence } from '#hw-models/core/silence';

const WORDS = COMMAND_SIZE / 8;

/** What the queue works with. */
export interface CommandParts {
  readonly bus: Bus;
  readonly part: Capabilities;
  readonly control: Control;
  readonly signals: Signals;
  readonly invalidator: Invalidator;
}

/** The Command queue of the Non-secure programming interface. @spec SMMU-V3 "Command and Event queues" */
export class CommandQueue {
  readonly #parts: CommandParts;
  /** While the queue is enabled. */
  #ring: RingQueue | undefined;
  /** A scene has it stop at a CMD_SYNC. */
  silence: Silence | undefined;
  /** The CMD_SYNC at the consumer index, while it is not complete. */
  #sync: ViewOf<typeof Sync> | undefined;
  /** Frames that CMD_SYNCs in the queue write to; made when asked for. */
  #targets: ReadonlySet<number> | undefined;

  constructor(parts: CommandParts) {
    this.#parts = parts;
  }

  /** An Update of CMDQEN completed. A command in progress is consumed whole. */
  switched(): void {
    const { control, part } = this.#parts;
    if (!control.isOn('CMDQEN')) {
      if (this.#sync !== undefined) this.#complete(this.#sync);
      this.#ring = undefined;
      return;
    }
    const { ADDR, LOG2SIZE } = control.registers.view('CMDQ_BASE');
    const ring = queueAt(ADDR, Math.min(LOG2SIZE, part.CMDQS), WORDS, part);
    ring.consumer = control.registers.view('CMDQ_CONS').RD;
    this.#ring = ring;
    this.#setProducer(ring);
    this.drain();
  }

  /** Software wrote CMDQ_PROD. It takes commands back only while an error stops the queue. @spec SMMU-V3 "Queues" and "Command queue errors" */
  produced(): void {
    if (this.#ring === undefined) return;
    const { count } = this.#ring;
    this.#setProducer(this.#ring);
    if (this.#ring.count < count && !this.#parts.signals.isActive('CMDQ_ERR'))
      throw new UnspecifiedBehaviour('SMMU_CMDQ_PROD', 'its index moves back over commands that the SMMU may have fetched');
    // Software that goes on does not wait any more.
    this.silence?.givenUp();
    this.drain();
  }

  /** @spec SMMU-V3 "SMMU circular queues" */
  #setProducer(ring: RingQueue): void {
    ring.producer = this.#parts.control.registers.view('CMDQ_PROD').WR;
    if (!ring.isConsistent) throw new UnspecifiedBehaviour('SMMU_CMDQ_PROD', 'its index and SMMU_CMDQ_CONS are of no filling of the queue');
    this.#targets = undefined;
  }

  /** Fetches and runs commands up to a CMD_SYNC or an error. Also called when software has acknowledged an error. */
  drain(): void {
    const ring = this.#ring;
    if (ring === undefined || this.#sync !== undefined) return;
    while (!ring.isEmpty && !this.#parts.signals.isActive('CMDQ_ERR')) {
      const answer = this.#step(ring.consumerWord);
      if (answer === 'wait') return;
      if (answer !== 'done') {
        this.#fail(answer);
        return;
      }
      this.#consume();
    }
  }

  /** Software looks at CMDQ_CONS or for a message: one CMD_SYNC that waits is complete, and what stands behind it is fetched. */
  advance(): void {
    if (this.#sync === undefined || this.silence?.isHere === true) return;
    this.#complete(this.#sync);
    this.drain();
  }

  /** Whether a CMD_SYNC in the queue writes to a frame: the queue goes on while software reads there. */
  answersIn(page: number): boolean {
    if (this.#sync === undefined) return false;
    this.#targets ??= new Set(this.#messageFrames());
    return this.#targets.has(page);
  }

  *buffers(): Iterable<Buffer> {
    if (this.#ring === undefined) return;
    yield framesOfQueue(this.#ring, 'the Command queue');
    if (this.#sync !== undefined) for (const page of this.#messageFrames()) yield { page, what: 'the MSI of a CMD_SYNC', message: true };
  }

  /** @spec SMMU-V3 "Command errors" */
  #step(word: number): Answer | 'aborted' {
    const { bus, invalidator, part } = this.#parts;
    if (bus.memory.holes.has(pageOfWord(word))) return 'aborted';
    const raw = fromWords(Array.from({ length: WORDS }, (_, index) => bus.fetch(word + index)));
    const name = commandNamed(Command.of(raw).opcode);
    bus.note(
      'command',
      later(() => describe(raw, name)),
    );
    const answer = name === undefined ? 'illegal' : EFFECTS[name].run(raw, invalidator, part);
    if (answer !== 'wait') return answer;
    this.#sync = Sync.of(raw);
    this.silence?.fetched();
    return answer;
  }

  /** The command stays where it is, to be fetched again. @spec SMMU-V3 "Command queue errors" */
  #fail(answer: 'illegal' | 'aborted'): void {
    const { control, signals } = this.#parts;
    control.registers.set('CMDQ_CONS', { ERR: answer === 'illegal' ? 'CERROR_ILL' : 'CERROR_ABT' });
    signals.report('CMDQ_ERR');
  }

  /** What it made observable is there before its signal, and the signal before it is seen consumed. @spec SMMU-V3 "CMD_SYNC(ComplSignal, MSIAddress, MSIData, MSIWriteAttributes)" */
  #complete({ CS, MSIAddress, MSIData }: ViewOf<typeof Sync>): void {
    const { bus, part, signals, invalidator } = this.#parts;
    bus.complete();
    invalidator.completed();
    if (CS === 'SIG_IRQ') signals.send('command sync', { address: MSIAddress, data: MSIData }, 'MSI_CMDQ_ABT_ERR');
    if (CS === 'SIG_SEV' && part.SEV) bus.note('command', 'event to processors');
    this.#sync = undefined;
    this.#consume();
  }

  #consume(): void {
    const ring = this.#ring!;
    ring.advanceConsumer();
    this.#targets = undefined;
    this.#parts.control.registers.set('CMDQ_CONS', { RD: ring.consumer });
  }

  /** The messages are those in memory now: software must not change an entry that PROD covers. */
  *#messageFrames(): Iterable<number> {
    const ring = this.#ring!;
    const { bus, signals, part } = this.#parts;
    for (let index = ring.consumer; index !== ring.producer; index = ring.next(index)) {
      const word = ring.wordAt(index);
      const { opcode, CS, MSIAddress } = Sync.of(fromWords([bus.memory.get(word), bus.memory.get(word + 1)]));
      if (opcode === COMMANDS.CMD_SYNC.opcode && CS === 'SIG_IRQ' && MSIAddress !== 0n && part.MSI)
        yield pageOfWord(signals.place(MSIAddress).word);
    }
  }
}

/** Operands that are shown even when they are 0. */
const ALWAYS_SHOWN: readonly string[] = ['StreamID', 'VMID'];

/** How to show each operand of a command. */
const OPERANDS: ReadonlyMap<string, readonly { readonly name: string; readonly mask: bigint; get(raw: bigint): unknown }[]> = new Map(
  Object.entries(COMMANDS).map(([command, { layout }]: [string, { readonly layout: AnyLayout }]) => [
    command,
    Object.entries(layout.fields)
      .filter(([name]) => name !== 'opcode')
      .map(([name, { get }]) => ({ name, mask: layout.mask(name), get })),
  ]),
);

/** A command with the operands that are not 0. */
function describe(raw: bigint, name: CommandName | undefined): string {
  if (name === undefined) return `command ${hex(raw)}, whose opcode is reserved`;
  const shown = OPERANDS.get(name)!.filter((operand) => (raw & operand.mask) !== 0n || ALWAYS_SHOWN.includes(operand.name));
  return [name, ...shown.map((operand) => `${operand.name} ${show(operand.get(raw))}`)].join(' ');
}

const show = (value: unknown): string => (typeof value === 'number' || typeof value === 'bigint' ? hex(value) : String(value));
