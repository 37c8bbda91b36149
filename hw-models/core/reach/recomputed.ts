/** The reach graph, held against `History` after every event. For tests. */
import type { Facts, Fetched, Invalidation, Requester } from './facts';
import { History, tell } from './history';
import { Reach } from './reach';

/** The graph and the histories disagree: one of the two is wrong. */
export class Disagreement extends Error {
  override readonly name = 'Disagreement';
}

/**
 * `exact`: the same on both sides. `safe`: the graph has all that the histories have, and may have more: a cached entry that was read
 * through a directory which is itself stale, and overwritten while a command was on its way, it keeps although the command takes both.
 */
export type Strictness = 'exact' | 'safe';

export class RecomputedReach extends Reach {
  readonly history: History;
  readonly #facts: Facts;
  readonly #strictness: Strictness;

  constructor(facts: Facts, strictness: Strictness = 'exact') {
    super(facts);
    this.#facts = facts;
    this.#strictness = strictness;
    this.history = new History(facts);
  }

  override add(requester: Requester): void {
    this.#compared(
      () => super.add(requester),
      () => this.history.add(requester),
    );
  }

  override store(word: number, old: bigint): void {
    this.#compared(() => super.store(word, old));
  }

  override barrier(): void {
    this.#compared(() => super.barrier());
  }

  override reconfigure(): void {
    this.#compared(() => super.reconfigure());
  }

  override fetched(invalidation: Invalidation): Fetched {
    this.history.fetched(invalidation);
    return super.fetched(invalidation);
  }

  override complete(commands: readonly Fetched[]): void {
    this.#compared(
      () => super.complete(commands),
      () => this.history.complete(),
    );
  }

  override freed(page: number): void {
    const spaces = this.history.spacesThrough(page);
    this.#compared(
      () => super.freed(page),
      () => {
        for (const space of spaces) this.history.forget(space);
      },
    );
  }

  /** Whether or not the graph finds a violation in the event, the histories go on. */
  #compared(event: () => void, told = (): void => this.history.changed()): void {
    try {
      event();
    } finally {
      told();
    }
    this.#compare();
  }

  #compare(): void {
    for (const requester of this.requesters) {
      const name = this.#facts.nameOf(requester);
      const { leaves, frames } = this.history.reachable(requester);
      this.#same(
        `destinations of ${name}`,
        this.destinations(requester).map(({ key }) => key),
        this.history.destinations(requester).keys(),
      );
      this.#same(
        `translations of ${name}`,
        [...this.reachable(requester)].map(({ input, leaf }) => tell(input, leaf)),
        leaves.keys(),
      );
      for (const frame of frames) if (!this.isUsed(frame)) throw new Disagreement(`the graph does not know that frame ${frame} is used`);
    }
  }

  #same(what: string, graph: readonly string[], history: Iterable<string>): void {
    const known = new Set(graph);
    const wanted = new Set(history);
    const missing = [...wanted].filter((item) => !known.has(item));
    const beyond = [...known].filter((item) => !wanted.has(item));
    if (missing.length > 0) throw new Disagreement(`${what}: the graph misses ${missing.join('; ')}`);
    if (beyond.length > 0 && this.#strictness === 'exact') throw new Disagreement(`${what}: the graph has too much: ${beyond.join('; ')}`);
  }
}
