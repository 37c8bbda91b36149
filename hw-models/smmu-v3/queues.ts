/** Where the SMMU's queues lie. */
import { RingQueue } from '#hw-models/core/queue';
import { pageOfWord } from '#hw-models/core/address';
import type { Buffer } from '#hw-models/core/hardware';
import type { Capabilities } from '#hw-models/smmu-v3/capabilities';

/** Bytes that a queue is at least aligned to. */
const LEAST_ALIGNMENT = 32;

/**
 * A queue as its BASE register says: aligned down to its size, and within the output address size.
 * @param address In units of 32 bytes.
 * @spec SMMU-V3 "SMMU_CMDQ_BASE" and "SMMU_EVENTQ_BASE"
 */
export function queueAt(address: bigint, sizeLog2: number, entryWords: number, { OAS }: Capabilities): RingQueue {
  const words = Math.max(2 ** sizeLog2 * entryWords, LEAST_ALIGNMENT / 8);
  const word = (Number(address) * (LEAST_ALIGNMENT / 8)) % (2 ** OAS / 8);
  return new RingQueue({ baseWord: word - (word % words), sizeLog2, entryWords, rule: 'wrap-bit' });
}

/** The frames of a queue. */
export function framesOfQueue({ shape: { baseWord, sizeLog2, entryWords } }: RingQueue, what: string): Buffer {
  const page = pageOfWord(baseWord);
  return { page, frames: pageOfWord(baseWord + 2 ** sizeLog2 * entryWords - 1) - page + 1, what };
}
