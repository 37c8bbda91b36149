/**
 * One SMMUv3, used for stage 2 only. Its registers, queues and tables belong to the hypervisor. A stream that is not attached is
 * aborted. `smmu-take-over.ts` makes one.
 */
import { done, refuse, type Result } from '#drivers/contract/driver';
import { ADDRESS_SIZES } from '#hw-models/smmu-v3/id-registers';
import { Ste } from '#hw-models/smmu-v3/ste';
import type { Invalidations } from './invalidations';
import type { Registers } from './mmio';
import type { Format } from './page-table-format';
import { BLOCKED, type StreamTable } from './stream-table';
import type { TablePages } from './table-pages';
import type { WalkerMemory } from './walker-memory';

/** Words of a stream table entry, and the one that has the VMID. */
const STE_WORDS = 8;
const VMID_WORD = 2;

/** What an SMMU was made with. */
export interface SmmuParts {
  readonly registers: Registers;
  readonly memory: WalkerMemory;
  readonly pages: TablePages;
  readonly invalidations: Invalidations;
  readonly streams: StreamTable;
  /** Of every page table on this SMMU. */
  readonly format: Format;
  readonly vmidBits: number;
  readonly coherent: boolean;
  /** Gives back what the queues lie in. */
  releaseQueues(this: void): void;
}

export class SmmuV3 {
  readonly parts: SmmuParts;

  constructor(parts: SmmuParts) {
    this.parts = parts;
  }

  /** Whether a TLB of this SMMU can tell so many address spaces apart. */
  hasVmid(vmid: number): boolean {
    return vmid < 2 ** this.parts.vmidBits;
  }

  /**
   * Sends a blocked stream through a page table. `EBUSY`: it is attached already. `ENODEV`: there is no such stream. `ENOMEM`: the stream
   * table needs a page. On refusal it is blocked as before.
   * @param root Physical address.
   */
  attach(stream: number, vmid: number, root: bigint): Result<null> {
    const { streams, memory, invalidations } = this.parts;
    const entry = streams.obtain(stream);
    if (!entry.ok) return entry;
    if (memory.read(entry.value) !== BLOCKED) return refuse('EBUSY');
    const ste = this.#entryFor(vmid, root);
    // While word 0 says abort the others are unused, but any may be cached as it was: so they are settled before it changes.
    for (let word = 1; word < STE_WORDS; word++) memory.write(entry.value + BigInt(word * 8), Ste.word(ste, word));
    const prepared = invalidations.stream(stream);
    if (!prepared.ok) return prepared;
    const attached = this.#set(stream, entry.value, Ste.word(ste, 0));
    if (!attached.ok) this.#block(stream, entry.value);
    return attached;
  }

  /**
   * Blocks a stream that goes through the page table of `vmid`. `ENODEV`: it goes through none; `EACCES`: it goes through another. On
   * refusal it is as before.
   */
  detach(stream: number, vmid: number): Result<null> {
    const { streams, memory } = this.parts;
    const entry = streams.find(stream);
    const first = entry === undefined ? BLOCKED : memory.read(entry);
    if (entry === undefined || first === BLOCKED) return refuse('ENODEV');
    if (this.#vmidOf(entry) !== vmid) return refuse('EACCES');
    const detached = this.#block(stream, entry);
    if (!detached.ok) this.#set(stream, entry, first);
    return detached;
  }

  /** Blocks every stream for good and gives tables and queues back. Refused, and nothing is given back, when the SMMU may go on using them. */
  shutDown(): Result<null> {
    const { registers, invalidations, streams, releaseQueues } = this.parts;
    const { SMMUEN, EVENTQEN, CMDQEN } = registers.read('CR0');
    // What is on its way has to arrive before anything else may be asked for.
    const settled = registers.waitFor('CR0ACK', { SMMUEN, EVENTQEN, CMDQEN });
    if (!settled.ok) return settled;
    registers.write('CR0', { CMDQEN: true });
    const blocked = registers.waitFor('CR0ACK', { SMMUEN: false, EVENTQEN: false, CMDQEN: true });
    if (!blocked.ok) return blocked;
    invalidations.everything();
    registers.write('CR0', {});
    const quiet = registers.waitFor('CR0ACK', { CMDQEN: false });
    if (!quiet.ok) return quiet;
    streams.release();
    releaseQueues();
    return done;
  }

  #block(stream: number, entry: bigint): Result<null> {
    return this.#set(stream, entry, BLOCKED);
  }

  /** Word 0 decides what a stream may do, in one store. */
  #set(stream: number, entry: bigint, first: bigint): Result<null> {
    this.parts.memory.write(entry, first);
    return this.parts.invalidations.stream(stream);
  }

  #vmidOf(entry: bigint): number {
    const word = this.parts.memory.read(entry + BigInt(VMID_WORD * 8));
    return Ste.of(word << BigInt(VMID_WORD * 64)).S2VMID;
  }

  /** Stage 2 only, faults recorded and never stalled, no override of attributes. */
  #entryFor(S2VMID: number, root: bigint): bigint {
    const { format, coherent } = this.parts;
    const cacheability = coherent ? 'writeBackAllocate' : 'nonCacheable';
    return Ste.encode({
      V: true,
      Config: 'stage2',
      SHCFG: 'incoming',
      S2VMID,
      S2T0SZ: format.T0SZ,
      S2SL0: format.SL0,
      S2IR0: cacheability,
      S2OR0: cacheability,
      S2SH0: 'innerShareable',
      S2TG: format.granule,
      S2PS: ADDRESS_SIZES.indexOf(format.oas as (typeof ADDRESS_SIZES)[number]),
      S2AA64: true,
      S2R: true,
      S2TTB: root >> 4n,
    });
  }
}
