/**
 * A machine with one SMMUv3 that is programmed through the platform port as the least of drivers would. For tests and benchmarks.
 */
import { fromWords, toWords, type ValuesOf } from '#hw-models/core/bits';
import type { Outcome } from '#hw-models/core/hardware';
import { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import { readRegister, writeRegister } from '#hw-models/core/register-access';
import type { Mode } from '#hw-models/core/sight';
import { CfgiSte, CfgiSteRange, COMMAND_SIZE, COMMANDS, Sync, TlbiAll, TlbiS2Ipa, TlbiVmid } from '#hw-models/smmu-v3/commands';
import { EVENT_SIZE } from '#hw-models/smmu-v3/events';
import { smmuV3, type SmmuV3Config } from '#hw-models/smmu-v3/factory';
import {
  CmdqBase,
  Cr0,
  EventqBase,
  EventqCons,
  EventqProd,
  MAP,
  StrtabBase,
  StrtabBaseCfg,
  type RegisterName,
} from '#hw-models/smmu-v3/registers';
import { L1Std, Ste, STE_SIZE } from '#hw-models/smmu-v3/ste';

/** What differs from a lazy machine with one stream and a linear table of 64. */
export interface SceneOptions {
  readonly mode?: Mode;
  readonly part?: SmmuV3Config;
  /** StreamIDs, one device each: their requesters are 0, 1, … */
  readonly ids?: readonly number[];
  /** log2 of the StreamIDs of a linear table, or of both levels with `split`. */
  readonly log2Size?: number;
  readonly split?: 6 | 8 | 10;
  /** log2 of the entries of both queues. */
  readonly queueLog2?: number;
}

/** Fields of an STE. */
export type SteValues = Partial<ValuesOf<(typeof Ste)['fields']>>;

const IOMMU = 0;
const POLL_US = 1000;
const PAGE = 4096n;

/** A 40-bit input with 4K granule: one start table of 1024 entries at level 1. */
export const STAGE2: SteValues = {
  V: true,
  Config: 'stage2',
  SHCFG: 'incoming',
  S2VMID: 1,
  S2T0SZ: 24,
  S2SL0: 1,
  S2IR0: 'writeBackAllocate',
  S2OR0: 'writeBackAllocate',
  S2SH0: 'innerShareable',
  S2TG: '4K',
  S2PS: 5,
  S2AA64: true,
  S2R: true,
};

/** The machine, and the least of drivers for it. */
export class Scene {
  readonly machine: Machine;
  readonly port: Port;
  readonly commandQueue: bigint;
  readonly eventQueue: bigint;
  readonly streamTable: bigint;
  readonly #log2Size: number;
  readonly #split: number | undefined;
  readonly #queueLog2: number;

  /** Sets everything up and enables the SMMU. */
  constructor({ mode = 'lazy', part = {}, ids = [0], log2Size = 6, split, queueLog2 = 6 }: SceneOptions = {}) {
    const snooped = part.COHACC ?? true;
    this.machine = new Machine({ mode, cpus: 1, storeOrder: 'weak', snooped, iommus: [smmuV3(part)] });
    this.port = new Port(this.machine);
    this.#log2Size = log2Size;
    this.#split = split;
    this.#queueLog2 = queueLog2;
    this.commandQueue = this.pages('queue', 2 ** queueLog2 * COMMAND_SIZE);
    this.eventQueue = this.pages('queue', 2 ** queueLog2 * EVENT_SIZE);
    this.streamTable = this.pages('device-table', split === undefined ? 2 ** log2Size * STE_SIZE : 2 ** Math.max(0, log2Size - split) * 8);
    this.#initialize();
    ids.forEach((id, device) => this.machine.addDevice(device, IOMMU, [id]));
  }

  #initialize(): void {
    const { port } = this;
    port.mmioWrite64(IOMMU, MAP.CMDQ_BASE.at, CmdqBase.encode({ ADDR: this.commandQueue / 32n, LOG2SIZE: this.#queueLog2 }));
    port.mmioWrite64(IOMMU, MAP.EVENTQ_BASE.at, EventqBase.encode({ ADDR: this.eventQueue / 32n, LOG2SIZE: this.#queueLog2 }));
    port.mmioWrite64(IOMMU, MAP.STRTAB_BASE.at, StrtabBase.encode({ ADDR: this.streamTable / 64n }));
    const format = this.#split === undefined ? ({ FMT: 'linear' } as const) : ({ FMT: 'twoLevel', SPLIT: this.#split } as const);
    this.write('STRTAB_BASE_CFG', StrtabBaseCfg.encode({ ...format, LOG2SIZE: this.#log2Size }));
    this.write('CR2', 2n);
    this.enable({ CMDQEN: true, EVENTQEN: true });
    this.invalidateAll();
    this.enable({ CMDQEN: true, EVENTQEN: true, SMMUEN: true });
  }

  /** Writes CR0 and waits for the acknowledgement. */
  enable(values: Partial<ValuesOf<(typeof Cr0)['fields']>>): void {
    const raw = Number(Cr0.encode(values));
    this.write('CR0', BigInt(raw));
    const { ok } = this.port.pollUntil(IOMMU, MAP.CR0ACK.at, 0xffff_ffff, raw, POLL_US);
    if (!ok) throw new Error('CR0 was not acknowledged');
  }

  /** Pages of the driver's, enough for `bytes`. */
  pages(kind: string, bytes: number): bigint {
    const order = Math.max(0, Math.ceil(Math.log2(bytes / Number(PAGE))));
    const allocated = this.port.pageAlloc({ order, kind });
    if (!allocated.ok) throw new Error('no pages');
    return allocated.value;
  }

  read(register: RegisterName): bigint {
    return readRegister(this.port, IOMMU, MAP[register]);
  }

  write(register: RegisterName, value: bigint): void {
    writeRegister(this.port, IOMMU, MAP[register], value);
  }

  /** Puts commands into the queue and tells the SMMU. */
  submit(...commands: readonly bigint[]): void {
    const slots = 2 ** this.#queueLog2;
    let index = Number(this.machine.instance(IOMMU).hardware.mmioRead(MAP.CMDQ_PROD.at, 32));
    for (const command of commands) {
      const at = this.commandQueue + BigInt((index % slots) * COMMAND_SIZE);
      toWords(command, 2).forEach((word, n) => this.port.write64(at + BigInt(n * 8), word));
      index = (index + 1) % (2 * slots);
    }
    this.port.barrier();
    this.write('CMDQ_PROD', BigInt(index));
  }

  /** Waits until every command is consumed. @returns Whether they were. */
  wait(): boolean {
    const producer = Number(this.machine.instance(IOMMU).hardware.mmioRead(MAP.CMDQ_PROD.at, 32));
    return this.port.pollUntil(IOMMU, MAP.CMDQ_CONS.at, 0x000f_ffff, producer, POLL_US).ok;
  }

  /** Submits commands and a CMD_SYNC, and waits. */
  complete(...commands: readonly bigint[]): void {
    this.submit(...commands, SYNC);
    if (!this.wait()) throw new Error('CMD_SYNC was not consumed');
  }

  invalidateAll(): void {
    this.complete(CFGI_ALL, TLBI_ALL);
  }

  /** Where the STE of a stream is; with two levels, after `span`. */
  entryOf(id: number): bigint {
    if (this.#split === undefined) return this.streamTable + BigInt(id * STE_SIZE);
    const size = 2 ** this.#split;
    const { L2Ptr } = L1Std.of(this.machine.memory.get(Number(this.streamTable / 8n) + Math.floor(id / size)));
    return L2Ptr * 64n + BigInt((id % size) * STE_SIZE);
  }

  /** Points the level-1 descriptor of a stream at a new array. */
  span(id: number, Span: number): void {
    const array = this.pages('device-table', Math.max(STE_SIZE, 2 ** (Span - 1) * STE_SIZE));
    this.port.write64(this.streamTable + BigInt(Math.floor(id / 2 ** this.#split!) * 8), L1Std.encode({ Span, L2Ptr: array / 64n }));
    this.complete(CfgiSte.encode({ opcode: 0x03, StreamID: id, Leaf: false }));
  }

  /** Installs an STE, first everything but its first doubleword. */
  install(id: number, values: SteValues): void {
    const words = toWords(Ste.encode(values), 8);
    const at = this.entryOf(id);
    words.forEach((word, n) => n > 0 && this.port.write64(at + BigInt(n * 8), word));
    this.complete(CfgiSte.encode({ opcode: 0x03, StreamID: id, Leaf: true }));
    this.port.write64(at, words[0]!);
    this.complete(CfgiSte.encode({ opcode: 0x03, StreamID: id, Leaf: true }));
  }

  /** Maps one descriptor: tables are made on the way. `at` is the index at each level, from the start. @returns The entry's address. */
  map(root: bigint, at: readonly number[], descriptor: bigint, tableBytes = 4096): bigint {
    let table = root;
    at.forEach((index, depth) => {
      const entry = table + BigInt(index * 8);
      if (depth === at.length - 1) {
        this.port.write64(entry, descriptor);
        table = entry;
        return;
      }
      const old = this.machine.memory.get(Number(entry / 8n));
      if (old % 2n === 1n) {
        table = old - 3n;
        return;
      }
      table = this.pages('page-table', tableBytes);
      this.port.write64(entry, table + 3n);
    });
    this.port.barrier();
    return table;
  }

  access(requester: number, iova: bigint, access: 'read' | 'write' | 'execute' = 'read', privileged = false): Outcome {
    return this.machine.access(requester, iova, access, privileged);
  }

  /** Reads and consumes the records in the Event queue. */
  events(): bigint[] {
    const slots = 2 ** this.#queueLog2;
    const producer = EventqProd.of(this.read('EVENTQ_PROD')).WR;
    let consumer = EventqCons.of(this.read('EVENTQ_CONS')).RD;
    const records: bigint[] = [];
    while (consumer !== producer) {
      const at = this.eventQueue + BigInt((consumer % slots) * EVENT_SIZE);
      records.push(fromWords(Array.from({ length: 4 }, (_, n) => this.port.read64(at + BigInt(n * 8)))));
      consumer = (consumer + 1) % (2 * slots);
    }
    this.write('EVENTQ_CONS', EventqCons.with(this.read('EVENTQ_CONS'), { RD: consumer }));
    return records;
  }
}

/** CMD_SYNC without a signal. */
export const SYNC = Sync.encode({ opcode: COMMANDS.CMD_SYNC.opcode });
/** Drops all configuration. */
export const CFGI_ALL = CfgiSteRange.encode({ opcode: COMMANDS.CMD_CFGI_STE_RANGE.opcode, Range: 31 });
/** Drops all translations. */
export const TLBI_ALL = TlbiAll.encode({ opcode: COMMANDS.CMD_TLBI_NSNH_ALL.opcode });

/** Drops the STE of a stream, and with `Leaf` false what leads to it. */
export const cfgiSte = (StreamID: number, Leaf = true): bigint => CfgiSte.encode({ opcode: COMMANDS.CMD_CFGI_STE.opcode, StreamID, Leaf });
/** Drops the translations of a VMID. */
export const tlbiVmid = (VMID: number): bigint => TlbiVmid.encode({ opcode: COMMANDS.CMD_TLBI_S12_VMALL.opcode, VMID });
/** Drops stage-2 entries by address. */
export const tlbiIpa = (values: Partial<ValuesOf<(typeof TlbiS2Ipa)['fields']>>): bigint =>
  TlbiS2Ipa.encode({ opcode: COMMANDS.CMD_TLBI_S2_IPA.opcode, ...values });
