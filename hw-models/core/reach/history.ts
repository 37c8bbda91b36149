/**
 * What caches may hold, told the slow way: as histories. It keeps no graph and remembers no edges: after every event it forms anew
 * everything that a walk could form now, from memory and from what is cached already, and adds it to what is cached. A command acts at
 * any time between its fetch and its fence, so each choice of such times is a world of its own. What some world's caches hold is what
 * the hardware may use. For tests: `recomputed.ts` holds the reach graph against it, event by event.
 */
import { pageOfWord } from '#hw-models/core/address';
import { firstOf, framesOf, rightsOf, type Entry, type LeafEntry, type TableAt } from '#hw-models/core/walk';
import { settingsOf, type Destination, type Facts, type Invalidation, type Keeps, type Requester, type SpaceName } from './facts';

/** One thing that a translation cache holds for a space. */
type Item =
  | { readonly kind: 'table'; readonly space: SpaceName; readonly input: number; readonly at: TableAt; readonly table: TableAt }
  | { readonly kind: 'leaf'; readonly space: SpaceName; readonly input: number; readonly at: TableAt; readonly leaf: LeafEntry };

/** One possible content of all caches, and the commands that are still to act. */
interface World {
  /** Requester and word → values. */
  readonly words: Map<string, Set<bigint>>;
  /** Requester and key → whole entries, by requester and not by where they were read. */
  readonly entries: Map<string, { readonly requester: Requester; readonly destination: Destination }>;
  readonly items: Map<string, Item>;
  readonly pending: ReadonlySet<Invalidation>;
}

/** What a requester may be given: translations by how they are told, the frames of the structures on the way, and the spaces. */
export interface Reached {
  readonly leaves: Map<string, { readonly input: number; readonly leaf: LeafEntry }>;
  readonly frames: Set<number>;
  readonly spaces: Set<SpaceName>;
}

/** A translation as text to compare. */
export const tell = (at: number, leaf: LeafEntry): string => {
  const { page, sizeLog2, prot } = leaf;
  return `frame ${firstOf(leaf, at)} + 2^${sizeLog2 - 12} to ${page}, ${prot}`;
};

