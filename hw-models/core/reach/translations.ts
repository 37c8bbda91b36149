/**
 * What caches may hold of the translation tables, space by space: beside the graph of the tables themselves, the places where a copy
 * of an edge may have stayed behind when memory changed. Both together are all that the hardware may use, at worst, and the
 * sanitizer's checks are questions to them.
 */
import { firstOf, type LeafEntry, type TableAt } from '#hw-models/core/walk';
import { Copies, extentOf, joined, type Copy, type Way } from './copies';
import type { Facts, FetchCount, Invalidation, Requester, SpaceName } from './facts';
import type { Frames } from './frames';
import { framesPer, isSame, keyOf, Tables, type Edge, type Path, type Root, type Source, type Table } from './tables';

export interface Space {
  readonly name: SpaceName;
  readonly roots: Map<string, Root>;
  readonly copies: Copies;
  readonly users: Set<Requester>;
  /** Its tables and what they lead to are a guest's affair: the second stage below it is what holds the guest. */
  isGuest: boolean;
  /** Set when a table was freed while only caches led there: using the space again before an invalidation is the error. */
  poison: { readonly why: string; readonly since: number } | undefined;
}

/** One translation that the hardware may use, and where it comes from. */
export interface Reachable {
  readonly space: Space;
  readonly input: number;
  readonly leaf: LeafEntry;
  /** Whether a cache is needed for it, or a store that is not ordered. */
  readonly aged: boolean;
  readonly from: Edge;
}

export interface Observer {
  /** A new edge, with all below it. */
  added(edge: Edge): void;
  /** An entry of a table is about to change; `old` is what it was. */
  changing(table: Table, index: number, old: Edge | undefined): void;
}

/** What a command left behind, the others of its fence may take: they act after it as well as before. */
const BEFORE_ALL: readonly Way[] = [{ since: 0, via: undefined }];

type OfTranslations = Invalidation & { readonly of: 'translations' };

export class Translations {
  readonly tables: Tables;
  readonly #fetches: FetchCount;
  readonly #spaces = new Map<SpaceName, Space>();

  constructor(facts: Facts, frames: Frames, fetches: FetchCount, observer: Observer) {
    this.#fetches = fetches;
    this.tables = new Tables(facts, frames, { ...observer, leaving: (edge) => this.#leaving(edge) });
  }

  space(name: SpaceName): Space {
    let space = this.#spaces.get(name);
    if (space === undefined) {
      space = { name, roots: new Map(), copies: new Copies(), users: new Set(), isGuest: false, poison: undefined };
      this.#spaces.set(name, space);
    }
    return space;
  }

  /** The spaces that an invalidation is about. */
  *spacesOf({ space }: OfTranslations): Iterable<Space> {
    if (space === undefined) yield* this.#spaces.values();
    else {
      const known = this.#spaces.get(space);
      if (known !== undefined) yield known;
    }
  }

  /** A requester's configuration names `where` as the root of `space`. @returns Whether nothing led there before. */
  name(space: Space, where: TableAt, requester: Requester): boolean {
    const key = keyOf(where);
    const known = space.roots.get(key);
    const root: Root = known ?? { space, table: this.tables.at(where), namedBy: new Set() };
    root.namedBy.add(requester);
    if (known !== undefined) return false;
    space.roots.set(key, root);
    root.table.parents.add(root);
    return true;
  }

  /**
   * It does so no more. A walk begins where configuration says and nowhere else; caches keep the entries that walks have met there.
   * @spec SMMU-V3 "Configuration structures and configuration invalidation completion"
   */
  unname(space: Space, where: TableAt, requester: Requester): void {
    const key = keyOf(where);
    const root = space.roots.get(key);
    if (root === undefined || !root.namedBy.delete(requester) || root.namedBy.size > 0) return;
    this.#holdEntries(space, root.table);
    space.roots.delete(key);
    root.table.parents.delete(root);
    this.tables.collect(root.table);
  }

  /** Every translation of `space` that touches input frames `[first, first + frames)`. */
  *reachable(space: Space, first = 0, frames = Infinity): Iterable<Reachable> {
    for (const { table } of space.roots.values()) yield* this.#below(space, table, 0, first, frames, false);
    for (const { edge, input } of space.copies.near(first, frames)) {
      if (overlap(...extentOf(edge, input), first, frames)) yield* this.#through(space, edge, input, first, frames, true);
    }
  }

  /** Every translation through an edge, for one of the ways to it. */
  *through(edge: Edge, { space, input, aged }: Path): Iterable<Reachable> {
    yield* this.#through(space, edge, input, 0, Infinity, aged);
  }

  /** Every table that something leads to, for a walk in `space`. */
  *tablesOf(space: Space): Iterable<Table> {
    const tables = [...space.roots.values()].map(({ table }) => table);
    for (const { edge } of space.copies.near()) if (edge.child) tables.push(edge.child);
    yield* this.tablesFrom(tables);
  }

  /** Tables, and all that the hardware may get to from them. */
  *tablesFrom(tables: readonly Table[]): Iterable<Table> {
    const seen = new Set<Table>();
    const open = [...tables];
    for (let table = open.pop(); table !== undefined; table = open.pop()) {
      if (seen.has(table)) continue;
      seen.add(table);
      yield table;
      for (const edge of table.live.values()) if (edge.child) open.push(edge.child);
      for (const edge of table.fading) if (edge.child) open.push(edge.child);
    }
  }

  /** One completed invalidation for `space`; what was not stale when it was fetched, as the `at`th command, may stay. */
  complete(space: Space, at: number, invalidation: OfTranslations): void {
    const { range } = invalidation;
    for (const copy of [...space.copies.near(range?.first, range?.frames)]) {
      if (!takes(invalidation, at, copy)) continue;
      if (!coversAll(invalidation)) this.#leaveBelow(copy, invalidation);
      this.#dropped(copy);
    }
    if (coversAll(invalidation) && space.poison !== undefined && space.poison.since < at) space.poison = undefined;
  }

  /** All that caches hold of a space that nobody uses is dropped from the graph, and using it before an invalidation is an error. */
  poison(space: Space, why: string): void {
    for (const copy of [...space.copies.near()]) this.#dropped(copy);
    space.poison = { why, since: this.#fetches.count };
  }

  /** Memory does not give the edge any longer, and a walk could have met it wherever something led to its table until now. */
  #leaving(edge: Edge): void {
    const step = edge.index * framesPer(edge.table.level);
    for (const { space, input, via } of this.tables.paths(edge.table)) {
      this.#hold({ edge, space, input: input + step, ways: [{ since: this.#fetches.count, via }] });
    }
  }

  /** Every entry of a root. What is held of an earlier time as a root is not held twice. */
  #holdEntries(space: Space, table: Table): void {
    const per = framesPer(table.level);
    const held = [...space.copies.near()].filter(({ edge }) => edge.table.word === table.word && edge.table.level === table.level);
    for (const edge of [...table.live.values(), ...table.fading]) {
      const input = edge.index * per;
      const known = held.find((copy) => copy.input === input && copy.edge.index === edge.index && isSame(edge.entry, copy.edge.entry));
      this.#hold({ edge: known?.edge ?? edge, space, input, ways: [{ since: this.#fetches.count, via: undefined }] });
    }
  }

  #hold(copy: Copy): void {
    const { edge, space, input, ways } = copy;
    const known = edge.copies.find((other) => other.space === space && other.input === input);
    if (known === undefined) {
      edge.copies.push(copy);
      space.copies.add(copy);
      return;
    }
    known.ways = joined(known.ways, ways);
  }

