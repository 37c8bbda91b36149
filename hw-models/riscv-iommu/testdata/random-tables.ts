/** Random tables of one stage or of two, with what a store may change of them. For laws. */
import * as fc from 'fast-check';

import { wordOf } from '#hw-models/core/address';
import type { Mode } from '#hw-models/core/sight';
import { Scene, wordsOf, type DcValues } from '#hw-models/riscv-iommu/scene';
import { Pte, SCHEMES } from '#hw-models/riscv-iommu/tables';
import type { Probe } from './oracle';

/** Of every guest. */
export const GSCID = 3;
const PSCID = 7;

/** Where random tables lie: frames from here on, aligned to any root. */
const POOL = 0x2_0000n;
const PAGE = 4096n;
/** Frames of the pool: two roots of a second stage, its tables, and the frames of the guest that tables of a first stage lie in. */
const SECOND_ROOTS = [0, 4] as const;
const SECOND_TABLES = 8;
const FIRST_TABLES = 16;
const GUEST_FRAMES = 8;
const LAST = FIRST_TABLES + GUEST_FRAMES;

type FirstName = 'Bare' | 'Sv39' | 'Sv48' | 'Sv57';
type SecondName = 'Bare' | 'Sv39x4' | 'Sv48x4' | 'Sv57x4';

interface Shape {
  readonly first: FirstName;
  readonly second: SecondName;
  /** SADE and GADE. */
  readonly managed: boolean;
}

/** One entry: which frame of the pool, which index, and what it says. */
type Entry = readonly [frame: number, index: number, raw: bigint];

/** Tables, and what is asked of them. */
export interface Case {
  readonly shape: Shape;
  readonly entries: readonly Entry[];
  readonly probes: readonly Probe[];
}

const levelsOf = (scheme: FirstName | SecondName): number => (scheme === 'Bare' ? 0 : SCHEMES[scheme].levels);
const isNested = ({ first, second }: Shape): boolean => first !== 'Bare' && second !== 'Bare';

const pointer = (ppn: bigint): bigint => Pte.encode({ V: true, PPN: Number(ppn) });
const page = (ppn: bigint): bigint => Pte.encode({ V: true, R: true, W: true, X: true, U: true, A: true, D: true, PPN: Number(ppn) });

/** Frames as a first stage names them: its own under a second stage, those of the pool otherwise. */
const firstFrame = (shape: Shape, nth: number): bigint => (isNested(shape) ? BigInt(nth) : POOL + BigInt(FIRST_TABLES + nth));

/** Tables in which walks get to the end: at every level index 0 leads on, and the last level maps a few pages. */
function base(shape: Shape): Entry[] {
  const entries: Entry[] = [];
  const second = levelsOf(shape.second);
  for (let depth = 0; depth < second - 1; depth++) {
    const next = pointer(POOL + BigInt(SECOND_TABLES + depth));
    if (depth === 0) for (const root of SECOND_ROOTS) entries.push([root, 0, next]);
    else entries.push([SECOND_TABLES + depth - 1, 0, next]);
  }
  for (let frame = 0; second > 0 && frame < GUEST_FRAMES; frame++)
    entries.push([SECOND_TABLES + second - 2, frame, page(POOL + BigInt(FIRST_TABLES + frame))]);
  const first = levelsOf(shape.first);
  for (let depth = 0; depth < first; depth++)
    for (let index = 0; index < 3; index++)
      entries.push([FIRST_TABLES + depth, index, depth < first - 1 ? pointer(firstFrame(shape, depth + 1)) : page(BigInt(5 + index))]);
  // The other root of the first stage is a table of another level: it is a table like any.
  return entries;
}

/** @param manages Hardware may set A and D. */
const shapes = (nested: boolean, manages: boolean): fc.Arbitrary<Shape> =>
  fc
    .constantFrom<readonly [FirstName, SecondName]>(
      ...(nested
        ? ([
            ['Sv39', 'Sv39x4'],
            ['Sv48', 'Sv39x4'],
            ['Sv39', 'Sv48x4'],
            ['Sv57', 'Sv57x4'],
          ] as const)
        : ([
            ['Sv39', 'Bare'],
            ['Sv48', 'Bare'],
            ['Sv57', 'Bare'],
            ['Bare', 'Sv39x4'],
            ['Bare', 'Sv48x4'],
            ['Bare', 'Sv57x4'],
          ] as const)),
    )
    .chain(([first, second]) => fc.record({ first: fc.constant(first), second: fc.constant(second), managed: manages ? fc.boolean() : fc.constant(false) }));

/** A cache may use a NAPOT leaf for pages that its entry was never asked for. */
const separate = (raw: bigint): bigint => raw % NAPOT;
const NAPOT = 2n ** 63n;

/** An entry as random bits, near to a page, or a page or pointer into the pool. */
function raws(shape: Shape, frame: number, links: 'any' | 'tree'): fc.Arbitrary<bigint> {
  const isFirst = frame >= FIRST_TABLES;
  const below = isFirst
    ? fc.constant(firstFrame(shape, links === 'tree' ? frame - FIRST_TABLES + 1 : 0))
    : fc.constant(POOL + BigInt(Math.max(SECOND_TABLES, links === 'tree' ? frame + 1 : SECOND_TABLES)));
  const anywhere = fc.nat({ max: LAST }).map((nth) => (isFirst ? BigInt(nth % GUEST_FRAMES) : POOL + BigInt(nth)));
  const flips = fc.array(fc.constantFrom(0n, 1n, 2n, 3n, 4n, 6n, 7n, 10n, 13n, 54n, 59n, 61n, 62n, 63n), { maxLength: 2 });
  return fc.oneof(
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
    { weight: 1, arbitrary: fc.constant(0n) },
    { weight: 2, arbitrary: below.map(pointer) },
    { weight: 4, arbitrary: fc.tuple(anywhere, flips).map(([ppn, bits]) => bits.reduce((raw, at) => raw ^ 2n ** at, page(ppn))) },
    // Aligned to superpages, and to NAPOT.
    { weight: 2, arbitrary: fc.constantFrom(0n, 8n, 0x200n, 0x4_0000n, 0x800_0000n).map(page) },
    { weight: 1, arbitrary: fc.constantFrom(8n, 0x18n, 0x208n).map((ppn) => page(ppn) + NAPOT) },
  );
}

