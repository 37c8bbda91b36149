/** Writes of 4 bytes that tell software of something: MSIs, and the completion of what software waits for. */
import { wordOf } from '#hw-models/core/address';
import { fromHalves, highHalf, lowHalf } from '#hw-models/core/bits';
import type { Bus } from '#hw-models/core/hardware';
import { MemoryMap } from '#hw-models/core/memory-map';

/**
 * The word that a message changes, and which half of it; undefined beyond the physical addresses.
 * @param width Bits of a physical address.
 * @param address A multiple of 4.
 */
export function messageAt(width: number, address: bigint): { readonly word: number; readonly isUpper: boolean } | undefined {
  return address < 2n ** BigInt(width) ? { word: wordOf(address), isUpper: address % 8n !== 0n } : undefined;
}

/** @returns Whether the write was accepted; false: nothing answers there. */
export function send(bus: Bus, width: number, address: bigint, data: number): boolean {
  const at = messageAt(width, address);
  if (at === undefined || new MemoryMap(bus.memory, width).refuses(at.word)) return false;
  const old = bus.memory.get(at.word);
  bus.write(at.word, at.isUpper ? fromHalves(lowHalf(old), data) : fromHalves(data, highHalf(old)));
  return true;
}
