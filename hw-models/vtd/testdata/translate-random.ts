/** Random tables of one stage or of two, with what a store may change of them. For laws. */
import * as fc from 'fast-check';

import { wordOf } from '#hw-models/core/address';
import { toWords } from '#hw-models/core/bits';
import type { Mode } from '#hw-models/core/sight';
import type { Erratum772415 } from '#hw-models/vtd/capabilities';
import { FsPte, SsPte } from '#hw-models/vtd/pte';
import { PasidEntry } from '#hw-models/vtd/structures';
import type { Probe } from './translate-oracle';
import { TranslateScene, type PasidValues } from './translate-scene';

/** Of every guest. */
const DID = 3;
/** Where random tables lie: frames from here on. */
const POOL = 0x2_0000;
/** Frames of the pool: two roots of a second stage, its tables, and the frames of the guest that tables of a first stage lie in. */
const SECOND_ROOTS = [0, 4] as const;
const SECOND_TABLES = 8;
const FIRST_TABLES = 16;
const GUEST_FRAMES = 8;
const LAST = FIRST_TABLES + GUEST_FRAMES;

interface Shape {
  /** Levels of each stage; 0: there is none. */
  readonly first: 0 | 4 | 5;
  readonly second: 0 | 3 | 4 | 5;
  readonly SSADE: boolean;
  readonly EAFE: boolean;
  readonly PWSNP: boolean;
  readonly erratum: Erratum772415;
  /** Tables of the first stage begin without flags. */
  readonly unmarked: boolean;
  /** Which frame of the guest the second stage lets it only read. */
  readonly readOnly: number | undefined;
}

/** One entry: which frame of the pool, which index, and what it says. */
type Entry = readonly [frame: number, index: number, raw: bigint];

/** Tables, and what is asked of them. */
export interface Case {
  readonly shape: Shape;
  readonly entries: readonly Entry[];
  readonly probes: readonly Probe[];
}

const isNested = ({ first, second }: Shape): boolean => first !== 0 && second !== 0;

const table = { first: (ADDR: number) => FsPte.encode({ P: true, RW: true, US: true, A: true, EA: true, ADDR }), second: (ADDR: number) => SsPte.encode({ R: true, W: true, A: true, ADDR }) };
const page = {
  first: (ADDR: number) => FsPte.encode({ P: true, RW: true, US: true, A: true, EA: true, D: true, ADDR }),
  second: (ADDR: number) => SsPte.encode({ R: true, W: true, A: true, D: true, ADDR }),
};

const FLAGS = FsPte.mask('A', 'EA', 'D');
const ACCESSED = FsPte.mask('A', 'EA');
const WRITE = SsPte.mask('W');

/** Frames as a first stage names them: its own under a second stage, those of the pool otherwise. */
const firstFrame = (shape: Shape, nth: number): number => (isNested(shape) ? nth : POOL + FIRST_TABLES + nth);

/** Tables in which walks get to the end: at every level index 0 leads on, and the last level maps a few pages. */
function base(shape: Shape): Entry[] {
  const entries: Entry[] = [];
  const { first, second } = shape;
  for (let depth = 0; depth < second - 1; depth++) {
    const next = table.second(POOL + SECOND_TABLES + depth);
    if (depth === 0) for (const root of SECOND_ROOTS) entries.push([root, 0, next]);
    else entries.push([SECOND_TABLES + depth - 1, 0, next]);
  }
  for (let frame = 0; second > 0 && frame < GUEST_FRAMES; frame++)
    entries.push([SECOND_TABLES + second - 2, frame, page.second(POOL + FIRST_TABLES + frame) & ~(frame === shape.readOnly ? WRITE : 0n)]);
  const flags = shape.unmarked ? FLAGS : 0n;
  for (let depth = 0; depth < first; depth++)
    for (let index = 0; index < 3; index++)
      entries.push([
        FIRST_TABLES + depth,
        index,
        (depth < first - 1 ? table.first(firstFrame(shape, depth + 1)) : page.first(5 + index)) & ~flags,
      ]);
  return entries;
}

