/** Why a translation ended, before it is reported. */
import { FAULT_REASONS } from '#hw-models/vtd/fault-reasons';

/** What the procedure found. */
export class Fault {
  /** As in the fault record. */
  readonly reason: number;
  /** FPD of the structures that were read. */
  readonly silent: boolean;
  readonly stage: 0 | 1 | 2;
  /** An entry of a table ended the walk, rather than what the request asked for. */
  readonly isOfEntry: boolean;

  constructor(reason: number, FPD = false, stage: 0 | 1 | 2 = 0, isOfEntry = false) {
    this.reason = reason;
    this.isOfEntry = isOfEntry;
    this.silent = FPD && FAULT_REASONS[reason]?.qualified === true;
    this.stage = stage;
  }

  /** With FPD of the structures that lead to it. */
  under(FPD: boolean): Fault {
    return FPD && !this.silent ? new Fault(this.reason, FPD, this.stage, this.isOfEntry) : this;
  }
}
