/** Tables of a first stage under a second one, as they lie in physical memory now: for questions about what may be reached. */
import { WORDS_PER_PAGE } from './address';
import { frameAt, READ, walk, type EntryReader, type Level, type TableAt } from './walk';

/** A second stage that tables of a first one are read through. */
export interface SecondStage {
  /** Tells second stages apart. */
  readonly key: string;
  readonly root: TableAt;
  /** Frames of the input range. */
  readonly endFrame: number;
}

/** Finds guests' tables through second stages. */
export class GuestTables {
  readonly #memory: EntryReader;
  /** By the second stage below them. */
  readonly #levels = new Map<string, Map<Level, Level>>();

  constructor(memory: EntryReader) {
    this.#memory = memory;
  }

  /** Where a table of a guest lies; undefined while the second stage does not let it be read. */
  place({ word, entries, level }: TableAt, second: SecondStage): TableAt | undefined {
    const frame = Math.floor(word / WORDS_PER_PAGE);
    if (frame >= second.endFrame) return undefined;
    const { entry } = walk(second.root, frame, this.#memory);
    if (entry.kind !== 'page' || (entry.prot & READ) === 0) return undefined;
    return { word: frameAt(entry, frame) * WORDS_PER_PAGE + (word - frame * WORDS_PER_PAGE), entries, level: this.#above(level, second) };
  }

  /** A level whose tables are found through a second stage, always the same object for the same one. */
  #above(level: Level, second: SecondStage): Level {
    let levels = this.#levels.get(second.key);
    if (levels === undefined) this.#levels.set(second.key, (levels = new Map<Level, Level>()));
    let above = levels.get(level);
    if (above === undefined) levels.set(level, (above = this.#make(level, second)));
    return above;
  }

  #make(level: Level, second: SecondStage): Level {
    return {
      ...level,
      name: `${level.name}, above ${second.key},`,
      decode: (low, high) => {
        const entry = level.decode(low, high);
        if (entry.kind !== 'table') return entry;
        const table = this.place(entry.table, second);
        return table === undefined ? NOT_MAPPED : { kind: 'table', table };
      },
    };
  }
}

const NOT_MAPPED = { kind: 'none', cause: 'guest page fault' } as const;
