/**
 * Registers as software meets them: which writes are heeded, and which take effect only after an Update. Until then the old value
 * acts: the specification allows any time up to the acknowledgement, and software must not count on an earlier one.
 */
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import { hex } from '#hw-models/core/hex';
import { RegisterFile, type AccessWidth, type Effects } from '#hw-models/core/registers';
import { resetValues, type Capabilities } from '#hw-models/smmu-v3/capabilities';
import {
  CmdqCons,
  Cr0,
  Cr1,
  CR1_GUARDS,
  Cr2,
  EventqProd,
  Gbpa,
  Gerrorn,
  GUARDS,
  IrqCtrl,
  MAP,
  StrtabBaseCfg,
  type RegisterName,
} from '#hw-models/smmu-v3/registers';

/** A switch with an acknowledgement. */
export type Enable = 'SMMUEN' | 'EVENTQEN' | 'CMDQEN' | 'EVENTQ_IRQEN' | 'GERROR_IRQEN';

/** What the completion of an Update changed. */
export type Update = Enable | 'GBPA';

/** Bytes of pages 0 and 1 together. */
const REGISTER_SPACE = 0x2_0000;

/** Absent without MSIs. */
const MESSAGE_REGISTERS = Object.keys(MAP).filter((name) => name.includes('_IRQ_CFG'));

/** The registers of pages 0 and 1. @spec SMMU-V3 "Memory map and registers" */
export class Control {
  readonly registers: RegisterFile<typeof MAP>;
  readonly #part: Capabilities;
  readonly #ignored: (register: RegisterName, why: string) => void;
  /** A register with an Update was written: software looks more often than it does that. */
  #due = false;

