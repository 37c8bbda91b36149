/**
 * Registers as software meets them: what of a write counts, and what takes effect only when `busy` reads 0 again. Until then the old
 * value acts: the specification allows any time, and software must not count on an earlier one.
 */
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import { hex } from '#hw-models/core/hex';
import { RegisterFile, type AccessWidth, type Effects, type ResetValues } from '#hw-models/core/registers';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { absentFrom } from '#hw-models/riscv-iommu/optional-registers';
import { QueueSettings } from '#hw-models/riscv-iommu/queue-settings';
import { QUEUE_NAMES, type QueueName, QUEUES } from '#hw-models/riscv-iommu/queues';
import { MAP, type RegisterName } from '#hw-models/riscv-iommu/registers';
import type { DirectoryMode } from '#hw-models/riscv-iommu/translate';

/** How requests are answered: not at all, unchanged, or by a device directory of so many levels. */
export type IommuMode = 'off' | 'bare' | 1 | 2 | 3;

/** What the end of `busy` changed: the mode, or whether a queue is on. */
export type Update = 'ddtp' | QueueName;

/** Bytes of the registers. */
const REGISTER_SPACE = 0x1000;
const VERSION = 0x10;

const MODES = { Off: 'off', Bare: 'bare', '1LVL': 1, '2LVL': 2, '3LVL': 3, reserved: 'off' } as const;

/** A write to a register: where it begins, and what the register held before. */
interface Written {
  readonly at: number;
  readonly before: bigint;
}

/** The registers. @spec RISCV-IOMMU "Memory-mapped register interface" */
export class Control {
  readonly registers: RegisterFile<typeof MAP>;
  readonly #part: Capabilities;
  readonly #effects: Effects<typeof MAP>;
  readonly #ignored: (register: RegisterName, why: string) => void;
  readonly #absent: ReadonlySet<RegisterName>;
  readonly #queues: QueueSettings;
  /** Whose `busy` is set. */
  readonly #due = new Set<Update>();
  #directory: DirectoryMode = 'off';

