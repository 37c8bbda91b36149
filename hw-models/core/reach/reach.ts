/**
 * What the hardware can reach, kept up to date store by store, and the sanitizer's checks 1 to 3 as questions to it:
 *
 * **Every structure that the hardware can get to, through memory or through anything a cache may hold, lies in a frame that the driver
 * owns, and every translation that a requester may be given is one that it was granted.**
 *
 * A space that no configuration names is latent: nothing can use what caches hold of it, so it is not checked until it is named again.
 */
import { pageOfWord } from '#hw-models/core/address';
import { hex } from '#hw-models/core/hex';
import { firstOf, framesOf, rightsOf, showProt, staleProt } from '#hw-models/core/walk';
import { Configuration } from './configuration';
import type { Destination, Facts, Fetched, Invalidation, Requester, SpaceName } from './facts';
import { Journal } from './journal';
import { framesPer, Translations, type Edge, type Reachable, type Space, type Table } from './translations';

export class Reach {
  readonly #facts: Facts;
  readonly #configuration: Configuration;
  readonly #translations: Translations;
  readonly #destinations = new Map<Requester, Map<string, Destination>>();
  readonly #owned = new Set<number>();
  readonly journal = new Journal();

  constructor(facts: Facts) {
    this.#facts = facts;
    this.#configuration = new Configuration(facts);
    this.#translations = new Translations(facts, {
      added: (edge) => this.#checkEdge(edge),
      changing: (table, index, old) => this.journal.entry(table, index, old),
    });
  }

  /** A requester that the machine has: from now on its reach is followed. */
  add(requester: Requester): void {
    this.#destinations.set(requester, new Map());
    this.#reconfigure(requester);
  }

  get requesters(): Iterable<Requester> {
    return this.#destinations.keys();
  }

  destinations(requester: Requester): Destination[] {
    return [...(this.#destinations.get(requester)?.values() ?? [])];
  }

  /** A CPU or a device stored to memory. @param old The value before. */
  store(word: number, old: bigint, low: number, high: number): void {
    const concerned = this.#configuration.store(word, old);
    this.#translations.store(word, low, high);
    for (const requester of [...concerned]) this.#reconfigure(requester);
  }

  barrier(): void {
    this.#translations.barrier();
    for (const requester of this.#configuration.barrier()) this.#reconfigure(requester);
  }

  /** Registers that every requester's configuration depends on have changed. */
  reconfigure(): void {
    for (const requester of [...this.#destinations.keys()]) this.#reconfigure(requester);
  }

  /** The hardware has fetched an invalidation command; give it back to `complete` at the fence. */
  fetched(invalidation: Invalidation): Fetched {
    return { invalidation, at: this.#facts.now() };
  }

  /** A fence completed. In the order of the queue, since a walk cache may be refilled between two commands. */
  complete(commands: readonly Fetched[]): void {
    for (const command of commands) {
      const { invalidation, at } = command;
      if (invalidation.of === 'configuration') {
        for (const requester of this.#configuration.complete(command)) this.#reconfigure(requester, invalidation);
        continue;
      }
      const spaces = invalidation.space === undefined ? [...this.#translations.spaces] : [this.#translations.space(invalidation.space)];
      for (const space of spaces) this.#translations.complete(space, at, invalidation);
    }
  }

  /** A frame is about to leave the driver's hands. */
  freed(page: number): void {
    const tables = [...this.#translations.tablesIn(page)];
    this.#owned.delete(page);
    if (this.#facts.armed) {
      for (const requester of this.#configuration.usersOf(page)) this.#facts.violated('dangling', `frame ${frame(page)} was freed while the configuration of ${this.#facts.nameOf(requester)} is read from it`);
      for (const table of tables) {
        const used = this.#translations.paths(table).find(({ space }) => space.users.size > 0);
        if (used) this.#facts.violated('dangling', `frame ${frame(page)} was freed while ${used.aged ? 'a cache may still lead' : 'the hardware walks'} through it: ${describe(table)} of space ${used.space.name}`);
      }
    }
    for (const table of tables) {
      for (const { space } of this.#translations.paths(table)) this.#translations.poison(space, `${describe(table)} was freed before the caches were invalidated`);
      this.#translations.release(table);
    }
  }

  /** The driver's `start` has answered: all that is there is checked, and from now on every change. */
  armed(): void {
    for (const requester of this.#destinations.keys()) {
      this.#checkConfiguration(requester);
      for (const destination of this.destinations(requester)) this.#checkDestination(requester, destination);
    }
  }

  /** Part of a requester's grants has ended: no request that it can make is translated through them. */
  checkRange(requester: Requester, first: number, frames: number): void {
    if (!this.#facts.armed) return;
    for (const reachable of this.reachable(requester, first, frames)) {
      if (!this.#isGranted(requester, reachable)) this.#facts.violated('staleness', this.#report(requester, reachable));
    }
  }

  /** Everything that a requester may be given in an input range, translation by translation. */
  *reachable(requester: Requester, first = 0, frames = Infinity): Iterable<Reachable> {
    const seen = new Set<SpaceName>();
    for (const destination of this.destinations(requester)) {
      if (destination.kind !== 'translates' || seen.has(destination.space)) continue;
      seen.add(destination.space);
      yield* this.#translations.reachable(this.#translations.space(destination.space), first, frames);
    }
  }

  /** Values that a configuration word may have for a requester, oldest first. */
  configurationCandidates(word: number, requester: Requester): readonly bigint[] {
    return this.#configuration.candidates(word, requester);
  }

  /** Values that a table entry may have for a walk in a space, oldest first. */
  entryCandidates(word: number, space: SpaceName): Iterable<{ readonly low: number; readonly high: number }> {
    return this.#translations.candidates(word, this.#translations.space(space));
  }

  /** Translations of an input frame that only caches still give, oldest first. */
  cached(space: SpaceName, page: number): Reachable[] {
    const stale = [...this.#translations.reachable(this.#translations.space(space), page, 1)].filter(({ aged }) => aged);
    return stale.sort((a, b) => bornAt(a) - bornAt(b));
  }

  /** Whether hardware structures that some requester uses lie in the frame. */
  isUsed(page: number): boolean {
    if (this.#configuration.usersOf(page).size > 0) return true;
    for (const table of this.#translations.tablesIn(page)) if (this.#translations.paths(table).some(({ space }) => space.users.size > 0)) return true;
    return false;
  }

  #reconfigure(requester: Requester, after?: Invalidation): void {
    const before = this.#destinations.get(requester)!;
    const now = new Map(this.#configuration.destinations(requester, after).map((destination) => [destination.key, destination]));
    this.journal.destinations(requester, before);
    this.#destinations.set(requester, now);
    for (const [key, destination] of now) {
      if (before.has(key) || destination.kind !== 'translates') continue;
      const space = this.#translations.space(destination.space);
      space.users.add(requester);
      this.#translations.name(space, destination.root, requester);
    }
    for (const [key, destination] of before) if (!now.has(key)) this.#leave(requester, destination, now);
    this.#facts.reconfigured?.(requester, [...now.values()]);
    if (!this.#facts.armed) return;
    this.#checkConfiguration(requester);
    for (const [key, destination] of now) if (!before.has(key)) this.#checkDestination(requester, destination);
  }

  #leave(requester: Requester, left: Destination, now: ReadonlyMap<string, Destination>): void {
    if (left.kind !== 'translates') return;
    const space = this.#translations.space(left.space);
    const stays = [...now.values()].filter((destination) => destination.kind === 'translates' && destination.space === left.space);
    if (stays.length === 0) space.users.delete(requester);
    if (!stays.some((destination) => destination.kind === 'translates' && destination.root.word === left.root.word && destination.root.level === left.root.level)) this.#translations.unname(space, left.root, requester);
  }

  #checkConfiguration(requester: Requester): void {
    for (const page of this.#configuration.framesOf(requester)) this.#checkOwned(page, `the configuration of ${this.#facts.nameOf(requester)}`);
  }

  #checkDestination(requester: Requester, destination: Destination): void {
    if (destination.kind === 'stops') return;
    if (destination.kind === 'passes') {
      if (!this.#facts.mayPass(requester)) this.#facts.violated('isolation', `${this.#facts.nameOf(requester)} may pass untranslated (${destination.key}), which its domain does not grant`);
      return;
    }
    const space = this.#translations.space(destination.space);
    if (space.poison !== undefined) this.#facts.violated('staleness', `space ${space.name} is used again for ${this.#facts.nameOf(requester)} while caches may hold its old entries: ${space.poison.why}`);
    for (const table of this.#translations.tablesOf(space)) this.#checkTable(table);
    for (const reachable of this.#translations.reachable(space)) this.#checkReachable(requester, reachable);
  }

  #checkEdge(edge: Edge): void {
    if (!this.#facts.armed) return;
    const paths = this.#translations.pathsThrough(edge).filter(({ space }) => space.users.size > 0);
    if (paths.length === 0) return;
    if (edge.child !== undefined) this.#checkTable(edge.child);
    for (const { space, input, aged } of paths) {
      const frames = framesPer(edge.table.level);
      const leaves: Iterable<Reachable> = edge.entry.kind === 'page' ? [{ space, input: firstOf(edge.entry, input), leaf: edge.entry, aged, from: edge }] : this.#translations.reachable(space, input, frames);
      for (const reachable of leaves) for (const requester of space.users) this.#checkReachable(requester, reachable);
    }
  }

  #checkTable(table: Table): void {
    for (let page = pageOfWord(table.word); page <= pageOfWord(table.word + table.entries - 1); page++) this.#checkOwned(page, describe(table));
  }

  #checkOwned(page: number, what: string): void {
    if (this.#owned.has(page)) return;
    if (!this.#facts.owns(page)) this.#facts.violated('dangling', `${what} lies in frame ${frame(page)}, which the driver does not own`);
    this.#owned.add(page);
  }

  #checkReachable(requester: Requester, reachable: Reachable): void {
    if (!this.#isGranted(requester, reachable)) this.#facts.violated(reachable.aged ? 'staleness' : 'isolation', this.#report(requester, reachable));
  }

  #isGranted(requester: Requester, { input, leaf, aged }: Reachable): boolean {
    const rights = rightsOf(aged ? staleProt(leaf) : leaf.prot);
    return rights === 0 || this.#facts.granted(requester, input, leaf.page, framesOf(leaf.sizeLog2), rights);
  }

  #report(requester: Requester, { space, input, leaf, aged, from }: Reachable): string {
    const origin = 'table' in from ? `entry ${from.index} of ${describe(from.table)}, stored at #${from.at}` : `a cached walk from before #${from.since}`;
    return `${this.#facts.nameOf(requester)} reaches PA ${frame(leaf.page)} (${showProt(leaf.prot)}, ${sizeOf(leaf.sizeLog2)}) at IOVA ${frame(input)}, which it is not granted, through ${aged ? 'what a cache may still hold: ' : ''}${origin}, space ${space.name}`;
  }
}

const bornAt = ({ from }: Reachable): number => ('table' in from ? from.at : from.since);
const frame = (page: number): string => hex(BigInt(page) << 12n);
const describe = (table: Table): string => `the ${table.level.name} table at ${hex(BigInt(table.word) << 3n)}`;
const sizeOf = (log2: number): string => (log2 < 20 ? `${2 ** (log2 - 10)} KiB` : log2 < 30 ? `${2 ** (log2 - 20)} MiB` : `${2 ** (log2 - 30)} GiB`);
