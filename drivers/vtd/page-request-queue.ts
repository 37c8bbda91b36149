/** The page request queue of one remapping unit: where devices' requests for pages are written to. */
import { ok, type Platform, type Result } from '#drivers/contract/driver';
import { fromWords } from '#hw-models/core/bits';
import { PageGrpReq } from '#hw-models/vtd/descriptors';
import type { Control } from './control';

const PAGE_BYTES = 4096;
const WORD_BYTES = 8;
/** log2 of the pages. */
const ORDER = 0;
const ENTRY_BYTES = PageGrpReq.width / 8;
const ENTRIES = (2 ** ORDER * PAGE_BYTES) / ENTRY_BYTES;

/** What a record says. */
export interface PageRequest {
  /** Of whoever asks. */
  readonly id: number;
  readonly pasid: number | undefined;
  readonly group: number;
  readonly last: boolean;
  readonly iova: bigint;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly privileged: boolean;
}

export class PageRequestQueue {
  readonly #platform: Platform;
  readonly #control: Control;
  readonly #base: bigint;

  private constructor(platform: Platform, control: Control, base: bigint) {
    this.#platform = platform;
    this.#control = control;
    this.#base = base;
  }

  /** An empty queue, in use. `ENOMEM`. */
  static start(platform: Platform, control: Control): Result<PageRequestQueue> {
    const base = platform.pageAlloc({ order: ORDER, kind: 'queue' });
    if (!base.ok) return base;
    control.write('PQH', {});
    control.write('PQT', {});
    control.write('PQA', { PQA: Number(base.value / BigInt(PAGE_BYTES)), PQS: ORDER });
    control.write('PEDATA', {});
    control.write('PEADDR', {});
    control.write('PEUADDR', {});
    control.write('PRS', { PRO: true, PPR: true });
    control.write('PECTL', {});
    return ok(new PageRequestQueue(platform, control, base.value));
  }

  /** Nothing is written there any more. */
  stop(): void {
    this.#control.write('PECTL', { IM: true });
    this.#control.write('PQA', {});
    this.#platform.pageFree(this.#base, ORDER);
  }

  /** Takes every record, and acknowledges the interrupt first: what comes later raises it again. What found no room was answered. */
  *drain(): Iterable<PageRequest> {
    this.#control.write('PRS', { PPR: true });
    const { PQT: tail } = this.#control.read('PQT');
    for (let head = this.#control.read('PQH').PQH; head !== tail; head = (head + 1) % ENTRIES) yield this.#requestAt(head);
    this.#control.write('PQH', { PQH: tail });
    if (this.#control.read('PRS').PRO) this.#control.write('PRS', { PRO: true });
  }

  #requestAt(index: number): PageRequest {
    const at = this.#base + BigInt(index * ENTRY_BYTES);
    const words = Array.from({ length: PageGrpReq.wordCount }, (_, word) => this.#platform.read64(at + BigInt(word * WORD_BYTES)));
    const { RID, PP, PASID, PRGI, LPIG, ADDR, RD, WR, EXE, PM } = PageGrpReq.of(fromWords(words));
    return {
      ...{ id: RID, pasid: PP ? PASID : undefined, group: PRGI, last: LPIG, iova: ADDR * BigInt(PAGE_BYTES) },
      ...{ read: RD, write: WR, execute: EXE, privileged: PM },
    };
  }
}