  /** What must hold before a write. */
  readonly #guards: Readonly<Partial<Record<RegisterName, () => void>>> = {
    ddtp: () => {
      this.#notBusy('ddtp', this.registers.view('ddtp').busy);
      this.#notTranslating('ddtp');
    },
    fctl: () => {
      this.#notTranslating('fctl');
    },
    tr_req_iova: () => {
      this.#notTranslating('tr_req_iova');
    },
    tr_req_ctl: () => {
      this.#notTranslating('tr_req_ctl');
    },
    ...this.#ofQueues('csr', (queue) => {
      this.#notBusy(QUEUES[queue].csr, this.#due.has(queue));
    }),
    ...this.#ofQueues('base', (queue) => {
      if (this.isOn(queue) || this.#due.has(queue))
        throw new UnspecifiedBehaviour(`write of ${QUEUES[queue].base}`, `${QUEUES[queue].csr} says that the queue is on or busy`);
    }),
  };

  /** What a register holds after a write, where that is not what was written, and what the write sets in motion here. */
  readonly #rules: Readonly<Partial<Record<RegisterName, (written: Written) => void>>> = {
    fctl: (written) => {
      this.#features(written);
    },
    ddtp: (written) => {
      this.#redirect(written);
    },
    icvec: () => {
      this.#vectors();
    },
    ...this.#ofQueues('csr', (queue, { before }) => {
      this.#queues.switched(queue, before);
      this.#due.add(queue);
    }),
    ...this.#ofQueues('base', (queue) => {
      this.#queues.based(queue);
    }),
    ...this.#ofQueues('software', (queue) => {
      this.#queues.indexed(queue);
    }),
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
    this.#queues = new QueueSettings(this.registers, part);
  }

  /** What acts: the mode, or the device directory and where it lies. */
  get directory(): DirectoryMode {
    return this.#directory;
  }

  /** The mode that acts. */
  get mode(): IommuMode {
    return typeof this.#directory === 'object' ? this.#directory.levels : this.#directory;
  }

  isOn(queue: QueueName): boolean {
    return this.#queues.flag(queue, QUEUES[queue].on);
  }

  /** Interrupts are wires, not messages. */
  get isWired(): boolean {
    return this.registers.view('fctl').WSI;
  }

  /** A flag of a queue's control and status register. */
  flag(queue: QueueName, flag: string): boolean {
    return this.#queues.flag(queue, flag);
  }

  setFlag(queue: QueueName, flag: string): void {
    this.#queues.setFlags(queue, { [flag]: true });
  }

  /** Offsets without a register read as 0. @spec RISCV-IOMMU "Memory-mapped register interface" */
  read(at: number, width: AccessWidth): bigint {
    return this.#registerAt('read', at, width) === undefined ? 0n : this.registers.read(at, width);
  }

  write(at: number, value: bigint, width: AccessWidth): void {
    const name = this.#registerAt('write', at, width);
    if (name === undefined) return;
    const { layout } = MAP[name];
    const before = this.registers.view(name).raw;
    if (this.#absent.has(name)) {
      this.registers.write(at, 0n, width);
      this.#ignored(name, 'capabilities say that there is no such register');
      return;
    }
    this.#guards[name]?.();
    this.registers.write(at, value, width);
    this.#rules[name]?.({ at, before });
    const effect = this.#effects[name] as ((now: unknown, before: unknown) => void) | undefined;
    effect?.(this.registers.view(name), layout.of(before));
  }

  /** Ends every `busy`. @returns What now acts differently. */
  advance(): readonly Update[] {
    if (this.#due.size === 0) return NOTHING;
    const done = UPDATES.filter(
      (update) => this.#due.has(update) && (update === 'ddtp' ? this.#redirected() : this.#queues.settled(update)),
    );
    this.#due.clear();
    return done;
  }

  #redirected(): boolean {
    this.registers.set('ddtp', { busy: false });
    const { iommu_mode, PPN } = this.registers.view('ddtp');
    const mode = MODES[iommu_mode];
    const { directory: before } = this;
    this.#directory = isDirectory(mode) ? { levels: mode, frame: PPN } : mode;
    return !(mode === before || (typeof before === 'object' && before.levels === mode && before.frame === PPN));
  }

  /**
   * A mode that is not supported reads back as Off. Only a write that reaches the mode sets `busy`.
   * @spec RISCV-IOMMU "Device-directory-table pointer (ddtp)"
   */
  #redirect({ at, before }: Written): void {
    const old = MAP.ddtp.layout.of(before);
    const { iommu_mode: wanted, PPN } = this.registers.view('ddtp');
    const hadDirectory = isDirectory(MODES[old.iommu_mode]);
    const reachesMode = at === MAP.ddtp.at;
    const leaves = reachesMode && (wanted === 'Off' || wanted === 'Bare');
    if (hadDirectory && reachesMode && !leaves)
      throw new UnspecifiedBehaviour('write of ddtp', `iommu_mode goes from ${old.iommu_mode} to ${wanted}, and not to Off or Bare first`);
    if (hadDirectory && !leaves && PPN !== old.PPN)
      throw new UnspecifiedBehaviour('write of ddtp', `PPN changes while iommu_mode is ${old.iommu_mode}`);
    if (!reachesMode) return;
    const mode = MODES[wanted];
    const supported = wanted !== 'reserved' && (!isDirectory(mode) || this.#part.levels.includes(mode));
    this.registers.set('ddtp', { busy: true, iommu_mode: supported ? wanted : 'Off' });
    this.#due.add('ddtp');
  }

  /** Without END and Sv32x4 neither byte order nor guest width can be chosen. @spec RISCV-IOMMU "Features-control register (fctl)" */
  #features({ before }: Written): void {
    const { WSI: written } = this.registers.view('fctl');
    const WSI = this.#part.IGS === 'both' ? written : this.#part.IGS === 'WSI';
    this.registers.set('fctl', { BE: false, GXL: false, WSI });
    if (WSI === MAP.fctl.layout.of(before).WSI) return;
    const inUse = this.#inUse();
    if (inUse !== undefined) throw new UnspecifiedBehaviour('write of fctl', `WSI changes while ${inUse}`);
  }

  #inUse(): string | undefined {
    if (this.#directory !== 'off' || this.registers.view('ddtp').iommu_mode !== 'Off') return 'ddtp.iommu_mode is not Off';
    const queue = QUEUE_NAMES.find((name) => this.isOn(name) || this.flag(name, QUEUES[name].enable));
    return queue && `the ${queue} queue is on`;
  }

  /** Bits of vectors that there are not read as 0. @spec RISCV-IOMMU "Interrupt-cause-to-vector register (icvec)" */
  #vectors(): void {
    const { vectors } = this.#part;
    const { civ, fiv, pmiv, piv } = this.registers.view('icvec');
    this.registers.set('icvec', { civ: civ % vectors, fiv: fiv % vectors, pmiv: pmiv % vectors, piv: piv % vectors });
  }

  #notBusy(register: RegisterName, busy: boolean): void {
    if (busy) throw new UnspecifiedBehaviour(`write of ${register}`, `${register}.busy is 1`);
  }

  /** @spec RISCV-IOMMU "Debug support" */
  #notTranslating(register: RegisterName): void {
    if (this.registers.view('tr_req_ctl')['Go/Busy']) throw new UnspecifiedBehaviour(`write of ${register}`, 'tr_req_ctl.Go/Busy is 1');
  }

  /** The same for a register of each queue. */
  #ofQueues(
    role: 'csr' | 'base' | 'software',
    rule: (queue: QueueName, written: Written) => void,
  ): Partial<Record<RegisterName, (written?: Written) => void>> {
    return Object.fromEntries(QUEUE_NAMES.map((queue) => [QUEUES[queue][role], (written: Written) => rule(queue, written)]));
  }

  /** The register at an offset. @spec RISCV-IOMMU "Memory-mapped register interface" */
  #registerAt(verb: 'read' | 'write', at: number, width: AccessWidth): RegisterName | undefined {
    const inside = Number.isInteger(at) && at >= 0 && at + width / 8 <= REGISTER_SPACE;
    if (!inside || at % (width / 8) !== 0)
      throw new UnspecifiedBehaviour(`${width}-bit ${verb} at ${hex(at)}`, inside ? 'it is not aligned' : 'it is beyond the registers');
    return this.registers.nameAt(at);
  }
}

/** In the order in which they come to act. */
const UPDATES: readonly Update[] = ['ddtp', ...QUEUE_NAMES];
const NOTHING: readonly Update[] = [];

const isDirectory = (mode: IommuMode): mode is 1 | 2 | 3 => typeof mode === 'number';

/** What the registers hold after reset; values that are UNSPECIFIED are 0. @spec RISCV-IOMMU "Reset behavior" */
function resetValues(part: Capabilities): ResetValues<typeof MAP> {
  const { levels: _levels, vectors: _vectors, queueLog2: _queueLog2, ...supported } = part;
  return { capabilities: { version: VERSION, ...supported }, fctl: { WSI: part.IGS === 'WSI' } };
}
