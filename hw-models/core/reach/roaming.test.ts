/**
 * A law that shares nothing with the graph or with `History`: hardware with caches of its own, which fills them when it likes, lets
 * commands act when it likes, and reads any value that memory may still show. Whatever it finds, the graph has it; and it reads no frame
 * that was given back unless the sanitizer has said so.
 */
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { pageOfWord } from '#hw-models/core/address';
import { Random } from '#hw-models/core/random';
import { firstOf, framesOf, type LeafEntry, type Level, type TableAt } from '#hw-models/core/walk';
import type { Destination, Facts, Invalidation, Requester, SpaceName } from './facts';
import { entry, finding, first, frameOfSlot, furnished, LEVELS, REQUESTERS, second, SLOTS, type Laboratory } from './laboratory';
import { Reach } from './reach';

interface CachedTable {
  readonly space: SpaceName;
  readonly input: number;
  readonly from: Level;
  readonly table: TableAt;
}

interface CachedLeaf {
  readonly space: SpaceName;
  readonly input: number;
  readonly from: Level;
  readonly leaf: LeafEntry;
}

type Word = { readonly raw: bigint; readonly reach: 'leaf' | 'directory' };

const STEPS = 60;
/** Input frames of all of the tables, and those that most entries are about. */
const INPUTS = 64;
const USUAL = [0, 1, 4, 5, 16, 17, 20, 21];

interface World {
  readonly snooped: boolean;
  /** Software gives frames back and takes them again. */
  readonly frees: boolean;
}

class Roaming {
  readonly lab: Laboratory;
  readonly #facts: Facts;
  readonly #random: Random;
  readonly #frees: boolean;
  readonly #words = new Map<Requester, Map<number, Word>>(REQUESTERS.map((requester) => [requester, new Map<number, Word>()]));
  readonly #entries = new Map<Requester, Destination[]>(REQUESTERS.map((requester) => [requester, []]));
  #tables: CachedTable[] = [];
  #leaves: CachedLeaf[] = [];
  /** Fetched commands that have not acted. */
  #waiting: Invalidation[] = [];
  readonly #freed = new Set<number>();
  readonly log: string[] = [];

  constructor(random: Random, { snooped, frees }: World) {
    this.#random = random;
    this.#frees = frees;
    let facts: Facts | undefined;
    this.lab = furnished({ storeOrder: 'weak', snooped, reach: (of) => new Reach((facts = of)) });
    this.#facts = facts!;
  }

