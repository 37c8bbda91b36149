/**
 * Laws of the reach graph: after every event of a random history it says what the slow way of `History` says, and it finds a violation
 * exactly when there is one.
 */
import { describe, it } from 'node:test';
import { assert } from 'chai';
import * as fc from 'fast-check';
import type { Facts, Invalidation, Requester } from './facts';
import {
  entry,
  first,
  frameOfSlot,
  furnished,
  LEVELS,
  second,
  SLOTS,
  UNUSED,
  wordOfSlot,
  type Laboratory,
  type LaboratoryOptions,
} from './laboratory';
import { RecomputedReach, type Strictness } from './recomputed';
import { Violation } from './violation';

interface Op {
  readonly label: string;
  run(lab: Laboratory): void;
  [fc.toStringMethod](): string;
}

const op = (label: string, run: (lab: Laboratory) => void): Op => ({ label, run, [fc.toStringMethod]: () => label });

const slot = fc.nat(SLOTS - 1);
const index = fc.nat(3);
const place = fc.nat(1);

/** What leaves let a device do. That a stale leaf is of no use which the hardware had not begun to use, the histories do not know. */
const USED = [1, 3];
const ANY = [...USED, UNUSED + 1, UNUSED + 3];

const tableStore = (prots: readonly number[]): fc.Arbitrary<Op> =>
  fc
    .tuple(
      slot,
      index,
      fc.constantFrom('none' as const, 'table' as const, 'table' as const, 'leaf' as const),
      fc.nat(7),
      fc.constantFrom(...prots),
    )
    .map(([at, which, kind, value, prot]) =>
      op(`entry ${which} of slot ${at} = ${kind} ${value} ${prot}`, (lab) => lab.storeEntry(at, which, entry(kind, value, prot))),
    );

const configurationStore = fc.oneof(
  fc
    .tuple(slot, place, fc.boolean(), fc.nat(1))
    .map(([at, where, valid, space]) =>
      op(`first word ${where} of slot ${at} = ${valid} ${space}`, (lab) => lab.storeFirst(at, where, first(valid, space))),
    ),
  fc
    .tuple(slot, place, slot)
    .map(([at, where, root]) => op(`second word ${where} of slot ${at} = ${root}`, (lab) => lab.storeSecond(at, where, second(root)))),
  fc
    .tuple(place, place, fc.option(slot, { nil: undefined }))
    .map(([base, half, to]) => op(`directory ${half} of base ${base} = ${to}`, (lab) => lab.storeDirectory(base, half, to))),
);

/** Registers change at once. What a command finds that is on its way meanwhile, the graph says too widely. */
const register = (between: boolean): fc.Arbitrary<Op> =>
  fc.tuple(fc.boolean(), place).map(([enabled, base]) =>
    op(`enabled ${enabled}, base ${base}`, (lab) => {
      if (between) lab.fence();
      lab.register(enabled, base);
    }),
  );

const sameDirectory = (one: Requester) => (other: Requester) => Math.floor(one / 2) === Math.floor(other / 2);

const configurationCommand = fc
  .tuple(fc.constantFrom(undefined, 0, 1, 2), fc.boolean(), fc.boolean())
  .map(([requester, leafOnly, shared]): [string, Invalidation] => [
    `forget configuration of ${requester}${leafOnly ? ', leaf' : shared ? ', directory' : ''}`,
    {
      of: 'configuration',
      requesters: requester === undefined ? undefined : new Set([requester]),
      leafOnly,
      ...(shared && requester !== undefined && { directories: sameDirectory(requester) }),
    },
  ]);

const translationCommand = fc
  .tuple(
    fc.constantFrom(undefined, 0, 1),
    fc.option(fc.tuple(fc.nat(63), fc.constantFrom(1, 4, 8, 16)), { nil: undefined }),
    fc.boolean(),
    fc.option(fc.constantFrom(...LEVELS), { nil: undefined }),
  )
  .map(([space, range, leafOnly, hint]): [string, Invalidation] => [
    `forget translations of ${space}${range ? ` in ${range.join(' + ')}` : ''}${leafOnly ? ', leaf' : ''}${hint ? `, ${hint.name}` : ''}`,
    {
      of: 'translations',
      space,
      leafOnly,
      ...(range && { range: { first: range[0], frames: range[1] } }),
      ...(hint && { only: (level, leaf) => (leaf ? level === hint : LEVELS.indexOf(level) < LEVELS.indexOf(hint)) }),
    },
  ]);

/** At most `pending` commands are on their way: each makes the histories many times as many. */
const fetched = (command: fc.Arbitrary<[string, Invalidation]>, pending: number): fc.Arbitrary<Op> =>
  command.map(([label, invalidation]) =>
    op(label, (lab) => {
      if (lab.pending < pending) lab.fetch(invalidation);
    }),
  );

const completed = (command: fc.Arbitrary<[string, Invalidation]>): fc.Arbitrary<Op> =>
  command.map(([label, invalidation]) =>
    op(`${label}, at once`, (lab) => {
      lab.fence();
      lab.fetch(invalidation);
      lab.fence();
    }),
  );