/** @param links `tree`: no table leads to one above it, and no leaf stands for its neighbours as well. */
export function casesOf(nested: boolean, links: 'any' | 'tree'): fc.Arbitrary<Case> {
  return shapes(nested, links === 'any' && !nested).chain((shape) => {
    const frames = [
      ...(shape.second === 'Bare' ? [] : [0, ...Array.from({ length: levelsOf(shape.second) - 1 }, (_, nth) => SECOND_TABLES + nth)]),
      ...Array.from({ length: levelsOf(shape.first) }, (_, nth) => FIRST_TABLES + nth),
    ];
    const entry = fc
      .constantFrom(...frames)
      .chain((frame) => fc.tuple(fc.constant(frame), fc.nat({ max: frame >= FIRST_TABLES ? 2 : 7 }), raws(shape, frame, links)));
    const widest = levelsOf(shape.first) || levelsOf(shape.second);
    const deep = fc
      .tuple(fc.array(fc.constantFrom(0, 0, 1, 2), { minLength: widest, maxLength: widest }), fc.nat({ max: 4095 }))
      .map(([indexes, low]) => indexes.reduce((sum, index) => sum * 512n + BigInt(index), 0n) * PAGE + BigInt(low));
    const probe = fc.record<Probe>({
      iova: fc.oneof({ weight: 9, arbitrary: deep }, { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
      access: fc.constantFrom<Probe['access']>('read', 'read', 'write', 'execute'),
    });
    return fc.record({
      shape: fc.constant(shape),
      entries: fc.array(entry, { minLength: 2, maxLength: 12 }).map((random) => [...base(shape), ...random.map(([frame, index, raw]) => [frame, index, links === 'tree' ? separate(raw) : raw] as const)]),
      probes: fc.array(probe, { minLength: 3, maxLength: 8 }),
    });
  });
}

const addressOf = (frame: number, index: number): bigint => (POOL + BigInt(frame)) * PAGE + BigInt(index * 8);

/** The device context of a shape. */
const contextOf = (shape: Shape): DcValues => ({
  tc: { SADE: shape.managed, GADE: shape.managed },
  ...(shape.first !== 'Bare' && { iosatp: { MODE: shape.first, PPN: Number(firstFrame(shape, 0)) }, ta: { PSCID } }),
  ...(shape.second !== 'Bare' && { iohgatp: { MODE: shape.second, PPN: Number(POOL), GSCID } }),
});

/** A machine whose tables are the case's. */
export function build({ shape, entries }: Case, mode: Mode): Scene {
  const scene = new Scene({ mode, part: { Svrsw60t59b: true } });
  for (const [frame, index, raw] of entries) scene.machine.memory.set(wordOf(addressOf(frame, index)), raw);
  scene.install(1, contextOf(shape));
  return scene;
}

/** Where the device context of every scene lies: allocation repeats. */
export const CONTEXT = new Scene().entryOf(1);

/** What a store may change: an entry of a table, or a word of the device context. */
export type Change = { readonly at: bigint; readonly raw: bigint };

export const changesOf = ({ shape, entries }: Case): fc.Arbitrary<Change> => {
  const entry = fc.nat({ max: entries.length - 1 }).chain((which) => {
    const [frame, index] = entries[which]!;
    return raws(shape, frame, 'tree').map((raw) => ({ at: addressOf(frame, index), raw: separate(raw) }));
  });
  const context = fc.constantFrom<DcValues>(
    { ...contextOf(shape), tc: { V: false } },
    // Not SADE or GADE: hardware would store more than the one change.
    { ...contextOf(shape), tc: { DTF: true } },
    { ...contextOf(shape), iosatp: {} },
    { ...contextOf(shape), iohgatp: {} },
    { ...contextOf(shape), ta: { PSCID: PSCID + 1 } },
    ...(shape.first === 'Bare' ? [] : [{ ...contextOf(shape), iosatp: { MODE: shape.first, PPN: Number(firstFrame(shape, 1)) } }]),
    ...(shape.second === 'Bare'
      ? []
      : [
          { ...contextOf(shape), iohgatp: { MODE: shape.second, PPN: Number(POOL) + SECOND_ROOTS[1], GSCID } },
          { ...contextOf(shape), iohgatp: { MODE: shape.second, PPN: Number(POOL), GSCID: GSCID + 1 } },
        ]),
  );
  const word = context.map((values) => {
    const [before, after] = [wordsOf(contextOf(shape)), wordsOf(values)];
    const at = after.findIndex((raw, n) => raw !== before[n]);
    return at < 0 ? undefined : { at: CONTEXT + BigInt(at * 8), raw: after[at]! };
  });
  return fc.oneof({ weight: 3, arbitrary: entry }, { weight: 1, arbitrary: word.filter((one) => one !== undefined) });
};
