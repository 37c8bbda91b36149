/**
 * The smallest hardware that has everything the reach graph is about: for its tests. Registers with a base and a switch; a directory
 * word shared by two of three requesters; entries of two words; tables of three levels with four entries each, any of which may lie in
 * the same words; leaves at two levels; commands of every kind.
 */
import { Memory } from '#hw-models/core/memory';
import { ACCESS_PENDING, type Entry, type Level, type TableAt } from '#hw-models/core/walk';
import type { ConfigurationReader, Destination, Facts, Fetched, GuestStage, Invalidation, Requester } from './facts';
import { Reach } from './reach';
import { Violation } from './violation';

export const SLOTS = 8;
const ENTRIES = 4;
/** The first tables lie in a frame each and the others share two; then come the directories. Entries of requesters are in tables' slots. */
const FIRST_FRAME = 16;
const APART = 4;
const DIRECTORIES = (FIRST_FRAME + APART + 2) * 512;

export const frameOfSlot = (slot: number): number => FIRST_FRAME + (slot < APART ? slot : APART + (slot % 2));
export const wordOfSlot = (slot: number): number => frameOfSlot(slot) * 512 + Math.floor(slot / 2) * ENTRIES;

/** Added to a leaf's protection: the hardware has to set the access flag before it uses the leaf. */
export const UNUSED = 8;

/** An entry of any table. `value` is a slot for a table and a page for a leaf. */
export const entry = (kind: 'none' | 'table' | 'leaf', value = 0, prot = 3): bigint =>
  BigInt(kind === 'none' ? 0 : kind === 'table' ? 1 : 2) + BigInt(prot) * 16n + BigInt(value) * 256n;
/** The word that leads to the entries of requesters. */
export const directory = (slot: number | undefined): bigint => (slot === undefined ? 0n : 1n + BigInt(slot) * 256n);
/** Words of a requester's entry. */
export const first = (valid: boolean, space: number): bigint => (valid ? 1n : 0n) + BigInt(space) * 256n;
export const second = (slot: number): bigint => BigInt(slot) * 256n;

/** Of a directory word, and of an entry's first. */
const isValid = (raw: bigint): boolean => raw % 2n === 1n;

export const slotTable = (slot: number, level: Level): TableAt => ({ word: wordOfSlot(slot), entries: ENTRIES, level });

const level = (name: string, shift: number, next: Level | undefined, leaves: boolean): Level => ({
  name,
  shift,
  decode: (low): Entry => {
    const kind = low % 16;
    const prot = Math.floor(low / 16) % 16;
    const value = Math.floor(low / 256);
    if (kind === 1 && next !== undefined) return { kind: 'table', table: slotTable(value % SLOTS, next) };
    if (kind === 2 && leaves)
      return { kind: 'page', page: value, sizeLog2: shift, prot: prot % UNUSED, ...(prot >= UNUSED && { pending: ACCESS_PENDING }) };
    return { kind: 'none', cause: 'invalid' };
  },
});
const PAGES = level('level 3', 12, undefined, true);
const BLOCKS = level('level 2', 14, PAGES, true);
export const ROOTS = level('level 1', 16, BLOCKS, false);
export const LEVELS: readonly Level[] = [ROOTS, BLOCKS, PAGES];

export interface LaboratoryOptions {
  readonly storeOrder: 'program' | 'weak';
  readonly snooped: boolean;
  /** Caches keep no directory word and no entry that is not valid. Default: they keep all. */
  readonly keepsValid?: boolean;
  /** A guest's first stage above every translation. Its key tells destinations apart. */
  readonly guest?: () => (GuestStage & { readonly key: string }) | undefined;
  /** Caches of configuration do not keep where the guest's tables were found. */
  readonly forgetsGuests?: boolean;
  /** Default: everything is granted, and the driver owns every frame. */
  readonly granted?: Facts['granted'];
  readonly owns?: Facts['owns'];
  /** Default: true. */
  readonly armed?: boolean;
  readonly reach?: (facts: Facts) => Reach;
}

export const REQUESTERS: readonly Requester[] = [0, 1, 2];

/** A machine of the tests' own: stores, barriers, registers and commands, and the reach graph under test. */
export class Laboratory {
  readonly memory: Memory;
  readonly reach: Reach;
  armed: boolean;
  enabled = false;
  base = 0;
  event = 0;
  readonly #options: LaboratoryOptions;
  readonly #fetched: Fetched[] = [];
  readonly #freed = new Set<number>();
  readonly #stores = new Map<number, number[]>();

