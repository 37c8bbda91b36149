/**
 * A machine with one RISC-V IOMMU that is programmed through the platform port as the least of drivers would. For tests and benchmarks.
 */
import { wordOf } from '#hw-models/core/address';
import { fromWords, type ValuesOf, type ViewOf } from '#hw-models/core/bits';
import type { Outcome } from '#hw-models/core/hardware';
import { Machine } from '#hw-models/core/machine';
import type { Requester } from '#hw-models/core/reach/facts';
import type { Mode } from '#hw-models/core/sight';
import { capabilities, type Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { COMMANDS, Iodir, Iotinval } from '#hw-models/riscv-iommu/commands';
import {
  DC_WORDS,
  DcTa,
  DdtEntry,
  DEVICE_INDEX_BITS,
  Iohgatp,
  Iosatp,
  MsiAddrMask,
  MsiAddrPattern,
  Msiptp,
  Pdtp,
  Tc,
} from '#hw-models/riscv-iommu/contexts';
import { divide } from '#hw-models/riscv-iommu/device-context';
import { FaultRecord } from '#hw-models/riscv-iommu/fault-record';
import type { Endpoints } from '#hw-models/riscv-iommu/invalidation';
import { RiscvIommu } from '#hw-models/riscv-iommu/iommu';
import { Ddtp } from '#hw-models/riscv-iommu/registers';
import type { Answer, GroupResponse, Inbound, PageRequest } from '#hw-models/riscv-iommu/request';
import { Software } from '#hw-models/riscv-iommu/software';

/** What differs from a lazy machine with the full part, one device and a directory of one level. */
export interface SceneOptions {
  readonly mode?: Mode;
  readonly part?: Partial<Capabilities>;
  /** Of the device directory; `bare` and `off` have none. */
  readonly levels?: 1 | 2 | 3 | 'bare' | 'off';
  /** One device each: their requesters are 0, 1, … */
  readonly ids?: readonly number[];
  /** log2 of the entries of each queue. */
  readonly queueLog2?: number;
  readonly endpoints?: Endpoints;
}

/** Fields of a device context, word by word. `iosatp` or `pdtp`, as `tc.PDTV` says. */
export interface DcValues {
  readonly tc?: Partial<ValuesOf<(typeof Tc)['fields']>>;
  readonly iohgatp?: Partial<ValuesOf<(typeof Iohgatp)['fields']>>;
  readonly ta?: Partial<ValuesOf<(typeof DcTa)['fields']>>;
  readonly iosatp?: Partial<ValuesOf<(typeof Iosatp)['fields']>>;
  readonly pdtp?: Partial<ValuesOf<(typeof Pdtp)['fields']>>;
  readonly msiptp?: Partial<ValuesOf<(typeof Msiptp)['fields']>>;
  readonly mask?: bigint;
  readonly pattern?: bigint;
}

/** The words of a valid device context in the extended format. */
export function wordsOf({
  tc = {},
  iohgatp = {},
  ta = {},
  iosatp = {},
  pdtp = {},
  msiptp = {},
  mask = 0n,
  pattern = 0n,
}: DcValues): bigint[] {
  return [
    Tc.encode({ V: true, ...tc }),
    Iohgatp.encode(iohgatp),
    DcTa.encode(ta),
    Iosatp.encode(iosatp) | Pdtp.encode(pdtp),
    Msiptp.encode(msiptp),
    MsiAddrMask.encode({ mask }),
    MsiAddrPattern.encode({ pattern }),
    0n,
  ];
}

const IOMMU = 0;
const PAGE = 4096n;
const MODES = { off: 'Off', bare: 'Bare', 1: '1LVL', 2: '2LVL', 3: '3LVL' } as const;

/** The machine, and the least of drivers for it. */
export class Scene extends Software {
  readonly iommu: RiscvIommu;
  readonly part: Capabilities;
  /** The root of the device directory. */
  readonly directory: bigint;
  readonly levels: 1 | 2 | 3 | 'bare' | 'off';

  /** Sets everything up and lets the IOMMU translate. */
  constructor({ mode = 'lazy', part = {}, levels = 1, ids = [1], queueLog2 = 6, endpoints }: SceneOptions = {}) {
    const all = capabilities(part);
    const built: RiscvIommu[] = [];
    super(
      new Machine({
        ...{ mode, cpus: 1, storeOrder: 'weak', snooped: true },
        iommus: [(bus) => (built[0] = new RiscvIommu(bus, all, endpoints))],
      }),
      queueLog2,
    );
    this.iommu = built[0]!;
    this.part = all;
    this.levels = levels;
    this.directory = this.pages('device-table', Number(PAGE));
    this.enable('command');
    this.enable('fault');
    if (all.ATS) this.enable('page-request');
    this.redirect(levels);
    ids.forEach((id, device) => this.machine.addDevice(device, IOMMU, [id]));
  }

  /** Writes ddtp and waits. */
  redirect(to: 1 | 2 | 3 | 'bare' | 'off'): void {
    this.write('ddtp', Ddtp.encode({ iommu_mode: MODES[to], PPN: Number(this.directory / PAGE) }));
    this.settle();
    this.complete(INVALIDATE_DDT);
  }

  /** Where the entry of a device is at a level, 0 for its device context. Tables are made on the way. */
  entryOf(id: number, level = 0): bigint {
    const format = this.part.MSI_FLAT ? 'extended' : 'base';
    const indexes = divide(id, DEVICE_INDEX_BITS[format]);
    let table = this.directory;
    for (let above = (this.levels as number) - 1; above > level; above--) table = this.#next(table + BigInt(indexes[above]! * 8));
    return table + BigInt(indexes[level]! * (level === 0 ? DC_WORDS[format] * 8 : 8));
  }

  #next(entry: bigint): bigint {
    const { V, PPN } = DdtEntry.of(this.peek(entry));
    if (V) return BigInt(PPN) * PAGE;
    const table = this.pages('device-table', Number(PAGE));
    this.port.write64(entry, DdtEntry.encode({ V: true, PPN: Number(table / PAGE) }));
    return table;
  }

  /** A word as memory has it. */
  peek(address: bigint): bigint {
    return this.machine.memory.get(wordOf(address));
  }

  /** Stores a word, ordered at once. */
  poke(address: bigint, value: bigint): void {
    this.port.write64(address, value);
    this.port.barrier();
  }

  /** Replaces a device context: it is not valid in between. */
  install(id: number, values: DcValues): void {
    this.installWords(id, wordsOf(values));
  }

  installWords(id: number, words: readonly bigint[]): void {
    const at = this.entryOf(id);
    this.poke(at, 0n);
    this.complete(invalidateDdt(id));
    this.store(at + 8n, words.slice(1, this.part.MSI_FLAT ? undefined : DC_WORDS.base));
    this.port.barrier();
    this.poke(at, words[0]!);
    this.complete(invalidateDdt(id));
  }

  /** A process of a device becomes a requester of its own. */
  addProcess(id: number, pasid: number): Requester {
    const { requesters } = this.machine;
    const { device } = requesters.find((requester) => requester.id === id)!;
    requesters.push({ device, iommu: IOMMU, id, pasid });
    this.machine.instance(IOMMU).reach.add(requesters.length - 1);
    return requesters.length - 1;
  }

  access(requester: Requester, iova: bigint, access: Inbound['access'] = 'read', privileged = false): Outcome {
    return this.machine.access(requester, iova, access, privileged);
  }

  /** A request of a device as the bus brings it; an untranslated read of device 1 unless told. */
  translate(iova: bigint, inbound: Partial<Inbound> = {}): Answer {
    return this.iommu.translate(inboundOf(iova, inbound), this.machine.instance(IOMMU).sight.configuration(0));
  }

  requestPage(request: Partial<PageRequest>): GroupResponse | undefined {
    return this.iommu.requestPage({ ...PAGE_REQUEST, ...request }, this.machine.instance(IOMMU).sight.configuration(0));
  }

  /** Reads and consumes the fault records. */
  faults(): ViewOf<typeof FaultRecord>[] {
    return this.take('fault').map((words) => FaultRecord.of(fromWords(words)));
  }
}

