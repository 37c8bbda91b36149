/** Everything that software programs: registers, global commands, the queues and the fault records. */
import type { Attention, Buffer, Bus, Glance } from '#hw-models/core/hardware';
import type { AccessWidth, Effects } from '#hw-models/core/registers';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import { Control } from '#hw-models/vtd/control';
import type { Done } from '#hw-models/vtd/control-commands';
import { FaultRecording } from '#hw-models/vtd/fault-recording';
import { InvalidationQueue, type Executor } from '#hw-models/vtd/invalidation-queue';
import { PageRequestQueue } from '#hw-models/vtd/page-request-queue';
import { FAULT_RECORDS, type MAP } from '#hw-models/vtd/registers';

/** @spec VT-D "Register Descriptions" */
export class ControlPlane {
  readonly control: Control;
  readonly faults: FaultRecording;
  readonly invalidations: InvalidationQueue;
  readonly pageRequests: PageRequestQueue;

  constructor(bus: Bus, part: Capabilities, executor: Executor) {
    this.control = new Control(part, this.#effects(), (register, why) => bus.note('command', `a write of ${register} was ignored: ${why}`));
    this.faults = new FaultRecording(bus, part, this.control);
    this.invalidations = new InvalidationQueue({ bus, part, control: this.control, faults: this.faults }, executor);
    this.pageRequests = new PageRequestQueue(bus, part, this.control);
  }

  read(at: number, width: AccessWidth): bigint {
    return this.control.read(at, width);
  }

  write(at: number, value: bigint, width: AccessWidth): void {
    this.control.write(at, value, width);
  }

  /** A command takes effect where software sees it, and a wait is complete. @returns The command, but for that of the queue. */
  advance(why: Glance): Done | undefined {
    this.invalidations.advance(why);
    const done = this.control.advance(why);
    if (done === 'QIE') this.invalidations.switched();
    return done;
  }

  *attention(): Iterable<Attention> {
    yield* this.faults.attention();
    yield* this.pageRequests.attention();
  }

  *buffers(): Iterable<Buffer> {
    yield* this.invalidations.buffers();
    yield* this.pageRequests.buffers();
  }

  #effects(): Effects<typeof MAP> {
    const recordCleared = (): void => {
      this.faults.cleared();
    };
    return {
      FSTS: () => {
        this.faults.cleared();
        this.invalidations.drain();
      },
      FECTL: () => {
        this.faults.unmasked();
      },
      ...Object.fromEntries(FAULT_RECORDS.map((index) => [`FRCD${index}`, recordCleared])),
      IQT: () => {
        this.invalidations.produced();
      },
      ICS: () => {
        this.invalidations.served();
      },
      IECTL: () => {
        this.invalidations.unmasked();
      },
      PRS: () => {
        this.pageRequests.served();
      },
      PECTL: () => {
        this.pageRequests.unmasked();
      },
    };
  }
}
