/**
 * First stages that guests have above the second stages of their devices. Where they lead is the guest's affair, and held in by the
 * second stage; but what caches keep of them has tags that the driver hands out, and they are read where the second stage puts them.
 */
import { pageOfWord } from '#hw-models/core/address';
import { READ } from '#hw-models/core/walk';
import type { Destination, Facts, GuestStage, Requester, SpaceName } from './facts';
import { keyOf, type Table } from './tables';
import type { Translations } from './translations';
import { showFrame } from './wording';

type Translated = Destination & { readonly kind: 'translates' };

const guestOf = (destination: Destination): GuestStage | undefined => (destination.kind === 'translates' ? destination.guest : undefined);

export class Guests {
  readonly #facts: Facts;
  readonly #translations: Translations;
  /** Requesters whose configuration names a guest's stage now, and the second stage below it. */
  readonly #below = new Map<Requester, SpaceName>();
  /** Where the tables lay, in the guest's memory, that a tag was last used for. */
  readonly #lastRoot = new Map<SpaceName, number>();

  constructor(facts: Facts, translations: Translations) {
    this.#facts = facts;
    this.#translations = translations;
  }

  /** A requester may be sent through a guest's stage. */
  enter(requester: Requester, destination: Destination): void {
    const guest = guestOf(destination);
    if (guest === undefined) return;
    this.#below.set(requester, (destination as Translated).space);
    const space = this.#translations.space(guest.space);
    const last = this.#lastRoot.get(guest.space);
    if (this.#facts.armed && space.users.size === 0 && last !== undefined && last !== guest.input && hasCopies(space.copies)) {
      this.#facts.violated(
        'staleness',
        `space ${guest.space} is used again for ${this.#facts.nameOf(requester)}, for tables at GPA ${showFrame(guest.input)}, while caches may hold what was read from those at GPA ${showFrame(last)}`,
      );
    }
    space.isGuest = true;
    space.users.add(requester);
    this.#lastRoot.set(guest.space, guest.input);
    if (guest.root !== undefined) this.#translations.name(space, guest.root, requester);
  }

  /** It is not sent there any more. @param now Where it may be sent. */
  leave(requester: Requester, left: Destination, now: Iterable<Destination>): void {
    const guest = guestOf(left);
    if (guest === undefined) return;
    const staying = [...now].flatMap((one) => guestOf(one) ?? []);
    if (staying.length === 0) this.#below.delete(requester);
    const same = staying.filter(({ space }) => space === guest.space);
    const space = this.#translations.space(guest.space);
    if (same.length === 0) space.users.delete(requester);
    const { root } = guest;
    if (root !== undefined && !same.some((one) => one.root !== undefined && keyOf(one.root) === keyOf(root)))
      this.#translations.unname(space, root, requester);
  }

  /** Requesters whose guests' tables are read through one of these tables. */
  above(tables: Iterable<Table>): Requester[] {
    if (this.#below.size === 0) return [];
    const spaces = new Set([...tables].flatMap((table) => this.#translations.tables.paths(table).map(({ space }) => space.name)));
    return [...this.#below].flatMap(([requester, space]) => (spaces.has(space) ? [requester] : []));
  }

  /** A second stage has changed: entries of the tables above it may lead elsewhere. */
  reread(requesters: Iterable<Requester>, destinations: (requester: Requester) => Iterable<Destination>): void {
    const spaces = new Set(
      [...requesters].flatMap((requester) => [...destinations(requester)].flatMap((one) => guestOf(one)?.space ?? [])),
    );
    for (const name of spaces)
      for (const table of [...this.#translations.tablesOf(this.#translations.space(name))]) this.#translations.tables.reread(table);
  }

  /** Part of a requester's grants has ended: its guest's tables are not read there. */
  ended(requester: Requester, destinations: Iterable<Destination>): void {
    for (const destination of destinations) {
      const guest = guestOf(destination);
      if (guest?.root === undefined || (destination as Translated).settings !== undefined) continue;
      const page = pageOfWord(guest.root.word);
      if (this.#facts.granted(requester, guest.input, page, 1, READ)) continue;
      this.#facts.violated(
        'staleness',
        `the tables of the guest of ${this.#facts.nameOf(requester)} may be read from PA ${showFrame(page)}, which is not granted for GPA ${showFrame(guest.input)} any more: its configuration may be cached with the translated address`,
      );
    }
  }
}

function hasCopies(copies: { near(): Iterable<unknown> }): boolean {
  for (const copy of copies.near()) return copy !== undefined;
  return false;
}
