/** Physical memory as the IOMMU's own accesses meet it: where nothing answers, and where its addresses end. */
import { pageOfWord } from '#hw-models/core/address';
import type { Memory } from '#hw-models/core/memory';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';

/** Which accesses violate a PMA or PMP check: those beyond the physical address width, and those to holes. */
export class MemoryMap {
  readonly memory: Memory;
  readonly #endWord: number;

  /** @spec RISCV-IOMMU "IOMMU capabilities (`capabilities`)" field PAS */
  constructor(memory: Memory, { PAS }: Capabilities) {
    this.memory = memory;
    this.#endWord = 2 ** PAS / 8;
  }

  /** Whether an access to the word is refused. */
  refuses(word: number): boolean {
    return word >= this.#endWord || (this.memory.holes.size > 0 && this.memory.holes.has(pageOfWord(word)));
  }
}
