/**
 * The graph of translation tables: from each space through its tables to the pages that its requesters reach. A dropped edge is not
 * removed: it stays, aged, with the spaces and input addresses under which a cache may hold it, until an invalidation covers it.
 * Live and aged edges together are all that hardware may use, at worst, and the sanitizer's checks are questions to this graph.
 *
 * What a cache may still hold of a subtree whose own entry has left the walk cache is kept apart as `Remnant`s of its space.
 */
import { pageOfWord, WORDS_PER_PAGE } from '#hw-models/core/address';
import { firstOf, framesOf, type Entry, type LeafEntry, type Level, type TableAt } from '#hw-models/core/walk';
import { selects, type Facts, type Invalidation, type Requester, type SpaceName } from './facts';

export interface Edge {
  readonly table: Table;
  readonly index: number;
  readonly low: number;
  readonly high: number;
  readonly entry: Exclude<Entry, { kind: 'none' }>;
  readonly child: Table | undefined;
  /** Event of the store. */
  readonly at: number;
  aged?: Aged;
}

/** Why a dropped edge is still there. */
export interface Aged {
  /** Event of the barrier that ordered the store over it; undefined while the hardware may still read it from memory. */
  orderedAt: number | undefined;
  readonly droppedAt: number;
  /** Where a cache may hold it: under which space and for which first input frame. */
  readonly holders: { readonly space: Space; readonly input: number }[];
}

export interface Root {
  readonly space: Space;
  readonly table: Table;
  /** Requesters whose configuration names it. */
  readonly namedBy: Set<Requester>;
  /** Event since which nobody names it. */
  unnamedSince: number | undefined;
}

export interface Table extends TableAt {
  readonly parents: Set<Edge | Root>;
  readonly live: Map<number, Edge>;
  /** By index, oldest first. */
  readonly aged: Map<number, Edge[]>;
}

/** A translation that only a cache holds: the walk that formed it is no longer possible. */
export interface Remnant {
  readonly input: number;
  readonly leaf: LeafEntry;
  /** Event since which it is all that is left. */
  readonly since: number;
}

export interface Space {
  readonly name: SpaceName;
  readonly roots: Map<string, Root>;
  readonly aged: Set<Edge>;
  readonly remnants: Set<Remnant>;
  readonly users: Set<Requester>;
  /** Set when a table of the space was freed while only caches led there: using the space again before an invalidation is the error. */
  poison: { readonly why: string; readonly since: number } | undefined;
}

/** A way to a table or leaf: the space, its first input frame, and whether an aged edge is on it. */
export interface Path {
  readonly space: Space;
  readonly input: number;
  readonly aged: boolean;
}

/** One translation that the hardware may use, and where it comes from. */
export interface Reachable {
  readonly space: Space;
  readonly input: number;
  readonly leaf: LeafEntry;
  readonly aged: boolean;
  readonly from: Edge | Remnant;
}

export interface Observer {
  /** A new edge, with all below it. */
  added(edge: Edge): void;
  /** A live entry of a table in the graph is about to change; `old` is what it was. */
  changing(table: Table, index: number, old: Edge | undefined): void;
}

const isRoot = (parent: Edge | Root): parent is Root => 'namedBy' in parent;
export const framesPer = (level: Level): number => framesOf(level.shift);

export class Translations {
  readonly #facts: Facts;
  readonly #tables = new Map<string, Table>();
  readonly #byPage = new Map<number, Set<Table>>();
  readonly #spaces = new Map<SpaceName, Space>();
  readonly #unordered = new Set<Edge>();
  readonly #observer: Observer;

  constructor(facts: Facts, observer: Observer) {
    this.#facts = facts;
    this.#observer = observer;
  }

  space(name: SpaceName): Space {
    let space = this.#spaces.get(name);
    if (space === undefined) {
      space = { name, roots: new Map(), aged: new Set(), remnants: new Set(), users: new Set(), poison: undefined };
      this.#spaces.set(name, space);
    }
    return space;
  }

