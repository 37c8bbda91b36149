/** The reach graph, held against `History` after every event. For tests. */
import { firstOf } from '#hw-models/core/walk';
import type { Facts, Fetched, Invalidation, Requester } from './facts';
import { History, tell } from './history';
import { Reach } from './reach';

/** The graph and the histories disagree: one of the two is wrong. */
export class Disagreement extends Error {
  override readonly name = 'Disagreement';
}

export class RecomputedReach extends Reach {
  readonly history: History;
  readonly #facts: Facts;

  constructor(facts: Facts) {
    super(facts);
    this.#facts = facts;
    this.history = new History(facts);
  }

  override add(requester: Requester): void {
    super.add(requester);
    this.history.add(requester);
    this.compare();
  }

  override store(word: number, old: bigint, low: number, high: number): void {
    super.store(word, old, low, high);
    this.history.changed();
    this.compare();
  }

  override barrier(): void {
    super.barrier();
    this.history.changed();
    this.compare();
  }

  override reconfigure(): void {
    super.reconfigure();
    this.history?.changed();
    if (this.history !== undefined) this.compare();
  }

  override fetched(invalidation: Invalidation): Fetched {
    this.history.fetched(invalidation);
    return super.fetched(invalidation);
  }

  override complete(commands: readonly Fetched[]): void {
    super.complete(commands);
    this.history.complete();
    this.compare();
  }

  override freed(page: number): void {
    const spaces = this.history.spacesThrough(page);
    super.freed(page);
    for (const space of spaces) this.history.forget(space);
    this.compare();
  }

  /** Throws `Disagreement` unless destinations, translations and structures are the same. */
  compare(): void {
    for (const requester of this.requesters) {
      const name = this.#facts.nameOf(requester);
      const { translations, spaces } = this.history.reachable(requester);
      same(
        `destinations of ${name}`,
        new Set(this.destinations(requester).map(({ key }) => key)),
        new Set(this.history.destinations(requester).keys()),
      );
      void spaces;
      same(
        `translations of ${name}`,
        new Set([...this.reachable(requester)].map(({ input, leaf }) => tell(firstOf(leaf, input), leaf))),
        translations,
      );
    }
  }
}

function same(what: string, graph: ReadonlySet<string>, history: ReadonlySet<string>): void {
  const missing = [...history].filter((item) => !graph.has(item));
  const beyond = [...graph].filter((item) => !history.has(item));
  if (missing.length > 0) throw new Disagreement(`${what}: the graph misses ${missing.join('; ')}`);
  if (beyond.length > 0) throw new Disagreement(`${what}: the graph has too much: ${beyond.join('; ')}`);
}
