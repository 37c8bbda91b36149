/** What a call has changed of the hardware's reach so far, so that a refused call can be shown to have changed nothing. */
import { hex } from '#hw-models/core/hex';
import type { Entry } from '#hw-models/core/walk';
import type { Destination, Requester } from './facts';
import type { Edge, Table } from './translations';

export class Journal {
  readonly #entries = new Map<Table, Map<number, Edge | undefined>>();
  readonly #destinations = new Map<Requester, ReadonlyMap<string, Destination>>();

  /** A call begins. */
  begin(): void {
    this.#entries.clear();
    this.#destinations.clear();
  }

  entry(table: Table, index: number, old: Edge | undefined): void {
    let entries = this.#entries.get(table);
    if (entries === undefined) this.#entries.set(table, (entries = new Map()));
    if (!entries.has(index)) entries.set(index, old);
  }

  destinations(requester: Requester, before: ReadonlyMap<string, Destination>): void {
    if (!this.#destinations.has(requester)) this.#destinations.set(requester, before);
  }

  /**
   * What is different now from when the call began, as far as an access can tell: empty tables do not count.
   * @param now The destinations that a requester has now.
   * @param nameOf What reports call a requester.
   */
  differences(now: (requester: Requester) => readonly Destination[], nameOf: (requester: Requester) => string): string[] {
    const found: string[] = [];
    for (const [requester, before] of this.#destinations) {
      const old = opened([...before.values()]);
      const present = opened(now(requester));
      if (old !== present) found.push(`${nameOf(requester)} was sent to ${old || 'nothing'} and is now sent to ${present || 'nothing'}`);
    }
    for (const [table, entries] of this.#entries) {
      if (table.parents.size === 0) continue;
      for (const [index, old] of entries) {
        const present = table.live.get(index);
        if (shown(old) !== shown(present)) found.push(`entry ${index} of the ${table.level.name} table at ${hex(BigInt(table.word) << 3n)} was ${shown(old)} and is now ${shown(present)}`);
      }
    }
    return found;
  }
}

/** Destinations that let accesses through; how the others refuse is not reach. */
function opened(destinations: readonly Destination[]): string {
  return destinations.filter(({ kind }) => kind !== 'stops').map(({ key }) => key).sort().join(', ');
}

function shown(edge: Edge | undefined): string {
  const entry: Entry = edge?.entry ?? { kind: 'none', cause: '' };
  if (entry.kind === 'page') return `a leaf to ${hex(BigInt(entry.page) << 12n)}, protection ${entry.prot}`;
  return edge?.child !== undefined && holdsLeaf(edge.child) ? `a table at ${hex(BigInt(edge.child.word) << 3n)}` : 'nothing';
}

const holdsLeaf = (table: Table): boolean => [...table.live.values()].some((edge) => edge.child === undefined || holdsLeaf(edge.child));