  get spaces(): Iterable<Space> {
    return this.#spaces.values();
  }

  tablesIn(page: number): ReadonlySet<Table> {
    return this.#byPage.get(page) ?? NO_TABLES;
  }

  name(space: Space, at: TableAt, requester: Requester): void {
    const key = keyOf(at);
    let root = space.roots.get(key);
    if (root === undefined) {
      root = { space, table: this.#table(at), namedBy: new Set(), unnamedSince: undefined };
      space.roots.set(key, root);
      root.table.parents.add(root);
    }
    root.namedBy.add(requester);
    root.unnamedSince = undefined;
  }

  unname(space: Space, at: TableAt, requester: Requester): void {
    const root = space.roots.get(keyOf(at));
    if (root === undefined || !root.namedBy.delete(requester) || root.namedBy.size > 0) return;
    root.unnamedSince = this.#facts.now();
  }

  /** A store to `word`; `low` and `high` are its new halves. One look-up when the page holds no table. */
  store(word: number, low: number, high: number): void {
    const tables = this.#byPage.get(pageOfWord(word));
    if (tables === undefined) return;
    for (const table of tables) {
      const index = word - table.word;
      if (index >= 0 && index < table.entries) this.#write(table, index, low, high);
    }
  }

  /** Stores before it are ordered: what was visible only for want of order is gone. */
  barrier(): void {
    for (const edge of this.#unordered) {
      if (this.#facts.memory.older(edge.table.word + edge.index).length > 0) continue;
      this.#unordered.delete(edge);
      edge.aged!.orderedAt = this.#facts.now();
      if (edge.aged!.holders.length === 0) this.#forget(edge);
    }
  }

  /** Every way from a space to `table`. */
  paths(table: Table, aged = false): Path[] {
    const found: Path[] = [];
    for (const parent of table.parents) {
      if (isRoot(parent)) found.push({ space: parent.space, input: 0, aged: aged || parent.unnamedSince !== undefined });
      else found.push(...this.pathsThrough(parent, aged));
    }
    return found;
  }

  /** Every way from a space through `edge`; `input` is the first frame that the edge maps. */
  pathsThrough(edge: Edge, aged = false): Path[] {
    const found: Path[] = [];
    if (edge.aged !== undefined) for (const { space, input } of edge.aged.holders) found.push({ space, input, aged: true });
    if (edge.aged !== undefined && edge.aged.orderedAt !== undefined) return found;
    const step = edge.index * framesPer(edge.table.level);
    for (const { space, input, aged: above } of this.paths(edge.table, aged)) found.push({ space, input: input + step, aged: above || edge.aged !== undefined });
    return found;
  }

  /** Every translation of `space` that touches input frames `[first, first + frames)`. */
  *reachable(space: Space, first = 0, frames = Infinity): Iterable<Reachable> {
    for (const remnant of space.remnants) if (overlap(remnant.input, framesOf(remnant.leaf.sizeLog2), first, frames)) yield { space, ...remnant, aged: true, from: remnant };
    for (const root of space.roots.values()) yield* this.#below(space, root.table, 0, first, frames, root.unnamedSince !== undefined);
    // An aged edge below a table that is itself out of reach by now.
    for (const edge of space.aged) {
      for (const { space: holder, input } of edge.aged!.holders) if (holder === space && overlap(...extent(edge, input), first, frames)) yield* this.#through(space, edge, input, first, frames, true);
    }
  }

  /** What entry `word` of a table may be, for a walk in `space`: aged values first, oldest first, then memory's. */
  *candidates(word: number, space: Space): Iterable<{ readonly low: number; readonly high: number }> {
    for (const table of this.tablesIn(pageOfWord(word))) {
      for (const edge of table.aged.get(word - table.word) ?? []) {
        if (edge.aged!.orderedAt === undefined || edge.aged!.holders.some(({ space: holder }) => holder === space)) yield edge;
      }
    }
    yield { low: this.#facts.memory.low(word), high: this.#facts.memory.high(word) };
  }

  *tablesOf(space: Space): Iterable<Table> {
    const seen = new Set<Table>();
    const open: Table[] = [...space.roots.values()].map(({ table }) => table);
    for (const edge of space.aged) if (edge.child) open.push(edge.child);
    for (let table = open.pop(); table !== undefined; table = open.pop()) {
      if (seen.has(table)) continue;
      seen.add(table);
      yield table;
      for (const edge of table.live.values()) if (edge.child) open.push(edge.child);
      for (const edges of table.aged.values()) for (const edge of edges) if (edge.child) open.push(edge.child);
    }
  }

  /** One completed invalidation for `space`; only what was stale and ordered before event `at` goes. */
  complete(space: Space, at: number, invalidation: Invalidation & { readonly of: 'translations' }): void {
    const { range, leafOnly, only } = invalidation;
    const covered = (input: number, frames: number): boolean => range === undefined || overlap(input, frames, range.first, range.frames);
    for (const remnant of space.remnants) {
      if (remnant.since < at && selects(invalidation, remnant.leaf) && covered(remnant.input, framesOf(remnant.leaf.sizeLog2))) space.remnants.delete(remnant);
    }
    for (const edge of [...space.aged]) {
      const { orderedAt, holders } = edge.aged!;
      if (orderedAt === undefined || orderedAt >= at || (leafOnly && edge.child !== undefined)) continue;
      if (only !== undefined && !only(edge.table.level, edge.child === undefined)) continue;
      const frames = framesPer(edge.table.level);
      const gone = holders.filter((holder) => holder.space === space && covered(holder.input, frames));
      if (gone.length === 0) continue;
      if (edge.child !== undefined && range !== undefined) {
        const hit = (reachable: Reachable): boolean => selects(invalidation, reachable.leaf) && covered(reachable.input, framesOf(reachable.leaf.sizeLog2));
        for (const { input } of gone) this.#leaveRemnants(space, edge, input, hit);
      }
      const kept = holders.filter((holder) => !gone.includes(holder));
      holders.splice(0, holders.length, ...kept);
      if (!kept.some((holder) => holder.space === space)) space.aged.delete(edge);
      if (kept.length === 0) this.#forget(edge);
    }
    if (range !== undefined || leafOnly || only !== undefined) return;
    for (const [key, root] of space.roots) if (root.unnamedSince !== undefined && root.unnamedSince < at) this.#dropRoot(space, key, root);
    if (space.poison !== undefined && space.poison.since < at) space.poison = undefined;
  }

  /** All that caches hold of a space that nobody uses is dropped from the graph, and using it before an invalidation is an error. */
  poison(space: Space, why: string): void {
    for (const edge of [...space.aged]) {
      const kept = edge.aged!.holders.filter((holder) => holder.space !== space);
      edge.aged!.holders.splice(0, edge.aged!.holders.length, ...kept);
      if (kept.length === 0 && edge.aged!.orderedAt !== undefined) this.#forget(edge);
    }
    space.aged.clear();
    for (const [key, root] of [...space.roots]) this.#dropRoot(space, key, root);
    space.poison = { why, since: this.#facts.now() };
  }

  /** The frame of `table` is no table any more. What caches have of its entries stays with their spaces. */
  release(table: Table): void {
    this.#remove(table);
  }

  #dropRoot(space: Space, key: string, root: Root): void {
    space.roots.delete(key);
    root.table.parents.delete(root);
    this.#collect(root.table);
  }

  #write(table: Table, index: number, low: number, high: number): void {
    const old = table.live.get(index);
    const entry = table.level.decode(low, high);
    this.#observer.changing(table, index, old);
    if (old !== undefined) {
      if (entry.kind !== 'none' && same(old.entry, entry)) {
        table.live.set(index, this.#renewed(old, low, high, entry));
        return;
      }
      table.live.delete(index);
      this.#age(old);
    }
    if (entry.kind !== 'none') this.#link(table, index, low, high, entry);
  }

  /** The same edge with other bits that the hardware does not use, or sets itself. */
  #renewed(old: Edge, low: number, high: number, entry: Edge['entry']): Edge {
    if (old.low === low && old.high === high) return old;
    const edge: Edge = { ...old, low, high, entry };
    if (edge.child !== undefined) {
      edge.child.parents.delete(old);
      edge.child.parents.add(edge);
    }
    return edge;
  }

  #link(table: Table, index: number, low: number, high: number, entry: Edge['entry']): void {
    const child = entry.kind === 'table' ? this.#table(entry.table) : undefined;
    const edge: Edge = { table, index, low, high, entry, child, at: this.#facts.now() };
    table.live.set(index, edge);
    child?.parents.add(edge);
    this.#observer.added(edge);
  }

  #age(edge: Edge): void {
    const now = this.#facts.now();
    const holders = this.pathsThrough(edge).map(({ space, input }) => ({ space, input }));
    const weak = this.#facts.storeOrder === 'weak';
    edge.aged = { orderedAt: weak ? undefined : now, droppedAt: now, holders };
    if (holders.length === 0) {
      this.#cut(edge);
      return;
    }
    for (const { space } of holders) space.aged.add(edge);
    this.#keepAged(edge);
  }

  #keepAged(edge: Edge): void {
    const list = edge.table.aged.get(edge.index);
    if (list === undefined) edge.table.aged.set(edge.index, [edge]);
    else list.push(edge);
    if (edge.aged!.orderedAt === undefined) this.#unordered.add(edge);
  }

