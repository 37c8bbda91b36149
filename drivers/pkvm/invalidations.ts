/**
 * What the caches of one SMMU are told to drop. When an answer comes it is done: no access of a device uses the old any more. What was
 * refused is owed: the next invalidation drops everything first, so that nothing stays cached because the SMMU once did not answer.
 */
import type { Result } from '#drivers/contract/driver';
import { CfgiSte, CfgiSteRange, COMMANDS, TlbiAll, TlbiS2Ipa, TlbiVmid } from '#hw-models/smmu-v3/commands';
import type { CommandQueue } from './command-queue';

const { CMD_CFGI_STE, CMD_CFGI_STE_RANGE, CMD_TLBI_NSNH_ALL, CMD_TLBI_S12_VMALL, CMD_TLBI_S2_IPA } = COMMANDS;

/** CMD_CFGI_ALL is the range of 2^32 streams. */
const ALL_STREAMS = 31;

export class Invalidations {
  readonly #queue: CommandQueue;
  #isOwed = false;

  constructor(queue: CommandQueue) {
    this.#queue = queue;
  }

  /** All configuration, then all translations: only a CMD_SYNC orders the two, and a walk through the old configuration could refill the TLB. */
  everything(): Result<null> {
    const configuration = this.#queue.issue([CfgiSteRange.encode({ opcode: CMD_CFGI_STE_RANGE.opcode, Range: ALL_STREAMS })]);
    if (!configuration.ok) return configuration;
    const translations = this.#queue.issue([TlbiAll.encode({ opcode: CMD_TLBI_NSNH_ALL.opcode })]);
    if (translations.ok) this.#isOwed = false;
    return translations;
  }

  /** The entry of one stream. */
  stream(StreamID: number): Result<null> {
    return this.#issue([CfgiSte.encode({ opcode: CMD_CFGI_STE.opcode, StreamID, Leaf: true })]);
  }

  /** The level-1 descriptor that led nowhere for a stream. */
  directory(StreamID: number): Result<null> {
    return this.#issue([CfgiSte.encode({ opcode: CMD_CFGI_STE.opcode, StreamID, Leaf: false })]);
  }

  /** Everything that was translated under a VMID, and every way through its tables. */
  vmid(VMID: number): Result<null> {
    return this.#issue([TlbiVmid.encode({ opcode: CMD_TLBI_S12_VMALL.opcode, VMID })]);
  }

  /** The leaves of these input addresses under a VMID; ways to their tables may stay. */
  leaves(VMID: number, iovas: readonly bigint[]): Result<null> {
    return this.#issue(iovas.map((iova) => TlbiS2Ipa.encode({ opcode: CMD_TLBI_S2_IPA.opcode, VMID, Address: iova >> 12n, Leaf: true })));
  }

  #issue(commands: readonly bigint[]): Result<null> {
    if (this.#isOwed) {
      const paid = this.everything();
      if (!paid.ok) return paid;
    }
    const issued = this.#queue.issue(commands);
    this.#isOwed = !issued.ok;
    return issued;
  }
}
