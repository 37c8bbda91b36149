/**
 * The page request queue.
 *
 * Driver-derived (`LINUX-VTD` prq.c): that the queue works from the moment on in which PQA names one.
 */
import { firstWordOf, pageOfWord } from '#hw-models/core/address';
import { fromWords, toWords } from '#hw-models/core/bits';
import type { Attention, Buffer, Bus } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import { MemoryMap } from '#hw-models/core/memory-map';
import { RingQueue } from '#hw-models/core/queue';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import type { Control } from '#hw-models/vtd/control';
import { EventSignal } from '#hw-models/vtd/control-events';
import { PageGrpReq } from '#hw-models/vtd/descriptors';

/** The only type. */
const PAGE_GROUP_REQUEST = 1;

/** A PCIe "Page Request" or "Stop Marker" message. */
export interface PageRequest {
  /** Source-id. */
  readonly id: number;
  readonly pasid: number | undefined;
  readonly privileged: boolean;
  readonly execute: boolean;
  readonly read: boolean;
  readonly write: boolean;
  /** Last Request in PRG. */
  readonly last: boolean;
  /** 9 bits. */
  readonly group: number;
  readonly iova: bigint;
}

const WORDS = PageGrpReq.wordCount;
/** log2 of the entries in a page. */
const ENTRIES_LOG2 = 7;
const PAGE = 4096n;

/** @spec VT-D "Page Request Queue" */
export class PageRequestQueue {
  readonly #bus: Bus;
  readonly #control: Control;
  readonly #map: MemoryMap;
  readonly #signal: EventSignal;

  constructor(bus: Bus, { HAW }: Capabilities, control: Control) {
    this.#bus = bus;
    this.#control = control;
    this.#map = new MemoryMap(bus.memory, HAW);
    this.#signal = new EventSignal(control.registers, 'PECTL', (line) => bus.interrupt(line));
  }

  /** Nothing is queued while an overflow is not cleared. Software is told of the end of a group. */
  put({ id, pasid, privileged, execute, read, write, last, group, iova }: PageRequest): 'queued' | 'lost' {
    const { registers } = this.#control;
    const ring = this.#ring;
    if (ring === undefined || registers.view('PRS').PRO) return 'lost';
    if (ring.isFull || this.#map.refuses(ring.producerWord)) {
      this.#set({ PRO: true });
      this.#bus.note('fault', 'PRS.PRO');
      return 'lost';
    }
    const tagged = pasid !== undefined;
    const record = PageGrpReq.encode({
      ...{ type: PAGE_GROUP_REQUEST, RID: id, PP: tagged, PASID: pasid ?? 0, EXE: tagged && execute, PM: tagged && privileged },
      ...{ RD: read, WR: write, LPIG: last, PRGI: group, ADDR: iova / PAGE },
    });
    const at = ring.producerWord;
    toWords(record, WORDS).forEach((value, index) => this.#bus.write(at + index, value));
    ring.advanceProducer();
    registers.set('PQT', { PQT: ring.producer });
    if (last && !registers.view('PRS').PPR) this.#set({ PPR: true });
    return 'queued';
  }

  /** Software wrote PRS. */
  served(): void {
    if (!this.#isSet) this.#signal.served();
  }

  /** Software wrote PECTL. */
  unmasked(): void {
    this.#signal.update();
  }

  *attention(): Iterable<Attention> {
    const ring = this.#ring;
    if (ring !== undefined)
      for (let index = ring.consumer; index !== ring.producer; index = ring.next(index)) yield shown(this.#recordAt(ring.wordAt(index)));
    if (this.#control.registers.view('PRS').PRO) yield { what: 'PRS.PRO: page requests are lost', protocol: true };
  }

  *buffers(): Iterable<Buffer> {
    const ring = this.#ring;
    if (ring === undefined) return;
    const { baseWord, sizeLog2, entryWords } = ring.shape;
    yield { page: pageOfWord(baseWord), frames: pageOfWord(2 ** sizeLog2 * entryWords), what: 'the page request queue' };
  }

  /** As its registers have it; undefined while PQA is 0. */
  get #ring(): RingQueue | undefined {
    const { registers } = this.#control;
    const { PQA, PQS } = registers.view('PQA');
    if (PQA === 0) return undefined;
    const ring = new RingQueue({ baseWord: firstWordOf(PQA), sizeLog2: ENTRIES_LOG2 + PQS, entryWords: WORDS, rule: 'spare-slot' });
    ring.consumer = registers.view('PQH').PQH;
    ring.producer = registers.view('PQT').PQT;
    return ring;
  }

  /** The event is raised only by the first of the two. */
  #set(flags: { readonly PPR?: true; readonly PRO?: true }): void {
    const wasSet = this.#isSet;
    this.#control.registers.set('PRS', flags);
    if (!wasSet) this.#signal.raise();
  }

  get #isSet(): boolean {
    const { PPR, PRO } = this.#control.registers.view('PRS');
    return PPR || PRO;
  }

  #recordAt(at: number): bigint {
    return fromWords(Array.from({ length: WORDS }, (_, index) => this.#bus.memory.get(at + index)));
  }
}

function shown(raw: bigint): Attention {
  const { RID, PRGI, ADDR } = PageGrpReq.of(raw);
  return { what: `page request of source-id ${hex(RID)} in group ${hex(PRGI)} at ${hex(ADDR * PAGE)}`, protocol: false };
}
