/**
 * The graph of translation tables as memory has them: tables, and edges from their entries to other tables and to pages. An edge whose
 * entry is overwritten stays while the hardware may still read the old value, and as long as a cache may hold it: where, `Translations`
 * says.
 */
import { pageOfWord, WORDS_PER_PAGE } from '#hw-models/core/address';
import { framesOf, type Entry, type Level, type TableAt } from '#hw-models/core/walk';
import type { Copy } from './copies';
import type { Facts, Requester } from './facts';
import type { Frames } from './frames';
import type { Space } from './translations';

export interface Table extends TableAt {
  readonly parents: Set<Edge | Root>;
  /** By index. */
  readonly live: Map<number, Edge>;
  /** Overwritten by stores that are not yet ordered. */
  readonly fading: Set<Edge>;
}

export type Target = Exclude<Entry, { kind: 'none' }>;

export interface Edge {
  readonly table: Table;
  readonly index: number;
  entry: Target;
  readonly child: Table | undefined;
  /** Event of the store. */
  readonly at: number;
  /** `live`: memory has it. `fading`: the hardware may read it from memory, or its successor. `gone`: only caches may have it. */
  state: 'live' | 'fading' | 'gone';
  /** Event of the store over it. */
  overwrittenAt: number | undefined;
  /** In caches, whatever leads to its table now. */
  readonly copies: Copy[];
}

/** A cached copy of an edge that leads on though memory does not, as it was then. */
export type Source = Readonly<Pick<Copy, 'edge' | 'input' | 'ways'>>;

/** Where the walks of a space begin. */
export interface Root {
  readonly space: Space;
  readonly table: Table;
  /** Requesters whose configuration names it. */
  readonly namedBy: Set<Requester>;
}

/** A way to a table or an entry: the space and its first input frame. */
export interface Path {
  readonly space: Space;
  readonly input: number;
  /** Whether memory alone, as it is now, does not make it. */
  readonly aged: boolean;
  /** The last thing on it that only a cache has. */
  readonly via: Source | undefined;
}

/** What is told of changes. */
export interface Watcher {
  /** An entry of a table is about to change. */
  changing(table: Table, index: number, old: Edge | undefined): void;
  /** A new edge, with all below it. */
  added(edge: Edge): void;
  /** Memory will not give the edge any longer: caches may hold it wherever a walk could meet it. */
  leaving(edge: Edge): void;
}

export const framesPer = (level: Level): number => framesOf(level.shift);
export const isRoot = (parent: Edge | Root): parent is Root => 'namedBy' in parent;

export class Tables {
  readonly #facts: Facts;
  readonly #frames: Frames;
  readonly #watcher: Watcher;
  readonly #tables = new Map<string, Table>();
  readonly #fading = new Set<Edge>();

  constructor(facts: Facts, frames: Frames, watcher: Watcher) {
    this.#facts = facts;
    this.#frames = frames;
    this.#watcher = watcher;
  }

  /** The table there, read from memory when it was not known. */
  at(where: TableAt): Table {
    return this.#tables.get(keyOf(where)) ?? this.#read(where);
  }

  /** A store to `word`, which lies in some of `tables`, or between them. */
  store(tables: ReadonlySet<Table>, word: number): void {
    const { memory } = this.#facts;
    const low = memory.low(word);
    const high = memory.high(word);
    const at: Table[] = [];
    for (const table of tables) if (word >= table.word && word < table.word + table.entries) at.push(table);
    // A word that is an entry of several tables has its old value in all of them or in none.
    for (const table of at) this.#remove(table, word - table.word, low, high);
    for (const table of at) this.#add(table, word - table.word, low, high);
  }

  /** What entries mean may have changed, though no store to them was made. */
  reread(table: Table): void {
    const only = new Set([table]);
    for (let word = table.word; word < table.word + table.entries; word++) this.store(only, word);
  }

