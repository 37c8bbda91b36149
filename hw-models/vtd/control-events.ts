/** How the remapping unit tells software of something: an event that may be masked, and then is pending. */
import type { RegisterFile } from '#hw-models/core/registers';
import type { MAP } from '#hw-models/vtd/registers';

/** The control registers of events, and what their interrupts are called. */
export const EVENTS = { FECTL: 'fault', IECTL: 'invalidation', PECTL: 'page-request' } as const;
export type EventControl = keyof typeof EVENTS;

/** One kind of event. @spec VT-D "Fault Event Control Register", and the same for invalidations and page requests */
export class EventSignal {
  readonly #registers: RegisterFile<typeof MAP>;
  readonly #control: EventControl;
  readonly #interrupt: (line: string) => void;

  constructor(registers: RegisterFile<typeof MAP>, control: EventControl, interrupt: (line: string) => void) {
    this.#registers = registers;
    this.#control = control;
    this.#interrupt = interrupt;
  }

  /** A condition became true while none was. */
  raise(): void {
    this.#registers.set(this.#control, { IP: true });
    this.update();
  }

  /** Software wrote the control register: a message that was held back is sent. */
  update(): void {
    const { IM, IP } = this.#registers.view(this.#control);
    if (IM || !IP) return;
    this.#registers.set(this.#control, { IP: false });
    this.#interrupt(EVENTS[this.#control]);
  }

  /** Software has served every condition. */
  served(): void {
    this.#registers.set(this.#control, { IP: false });
  }
}
