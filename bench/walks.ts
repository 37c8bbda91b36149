/**
 * Speed of page walks over sparse memory: the walk engine alone, an SMMUv3 access with and without a TLB hit, and the composition of
 * two walks. Ratios are against a hand-written walk with numbers and without results, in the same run.
 */
import { WORDS_PER_PAGE } from '#hw-models/core/address';
import type { Hardware, Request } from '#hw-models/core/hardware';
import type { Memory } from '#hw-models/core/memory';
import { Random } from '#hw-models/core/random';
import { frameAt, walk, type EntryReader, type TableAt } from '#hw-models/core/walk';
import { Scene, STAGE2 } from '#hw-models/smmu-v3/scene';
import { STAGE2_LEAVES, STAGE2_TABLES } from '#hw-models/smmu-v3/tables';

/** One line of the benchmark table; `ratio` is against the plain loop. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly ratio?: number;
}

const PAGES = 4096;
const REPEATS = 9;
export const ROUNDS = 10;
const LEVELS = 4;
const INDEX_BITS = 9;
/** Indexes in use at each level: about 2,000 tables, 8 MiB, as many as the caches of a large processor hold. */
const FAN_OUT = [8, 16, 16, WORDS_PER_PAGE] as const;
const FIRST_FREE_FRAME = 0x4_0000;
const TABLE_END = 2 ** 20;
const PAGE_BYTES = 4096;
/** Above bits [47:32] of an address. */
const ADDRESS_HIGH = 2 ** 16;

const leaf = STAGE2_LEAVES['4K'][3];
const table = STAGE2_TABLES['4K'];

/** Tables and pages of one translation, made without a driver. */
class Tables {
  readonly #memory: Memory;
  readonly #root: number;
  #next: number;

  constructor(memory: Memory, root: number, firstFree: number) {
    this.#memory = memory;
    this.#root = root;
    this.#next = firstFree;
  }

  map(input: number, output: number): void {
    let frame = this.#root;
    for (let level = 0; level < LEVELS; level++) {
      const word = frame * WORDS_PER_PAGE + indexAt(input, level);
      if (level === LEVELS - 1) {
        this.#memory.set(word, leaf.encode({ valid: true, tableOrPage: true, AF: true, S2AP: 3, OAB: output }));
        return;
      }
      const old = table.of(this.#memory.get(word));
      if (!old.valid) this.#memory.set(word, table.encode({ valid: true, tableOrPage: true, NLTA: this.#next }));
      frame = old.valid ? old.NLTA : this.#next++;
    }
  }
}

const indexAt = (frame: number, level: number): number => Math.floor(frame / 2 ** (INDEX_BITS * (LEVELS - 1 - level))) % WORDS_PER_PAGE;

/** Input frames whose tables are spread over memory. */
export function randomFrames(random: Random): number[] {
  return Array.from({ length: PAGES }, () =>
    FAN_OUT.reduce((frame, indexes) => frame * WORDS_PER_PAGE + random.below(indexes) * (WORDS_PER_PAGE / indexes), 0),
  );
}

/** Millions of `body` calls a second: the best of several runs. */
export function rate(body: () => number): number {
  let best = Infinity;
  let calls = 0;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = performance.now();
    calls = body();
    best = Math.min(best, performance.now() - start);
  }
  return calls / best / 1000;
}

/** The hand-written walk: what any engine has to be measured against. */
function plainWalks(memory: Memory, root: number, frames: readonly number[]): number {
  let sum = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const frame of frames) {
      let at = root;
      for (let level = 0, size = 2 ** (INDEX_BITS * (LEVELS - 1)); level < LEVELS; level++, size /= WORDS_PER_PAGE) {
        const index = Math.floor(frame / size);
        const word = at * WORDS_PER_PAGE + index - Math.floor(index / WORDS_PER_PAGE) * WORDS_PER_PAGE;
        at = Math.floor(memory.low(word) / PAGE_BYTES) + (memory.high(word) % ADDRESS_HIGH) * TABLE_END;
      }
      sum += at;
    }
  }
  if (sum === 0) throw new Error('the walks lead nowhere');
  return frames.length * ROUNDS;
}

function engineWalks(root: TableAt, reader: EntryReader, frames: readonly number[]): number {
  for (let round = 0; round < ROUNDS; round++) {
    for (const frame of frames) if (walk(root, frame, reader).entry.kind !== 'page') throw new Error('a walk leads nowhere');
  }
  return frames.length * ROUNDS;
}

function accesses(hardware: Hardware, requests: readonly Request[], before: () => void): number {
  for (let round = 0; round < ROUNDS; round++) {
    before();
    for (const request of requests) if (hardware.access(request).kind !== 'translated') throw new Error('an access is not translated');
  }
  return requests.length * ROUNDS;
}

