/**
 * The Event queue: where records go, and what becomes of those that find no room.
 */
import { pageOfWord } from '#hw-models/core/address';
import { fromWords, toWords } from '#hw-models/core/bits';
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import type { Attention, Buffer, Bus } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import type { RingQueue } from '#hw-models/core/queue';
import type { Capabilities } from '#hw-models/smmu-v3/capabilities';
import type { Control } from '#hw-models/smmu-v3/control';
import { EVENT_SIZE, EventRecord, eventNamed, FTranslation } from '#hw-models/smmu-v3/events';
import { framesOfQueue, queueAt } from '#hw-models/smmu-v3/queues';
import type { Signals } from '#hw-models/smmu-v3/signals';

const WORDS = EVENT_SIZE / 8;

/** The Event queue of the Non-secure programming interface. @spec SMMU-V3 "Command and Event queues" */
export class EventQueue {
  readonly #bus: Bus;
  readonly #part: Capabilities;
  readonly #control: Control;
  readonly #signals: Signals;
  /** While the queue is enabled. */
  #ring: RingQueue | undefined;

  constructor(bus: Bus, part: Capabilities, control: Control, signals: Signals) {
    this.#bus = bus;
    this.#part = part;
    this.#control = control;
    this.#signals = signals;
  }

  /** An Update of EVENTQEN completed. Records are written at once, so none is left over when the queue is disabled. */
  switched(): void {
    if (!this.#control.isOn('EVENTQEN')) {
      this.#ring = undefined;
      return;
    }
    const { ADDR, LOG2SIZE } = this.#control.registers.view('EVENTQ_BASE');
    const ring = queueAt(ADDR, Math.min(LOG2SIZE, this.#part.EVENTQS), WORDS, this.#part);
    ring.producer = this.#control.registers.view('EVENTQ_PROD').WR;
    this.#ring = ring;
    this.#setConsumer(ring);
  }

  /** Software wrote EVENTQ_CONS. @spec SMMU-V3 "Queues" */
  consumed(): void {
    if (this.#ring === undefined) return;
    const { count } = this.#ring;
    this.#setConsumer(this.#ring);
    if (this.#ring.count > count)
      throw new UnspecifiedBehaviour('SMMU_EVENTQ_CONS', 'its index moves back over records that the SMMU may have overwritten');
  }

  /** @spec SMMU-V3 "SMMU circular queues" */
  #setConsumer(ring: RingQueue): void {
    ring.consumer = this.#control.registers.view('EVENTQ_CONS').RD;
    if (!ring.isConsistent)
      throw new UnspecifiedBehaviour('SMMU_EVENTQ_CONS', 'its index and SMMU_EVENTQ_PROD are of no filling of the queue');
  }

  /**
   * Writes a record, then its index, then tells software if the queue was empty; a full queue overflows.
   * @spec SMMU-V3 "Event queue recorded faults and events" and "Event queue overflow"
   */
  record(raw: bigint): 'recorded' | 'lost' {
    const ring = this.#ring;
    if (ring === undefined || this.#signals.isActive('EVENTQ_ABT_ERR')) return 'lost';
    if (ring.isFull) {
      this.#overflow();
      return 'lost';
    }
    const word = ring.producerWord;
    if (this.#bus.memory.holes.has(pageOfWord(word))) {
      this.#signals.report('EVENTQ_ABT_ERR');
      return 'lost';
    }
    toWords(raw, WORDS).forEach((value, index) => this.#bus.write(word + index, value));
    const wasEmpty = ring.isEmpty;
    ring.advanceProducer();
    this.#control.registers.set('EVENTQ_PROD', { WR: ring.producer });
    if (wasEmpty) this.#signals.interrupt('event queue');
    return 'recorded';
  }

  /** The flag is toggled once, until software has acknowledged it. */
  #overflow(): void {
    if (this.#hasOverflowed) return;
    const { registers } = this.#control;
    registers.set('EVENTQ_PROD', { OVFLG: !registers.view('EVENTQ_PROD').OVFLG });
    this.#bus.note('fault', 'the Event queue overflowed');
  }

  get #hasOverflowed(): boolean {
    const { registers } = this.#control;
    return registers.view('EVENTQ_PROD').OVFLG !== registers.view('EVENTQ_CONS').OVACKFLG;
  }

  *attention(): Iterable<Attention> {
    const ring = this.#ring;
    if (ring === undefined) return;
    for (let index = ring.consumer; index !== ring.producer; index = ring.next(index))
      yield { what: this.#describe(ring.wordAt(index)), protocol: false };
    if (this.#hasOverflowed)
      yield { what: 'the Event queue overflowed, and SMMU_EVENTQ_CONS.OVACKFLG does not say that software knows', protocol: true };
  }

  /** Records of all events have the StreamID at the same place, and those with an address have that. */
  #describe(word: number): string {
    const raw = fromWords(Array.from({ length: WORDS }, (_, index) => this.#bus.memory.get(word + index)));
    const { number } = EventRecord.of(raw);
    const { StreamID, InputAddr } = FTranslation.of(raw);
    return `event ${eventNamed(number) ?? hex(number)} of StreamID ${hex(StreamID)}${InputAddr === 0n ? '' : ` at ${hex(InputAddr)}`}`;
  }

  *buffers(): Iterable<Buffer> {
    if (this.#ring !== undefined) yield framesOfQueue(this.#ring, 'the Event queue');
  }
}