const shapes = (nested: boolean, flags: boolean): fc.Arbitrary<Shape> =>
  fc
    .constantFrom<readonly [Shape['first'], Shape['second']]>(
      ...(nested
        ? ([
            [4, 3],
            [4, 4],
            [5, 4],
            [5, 5],
          ] as const)
        : ([
            [4, 0],
            [5, 0],
            [0, 3],
            [0, 4],
            [0, 5],
          ] as const)),
    )
    .chain(([first, second]) =>
      fc.record({
        first: fc.constant(first),
        second: fc.constant(second),
        SSADE: flags ? fc.boolean() : fc.constant(false),
        EAFE: flags ? fc.boolean() : fc.constant(false),
        PWSNP: fc.constantFrom(true, true, true, false),
        erratum: flags ? fc.constantFrom<Erratum772415>('off', 'top-level', 'any-level') : fc.constant<Erratum772415>('off'),
        unmarked: flags ? fc.boolean() : fc.constant(false),
        readOnly: flags ? fc.option(fc.nat({ max: 4 }), { nil: undefined }) : fc.constant(undefined),
      }),
    );

const FLIPS = {
  first: [0, 1, 2, 5, 5, 6, 6, 7, 10, 12, 13, 21, 52, 63],
  second: [0, 1, 1, 1, 7, 8, 9, 11, 12, 13, 21, 52, 62],
} as const;

/** An entry as random bits, near to a page, or a page or pointer into the pool. @param links `tree`: no table leads to one above it. */
function raws(shape: Shape, frame: number, links: 'any' | 'tree'): fc.Arbitrary<bigint> {
  const stage = frame >= FIRST_TABLES ? 'first' : 'second';
  const next = links === 'tree' ? frame + 1 : stage === 'first' ? FIRST_TABLES : SECOND_TABLES;
  const below = stage === 'first' ? firstFrame(shape, next - FIRST_TABLES) : POOL + Math.max(SECOND_TABLES, next);
  // Above the last level, what is no large page leads to a table.
  const from = (lowest: number, max: number): fc.Arbitrary<number> => fc.integer({ min: links === 'any' ? 0 : Math.min(lowest, max), max });
  const anywhere = stage === 'first' ? from(frame - FIRST_TABLES + 1, GUEST_FRAMES - 1) : from(frame + 1, LAST).map((nth) => POOL + nth);
  const flips = fc.array(fc.constantFrom<number>(...FLIPS[stage]), { maxLength: 2 });
  const flipped = (of: (ADDR: number) => bigint, frames: fc.Arbitrary<number>): fc.Arbitrary<bigint> =>
    fc.tuple(frames, flips).map(([ADDR, bits]) => bits.reduce((raw, at) => raw ^ 2n ** BigInt(at), of(ADDR)));
  const any = fc.oneof(
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
    { weight: 1, arbitrary: fc.constant(0n) },
    { weight: 2, arbitrary: flipped(table[stage], fc.constant(below)) },
    { weight: 4, arbitrary: flipped(page[stage], anywhere) },
    // Aligned to large pages.
    { weight: 2, arbitrary: fc.constantFrom(0, 0x200, 0x4_0000).map((ADDR) => page[stage](ADDR) | SsPte.mask('PS')) },
  );
  // What caches may hold is told without asking whether an entry on the way could be marked as accessed.
  return links === 'tree' && stage === 'first' ? any.map((raw) => raw | ACCESSED) : any;
}