export class History {
  readonly #facts: Facts;
  readonly #requesters: Requester[] = [];
  #worlds: World[] = [{ words: new Map(), entries: new Map(), items: new Map(), pending: new Set() }];
  #fetched: Invalidation[] = [];
  /** Which kind of reading each configuration word had. */
  readonly #reach = new Map<number, 'leaf' | 'directory'>();
  /** The first word of the entry that a word belongs to, and whether caches keep such an entry. */
  readonly #entryOf = new Map<number, { readonly first: number; readonly keeps: Keeps | undefined }>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  add(requester: Requester): void {
    this.#requesters.push(requester);
    this.changed();
  }

  /** Memory or registers changed, or became ordered. */
  changed(): void {
    for (const world of this.#worlds) this.#grow(world);
    this.#act();
  }

  fetched(invalidation: Invalidation): void {
    this.#fetched.push(invalidation);
    this.#worlds = this.#worlds.map((world) => ({ ...world, pending: new Set([...world.pending, invalidation]) }));
    this.#act();
  }

  /** A fence: every command has acted. */
  complete(): void {
    this.#worlds = this.#worlds.filter(({ pending }) => pending.size === 0);
    this.#fetched = [];
  }

  /** Nothing is known of the caches of a space any more. */
  forget(space: SpaceName): void {
    for (const { items } of this.#worlds) for (const [key, item] of items) if (item.space === space) items.delete(key);
  }

  /** Where the requester may be sent. */
  destinations(requester: Requester): Map<string, Destination> {
    return new Map(
      this.#worlds.flatMap((world) =>
        [...this.#explore(world, requester).found].map(([key, { destination }]) => [key, destination] as const),
      ),
    );
  }

  /** What the requester may be given. */
  reachable(requester: Requester): Reached {
    const found: Reached = { leaves: new Map(), frames: new Set(), spaces: new Set() };
    for (const destination of this.destinations(requester).values()) {
      if (destination.kind !== 'translates') continue;
      found.spaces.add(destination.space);
      for (const frame of framesOfTable(destination.root)) found.frames.add(frame);
    }
    for (const world of this.#worlds) {
      for (const word of this.#explore(world, requester).fetched.keys()) found.frames.add(pageOfWord(word));
      for (const item of world.items.values()) {
        if (!found.spaces.has(item.space)) continue;
        if (item.kind === 'leaf') found.leaves.set(tell(item.input, item.leaf), item);
        else for (const frame of framesOfTable(item.table)) found.frames.add(frame);
      }
    }
    return found;
  }

  /** What the sanitizer would have to say, if anything: a requester that reaches what it must not, or a structure that is not the driver's. */
  wrong(): string | undefined {
    for (const requester of this.#requesters) {
      const { leaves, frames } = this.reachable(requester);
      for (const frame of frames) if (!this.#facts.owns(frame)) return `frame ${frame} is not the driver's`;
      for (const [told, { input, leaf }] of leaves) {
        const rights = rightsOf(leaf.prot);
        if (rights > 0 && !this.#facts.granted(requester, firstOf(leaf, input), leaf.page, framesOf(leaf.sizeLog2), rights))
          return `${this.#facts.nameOf(requester)}: ${told}`;
      }
      for (const { kind } of this.destinations(requester).values())
        if (kind === 'passes' && !this.#facts.mayPass(requester)) return `${this.#facts.nameOf(requester)} passes`;
    }
    return undefined;
  }

  /** Spaces in whose caches something leads to a table in the frame. */
  spacesThrough(frame: number): Set<SpaceName> {
    const spaces = new Set<SpaceName>();
    for (const { items } of this.#worlds) {
      for (const item of items.values()) {
        if (item.kind === 'table' && framesOfTable(item.table).includes(frame)) spaces.add(item.space);
      }
    }
    return spaces;
  }

  get worlds(): number {
    return this.#worlds.length;
  }

  /** Every pending command may act now, in any order; worlds that hold less than another, with the same to come, add nothing. */
  #act(): void {
    const open = [...this.#worlds];
    const all: World[] = [];
    for (let world = open.pop(); world !== undefined; world = open.pop()) {
      all.push(world);
      for (const command of world.pending) {
        const next: World = {
          words: new Map([...world.words].map(([key, values]) => [key, new Set(values)])),
          entries: new Map(world.entries),
          items: new Map(world.items),
          pending: new Set([...world.pending].filter((other) => other !== command)),
        };
        this.#drop(next, command);
        this.#grow(next);
        open.push(next);
      }
    }
    this.#worlds = all.filter(
      (world, at) => !all.some((other, where) => where !== at && holdsAll(other, world) && (where < at || !holdsAll(world, other))),
    );
  }

  #drop(world: World, command: Invalidation): void {
    if (command.of === 'translations') {
      for (const [key, item] of world.items) if (covers(command, item)) world.items.delete(key);
      return;
    }
    for (const [key, values] of world.words) {
      const [requester, word] = key.split(' ').map(Number) as [number, number];
      for (const raw of values) if (this.#covers(command, requester, word, raw)) values.delete(raw);
    }
    for (const [key, { requester }] of world.entries) if (command.requesters?.has(requester) ?? true) world.entries.delete(key);
  }

  #covers(command: Invalidation & { of: 'configuration' }, requester: Requester, word: number, raw: bigint): boolean {
    if (this.#reach.get(word) === 'directory') {
      if (command.leafOnly) return false;
      if (command.directories?.(requester, raw) === true) return true;
    }
    return command.requesters?.has(requester) ?? true;
  }

  /** Adds all that can be formed, until nothing is new. */
  #grow(world: World): void {
    for (let grew = true; grew;) {
      grew = false;
      const put = <T>(map: Map<string, T>, key: string, value: T): void => {
        if (map.has(key)) return;
        map.set(key, value);
        grew = true;
      };
      for (const requester of this.#requesters) {
        const { found, fetched } = this.#explore(world, requester);
        for (const word of fetched.keys()) {
          for (const raw of this.#inMemory(word)) {
            if (!this.#isKept(world, requester, word, raw)) continue;
            const key = `${requester} ${word}`;
            put(world.words, key, new Set());
            const values = world.words.get(key)!;
            if (!values.has(raw)) grew = true;
            values.add(raw);
          }
        }
        for (const [key, { destination, cached }] of found) {
          if (cached) put(world.entries, `${requester} ${key}`, { requester, destination });
          if (destination.kind !== 'translates') continue;
          const { space, root } = destination;
          for (const [at, item] of this.#below(space, root, 0)) put(world.items, at, item);
        }
      }
      for (const item of [...world.items.values()])
        if (item.kind === 'table') for (const [at, next] of this.#below(item.space, item.table, item.input)) put(world.items, at, next);
    }
  }

  /** Whether a cache of the world may keep a value: only of an entry whose first word may let it. */
  #isKept(world: World, requester: Requester, word: number, raw: bigint): boolean {
    const { first, keeps } = this.#entryOf.get(word)!;
    if (keeps === undefined) return true;
    if (word === first) return keeps(raw);
    return [...(world.words.get(`${requester} ${first}`) ?? []), ...this.#inMemory(first)].some(keeps);
  }

  /** What walks of `space` find in a table, which stands for input frames from `base` on. */
  *#below(space: SpaceName, table: TableAt, base: number): Iterable<readonly [string, Item]> {
    const skipsZeros = table.level.decode(0, 0).kind === 'none';
    for (let index = 0; index < table.entries; index++) {
      const values = this.#inMemory(table.word + index);
      if (skipsZeros && values === ZERO) continue;
      for (const raw of values) {
        const entry: Entry = table.level.decode(Number(raw & 0xffff_ffffn), Number(raw >> 32n));
        const input = base + index * framesOf(table.level.shift);
        const key = `${space} ${input} ${whereIs(table)}`;
        if (entry.kind === 'table')
          yield [`${key} to ${whereIs(entry.table)}`, { kind: 'table', space, input, at: table, table: entry.table }];
        if (entry.kind === 'page') yield [`${key} to ${tell(input, entry)}`, { kind: 'leaf', space, input, at: table, leaf: entry }];
      }
    }
  }

  /** Values that the hardware may read from memory now. */
  #inMemory(word: number): readonly bigint[] {
    const older = this.#facts.memory.older(word);
    const value = this.#facts.memory.get(word);
    if (older.length > 0) return [...older, value];
    return value === 0n ? ZERO : [value];
  }

  /** Every destination that some choice of values gives, and whether a cache may hold it; the words that were fetched on the way. */
  #explore(
    world: World,
    requester: Requester,
  ): {
    readonly found: Map<string, { readonly destination: Destination; readonly cached: boolean }>;
    readonly fetched: Map<number, 'leaf' | 'directory'>;
  } {
    const found = new Map<string, { readonly destination: Destination; readonly cached: boolean }>();
    const fetched = new Map<number, 'leaf' | 'directory'>();
    const choices: { readonly options: readonly bigint[]; taken: number }[] = [];
    do {
      let depth = 0;
      let cached = false;
      let kept = true;
      const chosen = new Map<number, bigint>();
      const destination = this.#facts.resolve(requester, {
        fetch: (word, words, reach, keeps) => {
          cached = true;
          for (let at = word; at < word + words; at++) {
            fetched.set(at, reach);
            this.#reach.set(at, reach);
            this.#entryOf.set(at, { first: word, keeps });
          }
        },
        read: (word) => {
          let raw = chosen.get(word);
          if (raw === undefined) {
            const options = [...new Set([...(world.words.get(`${requester} ${word}`) ?? []), ...this.#inMemory(word)])];
            if (depth === choices.length) choices.push({ options, taken: 0 });
            const { options: known, taken } = choices[depth++]!;
            raw = known[taken]!;
            chosen.set(word, raw);
            const { first, keeps } = this.#entryOf.get(word)!;
            if (word === first) kept &&= keeps?.(raw) ?? true;
          }
          return raw;
        },
      });
      found.set(destination.key, { destination, cached: (cached && kept) || found.get(destination.key)?.cached === true });
      while (choices.length > 0 && ++choices.at(-1)!.taken === choices.at(-1)!.options.length) choices.pop();
    } while (choices.length > 0);
    const there = new Set([...found.values()].map(({ destination }) => settingsOf(destination)));
    if (fetched.size > 0)
      for (const entry of world.entries.values())
        if (entry.requester === requester && !there.has(settingsOf(entry.destination)))
          found.set(entry.destination.key, { destination: entry.destination, cached: true });
    return { found, fetched };
  }
}

const ZERO: readonly bigint[] = [0n];

/** A table of a test lies in one frame or in two. */
const framesOfTable = ({ word, entries }: TableAt): readonly number[] => [pageOfWord(word), pageOfWord(word + entries - 1)];

const whereIs = ({ word, entries, level }: TableAt): string => `${word}:${entries}:${level.name}`;

function covers({ space, range, leafOnly, only }: Invalidation & { of: 'translations' }, item: Item): boolean {
  if (space !== undefined && item.space !== space) return false;
  if (leafOnly && item.kind === 'table') return false;
  if (only !== undefined && !only(item.at.level, item.kind === 'leaf')) return false;
  if (range === undefined) return true;
  const [first, frames] =
    item.kind === 'leaf' ? [firstOf(item.leaf, item.input), framesOf(item.leaf.sizeLog2)] : [item.input, framesOf(item.at.level.shift)];
  return first < range.first + range.frames && range.first < first + frames;
}

function holdsAll(more: World, less: World): boolean {
  if (more.pending.size !== less.pending.size || [...less.pending].some((command) => !more.pending.has(command))) return false;
  for (const key of less.items.keys()) if (!more.items.has(key)) return false;
  for (const key of less.entries.keys()) if (!more.entries.has(key)) return false;
  for (const [key, values] of less.words) for (const raw of values) if (!more.words.get(key)?.has(raw)) return false;
  return true;
}
