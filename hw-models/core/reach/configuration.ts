/**
 * What the hardware may hold of a requester's configuration: each word as memory has it, or as it was since the last completed
 * invalidation that covers it. Which destinations follow is not decided here: the architecture's own procedure is run once for each
 * combination of possible words. A cache may also keep a whole entry by the number of its requester, wherever it was read from: so a
 * destination that nothing leads to any more stays too.
 */
import { pageOfWord } from '#hw-models/core/address';
import {
  settingsOf,
  type ConfigurationReader,
  type Destination,
  type Facts,
  type FetchCount,
  type Fetched,
  type Invalidation,
  type Keeps,
  type Requester,
} from './facts';
import type { Frames } from './frames';

/** Requesters → commands fetched until a cache of theirs had its last chance to read a value. */
type Holders = Map<Requester, number>;

export interface ConfigurationWord {
  readonly word: number;
  /** The first word of its entry, and which entries caches keep. */
  readonly first: number;
  readonly keeps: Keeps | undefined;
  readonly reach: 'leaf' | 'directory';
  /** Values that caches may hold, oldest first, with those who may still use them. */
  readonly held: Map<bigint, Holders>;
  /** Values that were overwritten by stores that are not yet ordered. */
  readonly fading: Set<bigint>;
  readonly watchers: Set<Requester>;
  /** Those of the watchers whose procedure looks at the word: others only fetch it with the rest of its entry. */
  readonly readers: Set<Requester>;
}

/** A destination, and whether a cache may keep it: the procedure has read configuration for it. */
interface Found {
  readonly destination: Destination;
  cached: boolean;
}

/** A destination that only a cache still gives. */
interface Leftover {
  readonly destination: Destination;
  readonly since: number;
}

/** One decision of an exploration. */
interface Branch {
  readonly options: readonly bigint[];
  taken: number;
}

/** What is seen on the way: words that are fetched, those of them that decide, and what a run has done. */
interface Exploration {
  readonly looked: Set<number>;
  readonly read: Set<number>;
  readonly run: { fetched: boolean; kept: boolean };
}

const NOBODY: ReadonlySet<Requester> = new Set();

export class Configuration {
  readonly #facts: Facts;
  readonly #frames: Frames;
  readonly #fetches: FetchCount;
  /** Words with values that only caches have, or that are not ordered. */
  readonly #stale = new Set<ConfigurationWord>();
  readonly #watched = new Map<Requester, Set<number>>();
  readonly #found = new Map<Requester, Map<string, Found>>();
  readonly #leftovers = new Map<Requester, Map<string, Leftover>>();

  constructor(facts: Facts, frames: Frames, fetches: FetchCount) {
    this.#facts = facts;
    this.#frames = frames;
    this.#fetches = fetches;
  }

