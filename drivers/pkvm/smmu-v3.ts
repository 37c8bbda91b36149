/**
 * One SMMUv3, used for stage 2 only: taken over from the trusted host, attached and detached stream by stream, invalidated by VMID.
 * Its registers, queues and tables belong to the hypervisor. A stream that is not attached is aborted.
 */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { COMMANDS, CfgiSte, CfgiSteRange, TlbiAll, TlbiS2Ipa, TlbiVmid } from '#hw-models/smmu-v3/commands';
import { ADDRESS_SIZES } from '#hw-models/smmu-v3/id-registers';
import { Ste, type SteField } from '#hw-models/smmu-v3/ste';
import type { CommandQueue } from './command-queue';
import type { Format } from './page-table-format';
import { BLOCKED, type StreamTable } from './stream-table';
import type { WalkerMemory } from './walker-memory';

const { CMD_CFGI_STE, CMD_CFGI_STE_RANGE, CMD_TLBI_NSNH_ALL, CMD_TLBI_S12_VMALL, CMD_TLBI_S2_IPA } = COMMANDS;

/** Words of a stream table entry. */
const STE_WORDS = 8;
/** CMD_CFGI_ALL is the range of 2^32 streams. */
const ALL_STREAMS = 31;

/** A page table as an entry of the stream table names it. */
export interface Stage2 {
  readonly vmid: number;
  /** Physical address of its root. */
  readonly root: bigint;
  readonly format: Format;
}

export class SmmuV3 {
  readonly memory: WalkerMemory;
  readonly #platform: Platform;
  readonly #queue: CommandQueue;
  readonly #streams: StreamTable;
  readonly #vmidBits: number;

  constructor(platform: Platform, memory: WalkerMemory, queue: CommandQueue, streams: StreamTable, vmidBits: number) {
    this.#platform = platform;
    this.memory = memory;
    this.#queue = queue;
    this.#streams = streams;
    this.#vmidBits = vmidBits;
  }

  /** Whether a TLB of this SMMU can tell so many address spaces apart. */
  hasVmid(vmid: number): boolean {
    return vmid < 2 ** this.#vmidBits;
  }

  /**
   * Sends a blocked stream through a page table. `EBUSY`: it is attached already. `ENODEV`: there is no such stream. `ENOMEM`: the stream
   * table needs a page. On refusal it is blocked as before.
   */
  attach(stream: number, stage2: Stage2): Result<null> {
    const entry = this.#streams.obtain(stream);
    if (!entry.ok) return entry;
    if (this.memory.read(entry.value) !== BLOCKED) return refuse('EBUSY');
    const ste = steOf(stage2);
    // While the first word says abort the others are unused, but they may be cached: they have to be the new ones before it changes.
    for (let word = 1; word < STE_WORDS; word++) this.memory.write(entry.value + BigInt(word * 8), Ste.word(ste, word));
    const prepared = this.#forgetStream(stream);
    if (!prepared.ok) return prepared;
    this.memory.write(entry.value, Ste.word(ste, 0));
    const attached = this.#forgetStream(stream);
    if (!attached.ok) this.#block(stream, entry.value);
    return attached;
  }

  /**
   * Blocks a stream that goes through the page table of `vmid`. `ENODEV`: it goes through none; `EACCES`: it goes through another. On
   * refusal it is as before.
   */
  detach(stream: number, vmid: number): Result<null> {
    const entry = this.#streams.find(stream);
    if (entry === undefined) return refuse('ENODEV');
    const first = this.memory.read(entry);
    if (first === BLOCKED) return refuse('ENODEV');
    if (this.#vmidOf(entry) !== vmid) return refuse('EACCES');
    const detached = this.#block(stream, entry);
    if (!detached.ok) {
      this.memory.write(entry, first);
      this.memory.order();
    }
    return detached;
  }

  /** No cache holds anything of the configuration any more. */
  forgetConfiguration(): Result<null> {
    return this.#queue.issue([CfgiSteRange.encode({ opcode: CMD_CFGI_STE_RANGE.opcode, Range: ALL_STREAMS })]);
  }

  /** No cache holds any translation any more. Not in one go with the configuration: only a SYNC orders the two. */
  forgetTranslations(): Result<null> {
    return this.#queue.issue([TlbiAll.encode({ opcode: CMD_TLBI_NSNH_ALL.opcode })]);
  }

  /** No cache holds a translation of a VMID any more, nor a way through its tables. */
  forgetVmid(VMID: number): Result<null> {
    return this.#queue.issue([TlbiVmid.encode({ opcode: CMD_TLBI_S12_VMALL.opcode, VMID })]);
  }

  /** No cache holds the leaves of these input addresses any more; ways to their tables may stay. */
  forgetLeaves(VMID: number, iovas: readonly bigint[]): Result<null> {
    return this.#queue.issue(iovas.map((iova) => TlbiS2Ipa.encode({ opcode: CMD_TLBI_S2_IPA.opcode, VMID, Address: iova >> 12n, Leaf: true })));
  }

  /** No cache holds what led nowhere for a stream: a level-1 descriptor and its entry. */
  forgetDirectory(StreamID: number): Result<null> {
    return this.#queue.issue([CfgiSte.encode({ opcode: CMD_CFGI_STE.opcode, StreamID, Leaf: false })]);
  }

  #forgetStream(StreamID: number): Result<null> {
    return this.#queue.issue([CfgiSte.encode({ opcode: CMD_CFGI_STE.opcode, StreamID, Leaf: true })]);
  }

  #block(stream: number, entry: bigint): Result<null> {
    this.memory.write(entry, BLOCKED);
    return this.#forgetStream(stream);
  }
}