  /** What of a written value counts, where not all does; undefined when the write is ignored. */
  readonly #rules: Readonly<Partial<Record<RegisterName, (value: bigint) => bigint | undefined>>> = {
    CR0: (value) =>
      this.#handshake(
        'CR0',
        'CR0ACK',
        Cr0.with(value, { PRIQEN: false, ATSCHK: false, DPT_WALK_EN: false, ...(!this.#part.VMW && { VMW: 0 }) }),
      ),
    CR1: (value) => this.#attributes(value),
    CR2: (value) => Cr2.with(value, { REC_CFG_ATS: false, PTM: false, ...(!this.#part.Hyp && { E2H: false }) }),
    GBPA: (value) => this.#bypassAttributes(value),
    AGBPA: () => undefined,
    IRQ_CTRL: (value) => this.#handshake('IRQ_CTRL', 'IRQ_CTRLACK', IrqCtrl.with(value, { PRIQ_IRQEN: false })),
    GERRORN: (value) => this.#acknowledgement(value),
    STRTAB_BASE_CFG: (value) => (this.#part.ST_LEVEL === 'twoLevel' ? value : StrtabBaseCfg.with(value, { FMT: 'linear', SPLIT: 0 })),
    CMDQ_CONS: (value) => CmdqCons.with(value, { RD: this.#index('CMDQ_BASE', this.#part.CMDQS, CmdqCons.of(value).RD) }),
    EVENTQ_PROD: (value) => EventqProd.with(value, { WR: this.#index('EVENTQ_BASE', this.#part.EVENTQS, EventqProd.of(value).WR) }),
    ...Object.fromEntries(MESSAGE_REGISTERS.map((name) => [name, (value: bigint) => (this.#part.MSI ? value : undefined)])),
  };

  /** @param ignored Told of writes that have no effect. */
  constructor(part: Capabilities, effects: Effects<typeof MAP>, ignored: (register: RegisterName, why: string) => void) {
    this.#part = part;
    this.#ignored = ignored;
    this.registers = new RegisterFile(MAP, effects, resetValues(part));
  }

  /** Whether an enable acts: what its acknowledgement says. */
  isOn(enable: Enable): boolean {
    return isInterrupt(enable) ? this.registers.view('IRQ_CTRLACK')[enable] : this.registers.view('CR0ACK')[enable];
  }

  /** VMIDs match without so many of their lowest bits. @spec SMMU-V3 "VMID Wildcards" */
  get wildcardBits(): number {
    const { VMW } = this.registers.view('CR0ACK');
    return VMW <= 4 ? VMW : 0;
  }

  /** Offsets without a register are RES0. @spec SMMU-V3 "Register overview" */
  read(at: number, width: AccessWidth): bigint {
    return this.#registerAt('read', at, width) === undefined ? 0n : this.registers.read(at, width);
  }

  write(at: number, value: bigint, width: AccessWidth): void {
    const name = this.#registerAt('write', at, width);
    if (name === undefined) return;
    const guards: readonly (keyof typeof Cr0.fields | keyof typeof IrqCtrl.fields)[] | undefined = GUARDS[name as keyof typeof GUARDS];
    const guard = guards?.find((enable) => !this.#isQuiet(enable as Enable));
    if (guard !== undefined) return this.#ignored(name, `${guard} is not 0 in both registers`);
    if (UPDATED.includes(name)) this.#due = true;
    const rule = this.#rules[name];
    const heeded = rule === undefined ? value : rule(value);
    if (heeded !== undefined) this.registers.write(at, heeded, width);
  }

  /** Completes every Update that is due. @returns What now acts differently, in the order in which it comes to act. */
  advance(): readonly Update[] {
    if (!this.#due) return NOTHING;
    this.#due = false;
    const { registers } = this;
    const before = { ...pick(registers.view('CR0ACK')), ...interrupts(registers.view('IRQ_CTRLACK')) };
    const { VMW } = registers.view('CR0');
    const after = { ...pick(registers.view('CR0')), ...interrupts(registers.view('IRQ_CTRL')) };
    registers.set('CR0ACK', { ...pick(after), VMW });
    registers.set('IRQ_CTRLACK', interrupts(after));
    const done: Update[] = ENABLES.filter((enable) => before[enable] !== after[enable]);
    if (!registers.view('GBPA').Update) return done;
    registers.set('GBPA', { Update: false });
    // Updates complete in any order. In this one whatever GBPA lets pass, before or after its own Update, does pass.
    return after.SMMUEN ? ['GBPA', ...done] : [...done, 'GBPA'];
  }

  /** Both the register and its acknowledgement show 0. @spec SMMU-V3 "Register overview" */
  #isQuiet(enable: Enable): boolean {
    return (
      !this.isOn(enable) &&
      !(isInterrupt(enable) ? this.registers.view('IRQ_CTRL')[enable] : this.registers.view('CR0')[enable as 'SMMUEN'])
    );
  }

  /** A field must not change again before it was acknowledged. @spec SMMU-V3 "SMMU_CR0" and "SMMU_IRQ_CTRL" */
  #handshake(name: 'CR0' | 'IRQ_CTRL', acknowledged: 'CR0ACK' | 'IRQ_CTRLACK', value: bigint): bigint {
    const { raw } = this.registers.view(name);
    const layout = MAP[name].layout;
    const pending = layout.changed(raw, this.registers.view(acknowledged).raw);
    const again = layout.changed(raw, value).find((field) => (pending as readonly string[]).includes(field));
    if (again !== undefined)
      throw new UnspecifiedBehaviour(`write of SMMU_${name}`, `${again} changes again before SMMU_${acknowledged} shows the last change`);
    return value;
  }

  /** Bits of an index of the SMMU's own above its wrap flag are RAZ. @spec SMMU-V3 "SMMU_CMDQ_CONS" and "SMMU_EVENTQ_PROD" */
  #index(base: 'CMDQ_BASE' | 'EVENTQ_BASE', largestLog2: number, index: number): number {
    return index % 2 ** (Math.min(this.registers.view(base).LOG2SIZE, largestLog2) + 1);
  }

  #attributes(value: bigint): bigint {
    const { raw } = this.registers.view('CR1');
    const kept = Object.values(CR1_GUARDS)
      .filter(({ enables }) => !enables.every((enable) => enable === 'PRIQEN' || this.#isQuiet(enable)))
      .reduce((mask, { fields }) => mask | Cr1.mask(...fields), 0n);
    return (value & ~kept) | (raw & kept);
  }

  /** @spec SMMU-V3 "SMMU_GBPA" */
  #bypassAttributes(value: bigint): bigint | undefined {
    if (Gbpa.of(value).Update && !this.registers.view('GBPA').Update) return value;
    this.#ignored('GBPA', 'Update has to be 0 before, and 1 in what is written');
    return undefined;
  }

  /** Only an error that is active can be acknowledged: what changes has to become equal. @spec SMMU-V3 "Global error recording" */
  #acknowledgement(value: bigint): bigint {
    const now = value & ~Gerrorn.reservedMask;
    const differing = Gerrorn.changed(this.registers.view('GERROR').raw, now);
    const inactive = Gerrorn.changed(this.registers.view('GERRORN').raw, now).find((error) => differing.includes(error));
    if (inactive !== undefined) throw new UnspecifiedBehaviour('write of SMMU_GERRORN', `${inactive} is not active and was toggled`);
    return value;
  }

  #registerAt(verb: 'read' | 'write', at: number, width: AccessWidth): RegisterName | undefined {
    const inside = Number.isInteger(at) && at >= 0 && at + width / 8 <= REGISTER_SPACE;
    if (!inside || at % (width / 8) !== 0)
      throw new UnspecifiedBehaviour(`${width}-bit ${verb} at ${hex(at)}`, inside ? 'it is not aligned' : 'it is beyond the registers');
    return this.registers.nameAt(at);
  }
}

/** Disabling one thing may be what another waits for, so the order is that of a shutdown. */
const ENABLES = ['SMMUEN', 'CMDQEN', 'EVENTQEN', 'EVENTQ_IRQEN', 'GERROR_IRQEN'] as const satisfies readonly Enable[];

/** Registers whose new values act after an Update. */
const UPDATED: readonly RegisterName[] = ['CR0', 'IRQ_CTRL', 'GBPA'];
const NOTHING: readonly Update[] = [];

type Switches = Readonly<Record<'SMMUEN' | 'EVENTQEN' | 'CMDQEN', boolean>>;
type Interrupts = Readonly<Record<'EVENTQ_IRQEN' | 'GERROR_IRQEN', boolean>>;

const pick = ({ SMMUEN, EVENTQEN, CMDQEN }: Switches): Switches => ({ SMMUEN, EVENTQEN, CMDQEN });
const interrupts = ({ EVENTQ_IRQEN, GERROR_IRQEN }: Interrupts): Interrupts => ({ EVENTQ_IRQEN, GERROR_IRQEN });
const isInterrupt = (enable: Enable): enable is 'EVENTQ_IRQEN' | 'GERROR_IRQEN' => enable.endsWith('_IRQEN');
