/**
 * Registers as software meets them, and global commands. A command takes effect when software looks at GSTS, or time passes: until then
 * the old state acts, and software must not count on another one.
 */
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import type { Glance } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import { RegisterFile, type AccessWidth, type Effects } from '#hw-models/core/registers';
import { resetValues, type Capabilities } from '#hw-models/vtd/capabilities';
import { GlobalCommands, type Done } from '#hw-models/vtd/control-commands';
import { absentFrom } from '#hw-models/vtd/registers-absent';
import { MAP, type RegisterName } from '#hw-models/vtd/registers';

export type Registers = RegisterFile<typeof MAP>;

/** How requests are answered, and where the root table lies. @spec VT-D "Root Table Address Register" */
export interface RootPointer {
  /** `off`: unchanged, since translation is not enabled; `invalid`: TTM has no meaning. */
  readonly mode: 'off' | 'legacy' | 'scalable' | 'abort' | 'invalid';
  /** Physical. */
  readonly address: bigint;
}

/** Bytes of the registers. */
const REGISTER_SPACE = 0x1000;
const PAGE = 4096n;

/** The registers. @spec VT-D "Register Descriptions" */
export class Control {
  readonly registers: Registers;
  readonly #part: Capabilities;
  readonly #effects: Effects<typeof MAP>;
  readonly #absent: ReadonlySet<RegisterName>;
  readonly #commands: GlobalCommands;
  readonly #ignored: (register: RegisterName, why: string) => void;
  /** What GCMD.SRTP made of RTADDR. */
  #table: RootPointer = { mode: 'off', address: 0n };
  /** What acts: asked for by every request. */
  #root = OFF;

  /** What must hold before a write. */
  readonly #guards: Readonly<Partial<Record<RegisterName, () => void>>> = {
    IQA: () => {
      if (this.registers.view('GSTS').QIES) throw new UnspecifiedBehaviour('write of IQA', 'GSTS.QIES is 1');
    },
    RTADDR: () => {
      this.#commands.settled('RTADDR');
    },
    CCMD: () => {
      throw new UnspecifiedBehaviour('write of CCMD', NO_REGISTER_BASED);
    },
    IOTLB: () => {
      throw new UnspecifiedBehaviour('write of IOTLB', NO_REGISTER_BASED);
    },
  };

  /** What a register holds after a write, where that is not what was written, and what the write sets in motion here. */
  readonly #rules: Readonly<Partial<Record<RegisterName, () => void>>> = {
    GCMD: () => {
      const { raw } = this.registers.view('GCMD');
      this.registers.set('GCMD', NO_COMMAND);
      this.#commands.written(raw);
    },
    IQA: () => {
      if (!this.#part.SMTS) this.registers.set('IQA', { DW: false });
    },
  };

  /**
   * @param effects Run after the rules of a register.
   * @param ignored Told of writes that have no effect.
   */
  constructor(part: Capabilities, effects: Effects<typeof MAP>, ignored: (register: RegisterName, why: string) => void) {
    this.#part = part;
    this.#effects = effects;
    this.#ignored = ignored;
    this.#absent = absentFrom(part);
    this.registers = new RegisterFile(MAP, {}, resetValues(part));
    this.#commands = new GlobalCommands(this.registers, part, (why) => this.#ignored('GCMD', why));
  }

  /** What acts. */
  get root(): RootPointer {
    return this.#root;
  }

  /** What acts while translation is enabled. */
  get tables(): RootPointer['mode'] {
    return this.#table.mode;
  }

  /** Offsets without a register read as 0. */
  read(at: number, width: AccessWidth): bigint {
    const name = this.#registerAt('read', at, width);
    return name === undefined || this.#absent.has(name) ? 0n : this.registers.read(at, width);
  }

  write(at: number, value: bigint, width: AccessWidth): void {
    const name = this.#registerAt('write', at, width);
    if (name === undefined) return;
    if (this.#absent.has(name)) {
      this.#ignored(name, 'capabilities say that there is no such register');
      return;
    }
    this.#guards[name]?.();
    const before = this.registers.view(name).raw;
    this.registers.write(at, value, width);
    this.#rules[name]?.();
    const effect = this.#effects[name] as ((now: unknown, before: unknown) => void) | undefined;
    effect?.(this.registers.view(name), MAP[name].layout.of(before));
  }

  /** A command takes effect where software sees it. @returns Which. */
  advance(why: Glance): Done | undefined {
    if (why !== MAP.GSTS.at && why !== 'time') return undefined;
    const done = this.#commands.complete();
    if (done === 'SRTP') this.#table = this.#pointer();
    if (done !== undefined) this.#root = this.registers.view('GSTS').TES ? this.#table : OFF;
    return done;
  }

  /** @spec VT-D "Root Table Address Register" field TTM */
  #pointer(): RootPointer {
    const { RTA, TTM } = this.registers.view('RTADDR');
    const { SMTS, ADMS } = this.#part;
    const supported = { legacy: true, scalable: SMTS, abort: ADMS, reserved: false }[TTM];
    const mode = supported && TTM !== 'reserved' ? TTM : 'invalid';
    const before = this.root.mode;
    if (before !== mode && [before, mode].every((one) => one === 'legacy' || one === 'scalable'))
      throw new UnspecifiedBehaviour('GCMD.SRTP', `RTADDR.TTM changes from ${before} to ${mode} while translation is enabled`);
    return { mode, address: BigInt(RTA) * PAGE };
  }

  /** The register at an offset. */
  #registerAt(verb: 'read' | 'write', at: number, width: AccessWidth): RegisterName | undefined {
    const inside = Number.isInteger(at) && at >= 0 && at + width / 8 <= REGISTER_SPACE;
    if (!inside || at % (width / 8) !== 0)
      throw new UnspecifiedBehaviour(`${width}-bit ${verb} at ${hex(at)}`, inside ? 'it is not aligned' : 'it is beyond the registers');
    return this.registers.nameAt(at);
  }
}

const OFF: RootPointer = { mode: 'off', address: 0n };
const NO_REGISTER_BASED = 'version 6 of the architecture has no register-based invalidation';
const NO_COMMAND = { TE: false, SRTP: false, SFL: false, EAFL: false, WBF: false, QIE: false, IRE: false, SIRTP: false, CFI: false };
