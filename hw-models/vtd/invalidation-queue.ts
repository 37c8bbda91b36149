/**
 * The invalidation queue: fetching in order, stopping at errors, and inv_wait_dsc, whose completion is all that software learns.
 *
 * Descriptors are fetched as soon as IQT covers them, and IQH moves when they are. A wait is complete when software looks where that
 * shows, and not before: descriptors behind it are not even fetched until then.
 */
import { firstWordOf, pageOfWord } from '#hw-models/core/address';
import { fromWords } from '#hw-models/core/bits';
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import type { Buffer, Bus, Glance } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import { MemoryMap } from '#hw-models/core/memory-map';
import { messageAt, send } from '#hw-models/core/message';
import { RingQueue } from '#hw-models/core/queue';
import type { Silence } from '#hw-models/core/silence';
import { later } from '#hw-models/core/trace';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import type { Control } from '#hw-models/vtd/control';
import { EventSignal } from '#hw-models/vtd/control-events';
import { DescriptorWord, DESCRIPTORS } from '#hw-models/vtd/descriptors';
import type { FaultRecording, QueueErrorFlag } from '#hw-models/vtd/fault-recording';
import { decode, describe, type Order, type Wait } from '#hw-models/vtd/invalidation-orders';
import { MAP, QUEUE_ERRORS } from '#hw-models/vtd/registers';

/** Does what descriptors say. */
export interface Executor {
  execute(order: Order): void;
  /** All earlier orders are complete; or a device has not answered. @returns The source-id of such a device. */
  complete(wait: Wait): { readonly timedOut: number } | undefined;
}

/** What the queue works with. */
export interface InvalidationQueueParts {
  readonly bus: Bus;
  readonly part: Capabilities;
  readonly control: Control;
  readonly faults: FaultRecording;
}

/** Where software sees that a wait is complete, or that it never will be. */
const COMPLETION: readonly Glance[] = ['answer', 'time', MAP.FSTS.at, MAP.ICS.at];

/** log2 of the entries of the smallest queue, and words of an entry. */
const SHAPES = { narrow: { log2: 8, words: 2 }, wide: { log2: 7, words: 4 } } as const;

/** @spec VT-D "Queued Invalidation Interface" */
export class InvalidationQueue {
  readonly #parts: InvalidationQueueParts;
  readonly #executor: Executor;
  readonly #map: MemoryMap;
  readonly #signal: EventSignal;
  /** While the queue is enabled. */
  #ring: RingQueue | undefined;
  /** The wait that was fetched last, while it is not complete. */
  #wait: Wait | undefined;
  /** Frames that waits write to; made when asked for. */
  #targets: ReadonlySet<number> | undefined;
  /** A scene has it stop at a wait. */
  silence: Silence | undefined;

  constructor(parts: InvalidationQueueParts, executor: Executor) {
    this.#parts = parts;
    this.#executor = executor;
    this.#map = new MemoryMap(parts.bus.memory, parts.part.HAW);
    this.#signal = new EventSignal(parts.control.registers, 'IECTL', (line) => parts.bus.interrupt(line));
  }

  /** GSTS.QIES changed. A wait that was fetched is given up. */
  switched(): void {
    const { registers } = this.#parts.control;
    this.#wait = undefined;
    this.#ring = registers.view('GSTS').QIES ? this.#made() : undefined;
    registers.set('IQH', { QH: 0 });
    this.#targets = undefined;
  }

