/**
 * What the hardware may hold of a requester's configuration: each word as memory has it, or as it was since the last completed
 * invalidation that covers it. Which destinations follow is not decided here: the architecture's own procedure is run once for each
 * combination of possible words.
 */
import { pageOfWord } from '#hw-models/core/address';
import type { ConfigurationReader, Destination, Facts, Fetched, Invalidation, Requester } from './facts';

/** A value that a configuration word had, and who may still use it. */
interface Aged {
  readonly raw: bigint;
  /** Event of the store or barrier that ordered its successor; undefined while the hardware may still read it from memory. */
  orderedAt: number | undefined;
  /** Requesters for which a cache may hold it. */
  readonly holders: Set<Requester>;
}

interface ConfigurationWord {
  readonly word: number;
  readonly reach: 'leaf' | 'directory';
  /** Oldest first. */
  readonly aged: Aged[];
  readonly watchers: Set<Requester>;
}

export class Configuration {
  readonly #facts: Facts;
  readonly #words = new Map<number, ConfigurationWord>();
  /** Words by the frame that they lie in. */
  readonly #pages = new Map<number, Set<number>>();
  readonly #watched = new Map<Requester, Set<number>>();
  readonly #unordered = new Set<{ readonly word: ConfigurationWord; readonly aged: Aged }>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** The requesters whose configuration the word is part of. */
  watchers(word: number): ReadonlySet<Requester> {
    return this.#words.get(word)?.watchers ?? NOBODY;
  }

