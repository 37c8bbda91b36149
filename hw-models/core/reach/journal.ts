/** What a call has changed of where accesses go, so that a refused call can be shown to have changed nothing. Only memory counts. */
import { firstOf } from '#hw-models/core/walk';
import type { Destination, Facts, Requester } from './facts';
import { framesPer, isRoot, type Edge, type Table } from './tables';
import { showEdge, showReached, showTable } from './wording';

/** The entries of a table at one time. */
type View = (table: Table) => Iterable<readonly [index: number, edge: Edge]>;

interface Leaf {
  readonly edge: Edge;
  readonly shown: string;
}

export class Journal {
  /** What changed entries were when the call began. */
  readonly #entries = new Map<Table, Map<number, Edge | undefined>>();
  readonly #destinations = new Map<Requester, Destination>();
  readonly #facts: Facts;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** A call begins. */
  begin(): void {
    this.#entries.clear();
    this.#destinations.clear();
  }

  entry(table: Table, index: number, old: Edge | undefined): void {
    let entries = this.#entries.get(table);
    if (entries === undefined) this.#entries.set(table, (entries = new Map<number, Edge | undefined>()));
    if (!entries.has(index)) entries.set(index, old);
  }

  destination(requester: Requester, before: Destination): void {
    if (!this.#destinations.has(requester)) this.#destinations.set(requester, before);
  }

  /** Where a requester is sent otherwise than before the call; how it is refused does not matter. */
  *destinations(now: (requester: Requester) => Destination): Iterable<string> {
    for (const [requester, before] of this.#destinations) {
      const old = opened(before);
      const present = opened(now(requester));
      if (old !== present) yield `${this.#facts.nameOf(requester)} was sent to ${old} and is now sent to ${present}`;
    }
  }

  /** Pages that walks from a table find otherwise than before the call; empty tables do not count. */
  *pages(root: Table): Iterable<string> {
    if (this.#entries.size > 0) yield* this.#below(root, 0, this.#touched());
  }

  *#below(table: Table, input: number, touched: ReadonlySet<Table>): Iterable<string> {
    if (!touched.has(table)) return;
    const changed = this.#entries.get(table);
    const indexes = new Set([...(changed?.keys() ?? []), ...table.live.keys()]);
    for (const index of indexes) {
      const after = table.live.get(index);
      const before = changed?.has(index) === true ? changed.get(index) : after;
      const at = input + index * framesPer(table.level);
      if (after?.child !== undefined && after.child === before?.child) yield* this.#below(after.child, at, touched);
      else if (after !== before)
        yield* compare(
          collect(before, at, this.#before),
          collect(after, at, present),
          `entry ${index} of ${showTable(table)}`,
          this.#facts,
        );
    }
  }

  /** Tables with changed entries, and those that lead or led to one. */
  #touched(): ReadonlySet<Table> {
    const above = new Map<Table, Table[]>();
    for (const [table, entries] of this.#entries) {
      for (const edge of entries.values()) if (edge?.child !== undefined) above.set(edge.child, [...(above.get(edge.child) ?? []), table]);
    }
    const touched = new Set(this.#entries.keys());
    // A set goes on to what is added while it is gone through.
    for (const table of touched) {
      for (const parent of above.get(table) ?? []) touched.add(parent);
      for (const parent of table.parents) if (!isRoot(parent)) touched.add(parent.table);
    }
    return touched;
  }

  readonly #before: View = (table) => {
    const entries = new Map<number, Edge | undefined>([...table.live, ...(this.#entries.get(table) ?? [])]);
    return [...entries].flatMap(([index, edge]) => (edge === undefined ? [] : [[index, edge] as const]));
  };
}

const present: View = (table) => table.live;

const opened = ({ kind, key }: Destination): string => (kind === 'stops' ? 'nothing' : key);

/** The pages below an edge, by first input frame. */
function collect(edge: Edge | undefined, input: number, view: View, into = new Map<number, Leaf>()): Map<number, Leaf> {
  if (edge?.child !== undefined) {
    for (const [index, next] of view(edge.child)) collect(next, input + index * framesPer(edge.child.level), view, into);
  } else if (edge?.entry.kind === 'page') {
    const start = firstOf(edge.entry, input);
    into.set(start, { edge, shown: showReached({ leaf: edge.entry, input: start }) });
  }
  return into;
}

function* compare(before: ReadonlyMap<number, Leaf>, after: ReadonlyMap<number, Leaf>, where: string, facts: Facts): Iterable<string> {
  for (const [input, { shown, edge }] of before) {
    if (after.get(input)?.shown !== shown) yield `${shown} was reached through ${showEdge(edge, facts)}, and is not now: see ${where}`;
  }
  for (const [input, { shown, edge }] of after) {
    if (before.get(input)?.shown !== shown) yield `${shown} is reached through ${showEdge(edge, facts)}, and was not before`;
  }
}
