/** Physical memory as an IOMMU's own accesses meet it: where nothing answers, and where its addresses end. */
import { pageOfWord } from './address';
import type { Memory } from './memory';

/** Which accesses to structures fail: those beyond the physical address width, and those to holes. */
export class MemoryMap {
  readonly memory: Memory;
  readonly #endWord: number;

  /** @param bits Of a physical address. */
  constructor(memory: Memory, bits: number) {
    this.memory = memory;
    this.#endWord = 2 ** bits / 8;
  }

  /** Whether an access to the word is refused. */
  refuses(word: number): boolean {
    return word >= this.#endWord || (this.memory.holes.size > 0 && this.memory.holes.has(pageOfWord(word)));
  }
}