  /** A store replaced `old`. @returns The requesters that are concerned. */
  store(known: ConfigurationWord, old: bigint): ReadonlySet<Requester> {
    if (known.watchers.size === 0 || old === this.#facts.memory.get(known.word)) return NOBODY;
    if (this.#isKept(known, old)) this.#hold(known, old, known.watchers);
    else this.#stale.add(known);
    if (this.#facts.memory.older(known.word).length > 0) known.fading.add(old);
    return known.readers;
  }

  /**
   * Stores before it are ordered; until now every watcher could read what they replaced. @returns The requesters for whom a value is gone,
   * since no cache keeps it.
   */
  barrier(): Set<Requester> {
    const concerned = new Set<Requester>();
    for (const known of this.#stale) {
      if (known.fading.size === 0 || this.#facts.memory.older(known.word).length > 0) continue;
      for (const raw of known.fading) {
        if (this.#isKept(known, raw)) this.#hold(known, raw, known.watchers);
        else for (const requester of known.watchers) concerned.add(requester);
      }
      known.fading.clear();
      this.#tidy(known);
    }
    return concerned;
  }

  /** A configuration invalidation completed. @returns The requesters that are concerned. */
  complete({ invalidation, at }: Fetched): Set<Requester> {
    const concerned = new Set<Requester>();
    if (invalidation.of !== 'configuration') return concerned;
    for (const known of this.#stale) {
      for (const [raw, holders] of known.held) {
        for (const [requester, since] of holders) {
          if (since >= at || !covers(invalidation, known, requester, raw)) continue;
          holders.delete(requester);
          concerned.add(requester);
        }
      }
      this.#tidy(known);
    }
    for (const [requester, leftovers] of this.#leftovers) {
      if (!selects(invalidation, requester)) continue;
      for (const [key, { since }] of leftovers) if (since < at && leftovers.delete(key)) concerned.add(requester);
    }
    return concerned;
  }

  /** What the word may be for the requester, oldest first; memory's own value is the last, even if it was there before. */
  candidates(word: number, requester: Requester): readonly bigint[] {
    const live = this.#facts.memory.get(word);
    const known = this.#at(word);
    if (known === undefined || (known.held.size === 0 && known.fading.size === 0)) return [live];
    const values: bigint[] = [];
    for (const [raw, holders] of known.held) if (holders.has(requester) || known.fading.has(raw)) values.push(raw);
    for (const raw of known.fading) if (!known.held.has(raw)) values.push(raw);
    values.push(live);
    return values;
  }

  /**
   * Every destination that the requester may be sent to. From now on the words that were looked at are watched.
   * @param after The invalidation that gave the reason to ask, if one did.
   */
  destinations(requester: Requester, after?: Invalidation): Destination[] {
    const found = new Map<string, Found>();
    const looked = new Set<number>();
    const read = new Set<number>();
    const path: Branch[] = [];
    do {
      const run = { fetched: false, kept: true };
      const destination = this.#facts.resolve(requester, this.#explorer(requester, path, { looked, read, run }));
      const known = found.get(destination.key);
      const cached = run.fetched && run.kept;
      if (known === undefined) found.set(destination.key, { destination, cached });
      else known.cached ||= cached;
    } while (nextPath(path));
    this.#watch(requester, looked, after);
    this.#tell(requester, looked, read);
    const leftovers = this.#leave(requester, found, after);
    const destinations = [...found.values()].map(({ destination }) => destination);
    // A procedure that reads no configuration does not look into its caches either.
    return looked.size === 0 ? destinations : [...destinations, ...leftovers];
  }

  /** Where memory alone sends the requester. */
  current(requester: Requester): Destination {
    return this.#facts.resolve(requester, { fetch: () => undefined, read: (word) => this.#facts.memory.get(word) });
  }

  /** The requesters whose accesses go through configuration in this frame. */
  usersOf(page: number): ReadonlySet<Requester> {
    const users = new Set<Requester>();
    for (const { watchers } of this.#frames.at(page)?.words.values() ?? []) for (const requester of watchers) users.add(requester);
    return users;
  }

  /** The frames in which the configuration of a requester lies. */
  framesOf(requester: Requester): ReadonlySet<number> {
    return new Set([...(this.#watched.get(requester) ?? [])].map(pageOfWord));
  }

  #at(word: number): ConfigurationWord | undefined {
    return this.#frames.at(pageOfWord(word))?.words.get(word);
  }

  /** Takes the branches that `path` says and, at its end, the first of the new options. */
  #explorer(requester: Requester, path: Branch[], { looked, read, run }: Exploration): ConfigurationReader {
    let depth = 0;
    const chosen = new Map<number, bigint>();
    const choose = (word: number): bigint => {
      const options = [...new Set(this.candidates(word, requester))];
      if (options.length === 1) return options[0]!;
      if (depth === path.length) path.push({ options, taken: 0 });
      const { options: known, taken } = path[depth++]!;
      return known[taken]!;
    };
    return {
      fetch: (word, words, reach, keeps) => {
        run.fetched = true;
        for (let at = word; at < word + words; at++) {
          looked.add(at);
          this.#know(at, word, reach, keeps, requester);
        }
      },
      read: (word) => {
        let raw = chosen.get(word);
        if (raw === undefined) {
          read.add(word);
          chosen.set(word, (raw = choose(word)));
          const known = this.#at(word);
          if (known?.first === word) run.kept &&= known.keeps?.(raw) ?? true;
        }
        return raw;
      },
    };
  }

  /** Whether a cache may have kept a value of a word, or may do so now: some value that its entry's first word may have lets it. */
  #isKept({ word, first, keeps }: ConfigurationWord, raw: bigint): boolean {
    if (keeps === undefined) return true;
    if (word === first) return keeps(raw);
    const known = this.#at(first);
    return keeps(this.#facts.memory.get(first)) || [...(known?.held.keys() ?? []), ...(known?.fading ?? [])].some(keeps);
  }

  #know(word: number, first: number, reach: 'leaf' | 'directory', keeps: Keeps | undefined, requester: Requester): void {
    let known = this.#at(word);
    if (known === undefined) {
      known = { word, first, keeps, reach, held: new Map(), fading: new Set(), watchers: new Set(), readers: new Set() };
      this.#frames.open(pageOfWord(word)).words.set(word, known);
    }
    if (known.watchers.has(requester)) return;
    known.watchers.add(requester);
    // Stores from before the word was reachable may not have been ordered before the store that made it so.
    for (const raw of this.#facts.memory.older(word)) {
      known.fading.add(raw);
      if (this.#isKept(known, raw)) this.#hold(known, raw, [requester]);
      else this.#stale.add(known);
    }
  }

  #hold(known: ConfigurationWord, raw: bigint, requesters: Iterable<Requester>, since = this.#fetches.count): void {
    let holders = known.held.get(raw);
    if (holders === undefined) known.held.set(raw, (holders = new Map<Requester, number>()));
    for (const requester of requesters) holders.set(requester, Math.max(since, holders.get(requester) ?? 0));
    this.#stale.add(known);
  }

  /** Words that no path leads to any more are no longer watched, but what a cache has of them it keeps until it is told. */
  #watch(requester: Requester, looked: Set<number>, after: Invalidation | undefined): void {
    for (const word of this.#watched.get(requester) ?? []) {
      if (looked.has(word)) continue;
      const known = this.#at(word)!;
      known.watchers.delete(requester);
      known.readers.delete(requester);
      for (const raw of [...known.fading, this.#facts.memory.get(word)]) {
        if (this.#isKept(known, raw) && (after === undefined || !covers(after, known, requester, raw)))
          this.#hold(known, raw, [requester], this.#since(after));
      }
      this.#tidy(known);
    }
    this.#watched.set(requester, looked);
  }

  /** Which of the words that were fetched decide where the requester may be sent. */
  #tell(requester: Requester, looked: ReadonlySet<number>, read: ReadonlySet<number>): void {
    for (const word of looked) {
      const { readers } = this.#at(word)!;
      if (read.has(word)) readers.add(requester);
      else readers.delete(requester);
    }
  }

  /** Registers have changed: what led to a destination may be gone with them, though something else leads there as well. */
  registersChanged(requester: Requester): void {
    const leftovers = this.#leftoversOf(requester);
    for (const { destination, cached } of this.#found.get(requester)?.values() ?? [])
      if (cached) this.#leaveOver(leftovers, destination, this.#fetches.count);
  }

  #leftoversOf(requester: Requester): Map<string, Leftover> {
    let leftovers = this.#leftovers.get(requester);
    if (leftovers === undefined) this.#leftovers.set(requester, (leftovers = new Map<string, Leftover>()));
    return leftovers;
  }

  /** Destinations that were possible and are not now: they stay unless the invalidation was about the requester. @returns All that stay. */
  #leave(requester: Requester, found: Map<string, Found>, after: Invalidation | undefined): Destination[] {
    const leftovers = this.#leftoversOf(requester);
    const there = new Set([...found.values()].map(({ destination }) => settingsOf(destination)));
    for (const { destination, cached } of this.#found.get(requester)?.values() ?? []) {
      if (!cached || there.has(settingsOf(destination)) || (after !== undefined && selects(after, requester))) continue;
      this.#leaveOver(leftovers, destination, this.#since(after));
    }
    this.#found.set(requester, found);
    return [...leftovers.values()].flatMap(({ destination }) => (there.has(settingsOf(destination)) ? [] : [destination]));
  }

  #leaveOver(leftovers: Map<string, Leftover>, destination: Destination, since: number): void {
    const { key } = destination;
    leftovers.set(key, { destination, since: Math.max(since, leftovers.get(key)?.since ?? 0) });
  }

  /** What a command left behind, the others of its fence may take: they act after it as well as before. */
  #since(after: Invalidation | undefined): number {
    return after === undefined ? this.#fetches.count : 0;
  }

  /** Forgets values that nobody holds, and words that nobody watches. */
  #tidy(known: ConfigurationWord): void {
    for (const [raw, holders] of known.held) if (holders.size === 0 && !known.fading.has(raw)) known.held.delete(raw);
    if (known.held.size > 0 || known.fading.size > 0) return;
    this.#stale.delete(known);
    if (known.watchers.size > 0) return;
    const page = pageOfWord(known.word);
    this.#frames.at(page)?.words.delete(known.word);
    this.#frames.removed(page);
  }
}

/** The next combination of options; false when all were taken. */
function nextPath(path: Branch[]): boolean {
  for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
    if (++last.taken < last.options.length) return true;
    path.pop();
  }
  return false;
}

/** Whether an invalidation covers the entry of a requester. */
const selects = (invalidation: Invalidation, requester: Requester): boolean =>
  invalidation.of === 'configuration' && (invalidation.requesters?.has(requester) ?? true);

function covers(invalidation: Invalidation, word: ConfigurationWord, requester: Requester, raw: bigint): boolean {
  if (invalidation.of !== 'configuration') return false;
  if (word.reach === 'directory') {
    if (invalidation.leafOnly) return false;
    if (invalidation.directories?.(requester, raw) === true) return true;
  }
  return selects(invalidation, requester);
}