  /** A store replaced `old` in `word`. @returns The requesters that are concerned. */
  store(word: number, old: bigint): ReadonlySet<Requester> {
    const known = this.#words.get(word);
    if (known === undefined) return NOBODY;
    const weak = this.#facts.storeOrder === 'weak';
    const aged: Aged = { raw: old, orderedAt: weak ? undefined : this.#facts.now(), holders: new Set(known.watchers) };
    known.aged.push(aged);
    if (weak) this.#unordered.add({ word: known, aged });
    return known.watchers;
  }

  /** Stores before it are ordered. @returns The requesters for which fewer values are possible now. */
  barrier(): Set<Requester> {
    const concerned = new Set<Requester>();
    for (const item of this.#unordered) {
      if (this.#facts.memory.older(item.word.word).length > 0) continue;
      this.#unordered.delete(item);
      item.aged.orderedAt = this.#facts.now();
      if (item.aged.holders.size > 0) continue;
      forget(item.word, item.aged);
      for (const requester of item.word.watchers) concerned.add(requester);
    }
    return concerned;
  }

  /** A configuration invalidation completed. @returns The requesters that are concerned. */
  complete({ invalidation, at }: Fetched): Set<Requester> {
    const concerned = new Set<Requester>();
    if (invalidation.of !== 'configuration') return concerned;
    for (const word of this.#words.values()) {
      for (const aged of [...word.aged]) {
        if (aged.orderedAt === undefined || aged.orderedAt >= at) continue;
        for (const requester of [...aged.holders]) {
          if (!covers(invalidation, word, requester, aged.raw)) continue;
          aged.holders.delete(requester);
          concerned.add(requester);
        }
        if (aged.holders.size === 0) forget(word, aged);
      }
    }
    return concerned;
  }

  /** What the word may be for the requester, oldest first; memory's own value is the last. */
  candidates(word: number, requester: Requester): readonly bigint[] {
    const live = this.#facts.memory.get(word);
    const known = this.#words.get(word);
    if (known === undefined || known.aged.length === 0) return [live];
    const values: bigint[] = [];
    for (const { raw, orderedAt, holders } of known.aged) if ((orderedAt === undefined || holders.has(requester)) && raw !== live && !values.includes(raw)) values.push(raw);
    values.push(live);
    return values;
  }

  /**
   * Every destination that some combination of possible words gives, and from now on the words that were looked at are watched.
   * @param after The invalidation that gave the reason to ask, if one did.
   */
  destinations(requester: Requester, after?: Invalidation): Destination[] {
    const found = new Map<string, Destination>();
    const looked = new Set<number>();
    const path: { readonly options: readonly bigint[]; taken: number }[] = [];
    do {
      const destination = this.#facts.resolve(requester, this.#explorer(requester, path, looked));
      found.set(destination.key, destination);
      while (path.length > 0 && ++path[path.length - 1]!.taken === path[path.length - 1]!.options.length) path.pop();
    } while (path.length > 0);
    this.#watch(requester, looked, after);
    return [...found.values()];
  }

  /** The requesters whose accesses go through configuration in this frame. */
  usersOf(page: number): ReadonlySet<Requester> {
    const users = new Set<Requester>();
    for (const word of this.#pages.get(page) ?? []) for (const requester of this.watchers(word)) users.add(requester);
    return users;
  }

  /** The frames in which the configuration of a requester lies. */
  framesOf(requester: Requester): ReadonlySet<number> {
    return new Set([...(this.#watched.get(requester) ?? [])].map(pageOfWord));
  }

  /** Takes the branch that `path` says and, at its end, the first of the new options. */
  #explorer(requester: Requester, path: { readonly options: readonly bigint[]; taken: number }[], looked: Set<number>): ConfigurationReader {
    let depth = 0;
    const chosen = new Map<number, bigint>();
    return {
      fetch: (word, words, reach) => {
        for (let at = word; at < word + words; at++) {
          looked.add(at);
          this.#know(at, reach, requester);
        }
      },
      read: (word) => {
        const before = chosen.get(word);
        if (before !== undefined) return before;
        const options = this.candidates(word, requester);
        if (options.length === 1) return options[0]!;
        if (depth === path.length) path.push({ options, taken: 0 });
        const { options: known, taken } = path[depth++]!;
        chosen.set(word, known[taken]!);
        return known[taken]!;
      },
    };
  }

  #know(word: number, reach: 'leaf' | 'directory', requester: Requester): void {
    let known = this.#words.get(word);
    if (known === undefined) {
      known = { word, reach, aged: [], watchers: new Set() };
      this.#words.set(word, known);
      const page = pageOfWord(word);
      let words = this.#pages.get(page);
      if (words === undefined) this.#pages.set(page, (words = new Set()));
      words.add(word);
    }
    if (known.watchers.has(requester)) return;
    known.watchers.add(requester);
    // Stores from before the word was reachable may not have been ordered before the store that made it so.
    for (const raw of this.#facts.memory.older(word)) {
      if (known.aged.some((aged) => aged.raw === raw && aged.orderedAt === undefined)) continue;
      const aged: Aged = { raw, orderedAt: undefined, holders: new Set() };
      known.aged.push(aged);
      this.#unordered.add({ word: known, aged });
    }
  }

  /** Words that no path leads to any more are no longer watched, but what a cache has of them it keeps until it is told. */
  #watch(requester: Requester, looked: Set<number>, after: Invalidation | undefined): void {
    for (const word of this.#watched.get(requester) ?? []) {
      if (looked.has(word)) continue;
      const known = this.#words.get(word)!;
      known.watchers.delete(requester);
      const raw = this.#facts.memory.get(word);
      if (after === undefined || !covers(after, known, requester, raw)) {
        known.aged.push({ raw, orderedAt: this.#facts.now(), holders: new Set([requester]) });
      }
      if (known.watchers.size > 0 || known.aged.length > 0) continue;
      this.#words.delete(word);
      this.#pages.get(pageOfWord(word))?.delete(word);
    }
    this.#watched.set(requester, looked);
  }
}

const NOBODY: ReadonlySet<Requester> = new Set();

function forget(word: ConfigurationWord, aged: Aged): void {
  const at = word.aged.indexOf(aged);
  if (at >= 0) word.aged.splice(at, 1);
}

function covers(invalidation: Invalidation, word: ConfigurationWord, requester: Requester, raw: bigint): boolean {
  if (invalidation.of !== 'configuration') return false;
  if (word.reach === 'directory') {
    if (invalidation.leafOnly) return false;
    if (invalidation.directories?.(requester, raw) === true) return true;
  }
  return invalidation.requesters === undefined || invalidation.requesters.has(requester);
}
