/**
 * How the SMMU tells software of something: global errors, interrupts, and the messages that stand for them.
 */
import { fromHalves, highHalf, lowHalf } from '#hw-models/core/bits';
import { pageOfWord } from '#hw-models/core/address';
import type { Attention, Buffer, Bus } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import type { Capabilities } from '#hw-models/smmu-v3/capabilities';
import type { Control } from '#hw-models/smmu-v3/control';
import { Gerror } from '#hw-models/smmu-v3/registers';

/** An error that this model can have. */
export type GlobalError = 'CMDQ_ERR' | 'EVENTQ_ABT_ERR' | 'MSI_CMDQ_ABT_ERR' | 'MSI_EVENTQ_ABT_ERR' | 'MSI_GERROR_ABT_ERR';

/** An interrupt with a switch, and where its message goes. */
const SOURCES = {
  'event queue': { enable: 'EVENTQ_IRQEN', address: 'EVENTQ_IRQ_CFG0', data: 'EVENTQ_IRQ_CFG1', abort: 'MSI_EVENTQ_ABT_ERR' },
  'global error': { enable: 'GERROR_IRQEN', address: 'GERROR_IRQ_CFG0', data: 'GERROR_IRQ_CFG1', abort: 'MSI_GERROR_ABT_ERR' },
} as const;

/** A message: a write of 32 bits. */
export interface Message {
  /** In units of 4 bytes. */
  readonly address: bigint;
  readonly data: number;
}

/** Global errors and interrupts. @spec SMMU-V3 "Interrupts and notifications" and "Global error recording" */
export class Signals {
  readonly #bus: Bus;
  readonly #part: Capabilities;
  readonly #control: Control;

  constructor(bus: Bus, part: Capabilities, control: Control) {
    this.#bus = bus;
    this.#part = part;
    this.#control = control;
  }

  /** An error is active while software has not acknowledged it. */
  isActive(error: GlobalError): boolean {
    const { registers } = this.#control;
    return registers.view('GERROR')[error] !== registers.view('GERRORN')[error];
  }

  /** The SMMU toggles an error only when it is inactive; more of its kind are not logged meanwhile. */
  report(error: GlobalError): void {
    if (this.isActive(error)) return;
    const { registers } = this.#control;
    registers.set('GERROR', { [error]: !registers.view('GERROR')[error] });
    this.#bus.note('fault', `SMMU_GERROR.${error}`);
    if (error !== 'MSI_GERROR_ABT_ERR') this.interrupt('global error');
  }

  /** By message where one is configured, else by wire. */
  interrupt(source: keyof typeof SOURCES): void {
    const { enable, address, data, abort } = SOURCES[source];
    if (!this.#control.isOn(enable)) return;
    const { registers } = this.#control;
    this.send(source, { address: registers.view(address).ADDR, data: registers.view(data).DATA }, abort);
  }

  /** @param abort What is reported when nothing answers at the address. */
  send(line: string, message: Message, abort: GlobalError): void {
    if (!this.#part.MSI || message.address === 0n) {
      this.#bus.interrupt(line);
      return;
    }
    const { word, upper } = this.place(message.address);
    if (this.#bus.memory.holes.has(pageOfWord(word))) {
      this.report(abort);
      return;
    }
    const old = this.#bus.memory.get(word);
    this.#bus.write(word, upper ? fromHalves(lowHalf(old), message.data) : fromHalves(message.data, highHalf(old)));
  }

  /** The word that a message goes to; addresses beyond the output size are truncated. @spec SMMU-V3 "Address sizes of SMMU-originated accesses" */
  place(address: bigint): { readonly word: number; readonly upper: boolean } {
    const unit = Number(address) % (2 ** this.#part.OAS / 4);
    return { word: Math.floor(unit / 2), upper: unit % 2 === 1 };
  }

  *attention(): Iterable<Attention> {
    const { registers } = this.#control;
    for (const error of Gerror.changed(registers.view('GERROR').raw, registers.view('GERRORN').raw)) {
      const { ERR, RD } = registers.view('CMDQ_CONS');
      yield { what: `SMMU_GERROR.${error}${error === 'CMDQ_ERR' ? `: ${ERR} at index ${hex(RD)}` : ''}`, protocol: true };
    }
  }

  /** Frames that messages of enabled interrupts go to. */
  *targets(): Iterable<Buffer> {
    for (const [source, { enable, address }] of Object.entries(SOURCES)) {
      const { ADDR } = this.#control.registers.view(address);
      if (this.#part.MSI && ADDR !== 0n && this.#control.isOn(enable))
        yield { page: pageOfWord(this.place(ADDR).word), what: `the MSI of its ${source}`, message: true };
    }
  }
}