/** Reads tables of one stage at the addresses that the other gives. */
class ThroughStage implements EntryReader {
  readonly #memory: Memory;
  readonly #root: TableAt;
  #word = -1;
  #at = 0;

  constructor(memory: Memory, root: TableAt) {
    this.#memory = memory;
    this.#root = root;
  }

  low(word: number): number {
    return this.#memory.low(this.#place(word));
  }

  high(word: number): number {
    return this.#memory.high(this.#place(word));
  }

  #place(word: number): number {
    if (word === this.#word) return this.#at;
    const frame = Math.floor(word / WORDS_PER_PAGE);
    const { entry } = walk(this.#root, frame, this.#memory);
    if (entry.kind !== 'page') throw new Error('a table is not mapped');
    this.#word = word;
    this.#at = frameAt(entry, frame) * WORDS_PER_PAGE + word - frame * WORDS_PER_PAGE;
    return this.#at;
  }
}

/** Both stages in turn: 4 table reads of the first, each after 4 of the second, and 4 for the page: 24. */
function nestedWalks(first: TableAt, second: TableAt, memory: Memory, frames: readonly number[]): number {
  const reader = new ThroughStage(memory, second);
  for (let round = 0; round < ROUNDS; round++) {
    for (const frame of frames) {
      const { entry } = walk(first, frame, reader);
      if (entry.kind !== 'page' || walk(second, frameAt(entry, frame), memory).entry.kind !== 'page')
        throw new Error('a walk leads nowhere');
    }
  }
  return frames.length * ROUNDS;
}

/** The rows, measured now. */
export function walkRows(): readonly BenchRow[] {
  const random = new Random(1);
  const scene = new Scene();
  const base = scene.pages('page-table', 4096);
  scene.install(0, { ...STAGE2, S2T0SZ: 16, S2SL0: 2, S2TTB: base / 16n });
  const { memory } = scene.machine;
  const { hardware, sight, reach } = scene.machine.instance(0);
  const rootFrame = Number(base / 4096n);
  const frames = randomFrames(random);
  const tables = new Tables(memory, rootFrame, FIRST_FREE_FRAME);
  for (const frame of frames) tables.map(frame, random.below(2 ** 24));
  const [destination] = reach.destinations(0);
  if (destination?.kind !== 'translates') throw new Error('the stream is not translated');
  const { root } = destination;
  const requests = frames.map((frame): Request => ({
    requester: 0,
    id: 0,
    pasid: undefined,
    iova: BigInt(frame) * 4096n,
    access: 'read',
    privileged: false,
  }));

  const plain = rate(() => plainWalks(memory, rootFrame, frames));
  const row = (name: string, value: number): BenchRow => ({ name, value, unit: 'million/s', ratio: value / plain });
  const everything = { of: 'translations', space: undefined, leafOnly: false } as const;
  const rows = [
    { name: 'four-level walk, hand-written', value: plain, unit: 'million/s' },
    row(
      'four-level walk, cold caches',
      rate(() => engineWalks(root, memory, frames)),
    ),
    row(
      'SMMUv3 access, TLB miss and fill',
      rate(() => accesses(hardware, requests, () => sight.invalidate(everything))),
    ),
    row(
      'SMMUv3 access, TLB hit',
      rate(() => accesses(hardware, requests, () => undefined)),
    ),
  ];
  return [...rows, row('nested walk of 24 reads', nestedRate(memory, root, random))];
}

/** Two stages over memory of their own: the second maps every frame that the tables of the first are in. */
function nestedRate(memory: Memory, { level }: TableAt, random: Random): number {
  const firstRoot = TABLE_END;
  const secondRoot = 2 * TABLE_END;
  const first = new Tables(memory, firstRoot, firstRoot + 1);
  const second = new Tables(memory, secondRoot, secondRoot + 1);
  const frames = randomFrames(random);
  const outputs = frames.map((frame) => {
    const output = 3 * TABLE_END + random.below(TABLE_END);
    first.map(frame, output);
    return output;
  });
  for (const output of outputs) second.map(output, output);
  for (let frame = firstRoot; !memory.isBlank(frame); frame++) second.map(frame, frame);
  const at = (frame: number): TableAt => ({ word: frame * WORDS_PER_PAGE, entries: WORDS_PER_PAGE, level });
  return rate(() => nestedWalks(at(firstRoot), at(secondRoot), memory, frames));
}

/** For `npm run bench`. */
export const rows = async (): Promise<readonly BenchRow[]> => walkRows();