  /** Software does something, and the hardware goes on. */
  step(): void {
    this.#software();
    this.#roam(30);
    for (const command of [...this.#waiting]) if (this.#oneIn(3)) this.#act(command);
  }

  #software(): void {
    const { lab } = this;
    const n = (below: number): number => this.#random.below(below);
    const kind = n(this.#frees ? 27 : 22);
    if (kind < 8)
      this.#does('entry', [n(SLOTS), n(4), n(5), n(8), 1 + 2 * n(2)], (slot, index, what, value, prot) =>
        this.#own(slot, () =>
          lab.storeEntry(slot, index, entry((['none', 'table', 'table', 'leaf', 'leaf'] as const)[what]!, value, prot)),
        ),
      );
    else if (kind < 10)
      this.#does('first', [n(SLOTS), n(2), n(6), n(2)], (slot, place, valid, space) =>
        this.#own(slot, () => lab.storeFirst(slot, place, first(valid > 0, space))),
      );
    else if (kind < 12)
      this.#does('second', [n(SLOTS), n(2), n(SLOTS)], (slot, place, root) =>
        this.#own(slot, () => lab.storeSecond(slot, place, second(root))),
      );
    else if (kind < 13)
      this.#does('directory', [n(2), n(2), n(SLOTS + 1)], (base, half, slot) =>
        lab.storeDirectory(base, half, slot < SLOTS ? slot : undefined),
      );
    else if (kind < 15) this.#does('barrier', [], () => lab.barrier());
    else if (kind < 16) this.#does('clean', [n(SLOTS), n(4)], (slot, index) => lab.clean(lab.wordOf(slot, index)));
    else if (kind < 17) this.#does('register', [n(8), n(4)], (off, base) => lab.register(off > 0, base === 0 ? 1 : 0));
    else if (kind < 18)
      this.#does('forget configuration', [n(4), n(2), n(2)], (who, leafOnly, shared) =>
        this.#fetch(configurationCommand(who, leafOnly > 0, shared > 0)),
      );
    else if (kind < 20)
      this.#does('forget translations', [n(3), n(INPUTS), n(5), n(2), n(6)], (space, at, size, leafOnly, hint) =>
        this.#fetch(translationCommand(space, at, size, leafOnly > 0, hint)),
      );
    else if (kind < 22) this.#does('fence', [], () => this.#fence());
    else if (kind < 25) this.#does('free', [n(SLOTS)], (slot) => this.#free(slot));
    else this.#does('take', [n(SLOTS)], (slot) => this.#take(slot));
  }

  #free(slot: number): void {
    const frame = frameOfSlot(slot);
    if (this.#freed.has(frame) || this.lab.reach.isUsed(frame)) return;
    this.lab.free(slot);
    this.#freed.add(frame);
  }

  #take(slot: number): void {
    if (!this.#freed.delete(frameOfSlot(slot))) return;
    this.lab.takeBack(slot);
    this.lab.memory.clear(frameOfSlot(slot));
  }

  /** Software stores to what it owns. */
  #own(slot: number, store: () => void): void {
    if (!this.#freed.has(frameOfSlot(slot))) store();
  }

  #does<A extends readonly number[]>(what: string, args: readonly [...A], run: (...args: A) => void): void {
    this.log.push(`${what} ${args.join(' ')}`);
    run(...args);
  }

  #fetch(invalidation: Invalidation): void {
    this.#waiting.push(invalidation);
    this.lab.fetch(invalidation);
  }

  #fence(): void {
    while (this.#waiting.length > 0) {
      this.#act(this.#random.pick(this.#waiting));
      if (this.#waiting.length > 0) this.#roam(5);
    }
    this.lab.fence();
  }

  #roam(most: number): void {
    for (let looks = this.#random.below(most); looks > 0; looks--) this.#look(this.#random.pick(REQUESTERS));
  }

  /** An access, wanted or not: what it finds is in the graph, and may be kept. */
  #look(requester: Requester): void {
    const destination = this.#configured(requester);
    if (!this.lab.reach.destinations(requester).some(({ key }) => key === destination.key))
      throw this.#missing(`r${requester} is sent to ${destination.key}`);
    if (destination.kind !== 'translates') return;
    const { space, root } = destination;
    const page = this.#oneIn(2) ? this.#random.below(INPUTS) : this.#random.pick(USUAL);
    const cached = this.#leaves.filter(
      (one) => one.space === space && isWithin(page, firstOf(one.leaf, one.input), framesOf(one.leaf.sizeLog2)),
    );
    const leaf = cached.length > 0 && this.#oneIn(2) ? this.#random.pick(cached).leaf : this.#walk(space, root, page);
    if (leaf === undefined) return;
    const start = firstOf(leaf, page);
    const known = [...this.lab.reach.reachable(requester, page, 1)].some(
      ({ input, leaf: { page: output, sizeLog2, prot } }) =>
        input === start && output === leaf.page && sizeLog2 === leaf.sizeLog2 && prot === leaf.prot,
    );
    if (!known) throw this.#missing(`r${requester} reaches page ${leaf.page} at ${page}`);
  }

  #configured(requester: Requester): Destination {
    const words = this.#words.get(requester)!;
    const entries = this.#entries.get(requester)!;
    let fetched = false;
    const found = this.#facts.resolve(requester, {
      fetch: (word, count, reach) => {
        fetched = true;
        for (let at = word; at < word + count; at++) if (!words.has(at) && this.#oneIn(2)) words.set(at, { raw: this.#memory(at), reach });
      },
      read: (word) => words.get(word)?.raw ?? this.#memory(word),
    });
    if (!fetched || this.#oneIn(3)) return found;
    if (entries.length > 0 && this.#oneIn(2)) return this.#random.pick(entries);
    entries.push(found);
    return found;
  }

  #walk(space: SpaceName, root: TableAt, page: number): LeafEntry | undefined {
    const starts = this.#tables.filter((one) => one.space === space && isWithin(page, one.input, framesOf(one.from.shift)));
    const start = starts.length > 0 && this.#oneIn(2) ? this.#random.pick(starts) : { table: root, input: 0 };
    let { table, input } = start;
    for (;;) {
      const per = framesOf(table.level.shift);
      const index = Math.floor((page - input) / per);
      const raw = this.#memory(table.word + index);
      const read = table.level.decode(Number(raw & 0xffff_ffffn), Number(raw >> 32n));
      if (index >= table.entries || read.kind === 'none') return undefined;
      input += index * per;
      const from = table.level;
      if (read.kind === 'page') {
        if (this.#oneIn(2)) this.#leaves.push({ space, input, from, leaf: read });
        return read;
      }
      if (this.#oneIn(2)) this.#tables.push({ space, input, from, table: read.table });
      ({ table } = read);
    }
  }

  /** Any value that memory may show. */
  #memory(word: number): bigint {
    if (this.#freed.has(pageOfWord(word))) throw this.#missing(`a freed frame is read, at word ${word}`);
    const { older, get } = this.#facts.memory;
    return this.#random.pick([...older.call(this.#facts.memory, word), get.call(this.#facts.memory, word)]);
  }

  #act(command: Invalidation): void {
    this.#waiting = this.#waiting.filter((other) => other !== command);
    if (command.of === 'translations') {
      const { space, range, leafOnly, only } = command;
      const spares = (of: SpaceName, level: Level, leaf: boolean, start: number, frames: number): boolean =>
        (space !== undefined && space !== of) ||
        only?.(level, leaf) === false ||
        (range !== undefined && !(start < range.first + range.frames && range.first < start + frames));
      this.#leaves = this.#leaves.filter((one) =>
        spares(one.space, one.from, true, firstOf(one.leaf, one.input), framesOf(one.leaf.sizeLog2)),
      );
      if (!leafOnly) this.#tables = this.#tables.filter((one) => spares(one.space, one.from, false, one.input, framesOf(one.from.shift)));
      return;
    }
    const { requesters, leafOnly, directories } = command;
    for (const requester of REQUESTERS) {
      const all = requesters?.has(requester) ?? true;
      if (all) this.#entries.set(requester, []);
      const words = this.#words.get(requester)!;
      for (const [word, { raw, reach }] of words)
        if (reach === 'leaf' ? all : !leafOnly && (all || directories?.(requester, raw) === true)) words.delete(word);
    }
  }

  #oneIn(n: number): boolean {
    return this.#random.below(n) === 0;
  }

  #missing(what: string): Error {
    return new Error(`${what}, and the graph does not know: ${this.log.join('; ')}`);
  }
}

