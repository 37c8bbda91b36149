/**
 * What the hardware can reach, kept up to date store by store: the configuration of every requester, the translation tables that it
 * leads to, and what caches may hold of both. Its questions are those of the sanitizer's checks and of simulated hardware.
 */
import { pageOfWord } from '#hw-models/core/address';
import { rightsOf, staleProt } from '#hw-models/core/walk';
import { Checks } from './checks';
import { Configuration } from './configuration';
import type { Destination, Facts, FetchCount, Fetched, Invalidation, Requester, SpaceName } from './facts';
import { Frames } from './frames';
import { Guests } from './guests';
import { Hitless } from './hitless';
import { Journal } from './journal';
import { keyOf } from './tables';
import { Translations, type Reachable } from './translations';
import { showTable } from './wording';

export class Reach {
  readonly #facts: Facts;
  readonly #frames = new Frames();
  readonly #fetches: FetchCount = { count: 0 };
  readonly #configuration: Configuration;
  readonly #translations: Translations;
  readonly #checks: Checks;
  readonly #guests: Guests;
  readonly #destinations = new Map<Requester, Map<string, Destination>>();
  /** Where memory alone sends each requester. */
  readonly #current = new Map<Requester, Destination>();
  readonly #hitless = new Hitless();
  readonly #journal: Journal;