  /** Stores before it are ordered. */
  barrier(): void {
    for (const edge of this.#fading) {
      if (this.#facts.memory.older(edge.table.word + edge.index).length > 0) continue;
      this.#fading.delete(edge);
      this.#watcher.leaving(edge);
      edge.table.fading.delete(edge);
      this.#gone(edge);
    }
  }

  /** Every way from a space to a table. */
  paths(table: Table, aged = false): Path[] {
    const found: Path[] = [];
    for (const parent of table.parents) {
      if (isRoot(parent)) found.push({ space: parent.space, input: 0, aged, via: undefined });
      else this.#through(parent, aged, found);
    }
    return found;
  }

  /** Every way from a space through an edge; `input` is the first frame that the edge maps. */
  pathsThrough(edge: Edge): Path[] {
    const found: Path[] = [];
    this.#through(edge, false, found);
    return found;
  }

  /** Nothing leads through the edge any more. */
  cut(edge: Edge): void {
    if (edge.child === undefined) return;
    edge.child.parents.delete(edge);
    this.collect(edge.child);
  }

  /** A table that nothing leads to leaves the graph; what caches hold of its entries stays. */
  collect(table: Table): void {
    if (table.parents.size > 0 || !this.#tables.delete(keyOf(table))) return;
    for (const page of pagesOf(table)) {
      this.#frames.at(page)?.tables.delete(table);
      this.#frames.removed(page);
    }
    for (const edge of [...table.live.values(), ...table.fading]) {
      this.#fading.delete(edge);
      this.#gone(edge);
    }
  }

  #through(edge: Edge, aged: boolean, found: Path[]): void {
    for (const { space, input, ways } of edge.copies) found.push({ space, input, aged: true, via: { edge, input, ways } });
    if (edge.state === 'gone') return;
    const step = edge.index * framesPer(edge.table.level);
    for (const path of this.paths(edge.table, aged || edge.state === 'fading')) {
      found.push({ ...path, input: path.input + step });
    }
  }

  /** The old entry goes, unless the new one means the same. */
  #remove(table: Table, index: number, low: number, high: number): void {
    const old = table.live.get(index);
    if (old === undefined) return;
    const entry = table.level.decode(low, high);
    this.#watcher.changing(table, index, old);
    if (entry.kind !== 'none' && isSame(old.entry, entry)) {
      old.entry = entry;
      return;
    }
    table.live.delete(index);
    this.#overwritten(old);
  }

  #add(table: Table, index: number, low: number, high: number): void {
    if (table.live.has(index)) return;
    const entry = table.level.decode(low, high);
    if (entry.kind === 'none') return;
    this.#watcher.changing(table, index, undefined);
    this.#link(table, index, entry);
  }

  #overwritten(edge: Edge): void {
    edge.overwrittenAt = this.#facts.now();
    this.#watcher.leaving(edge);
    if (this.#facts.memory.older(edge.table.word + edge.index).length > 0) this.#fade(edge);
    else this.#gone(edge);
  }

  #fade(edge: Edge): void {
    edge.state = 'fading';
    edge.table.fading.add(edge);
    this.#fading.add(edge);
  }

  #gone(edge: Edge): void {
    edge.state = 'gone';
    if (edge.copies.length === 0) this.cut(edge);
  }

  #link(table: Table, index: number, entry: Target): void {
    const edge = this.#edge(table, index, entry);
    table.live.set(index, edge);
    this.#watcher.added(edge);
  }

  #edge(table: Table, index: number, entry: Target): Edge {
    const child = entry.kind === 'table' ? this.at(entry.table) : undefined;
    const edge: Edge = { table, index, entry, child, at: this.#facts.now(), state: 'live', overwrittenAt: undefined, copies: [] };
    child?.parents.add(edge);
    return edge;
  }

  #read(where: TableAt): Table {
    const { word: start, entries, level } = where;
    const { memory } = this.#facts;
    const table: Table = { word: start, entries, level, parents: new Set(), live: new Map(), fading: new Set() };
    this.#tables.set(keyOf(where), table);
    for (const page of pagesOf(table)) this.#frames.open(page).tables.add(table);
    for (let word = start; word < start + entries; word++) {
      const within = word % WORDS_PER_PAGE;
      if ((word === start || within === 0) && memory.isBlank(pageOfWord(word))) {
        word += WORDS_PER_PAGE - within - 1;
        continue;
      }
      // A table may be linked before its entries are ordered: the hardware may then still read what was there.
      for (const raw of memory.older(word)) this.#older(table, word - start, raw);
      const entry = level.decode(memory.low(word), memory.high(word));
      if (entry.kind !== 'none') this.#link(table, word - start, entry);
    }
    return table;
  }

  #older(table: Table, index: number, raw: bigint): void {
    const entry = table.level.decode(Number(raw & 0xffff_ffffn), Number(raw >> 32n));
    if (entry.kind === 'none') return;
    const edge = this.#edge(table, index, entry);
    this.#fade(edge);
    this.#watcher.added(edge);
  }
}

/** Tables that begin at the same place are the same when they are as long and their entries are read alike. */
export const keyOf = ({ word, level, entries }: TableAt): string => `${word}:${entries}:${level.name}`;

function* pagesOf({ word, entries }: TableAt): Iterable<number> {
  for (let page = pageOfWord(word); page <= pageOfWord(word + entries - 1); page++) yield page;
}

/** Whether an entry means what the one before it meant, at most with less for the hardware to set in it before use. */
export function isSame(a: Target, b: Target): boolean {
  if (a.kind === 'table') {
    return b.kind === 'table' && a.table.word === b.table.word && a.table.level === b.table.level && a.table.entries === b.table.entries;
  }
  if (b.kind !== 'page' || a.page !== b.page || a.sizeLog2 !== b.sizeLog2) return false;
  return a.prot === b.prot && a.attributes === b.attributes && isLess(b.pending, a.pending);
}

const isLess = (less = 0, more = 0): boolean => (less & ~more) === 0;