  #made(): RingQueue {
    const { IQA, QS } = this.#parts.control.registers.view('IQA');
    const { log2, words } = this.#shape;
    return new RingQueue({ baseWord: firstWordOf(IQA), sizeLog2: log2 + QS, entryWords: words, rule: 'spare-slot' });
  }

  get #isWide(): boolean {
    return this.#parts.control.registers.view('IQA').DW;
  }

  get #shape(): (typeof SHAPES)['narrow' | 'wide'] {
    return SHAPES[this.#isWide ? 'wide' : 'narrow'];
  }

  /** Software wrote IQT. It takes descriptors back only while an error stops the queue. */
  produced(): void {
    const ring = this.#ring;
    if (ring === undefined) return;
    const { QT } = this.#parts.control.registers.view('IQT');
    const index = QT / (this.#shape.words / 2);
    if (!Number.isInteger(index) || index >= 2 ** ring.shape.sizeLog2) {
      this.#fail('IQE', { IQEI: QUEUE_ERRORS.tail });
      return;
    }
    const { count } = ring;
    ring.producer = index;
    if (ring.count < count && this.#parts.faults.queueError === undefined)
      throw new UnspecifiedBehaviour('IQT', 'its index moves back over descriptors that may have been fetched');
    this.#targets = undefined;
    // Software that goes on does not wait any more.
    this.silence?.givenUp();
    this.drain();
  }

  /** Fetches and runs descriptors up to a wait or an error. Also called when software has cleared an error. */
  drain(): void {
    const ring = this.#ring;
    if (ring === undefined) return;
    while (!ring.isEmpty && this.#wait === undefined && this.#parts.faults.queueError === undefined) this.#step(ring);
  }

  /** Software looks somewhere: where completion shows, one wait is complete, and what stands behind it is fetched. */
  advance(why: Glance): void {
    if (this.#wait === undefined || !COMPLETION.includes(why) || this.silence?.isHere === true) return;
    this.#complete(this.#wait);
    this.drain();
  }

  /** Software wrote IECTL. */
  unmasked(): void {
    this.#signal.update();
  }

  /** Software wrote ICS. */
  served(): void {
    if (!this.#parts.control.registers.view('ICS').IWC) this.#signal.served();
  }

  /** Whether a wait in the queue writes to a frame: the queue goes on while software reads there. */
  answersIn(page: number): boolean {
    if (this.#wait === undefined) return false;
    this.#targets ??= new Set(this.#completions());
    return this.#targets.has(page);
  }

  *buffers(): Iterable<Buffer> {
    const ring = this.#ring;
    if (ring === undefined) return;
    const { baseWord, sizeLog2, entryWords } = ring.shape;
    yield { page: pageOfWord(baseWord), frames: pageOfWord(2 ** sizeLog2 * entryWords), what: 'the invalidation queue' };
    if (this.#wait !== undefined)
      for (const page of this.#completions()) yield { page, what: 'the status of an inv_wait_dsc', message: true };
  }

  #step(ring: RingQueue): void {
    const { bus, part } = this.#parts;
    const word = ring.consumerWord;
    if (this.#map.refuses(word)) {
      this.#fail('IQE', { IQEI: QUEUE_ERRORS.fetch });
      return;
    }
    const raw = this.#at(word);
    const order = decode(raw, { part, wide: this.#isWide });
    bus.note(
      'command',
      later(() => describe(raw, order)),
    );
    if (typeof order === 'string') {
      this.#fail('IQE', { IQEI: QUEUE_ERRORS[order] });
      return;
    }
    this.#consume(ring);
    if (order.kind !== 'inv_wait') this.#executor.execute(order);
    else if (isSeen(order)) {
      this.#wait = order;
      this.silence?.fetched();
    }
  }

  #consume(ring: RingQueue): void {
    ring.advanceConsumer();
    this.#targets = undefined;
    this.#parts.control.registers.set('IQH', { QH: ring.consumer * (ring.shape.entryWords / 2) });
  }

  /** A descriptor with an error stays at the head, to be fetched again. */
  #fail(flag: QueueErrorFlag, record: { readonly IQEI?: number; readonly ITESID?: number }): void {
    const { control, faults } = this.#parts;
    control.registers.set('IQERCD', record);
    faults.failed(flag);
  }

  /** What it waited for is there before it is seen to be. A wait behind a device that does not answer is given up. */
  #complete(wait: Wait): void {
    const { bus, part, control } = this.#parts;
    this.#wait = undefined;
    this.#targets = undefined;
    const failure = this.#executor.complete(wait);
    if (failure !== undefined) {
      this.#fail('ITE', { ITESID: failure.timedOut });
      return;
    }
    const { status, interrupt } = wait;
    if (status !== undefined && !send(bus, part.HAW, status.address, status.data))
      throw new UnspecifiedBehaviour(`status write of an inv_wait_dsc to ${hex(status.address)}`, 'nothing answers there');
    if (interrupt !== true || control.registers.view('ICS').IWC) return;
    control.registers.set('ICS', { IWC: true });
    this.#signal.raise();
  }

  /** The waits are those in memory now: software must not change an entry that IQT covers. */
  *#completions(): Iterable<number> {
    const ring = this.#ring!;
    const { part } = this.#parts;
    yield* this.#target(this.#wait);
    for (let index = ring.consumer; index !== ring.producer; index = ring.next(index)) {
      const raw = this.#at(ring.wordAt(index));
      if (DescriptorWord.of(raw).type !== DESCRIPTORS.inv_wait.type) continue;
      const order = decode(raw, { part, wide: this.#isWide });
      if (typeof order !== 'string') yield* this.#target(order as Wait);
    }
  }

  /** The queue is snooped whatever ECAP.C says, which is not confirmed, and stores are visible in program order. */
  #at(word: number): bigint {
    return fromWords(Array.from({ length: this.#shape.words }, (_, index) => this.#parts.bus.memory.get(word + index)));
  }

  *#target(wait: Wait | undefined): Iterable<number> {
    const at = wait?.status && messageAt(this.#parts.part.HAW, wait.status.address);
    if (at !== undefined) yield pageOfWord(at.word);
  }
}

/** Whether anything depends on its completion. */
const isSeen = ({ status, interrupt, fence, drain }: Wait): boolean => [status, interrupt, fence, drain].some((one) => one !== undefined);