  #forget(edge: Edge): void {
    this.#unordered.delete(edge);
    const list = edge.table.aged.get(edge.index);
    const at = list?.indexOf(edge) ?? -1;
    if (list !== undefined && at >= 0) list.splice(at, 1);
    if (list?.length === 0) edge.table.aged.delete(edge.index);
    this.#cut(edge);
    this.#collect(edge.table);
  }

  #cut(edge: Edge): void {
    if (edge.child === undefined) return;
    edge.child.parents.delete(edge);
    this.#collect(edge.child);
  }

  /** A table that nothing leads to and from which no cache remembers anything leaves the graph. */
  #collect(table: Table): void {
    if (table.parents.size === 0 && table.aged.size === 0) this.#remove(table);
  }

  #remove(table: Table): void {
    this.#tables.delete(keyOf(table));
    for (let page = pageOfWord(table.word); page <= pageOfWord(table.word + table.entries - 1); page++) {
      const tables = this.#byPage.get(page);
      tables?.delete(table);
      if (tables?.size === 0) this.#byPage.delete(page);
    }
    for (const edge of table.live.values()) this.#cut(edge);
    table.live.clear();
  }

  #table(at: TableAt): Table {
    const key = keyOf(at);
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const table: Table = { word: at.word, entries: at.entries, level: at.level, parents: new Set(), live: new Map(), aged: new Map() };
    this.#tables.set(key, table);
    for (let page = pageOfWord(at.word); page <= pageOfWord(at.word + at.entries - 1); page++) {
      let tables = this.#byPage.get(page);
      if (tables === undefined) this.#byPage.set(page, (tables = new Set()));
      tables.add(table);
    }
    const { memory } = this.#facts;
    for (let index = 0; index < at.entries; index++) {
      const word = at.word + index;
      if (index % WORDS_PER_PAGE === 0 || word % WORDS_PER_PAGE === 0) {
        if (memory.isBlank(pageOfWord(word))) {
          index += WORDS_PER_PAGE - (word % WORDS_PER_PAGE) - 1;
          continue;
        }
      }
      // A table may be linked before its entries are ordered: the hardware may then still read what was there.
      for (const raw of memory.older(word)) this.#older(table, index, raw);
      const low = memory.low(word);
      const high = memory.high(word);
      const entry = at.level.decode(low, high);
      if (entry.kind !== 'none') this.#link(table, index, low, high, entry);
    }
    return table;
  }

  #older(table: Table, index: number, raw: bigint): void {
    const low = Number(raw & 0xffff_ffffn);
    const high = Number(raw >> 32n);
    const entry = table.level.decode(low, high);
    if (entry.kind === 'none') return;
    const now = this.#facts.now();
    const child = entry.kind === 'table' ? this.#table(entry.table) : undefined;
    const edge: Edge = { table, index, low, high, entry, child, at: now, aged: { orderedAt: undefined, droppedAt: now, holders: [] } };
    child?.parents.add(edge);
    this.#keepAged(edge);
    this.#observer.added(edge);
  }

  *#below(space: Space, table: Table, input: number, first: number, frames: number, aged: boolean): Iterable<Reachable> {
    const per = framesPer(table.level);
    const { joined = 1 } = table.level;
    const from = Math.max(0, Math.floor((first - input) / per / joined) * joined);
    const to = Math.min(table.entries, Math.ceil((first + frames - input) / per / joined) * joined);
    const wide = to - from > table.live.size;
    for (const edge of wide ? table.live.values() : range(table.live, from, to)) {
      if (edge.index >= from && edge.index < to) yield* this.#through(space, edge, input + edge.index * per, first, frames, aged);
    }
    for (const [index, edges] of table.aged) {
      if (index < from || index >= to) continue;
      for (const edge of edges) if (edge.aged!.orderedAt === undefined) yield* this.#through(space, edge, input + index * per, first, frames, true);
    }
  }

  *#through(space: Space, edge: Edge, input: number, first: number, frames: number, aged: boolean): Iterable<Reachable> {
    if (edge.child !== undefined) yield* this.#below(space, edge.child, input, first, frames, aged);
    else if (edge.entry.kind === 'page') yield { space, input: firstOf(edge.entry, input), leaf: edge.entry, aged, from: edge };
  }

  /** What a cache may hold from walks through `edge` before its entry was invalidated by a command that does not cover it all. */
  #leaveRemnants(space: Space, edge: Edge, input: number, hit: (reachable: Reachable) => boolean): void {
    for (const found of this.#through(space, edge, input, 0, Infinity, true)) {
      if (hit(found)) continue;
      space.remnants.add({ input: found.input, leaf: found.leaf, since: edge.aged!.orderedAt! });
    }
  }
}