  constructor(facts: Facts) {
    this.#facts = facts;
    this.#journal = new Journal(facts);
    this.#configuration = new Configuration(facts, this.#frames, this.#fetches);
    this.#translations = new Translations(facts, this.#frames, this.#fetches, {
      added: (edge) => {
        if (facts.armed) this.#checks.edge(edge);
      },
      changing: (table, index, old) => this.#journal.entry(table, index, old),
    });
    this.#checks = new Checks(facts, this.#configuration, this.#translations);
    this.#guests = new Guests(facts, this.#translations);
  }

  /** A requester that the machine has: from now on its reach is followed. */
  add(requester: Requester): void {
    this.#destinations.set(requester, new Map());
    this.#reconfigure(requester);
  }

  get requesters(): Iterable<Requester> {
    return this.#destinations.keys();
  }

  /** Where a requester may be sent. */
  destinations(requester: Requester): Destination[] {
    return [...(this.#destinations.get(requester)?.values() ?? [])];
  }

  /** A CPU or a device has stored to memory. @param old The value before. */
  store(word: number, old: bigint): void {
    const structures = this.#frames.at(pageOfWord(word));
    if (structures === undefined) return;
    const known = structures.words.get(word);
    const concerned = known && this.#configuration.store(known, old);
    if (structures.tables.size > 0) {
      this.#translations.tables.store(structures.tables, word);
      this.#remapped(this.#guests.above(structures.tables));
    }
    if (concerned !== undefined) for (const requester of [...concerned]) this.#reconfigure(requester);
  }

  /** Stores before it are ordered: nothing new can be seen, and caches may keep what could be seen until now. */
  barrier(): void {
    this.#translations.tables.barrier();
    for (const requester of this.#configuration.barrier()) this.#reconfigure(requester);
  }

  /** Registers that every requester's configuration depends on have changed. */
  reconfigure(): void {
    for (const requester of [...this.#destinations.keys()]) {
      this.#configuration.registersChanged(requester);
      this.#reconfigure(requester);
    }
  }

  /** The hardware has fetched an invalidation command; give it back to `complete` at the fence. */
  fetched(invalidation: Invalidation): Fetched {
    return { invalidation, at: ++this.#fetches.count };
  }

  /**
   * A fence completed. Commands before it act in any order, and a cache may be filled again between two of them: at worst, those that
   * take leaves alone act first, and configuration goes last.
   * @spec SMMU-V3 "CMD_SYNC(ComplSignal, MSIAddress, MSIData, MSIWriteAttributes)"
   */
  complete(commands: readonly Fetched[]): void {
    for (const leafOnly of [true, false])
      for (const command of commands) if (command.invalidation.leafOnly === leafOnly) this.#completeTranslations(command);
    for (const leafOnly of [true, false])
      for (const command of commands) if (command.invalidation.leafOnly === leafOnly) this.#completeConfiguration(command);
  }

  /** A frame is about to leave the driver's hands. */
  freed(page: number): void {
    const tables = [...(this.#frames.at(page)?.tables ?? [])];
    this.#checks.freed(page, tables);
    for (const table of tables) {
      const why = `${showTable(table)} was freed before they were invalidated`;
      for (const { space } of this.#translations.tables.paths(table)) this.#translations.poison(space, why);
    }
  }

  /** The driver's `start` has answered: all that is there is checked, and from now on every change. */
  armed(): void {
    for (const requester of this.#destinations.keys()) {
      this.#checks.configurationOf(requester);
      for (const destination of this.destinations(requester)) this.#checks.destination([requester], destination);
    }
  }

  /** Part of a requester's grants has ended: no request that it can make is translated through them. */
  checkRange(requester: Requester, first: number, frames: number): void {
    if (!this.#facts.armed) return;
    const destinations = this.destinations(requester);
    this.#checks.ended(requester, destinations, this.reachable(requester, first, frames));
    this.#guests.ended(requester, destinations);
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

  /** Translations of an input frame that only caches still give, oldest first. */
  cached(space: SpaceName, page: number): Reachable[] {
    const stale = [...this.#translations.reachable(this.#translations.space(space), page, 1)].filter(
      ({ aged, leaf }) => aged && (rightsOf(leaf.prot) === 0 || rightsOf(staleProt(leaf)) > 0),
    );
    return stale.sort((a, b) => a.from.at - b.from.at);
  }

  /** Whether hardware structures that some requester uses lie in the frame. */
  isUsed(page: number): boolean {
    const structures = this.#frames.at(page);
    if (structures === undefined) return false;
    for (const { watchers } of structures.words.values()) if (watchers.size > 0) return true;
    for (const table of structures.tables)
      if (this.#translations.tables.paths(table).some(({ space }) => space.users.size > 0 && !space.isGuest)) return true;
    return false;
  }

  /** A call of the driver begins: from now on changes are written down. */
  beginCall(): void {
    this.#journal.begin();
  }

  /** What memory says otherwise of reach than when the call began. */
  *changes(): Iterable<string> {
    yield* this.#journal.destinations((requester) => this.#current.get(requester)!);
    for (const destination of new Map([...this.#current.values()].map((one) => [one.key, one])).values()) {
      if (destination.kind === 'translates') yield* this.#journal.pages(this.#translations.tables.at(destination.root));
    }
  }

  /** A call begins that promises to change a requester's destination without an interval. */
  beginHitless(requester: Requester): void {
    this.#hitless.begin(requester, this.destinations(requester));
  }

  /** It ended. @param kept Whether it was carried out. */
  endHitless(requester: Requester, kept: boolean): void {
    const wrong = kept ? this.#hitless.settled(requester, this.#current.get(requester)!) : undefined;
    this.#hitless.end(requester);
    if (wrong !== undefined) this.#facts.violated('hitless', `${this.#facts.nameOf(requester)} ${wrong}, though it was replaced`);
  }

  /** The second stage of requesters with guests has changed. */
  #remapped(requesters: readonly Requester[]): void {
    if (requesters.length === 0) return;
    for (const requester of requesters) this.#reconfigure(requester);
    this.#guests.reread(requesters, (requester) => this.destinations(requester));
  }

  #completeTranslations({ invalidation, at }: Fetched): void {
    if (invalidation.of === 'translations')
      for (const space of this.#translations.spacesOf(invalidation)) this.#translations.complete(space, at, invalidation);
  }

  #completeConfiguration(command: Fetched): void {
    for (const requester of this.#configuration.complete(command)) this.#reconfigure(requester, command.invalidation);
  }

  #reconfigure(requester: Requester, after?: Invalidation): void {
    const before = this.#destinations.get(requester)!;
    const now = new Map(this.#configuration.destinations(requester, after).map((destination) => [destination.key, destination]));
    this.#destinations.set(requester, now);
    const current = this.#configuration.current(requester);
    const last = this.#current.get(requester);
    if (last !== undefined && last.key !== current.key) this.#journal.destination(requester, last);
    this.#current.set(requester, current);
    const found = [...now.values()]
      .filter(({ key }) => !before.has(key))
      .map((destination) => ({ destination, widened: this.#enter(requester, destination) }));
    for (const [key, destination] of before) if (!now.has(key)) this.#leave(requester, destination, now);
    if (!this.#facts.armed) return;
    const hit = this.#hitless.changed(requester, [...now.values()], this.#facts.now());
    if (hit !== undefined) this.#facts.violated('hitless', `${this.#facts.nameOf(requester)} ${hit}, while it is replaced`);
    this.#checks.configurationOf(requester);
    for (const { destination, widened } of found) this.#checks.destination(widened, destination);
  }

  /** @returns Whose reach is wider now: a space that begins elsewhere as well does so for everybody who uses it. */
  #enter(requester: Requester, destination: Destination): Iterable<Requester> {
    if (destination.kind !== 'translates') return [requester];
    this.#guests.enter(requester, destination);
    const space = this.#translations.space(destination.space);
    space.users.add(requester);
    return this.#translations.name(space, destination.root, requester) ? space.users : [requester];
  }

  #leave(requester: Requester, left: Destination, now: ReadonlyMap<string, Destination>): void {
    if (left.kind !== 'translates') return;
    this.#guests.leave(requester, left, now.values());
    const space = this.#translations.space(left.space);
    const staying = [...now.values()].flatMap((one) => (one.kind === 'translates' && one.space === left.space ? [keyOf(one.root)] : []));
    if (staying.length === 0) space.users.delete(requester);
    if (!staying.includes(keyOf(left.root))) this.#translations.unname(space, left.root, requester);
  }
}