  /** It is gone. */
  #dropped(copy: Copy): void {
    const { edge, space } = copy;
    edge.copies.splice(edge.copies.indexOf(copy), 1);
    space.copies.delete(copy);
    if (edge.copies.length === 0 && edge.state === 'gone') this.tables.cut(edge);
  }

  /**
   * The cached copy of a table's entry is gone, but by a command that need not touch all that was cached through it: the rest may have
   * been cached again just before.
   */
  #leaveBelow({ edge: { child }, space, input }: Pick<Copy, 'edge' | 'space' | 'input'>, invalidation: OfTranslations): void {
    if (child === undefined) return;
    const per = framesPer(child.level);
    for (const edge of [...child.live.values(), ...child.fading]) {
      const below: Copy = { edge, space, input: input + edge.index * per, ways: BEFORE_ALL };
      if (covers(invalidation, edge, below.input)) this.#leaveBelow(below, invalidation);
      else this.#hold(below);
    }
  }

  *#below(space: Space, table: Table, input: number, first: number, frames: number, aged: boolean): Iterable<Reachable> {
    const per = framesPer(table.level);
    const { joined = 1 } = table.level;
    const from = Math.max(0, Math.floor((first - input) / per / joined) * joined);
    const to = Math.min(table.entries, Math.ceil((first + frames - input) / per / joined) * joined);
    for (const edge of edgesIn(table, from, to)) yield* this.#through(space, edge, input + edge.index * per, first, frames, aged);
    for (const edge of table.fading) {
      if (edge.index >= from && edge.index < to) yield* this.#through(space, edge, input + edge.index * per, first, frames, true);
    }
  }

  *#through(space: Space, edge: Edge, input: number, first: number, frames: number, aged: boolean): Iterable<Reachable> {
    if (edge.child !== undefined) yield* this.#below(space, edge.child, input, first, frames, aged);
    else if (edge.entry.kind === 'page' && overlap(...extentOf(edge, input), first, frames)) {
      yield { space, input: firstOf(edge.entry, input), leaf: edge.entry, aged, from: edge };
    }
  }
}

const overlap = (a: number, aFrames: number, b: number, bFrames: number): boolean => a < b + bFrames && b < a + aFrames;

/** All but what it spares. */
const coversAll = ({ range, leafOnly, only }: OfTranslations): boolean => range === undefined && !leafOnly && only === undefined;

function covers({ range, leafOnly, only, spares }: OfTranslations, edge: Edge, input: number): boolean {
  if (leafOnly && edge.child !== undefined) return false;
  if (edge.entry.kind === 'page' && spares?.(edge.entry) === true) return false;
  if (only !== undefined && !only(edge.table.level, edge.child === undefined)) return false;
  return range === undefined || overlap(...extentOf(edge, input), range.first, range.frames);
}

/** Whether the `at`th command takes a cached copy: on each way it was there when the command was fetched, or came through what the command takes too. */
function takes(invalidation: OfTranslations, at: number, { edge, input, ways }: Source): boolean {
  return (
    covers(invalidation, edge, input) && ways.every(({ since, via }) => since < at || (via !== undefined && takes(invalidation, at, via)))
  );
}

/** Live edges with an index in `[from, to)`. */
function* edgesIn({ live }: Table, from: number, to: number): Iterable<Edge> {
  if (to - from > live.size) {
    for (const edge of live.values()) if (edge.index >= from && edge.index < to) yield edge;
    return;
  }
  for (let index = from; index < to; index++) {
    const edge = live.get(index);
    if (edge !== undefined) yield edge;
  }
}