const barrier = fc.constant(op('barrier', (lab) => lab.barrier()));
const fence = fc.constant(op('fence', (lab) => lab.fence()));
const clean = fc
  .tuple(slot, index)
  .map(([at, which]) => op(`clean entry ${which} of slot ${at}`, (lab) => lab.clean(wordOfSlot(at) + which)));
const free = slot.map((which) =>
  op(`free the frame of slot ${which}`, (lab) => {
    if (!lab.reach.isUsed(frameOfSlot(which))) lab.reach.freed(frameOfSlot(which));
  }),
);

const history = (configuration: fc.Arbitrary<Op>, pending: number, { frees = 1, prots = ANY, between = true } = {}): fc.Arbitrary<Op[]> =>
  fc.array(
    fc.oneof(
      { weight: 8, arbitrary: tableStore(prots) },
      { weight: 6, arbitrary: configurationStore },
      { weight: 4, arbitrary: configuration },
      { weight: 5, arbitrary: fetched(translationCommand, pending) },
      { weight: 5, arbitrary: fence },
      { weight: 4, arbitrary: barrier },
      { weight: 2, arbitrary: clean },
      { weight: 1, arbitrary: register(between) },
      { weight: frees, arbitrary: free },
    ),
    { minLength: 5, maxLength: 35, size: 'max' },
  );

const recomputed =
  (strictness: Strictness) =>
  (facts: Facts): RecomputedReach =>
    new RecomputedReach(facts, strictness);

const MEMORIES: readonly Pick<LaboratoryOptions, 'storeOrder' | 'snooped' | 'keepsValid'>[] = [
  { storeOrder: 'program', snooped: true },
  { storeOrder: 'weak', snooped: true, keepsValid: true },
  { storeOrder: 'weak', snooped: true },
  { storeOrder: 'weak', snooped: false },
];

const told = ({ storeOrder, snooped, keepsValid = false }: (typeof MEMORIES)[number]): string =>
  `${storeOrder === 'program' ? 'stores in program order' : 'stores ordered by barriers'}${snooped ? '' : ', walkers that do not snoop'}${keepsValid ? ', caches that keep only what is valid' : ''}`;

describe('the reach graph and the histories of caches', () => {
  for (const memory of MEMORIES) {
    it(`agree after every event, with one command on its way: ${told(memory)}`, () => {
      fc.assert(
        fc.property(history(completed(configurationCommand), 1), (ops) => {
          const lab = furnished({ ...memory, armed: false, reach: recomputed('exact') });
          for (const { run } of ops) run(lab);
        }),
        { numRuns: 300 },
      );
    });

    it(`agree with several commands before one fence: ${told(memory)}`, () => {
      fc.assert(
        fc.property(history(completed(configurationCommand), 3), (ops) => {
          const lab = furnished({ ...memory, armed: false, reach: recomputed('exact') });
          for (const { run } of ops) run(lab);
        }),
        { numRuns: 150 },
      );
    });

    it(`never miss anything, whatever is on its way: ${told(memory)}`, () => {
      fc.assert(
        fc.property(history(fetched(configurationCommand, 3), 3, { between: false }), (ops) => {
          const lab = furnished({ ...memory, armed: false, reach: recomputed('safe') });
          for (const { run } of ops) run(lab);
        }),
        { numRuns: 150 },
      );
    });
  }
});

describe('the sanitizer', () => {
  /** Plays histories until one is found out, which must be at the event that history says is wrong. @returns How many were. */
  function judged<Rules>(rules: fc.Arbitrary<Rules>, options: (rules: Rules) => Partial<LaboratoryOptions>): number {
    let found = 0;
    fc.assert(
      fc.property(history(completed(configurationCommand), 1, { frees: 0, prots: USED }), rules, (ops, chosen) => {
        const lab = furnished({ storeOrder: 'weak', snooped: true, armed: false, reach: recomputed('exact'), ...options(chosen) });
        const { history: slow } = lab.reach as RecomputedReach;
        lab.armed = true;
        let reported = reports(() => lab.reach.armed());
        for (const { run } of ops) {
          assert.equal(reported, slow.wrong() !== undefined, slow.wrong() ?? 'nothing is wrong');
          if (reported) break;
          reported = reports(() => run(lab));
        }
        if (reported) found++;
      }),
      { numRuns: 600 },
    );
    return found;
  }

  function reports(run: () => void): boolean {
    try {
      run();
      return false;
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      return true;
    }
  }

  it('finds a translation that is not granted at the event that makes it possible', () => {
    const grants = fc.array(fc.tuple(fc.nat(2), fc.nat(5)), { maxLength: 18 });
    const found = judged(grants, (granted) => {
      const allowed = new Set(granted.map((pair) => pair.join(' ')));
      return { granted: (requester, _input, page, frames) => frames === 1 && allowed.has(`${requester} ${page}`) };
    });
    assert.isAbove(found, 100);
  });

  it("finds a structure in a frame that is not the driver's at the event that leads there", () => {
    const missing = fc.subarray([frameOfSlot(SLOTS - 2), frameOfSlot(SLOTS - 1)], { minLength: 1 });
    const found = judged(missing, (frames) => ({ owns: (page) => !frames.includes(page) }));
    assert.isAbove(found, 100);
  });
});