export function casesOf(nested: boolean, links: 'any' | 'tree'): fc.Arbitrary<Case> {
  return shapes(nested, links === 'any').chain((shape) => {
    const frames = [
      ...(shape.second === 0 ? [] : [0, ...Array.from({ length: shape.second - 1 }, (_, nth) => SECOND_TABLES + nth)]),
      ...Array.from({ length: shape.first }, (_, nth) => FIRST_TABLES + nth),
    ];
    const entry = fc
      .constantFrom(...frames)
      .chain((frame) => fc.tuple(fc.constant(frame), fc.nat({ max: frame >= FIRST_TABLES ? 2 : 7 }), raws(shape, frame, links)));
    const widest = shape.first || shape.second;
    const deep = fc
      .tuple(fc.array(fc.constantFrom(0, 0, 1, 2), { minLength: widest, maxLength: widest }), fc.nat({ max: 4095 }))
      .map(([indexes, low]) => indexes.reduce((sum, index) => sum * 512n + BigInt(index), 0n) * 4096n + BigInt(low));
    const probe = fc.record<Probe>({
      iova: fc.oneof({ weight: 9, arbitrary: deep }, { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
      access: fc.constantFrom<Probe['access']>('read', 'write'),
    });
    return fc.record({
      shape: fc.constant(shape),
      entries: fc.array(entry, { minLength: 2, maxLength: 12 }).map((random) => [...base(shape), ...random]),
      probes: fc.array(probe, { minLength: 3, maxLength: 8 }),
    });
  });
}

const addressOf = (frame: number, index: number): bigint => BigInt(POOL + frame) * 4096n + BigInt(index * 8);

const WIDTHS = { 0: 57, 3: 39, 4: 48, 5: 57 } as const;

/** The PASID table entry of a shape. */
const entryOf = (shape: Shape): PasidValues => ({
  ...{ P: true, DID, PWSNP: shape.PWSNP, SSADE: shape.SSADE, EAFE: shape.EAFE, AW: WIDTHS[shape.second] },
  PGTT: shape.first === 0 ? 'second-stage' : shape.second === 0 ? 'first-stage' : 'nested',
  ...(shape.second !== 0 && { SSPTPTR: POOL }),
  ...(shape.first !== 0 && { FSPTPTR: firstFrame(shape, 0), FSPM: shape.first === 5 ? '5-level' : '4-level' }),
});

/** A machine whose tables are the case's. */
export function build({ shape, entries }: Case, mode: Mode): TranslateScene {
  const scene = new TranslateScene({ mode, part: { erratum772415: shape.erratum } });
  for (const [frame, index, raw] of entries) scene.machine.memory.set(wordOf(addressOf(frame, index)), raw);
  scene.pasid(entryOf(shape));
  return scene;
}

/** Where the PASID table entry of every scene lies. */
export const PASID_ENTRY = BigInt(new TranslateScene().pasidWord(0) * 8);

/** What a store may change: an entry of a table, or a word of the PASID table entry. */
export interface Change {
  readonly at: bigint;
  readonly raw: bigint;
}

export const changesOf = ({ shape, entries }: Case): fc.Arbitrary<Change> => {
  const entry = fc.nat({ max: entries.length - 1 }).chain((which) => {
    const [frame, index] = entries[which]!;
    return raws(shape, frame, 'tree').map((raw) => ({ at: addressOf(frame, index), raw }));
  });
  const word = fc
    .constantFrom<PasidValues>(
      { P: false },
      { DID: DID + 1 },
      { PGTT: 'pass-through', AW: 57 },
      ...(shape.first === 0 ? [] : [{ FSPTPTR: firstFrame(shape, 1) }]),
      ...(shape.second === 0 ? [] : [{ SSPTPTR: POOL + SECOND_ROOTS[1] }]),
      ...(isNested(shape) ? [{ PGTT: 'second-stage' } as const] : []),
    )
    .map((values) => {
      const [before, after] = [entryOf(shape), { ...entryOf(shape), ...values }].map((one) => toWords(PasidEntry.encode(one), 8));
      const at = after!.findIndex((raw, n) => raw !== before![n]);
      return { at: PASID_ENTRY + BigInt(at * 8), raw: after![at]! };
    });
  return fc.oneof({ weight: 3, arbitrary: entry }, { weight: 1, arbitrary: word });
};
