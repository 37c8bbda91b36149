/** Writes of 4 bytes that tell software of something: MSIs, and completions of IOFENCE.C. */
import { wordOf } from '#hw-models/core/address';
import { fromHalves, highHalf, lowHalf } from '#hw-models/core/bits';
import type { Bus } from '#hw-models/core/hardware';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { MemoryMap } from '#hw-models/riscv-iommu/memory-map';

/** The word that a message changes, and which half of it; undefined beyond the physical addresses. @param address A multiple of 4. */
export function messageAt({ PAS }: Capabilities, address: bigint): { readonly word: number; readonly isUpper: boolean } | undefined {
  return address < 2n ** BigInt(PAS) ? { word: wordOf(address), isUpper: address % 8n !== 0n } : undefined;
}

/** @returns Whether the write was accepted; false: an access fault. */
export function send(bus: Bus, part: Capabilities, address: bigint, data: number): boolean {
  const at = messageAt(part, address);
  if (at === undefined || new MemoryMap(bus.memory, part).refuses(at.word)) return false;
  const old = bus.memory.get(at.word);
  bus.write(at.word, at.isUpper ? fromHalves(lowHalf(old), data) : fromHalves(data, highHalf(old)));
  return true;
}
