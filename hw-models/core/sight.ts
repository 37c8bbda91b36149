/**
 * What simulated hardware sees when a device makes an access: one member of the may-see set for each word and translation.
 * `lazy` fills its caches on use and is otherwise up to date; `eager` holds the oldest value that it may; `seeded` picks at random.
 */
import type { Memory } from './memory';
import { Random } from './random';
import { selects, type ConfigurationReader, type Invalidation, type Requester, type SpaceName } from './reach/facts';
import type { Reach } from './reach/reach';
import { firstOf, framesOf, type EntryReader, type LeafEntry } from './walk';

export type Mode = 'lazy' | 'eager' | `seeded:${number}`;

export interface Sight {
  /** What it gave of a configuration it gives again until an invalidation covers it: a model may keep what it has decoded. */
  readonly remembers: boolean;
  configuration(requester: Requester): ConfigurationReader;
  entries(space: SpaceName): EntryReader;
  /** The translation that a cache gives for input frame `page`, or undefined: then the tables are walked. */
  cached(space: SpaceName, page: number): LeafEntry | undefined;
  /** A walk ended at `leaf` for input frame `page`, and the architecture lets it be cached. */
  fill(space: SpaceName, page: number, leaf: LeafEntry): void;
  /** An invalidation takes effect in the caches themselves; the reach graph is told at the fence. */
  invalidate(invalidation: Invalidation): void;
}

/** @param mode `lazy`, `eager` or `seeded:<n>`. */
export function sightOf(mode: Mode, memory: Memory, reach: Reach): Sight {
  if (mode === 'lazy') return new LazySight(memory);
  if (mode === 'eager') return new ChoosingSight(memory, reach, () => 0);
  const random = new Random(Number(mode.slice('seeded:'.length)));
  return new ChoosingSight(memory, reach, (options) => random.below(options));
}

type ConfigurationCache = Map<number, { readonly raw: bigint; readonly reach: 'leaf' | 'directory' }>;

/** Caches as hardware has them: filled by use, kept until invalidated. */
class LazySight implements Sight {
  readonly remembers = true;
  readonly #memory: Memory;
  readonly #configuration = new Map<Requester, ConfigurationCache>();
  readonly #tlb = new Map<SpaceName, Map<number, LeafEntry>>();
  /** The two spaces that were looked at last, and their parts of the TLB: an access of two stages looks at each in turn. */
  #space: SpaceName | undefined;
  #translations: Map<number, LeafEntry> = new Map<number, LeafEntry>();
  #otherSpace: SpaceName | undefined;
  #otherTranslations: Map<number, LeafEntry> = new Map<number, LeafEntry>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  configuration(requester: Requester): ConfigurationReader {
    let cache = this.#configuration.get(requester);
    if (cache === undefined) this.#configuration.set(requester, (cache = new Map() as ConfigurationCache));
    const known = cache;
    return {
      fetch: (word, words, reach, keeps) => {
        if (keeps?.(known.get(word)?.raw ?? this.#memory.get(word)) === false) return;
        for (let at = word; at < word + words; at++) if (!known.has(at)) known.set(at, { raw: this.#memory.get(at), reach });
      },
      read: (word) => known.get(word)?.raw ?? this.#memory.get(word),
    };
  }

  entries(): EntryReader {
    return this.#memory;
  }

  cached(space: SpaceName, page: number): LeafEntry | undefined {
    return this.#of(space)?.get(page);
  }

  fill(space: SpaceName, page: number, leaf: LeafEntry): void {
    let cache = this.#of(space);
    if (cache === undefined) this.#tlb.set(space, (cache = new Map<number, LeafEntry>()));
    cache.set(page, leaf);
  }

  #of(space: SpaceName): Map<number, LeafEntry> | undefined {
    if (space === this.#space) return this.#translations;
    if (space === this.#otherSpace) return this.#otherTranslations;
    const cache = this.#tlb.get(space);
    if (cache === undefined) return undefined;
    this.#otherSpace = this.#space;
    this.#otherTranslations = this.#translations;
    this.#space = space;
    this.#translations = cache;
    return cache;
  }

  invalidate(invalidation: Invalidation): void {
    if (invalidation.of === 'configuration') {
      const { requesters, leafOnly, directories } = invalidation;
      for (const [requester, cache] of this.#configuration) {
        const all = requesters === undefined || requesters.has(requester);
        if (!all && directories === undefined) continue;
        for (const [word, { raw, reach }] of cache) {
          if (reach === 'leaf' ? all : !leafOnly && (all || directories?.(requester, raw) === true)) cache.delete(word);
        }
      }
      return;
    }
    const { space, range, only, spares } = invalidation;
    for (const [name, cache] of this.#tlb) {
      if (space !== undefined && name !== space) continue;
      if (range === undefined && only === undefined && spares === undefined) cache.clear();
      else
        for (const [page, leaf] of cache)
          if (selects(invalidation, leaf) && (range === undefined || touches(page, leaf, range))) cache.delete(page);
    }
  }
}

/** A cached frame goes when the invalidated range touches any part of the entry that it came from. */
function touches(page: number, leaf: LeafEntry, range: { readonly first: number; readonly frames: number }): boolean {
  const start = firstOf(leaf, page);
  return start < range.first + range.frames && range.first < start + framesOf(leaf.sizeLog2);
}

/** Picks from the may-see sets of the reach graph, which is all the memory it needs. */
class ChoosingSight implements Sight {
  readonly remembers = false;
  readonly #memory: Memory;
  readonly #reach: Reach;
  readonly #choose: (options: number) => number;

  constructor(memory: Memory, reach: Reach, choose: (options: number) => number) {
    this.#memory = memory;
    this.#reach = reach;
    this.#choose = choose;
  }

  configuration(requester: Requester): ConfigurationReader {
    const chosen = new Map<number, bigint>();
    return {
      fetch: () => undefined,
      read: (word) => {
        let raw = chosen.get(word);
        if (raw === undefined) {
          const options = this.#reach.configurationCandidates(word, requester);
          raw = options[this.#choose(options.length)]!;
          chosen.set(word, raw);
        }
        return raw;
      },
    };
  }

  /** What only caches hold, `cached` gives; here memory speaks, with all that is not ordered. */
  entries(): EntryReader {
    let last = -1;
    let chosen = 0n;
    const at = (word: number): bigint => {
      if (word !== last) {
        const options = [...this.#memory.older(word), this.#memory.get(word)];
        chosen = options[this.#choose(options.length)]!;
        last = word;
      }
      return chosen;
    };
    return { low: (word) => Number(at(word) & 0xffff_ffffn), high: (word) => Number(at(word) >> 32n) };
  }

  cached(space: SpaceName, page: number): LeafEntry | undefined {
    const stale = this.#reach.cached(space, page);
    const choice = this.#choose(stale.length + 1);
    const found = stale[choice];
    return found && { ...found.leaf, page: found.leaf.page + page - found.input, sizeLog2: 12 };
  }

  fill(): void {
    // Whatever a fill could keep is in the may-see set already.
  }

  invalidate(): void {
    // Takes effect at the fence, in the reach graph.
  }
}
