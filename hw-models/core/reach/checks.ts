/**
 * The sanitizer's checks 1 to 3, at the places where the reach graph changes: every structure that the hardware can get to lies in a
 * frame that the driver owns, and every translation that a requester may be given is one that it was granted.
 *
 * A space that no configuration names is latent: nothing can use what caches hold of it, so it is not checked until it is named again.
 */
import { pageOfWord } from '#hw-models/core/address';
import { firstOf, framesOf, rightsOf, staleProt } from '#hw-models/core/walk';
import type { Configuration } from './configuration';
import type { Destination, Facts, Requester } from './facts';
import { isRoot, type Edge, type Table } from './tables';
import type { Reachable, Translations } from './translations';
import { showEdge, showFrame, showOrigin, showReached, showTable } from './wording';

export class Checks {
  readonly #facts: Facts;
  readonly #configuration: Configuration;
  readonly #translations: Translations;
  /** Frames that were found to be the driver's, and have not left it since. */
  readonly #owned = new Set<number>();

  constructor(facts: Facts, configuration: Configuration, translations: Translations) {
    this.#facts = facts;
    this.#configuration = configuration;
    this.#translations = translations;
  }

  /** Where a requester's configuration lies. */
  configurationOf(requester: Requester): void {
    for (const page of this.#configuration.framesOf(requester))
      this.#ownedFrame(page, () => `the configuration of ${this.#facts.nameOf(requester)}`);
  }

  /** Requesters may be sent to a destination. */
  destination(requesters: Iterable<Requester>, destination: Destination): void {
    if (destination.kind === 'stops') return;
    if (destination.kind === 'passes') {
      for (const requester of requesters) this.#passing(requester, destination.key, 'isolation');
      return;
    }
    const space = this.#translations.space(destination.space);
    for (const requester of requesters) {
      if (space.poison !== undefined) {
        this.#facts.violated(
          'staleness',
          `space ${space.name} is used again for ${this.#facts.nameOf(requester)} while caches may hold its old entries: ${space.poison.why}`,
        );
      }
      for (const reachable of this.#translations.reachable(space)) this.#translation(requester, reachable);
    }
    for (const table of this.#translations.tablesOf(space)) this.#table(table);
  }

  /** An edge was added, with all below it. */
  edge(edge: Edge): void {
    for (const path of this.#translations.tables.pathsThrough(edge)) {
      const { space, input, aged } = path;
      if (space.users.size === 0 || space.isGuest) continue;
      const { entry, child } = edge;
      const leaves =
        entry.kind === 'page'
          ? [{ space, input: firstOf(entry, input), leaf: entry, aged, from: edge }]
          : this.#translations.through(edge, path);
      for (const reachable of leaves) for (const requester of space.users) this.#translation(requester, reachable);
      if (child !== undefined) for (const table of this.#translations.tablesFrom([child])) this.#table(table);
    }
  }

  /** Part of a requester's grants has ended: no request that it can make goes where they led. */
  ended(requester: Requester, destinations: readonly Destination[], reachable: Iterable<Reachable>): void {
    for (const { kind, key } of destinations) if (kind === 'passes') this.#passing(requester, key, 'staleness');
    for (const found of reachable)
      if (!this.#isGranted(requester, found)) this.#facts.violated('staleness', this.#report(requester, found));
  }

  /** A frame is about to leave the driver's hands. */
  freed(page: number, tables: Iterable<Table>): void {
    this.#owned.delete(page);
    const what = `frame ${showFrame(page)} was freed while`;
    for (const requester of this.#configuration.usersOf(page)) {
      this.#facts.violated('dangling', `${what} the configuration of ${this.#facts.nameOf(requester)} is read from it`);
    }
    for (const table of tables) {
      const used = this.#translations.tables.paths(table).find(({ space }) => space.users.size > 0 && !space.isGuest);
      if (used === undefined) continue;
      this.#facts.violated(
        'dangling',
        `${what} ${used.aged ? 'a cache may still lead' : 'the hardware walks'} through it: ${showTable(table)}, ${this.#leadingTo(table)}; space ${used.space.name}`,
      );
    }
  }

  #table(table: Table): void {
    for (let page = pageOfWord(table.word); page <= pageOfWord(table.word + table.entries - 1); page++) {
      this.#ownedFrame(page, () => `${showTable(table)}, ${this.#leadingTo(table)},`);
    }
  }

  #ownedFrame(page: number, what: () => string): void {
    if (this.#owned.has(page)) return;
    if (!this.#facts.owns(page))
      this.#facts.violated('dangling', `${what()} lies in frame ${showFrame(page)}, which the driver does not own`);
    this.#owned.add(page);
  }

  #passing(requester: Requester, key: string, check: 'isolation' | 'staleness'): void {
    if (this.#facts.mayPass(requester)) return;
    this.#facts.violated(check, `${this.#facts.nameOf(requester)} may pass untranslated (${key}), which its domain does not grant`);
  }

  #translation(requester: Requester, reachable: Reachable): void {
    if (this.#isGranted(requester, reachable)) return;
    this.#facts.violated(reachable.aged ? 'staleness' : 'isolation', this.#report(requester, reachable));
  }

  #isGranted(requester: Requester, { input, leaf, from }: Reachable): boolean {
    // What needs an update of the entry finds it in memory or does not happen.
    const rights = rightsOf(from.state === 'live' ? leaf.prot : staleProt(leaf));
    return rights === 0 || this.#facts.granted(requester, input, leaf.page, framesOf(leaf.sizeLog2), rights);
  }

  #report(requester: Requester, reachable: Reachable): string {
    return `${this.#facts.nameOf(requester)} reaches ${showReached(reachable)}, which it is not granted, through ${showOrigin(reachable, this.#facts)}`;
  }

  /** One of the entries that lead to a table, or that it is a root. */
  #leadingTo({ parents }: Table): string {
    for (const parent of parents) if (!isRoot(parent)) return `to which leads ${showEdge(parent, this.#facts)}`;
    return 'a root';
  }
}
