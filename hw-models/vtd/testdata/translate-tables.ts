/** Translation tables of either stage, made entry by entry. */
import type { ValuesOf } from '#hw-models/core/bits';
import { FsPte, SsPte } from '#hw-models/vtd/pte';

export type FsValues = Partial<ValuesOf<(typeof FsPte)['fields']>>;
export type SsValues = Partial<ValuesOf<(typeof SsPte)['fields']>>;

/** A page that everybody may use, and has used. */
export const FS_PAGE: FsValues = { P: true, RW: true, US: true, A: true, D: true };
export const SS_PAGE: SsValues = { R: true, W: true };

/** Where tables get memory, and how entries are stored. */
export interface TableMemory {
  frame(): number;
  store(word: number, raw: bigint): void;
}

const WORDS_PER_FRAME = 512;

/** Tables of one stage. */
abstract class Tables<Values extends { readonly ADDR?: number }> {
  readonly levels: 3 | 4 | 5;
  /** Physical frame. */
  readonly root: number;
  readonly #memory: TableMemory;
  readonly #offset: number;
  readonly #tables = new Map<string, number>();

  /** @param offset Frames that are subtracted in entries: tables of a guest lie lower in its own memory. */
  constructor(memory: TableMemory, levels: 3 | 4 | 5, offset = 0) {
    this.#memory = memory;
    this.levels = levels;
    this.#offset = offset;
    this.root = memory.frame();
  }

  /** As a pointer to the root has it. */
  get pointer(): number {
    return this.root - this.#offset;
  }

  /** Where the tables lie, the root first. */
  get frames(): readonly number[] {
    return [this.root, ...this.#tables.values()];
  }

  /** Maps `frame` by an entry of a level, 0 the last. @returns The entry's word. */
  map(frame: number, output: number, values: Values = {} as Values, level = 0): number {
    return this.set(frame, this.page(output, values, level), level);
  }

  /** Stores an entry as it is. @returns Its word. */
  set(frame: number, raw: bigint, level = 0): number {
    const word = this.entryOf(frame, level);
    this.#memory.store(word, raw);
    return word;
  }

  /** Where the entry for a frame is at a level. Tables are made on the way. */
  entryOf(frame: number, level = 0): number {
    let table = this.root;
    for (let above = this.levels - 1; ; above--) {
      const part = Math.floor(frame / 512 ** above);
      const word = table * WORDS_PER_FRAME + (part % 512);
      if (above === level) return word;
      const key = `${above} ${part}`;
      let next = this.#tables.get(key);
      if (next === undefined) {
        this.#tables.set(key, (next = this.#memory.frame()));
        this.#memory.store(word, this.table(next - this.#offset));
      }
      table = next;
    }
  }

  protected abstract page(output: number, values: Values, level: number): bigint;
  protected abstract table(frame: number): bigint;
}

export class FirstTables extends Tables<FsValues> {
  protected page(output: number, values: FsValues, level: number): bigint {
    return FsPte.encode({ ...FS_PAGE, ADDR: output, PS: level > 0, ...values });
  }

  protected table(frame: number): bigint {
    return FsPte.encode({ P: true, RW: true, US: true, A: true, ADDR: frame });
  }
}

export class SecondTables extends Tables<SsValues> {
  protected page(output: number, values: SsValues, level: number): bigint {
    return SsPte.encode({ ...SS_PAGE, ADDR: output, PS: level > 0, ...values });
  }

  protected table(frame: number): bigint {
    return SsPte.encode({ R: true, W: true, ADDR: frame });
  }
}