const PAGE_REQUEST: PageRequest = {
  deviceId: 1,
  processId: undefined,
  privileged: false,
  execute: false,
  read: true,
  write: false,
  last: true,
  group: 5,
  iova: 0x1000n,
};

const inboundOf = (iova: bigint, inbound: Partial<Inbound>): Inbound => ({
  ...{ deviceId: 1, processId: undefined, privileged: false, access: 'read', type: 'untranslated' },
  iova,
  ...inbound,
});

/** Drops all configuration. */
export const INVALIDATE_DDT = Iodir.encode({ opcode: COMMANDS['IODIR.INVAL_DDT'].opcode });
/** Drops the device context of a device, with its process contexts. */
export const invalidateDdt = (DID: number): bigint => Iodir.with(INVALIDATE_DDT, { DV: true, DID });
/** Drops a process context. */
export const invalidatePdt = (DID: number, PID: number): bigint =>
  Iodir.with(INVALIDATE_DDT, { func3: COMMANDS['IODIR.INVAL_PDT'].func3, DV: true, DID, PID });

type IotinvalValues = Partial<ValuesOf<(typeof Iotinval)['fields']>>;
/** Drops what first stages gave; without operands, of every host address space. */
export const invalidateVma = (values: IotinvalValues = {}): bigint =>
  Iotinval.encode({ opcode: COMMANDS['IOTINVAL.VMA'].opcode, ...values });
/** Drops what second stages gave. */
export const invalidateGvma = (values: IotinvalValues = {}): bigint =>
  Iotinval.encode({ opcode: COMMANDS['IOTINVAL.GVMA'].opcode, func3: COMMANDS['IOTINVAL.GVMA'].func3, ...values });
