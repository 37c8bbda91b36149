/** The model as a plain function of registers, memory and requests, without caches: to be held against another implementation. */
import { wordOf } from '#hw-models/core/address';
import { fromWords } from '#hw-models/core/bits';
import { Machine } from '#hw-models/core/machine';
import { capabilities, FULL, type Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { RiscvIommu } from '#hw-models/riscv-iommu/iommu';
import { QUEUE_NAMES, QUEUES } from '#hw-models/riscv-iommu/queues';
import { MAP, type RegisterName } from '#hw-models/riscv-iommu/registers';
import type { Answer, Inbound } from '#hw-models/riscv-iommu/request';

const WORDS_PER_FRAME = 512;
const RECORD_WORDS = 4;
const VERSION = 0x10;

/** One IOMMU with its memory. Every cache is empty before each request. */
export class Witness {
  readonly #machine: Machine;
  readonly #iommu: RiscvIommu;
  /** Configuration as memory has it. */
  readonly #see = { fetch: (): void => undefined, read: (word: number): bigint => this.#machine.memory.get(word) };

  /**
   * @param caps The capabilities register by lower-case names of its fields; what is absent is 0. Throws `RangeError` for what the
   * specification rules out or does not know, `NotModelled` for what the model leaves out.
   */
  constructor(caps: Readonly<Record<string, number>>) {
    const part = partOf(caps);
    const built: RiscvIommu[] = [];
    const factory = (bus: ConstructorParameters<typeof RiscvIommu>[0]): RiscvIommu => (built[0] = new RiscvIommu(bus, part));
    this.#machine = new Machine({ mode: 'lazy', cpus: 1, storeOrder: 'program', snooped: true, iommus: [factory] });
    this.#iommu = built[0]!;
  }

  /** Throws `RangeError` for a name that no register has, or a value that is too wide for it. */
  write(register: string, value: bigint): void {
    if (!Object.hasOwn(MAP, register)) throw new RangeError(`no register is named ${register}`);
    this.#write(register as RegisterName, value);
    // What an index holds after reset is not specified, and here it is 0.
    const queue = QUEUE_NAMES.find((name) => QUEUES[name].base === register);
    if (queue !== undefined) this.#write(QUEUES[queue].software, 0n);
  }

  #write(register: RegisterName, value: bigint): void {
    const { at, layout } = MAP[register];
    this.#iommu.mmioWrite(at, value, layout.width === 64 ? 64 : 32);
    this.#iommu.advance('time');
  }

  /** @param address Physical, a multiple of 8. */
  store(address: bigint, word: bigint): void {
    this.#machine.memory.set(wordOf(address), word);
  }

  load(address: bigint): bigint {
    return this.#machine.memory.get(wordOf(address));
  }

  translate(inbound: Inbound): Answer {
    this.#machine.instance(0).sight.invalidate({ of: 'translations', space: undefined, leafOnly: false });
    return this.#iommu.translate(inbound, this.#see);
  }

  /** The records in the fault queue, 256 bits each, oldest first. */
  records(): readonly bigint[] {
    const { PPN, 'LOG2SZ-1': log2less1 } = MAP.fqb.layout.of(this.#iommu.mmioRead(MAP.fqb.at, 64));
    const entries = 2 ** (log2less1 + 1);
    const found: bigint[] = [];
    for (let index = this.#index('fqh'); index !== this.#index('fqt'); index = (index + 1) % entries) {
      const word = PPN * WORDS_PER_FRAME + index * RECORD_WORDS;
      found.push(fromWords(Array.from({ length: RECORD_WORDS }, (_, n) => this.#machine.memory.get(word + n))));
    }
    return found;
  }

  #index(register: 'fqh' | 'fqt'): number {
    return Number(this.#iommu.mmioRead(MAP[register].at, 32));
  }
}

const { fields } = MAP.capabilities.layout;
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.keys(fields).flatMap((name) => (fields[name as keyof typeof fields].access === 'ro' ? [[name.toLowerCase(), name]] : [])),
);
const INTERRUPTS = ['MSI', 'WSI', 'both'] as const;

/** Capabilities as a vector writes them. */
function partOf({ version = 0, igs = 0, pas = 0, ...flags }: Readonly<Record<string, number>>): Capabilities {
  if (version !== VERSION) throw new RangeError(`version ${version} is not 1.0, ${VERSION}`);
  const IGS = INTERRUPTS[igs];
  if (IGS === undefined) throw new RangeError(`igs ${igs} is reserved`);
  const none = Object.fromEntries(Object.entries(FULL).flatMap(([name, value]) => (value === true ? [[name, false]] : [])));
  const given = Object.entries(flags).flatMap(([key, value]) => {
    const name = NAMES.get(key);
    if (name === undefined) throw new RangeError(`no capability is named ${key}`);
    return value === 0 ? [] : [[name, true] as const];
  });
  return capabilities({ ...none, ...Object.fromEntries(given), PAS: pas, IGS });
}