const isWithin = (page: number, start: number, frames: number): boolean => page >= start && page < start + frames;

/** @param who A requester, or 3 for all. */
function configurationCommand(who: number, leafOnly: boolean, shared: boolean): Invalidation {
  if (who === REQUESTERS.length) return { of: 'configuration', requesters: undefined, leafOnly };
  const directories = (other: Requester): boolean => Math.floor(other / 2) === Math.floor(who / 2);
  return { of: 'configuration', requesters: new Set([who]), leafOnly, ...(shared && { directories }) };
}

/** @param space Or 2 for all. @param size 4 for no range. @param hint A level, or more for none. */
function translationCommand(space: number, first: number, size: number, leafOnly: boolean, hint: number): Invalidation {
  const only = LEVELS[hint];
  return {
    of: 'translations',
    space: space < 2 ? space : undefined,
    leafOnly,
    ...(size < 4 && { range: { first, frames: 2 ** size } }),
    ...(only && { only: (level, leaf) => (leaf ? level === only : LEVELS.indexOf(level) < LEVELS.indexOf(only)) }),
  };
}

const WORLDS: Readonly<Record<string, World>> = {
  'finds nothing that the graph does not know': { snooped: true, frees: false },
  'finds nothing that the graph does not know, where walkers do not snoop': { snooped: false, frees: false },
  'reads no frame that was given back before the sanitizer has said so': { snooped: true, frees: true },
};

describe('hardware that roams', () => {
  for (const [law, world] of Object.entries(WORLDS)) {
    it(law, () => {
      fc.assert(
        fc.property(fc.noBias(fc.nat(0x7fff_ffff)), (seed) => {
          const roaming = new Roaming(new Random(seed), world);
          for (let step = 0; step < STEPS && finding(() => roaming.step()) === undefined; step++);
        }),
        { numRuns: 300, endOnFailure: true },
      );
    });
  }
});
