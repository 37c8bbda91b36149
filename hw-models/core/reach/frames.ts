/** Which structures of the hardware lie in which frame. A store to any other frame costs this one look-up. */
import type { ConfigurationWord } from './configuration';
import type { Table } from './tables';

export interface Structures {
  readonly tables: Set<Table>;
  /** Configuration, by word. */
  readonly words: Map<number, ConfigurationWord>;
}

export class Frames {
  readonly #frames = new Map<number, Structures>();

  /** Undefined: the hardware has nothing there. */
  at(page: number): Structures | undefined {
    return this.#frames.get(page);
  }

  /** As `at`, ready to be added to. */
  open(page: number): Structures {
    let structures = this.#frames.get(page);
    if (structures === undefined) this.#frames.set(page, (structures = { tables: new Set(), words: new Map() }));
    return structures;
  }

  /** Something was removed from the frame. */
  removed(page: number): void {
    const structures = this.#frames.get(page);
    if (structures?.tables.size === 0 && structures.words.size === 0) this.#frames.delete(page);
  }
}