  constructor(options: LaboratoryOptions) {
    this.#options = options;
    this.armed = options.armed ?? true;
    this.memory = new Memory(options.snooped);
    const armed = (): boolean => this.armed;
    const facts: Facts = {
      get armed() {
        return armed();
      },
      memory: this.memory,
      owns: options.owns ?? ((page) => !this.#freed.has(page)),
      granted: options.granted ?? (() => true),
      mayPass: () => false,
      resolve: (requester, see) => this.#resolve(requester, see),
      nameOf: (requester) => `r${requester}`,
      now: () => this.event,
      storedAt: (word, before) => this.#stores.get(word)?.findLast((at) => at < before),
      violated: (check, message) => {
        throw new Violation(check, message);
      },
    };
    this.reach = options.reach?.(facts) ?? new Reach(facts);
    for (const requester of REQUESTERS) this.reach.add(requester);
  }

  store(word: number, raw: bigint): void {
    this.#stores.set(word, [...(this.#stores.get(word) ?? []), ++this.event]);
    const old = this.memory.store(word, raw);
    if (this.#options.storeOrder === 'program') this.memory.barrier();
    this.reach.store(word, old);
  }

  storeEntry(slot: number, index: number, raw: bigint): void {
    this.store(wordOfSlot(slot) + index, raw);
  }

  /** Directory words: one for requesters 0 and 1, one for 2; as many again under the other base. */
  storeDirectory(base: number, index: number, slot: number | undefined): void {
    this.store(DIRECTORIES + base * 2 + index, directory(slot));
  }

  /** The entry of a requester: two words of a slot. */
  storeFirst(slot: number, place: number, raw: bigint): void {
    this.storeEntry(slot, (place % 2) * 2, raw);
  }

  storeSecond(slot: number, place: number, raw: bigint): void {
    this.storeEntry(slot, (place % 2) * 2 + 1, raw);
  }

  wordOf(slot: number, index: number): number {
    return wordOfSlot(slot) + index;
  }

  clean(word: number): void {
    this.memory.clean(word, 1);
  }

  barrier(): void {
    this.event++;
    this.memory.barrier();
    this.reach.barrier();
  }

  register(enabled: boolean, base: number): void {
    this.event++;
    this.enabled = enabled;
    this.base = base;
    this.reach.reconfigure();
  }

  fetch(invalidation: Invalidation): void {
    this.event++;
    this.#fetched.push(this.reach.fetched(invalidation));
  }

  fence(): void {
    this.event++;
    this.reach.complete(this.#fetched.splice(0));
  }

  /** The driver gives the frame of a slot back. */
  free(slot: number): void {
    this.event++;
    this.reach.freed(frameOfSlot(slot));
    this.#freed.add(frameOfSlot(slot));
  }

  takeBack(slot: number): void {
    this.#freed.delete(frameOfSlot(slot));
  }

  /** Stores are ordered, and the commands act in an order of the hardware's choice. */
  invalidate(...commands: readonly Invalidation[]): void {
    this.barrier();
    for (const command of commands) this.fetch(command);
    this.fence();
  }

  get pending(): number {
    return this.#fetched.length;
  }

  #resolve(requester: Requester, see: ConfigurationReader): Destination {
    if (!this.enabled) return { kind: 'stops', key: 'off' };
    const word = DIRECTORIES + this.base * 2 + Math.floor(requester / 2);
    const keeps = this.#options.keepsValid === true ? isValid : undefined;
    see.fetch(word, 1, 'directory', keeps);
    const lead = see.read(word);
    if (lead % 2n === 0n) return { kind: 'stops', key: 'no directory' };
    const at = wordOfSlot(Number(lead / 256n) % SLOTS) + (requester % 2) * 2;
    see.fetch(at, 2, 'leaf', keeps);
    const one = see.read(at);
    if (one % 2n === 0n) return { kind: 'stops', key: 'invalid' };
    const slot = Number(see.read(at + 1) / 256n) % SLOTS;
    const space = Number(one / 256n) % 4;
    const guest = this.#options.guest?.();
    const settings = `space ${space} slot ${slot}`;
    const key = `${settings}${guest === undefined ? '' : `, ${guest.key}`}`;
    const kept = this.#options.forgetsGuests === true && { settings };
    return { kind: 'translates', key, ...kept, space, root: slotTable(slot, ROOTS), ...(guest && { guest }) };
  }
}

/** Requester 0 goes in space 0 through slots 1, 2 and 3 to page 5; the events so far are forgotten. */
export function furnished(options: LaboratoryOptions): Laboratory {
  const lab = new Laboratory({ ...options, armed: false });
  lab.storeDirectory(0, 0, 0);
  lab.storeSecond(0, 0, second(1));
  lab.storeFirst(0, 0, first(true, 0));
  lab.storeEntry(1, 0, entry('table', 2));
  lab.storeEntry(2, 0, entry('table', 3));
  lab.storeEntry(3, 0, entry('leaf', 5));
  for (const slot of [0, 1, 2, 3]) for (const index of [0, 1]) lab.clean(wordOfSlot(slot) + index);
  lab.clean(DIRECTORIES);
  lab.barrier();
  lab.register(true, 0);
  lab.armed = options.armed ?? true;
  return lab;
}

/** What the sanitizer finds while `run` runs; undefined: nothing. */
export function finding(run: () => void): Violation | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  }
}

/** A page table with a page that a call withdraws, and what is found when the call has answered. */
export interface Withdrawal {
  readonly on: Laboratory;
  readonly granted: Set<number>;
  /** The call answers: page 5 is granted no more. Throws when another check than staleness finds something. */
  answered(): string | undefined;
}

export function withdrawal(): Withdrawal {
  const granted = new Set([5, 6]);
  const on = furnished({ storeOrder: 'weak', snooped: true, granted: (_requester, _input, page) => granted.has(page) });
  const answered = (): string | undefined => {
    granted.delete(5);
    const found = finding(() => on.reach.checkRange(0, 0, Infinity));
    if (found !== undefined && found.check !== 'staleness') throw new Error(`found by ${found.check}: ${found.message}`);
    return found?.message;
  };
  return { on, granted, answered };
}

export const CONFIGURATION: Invalidation = { of: 'configuration', requesters: undefined, leafOnly: false };
export const TRANSLATIONS: Invalidation = { of: 'translations', space: undefined, leafOnly: false };

/** A command about input frames of space 0. */
export const about = (first: number, frames: number, leafOnly = false): Invalidation => ({
  of: 'translations',
  space: 0,
  leafOnly,
  range: { first, frames },
});