const NO_TABLES: ReadonlySet<Table> = new Set();
const keyOf = ({ word, level, entries }: TableAt): string => `${word}:${entries}:${level.name}`;
/** The input frames, first and number, that a cached copy of the edge may answer for when it is used at `input`. */
const extent = ({ entry, table }: Edge, input: number): readonly [first: number, frames: number] =>
  entry.kind === 'page' ? [firstOf(entry, input), framesOf(entry.sizeLog2)] : [input, framesPer(table.level)];
const overlap = (a: number, aFrames: number, b: number, bFrames: number): boolean => a < b + bFrames && b < a + aFrames;

function* range(edges: Map<number, Edge>, from: number, to: number): Iterable<Edge> {
  for (let index = from; index < to; index++) {
    const edge = edges.get(index);
    if (edge !== undefined) yield edge;
  }
}

/** Whether an entry means what the one before it meant, at most with less for the hardware to set in it before use. */
function same(a: Edge['entry'], b: Edge['entry']): boolean {
  if (a.kind === 'table') return b.kind === 'table' && a.table.word === b.table.word && a.table.level === b.table.level && a.table.entries === b.table.entries;
  return b.kind === 'page' && a.page === b.page && a.sizeLog2 === b.sizeLog2 && a.prot === b.prot && ((b.pending ?? 0) & ~(a.pending ?? 0)) === 0;
}
