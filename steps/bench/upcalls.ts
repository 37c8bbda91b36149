/** What a driver tells its caller: checked as answers are, and kept until a step has looked at faults. */
import { NO_PASID } from '#drivers/contract/iommu';
import type { DriverUpcalls, FaultEvent, PageFault } from '#drivers/contract/upcalls';
import type { Attention } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import type { Machine } from '#hw-models/core/machine';
import { done, refuse, type Result } from '#hw-models/core/result';
import * as v from 'valibot';
import { handle, number, word } from './answers';
import { DriverFault } from './outcomes';

const origin = { device: number, pasid: number };

const fault = v.strictObject({
  ...origin,
  cause: v.string(),
  iova: v.optional(word),
  access: v.optional(v.picklist(['read', 'write', 'execute'])),
  guest: v.optional(v.strictObject({ viommu: handle, type: number, record: v.instance(Uint8Array) })),
});

const flag = v.boolean();
const pageFault = v.strictObject({
  ...origin,
  group: number,
  last: flag,
  iova: word,
  read: flag,
  write: flag,
  execute: flag,
  privileged: flag,
});

export class Upcalls implements DriverUpcalls {
  readonly #machine: () => Machine;
  readonly #reports: Attention[] = [];
  /** Faults that the driver told of. */
  readonly events: FaultEvent[] = [];
  /** Somebody answers requests for pages, when the scene says so. */
  answersPages = false;

  constructor(machine: () => Machine) {
    this.#machine = machine;
  }

  reportEvent = (event: FaultEvent): Result<null> => {
    this.#check('reportEvent', fault, event);
    this.events.push(event);
    this.#keep(`${event.cause}${event.iova === undefined ? '' : ` at IOVA ${hex(event.iova)}`}`, event);
    return done;
  };

  /** In a scene in which nobody answers page faults the driver hears so. */
  reportPageFault = (event: PageFault): Result<null> => {
    this.#check('reportPageFault', pageFault, event);
    if (this.answersPages) return done;
    this.#keep(`a page fault at IOVA ${hex(event.iova)}`, event);
    return refuse('EOPNOTSUPP');
  };

  /** What the driver has told so far. */
  attention(): readonly Attention[] {
    return this.#reports;
  }

  #keep(what: string, { device, pasid }: { readonly device: number; readonly pasid: number }): void {
    const told = `the driver reports ${what} of d${device}${pasid === NO_PASID ? '' : ` with PASID ${pasid}`}`;
    const machine = this.#machine();
    machine.trace.add('fault', machine.cpu, 0, 0n, told);
    this.#reports.push({ what: told, protocol: false });
  }

  #check(upcall: string, schema: v.GenericSchema, event: unknown): void {
    const parsed = v.safeParse(schema, event);
    if (parsed.success) return;
    const [issue] = parsed.issues;
    this.#machine().threw(new DriverFault(`${upcall}: ${v.getDotPath(issue) ?? 'the event'} is wrong (${issue.message})`));
  }
}
