/** The fault records of one remapping unit: each is told to the caller, if its device is known. */
import { done, type Platform, type Result } from '#drivers/contract/driver';
import { NO_PASID } from '#drivers/contract/iommu';
import type { FaultEvent } from '#drivers/contract/upcalls';
import type { ViewOf } from '#hw-models/core/bits';
import { reasonNamed } from '#hw-models/vtd/fault-reasons';
import { Frcd } from '#hw-models/vtd/registers';
import type { Control } from './control';

const PAGE = 4096n;
const RECORD_BYTES = 16;
/** CAP.FRO counts in these. */
const UNIT_BYTES = 16;

/** What a record says, but for the device that its id stands for. */
export interface Fault extends Omit<FaultEvent, 'device'> {
  readonly id: number;
}

type FaultRecord = ViewOf<typeof Frcd>;

export class Faults {
  readonly #platform: Platform;
  readonly #control: Control;
  readonly #iommu: number;

  /** @param iommu Index of the IOMMU instance. */
  constructor(platform: Platform, control: Control, iommu: number) {
    this.#platform = platform;
    this.#control = control;
    this.#iommu = iommu;
  }

  /** Records from before are nobody's; from now on each raises an interrupt, where somebody takes it. */
  start(interrupts: readonly string[]): Result<null> {
    for (const _record of this.drain());
    this.#control.write('FEDATA', {});
    this.#control.write('FEADDR', {});
    this.#control.write('FEUADDR', {});
    this.#control.write('FECTL', { IM: interrupts.length === 0 });
    return done;
  }

  stop(): void {
    this.#control.write('FECTL', { IM: true });
  }

  /** Takes every record, from the one that the status names on. @spec VT-D "Primary Fault Logging" */
  *drain(): Iterable<Fault> {
    const { FRI, PFO, PPF } = this.#control.read('FSTS');
    const { NFR } = this.#control.read('CAP');
    for (let taken = 0; PPF && taken <= NFR; taken++) {
      const fault = this.#take((FRI + taken) % (NFR + 1));
      if (fault !== undefined) yield fault;
    }
    if (PFO) this.#control.write('FSTS', { PFO });
  }

  /** A record makes room with its upper half. */
  #take(index: number): Fault | undefined {
    const at = this.#control.read('CAP').FRO * UNIT_BYTES + index * RECORD_BYTES;
    const [low, high] = [at, at + RECORD_BYTES / 2].map((offset) => this.#platform.mmioRead64(this.#iommu, offset));
    const record = Frcd.of((high! << 64n) | low!);
    if (!record.F) return undefined;
    this.#platform.mmioWrite64(this.#iommu, at + RECORD_BYTES / 2, Frcd.word(Frcd.encode({ F: true }), 1));
    return faultOf(record);
  }
}

function faultOf(record: FaultRecord): Fault {
  const { SID, PP, PV, FR, FI } = record;
  return { id: SID, pasid: PP ? PV : NO_PASID, cause: reasonNamed(FR), iova: FI * PAGE, access: accessOf(record) };
}

function accessOf({ EXE, T1 }: FaultRecord): NonNullable<FaultEvent['access']> {
  if (EXE) return 'execute';
  return T1 ? 'read' : 'write';
}
