/** Global commands: one at a time, each with a status that says when it is done. */
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import type { RegisterFile } from '#hw-models/core/registers';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import { Gcmd, type MAP } from '#hw-models/vtd/registers';

type Status = 'TES' | 'QIES' | 'RTPS' | 'WBFS';

/** A field of GCMD that this model obeys. */
interface Command {
  readonly status: Status;
  /** A switch stays as it is written; an order lasts for one write. */
  readonly is: 'switch' | 'order';
  /** What the status is while an order is on its way, and what afterwards. */
  readonly meanwhile?: boolean;
}

/** @spec VT-D "Global Command Register" and "Global Status Register" */
const COMMANDS = {
  TE: { status: 'TES', is: 'switch' },
  QIE: { status: 'QIES', is: 'switch' },
  SRTP: { status: 'RTPS', is: 'order', meanwhile: false },
  WBF: { status: 'WBFS', is: 'order', meanwhile: true },
} as const satisfies Readonly<Record<string, Command>>;

type CommandName = keyof typeof COMMANDS;
const NAMES = Object.keys(COMMANDS) as readonly CommandName[];

/** Of features that no part of this model has: they are reserved. */
const OTHERS = ['SFL', 'EAFL', 'IRE', 'SIRTP', 'CFI'] as const;

/** A command that took effect. */
export type Done = CommandName;

export class GlobalCommands {
  readonly #registers: RegisterFile<typeof MAP>;
  readonly #part: Capabilities;
  readonly #ignored: (why: string) => void;
  /** What is on its way. */
  #due: { readonly name: CommandName; readonly on: boolean } | undefined;
  /** A root table was set, and translation was not switched off since. */
  #hasRoot = false;

  constructor(registers: RegisterFile<typeof MAP>, part: Capabilities, ignored: (why: string) => void) {
    this.#registers = registers;
    this.#part = part;
    this.#ignored = ignored;
  }

  /** Software wrote GCMD: at most one command differs from what GSTS says. */
  written(raw: bigint): void {
    const written = Gcmd.of(raw);
    this.settled('GCMD');
    for (const name of OTHERS) if (written[name]) this.#ignored(`${name} is of a feature that there is not`);
    const given = NAMES.filter((name) => (COMMANDS[name].is === 'order' ? written[name] : written[name] !== this.#status(name)));
    if (given.length > 1) throw new UnspecifiedBehaviour('write of GCMD', `it gives several commands: ${given.join(', ')}`);
    const [name] = given;
    if (name === undefined) return;
    if (name === 'WBF' && !this.#part.RWBF) this.#ignored('WBF is not needed: CAP.RWBF is 0');
    else this.#give(name, written[name]);
  }

  /** Nothing may be written while a command is on its way. */
  settled(register: string): void {
    if (this.#due !== undefined)
      throw new UnspecifiedBehaviour(`write of ${register}`, `GSTS does not say yet that GCMD.${this.#due.name} is done`);
  }

  /** What is on its way takes effect. */
  complete(): Done | undefined {
    const due = this.#due;
    if (due === undefined) return undefined;
    this.#due = undefined;
    if (due.name === 'SRTP' || due.name === 'TE') this.#hasRoot = due.on;
    const command: Command = COMMANDS[due.name];
    this.#registers.set('GSTS', { [command.status]: command.is === 'switch' ? due.on : !command.meanwhile });
    return due.name;
  }

  #give(name: CommandName, on: boolean): void {
    if (name === 'TE' && on && !this.#hasRoot)
      throw new UnspecifiedBehaviour('GCMD.TE = 1', 'GCMD.SRTP has set no root table since translation was off');
    if (name === 'QIE' && on && this.#registers.view('IQT').QT !== 0) throw new UnspecifiedBehaviour('GCMD.QIE = 1', 'IQT is not 0');
    const { status, meanwhile }: Command = COMMANDS[name];
    if (meanwhile !== undefined) this.#registers.set('GSTS', { [status]: meanwhile });
    this.#due = { name, on };
  }

  #status(name: CommandName): boolean {
    return this.#registers.view('GSTS')[COMMANDS[name].status];
  }
}
