import { assert } from 'chai';
import * as fc from 'fast-check';
import { suite, test } from 'node:test';
import type { Invalidated } from '#drivers/contract/iommu';
import type { Bench } from '#steps/bench/bench';
import type { Act } from '#steps/bench/verbs';
import {
  accessTwice,
  arrayOf,
  guestOf,
  nest,
  performs,
  PROPERTIES,
  unnest,
  USERS,
  validData,
  type Nested,
  type Tried,
  type Users,
} from './testdata/user-data';

const MOST_ENTRIES = 2 ** 32 - 1;
/** The guest's first page, and one that it does not map. */
const ACCESSES: readonly Tried[] = [
  { kind: 'write', iova: 0x1000n },
  { kind: 'read', iova: 0x5000n },
];

/** Numbers from 0, fewer than `count`. */
const below = (count: number): readonly number[] => [...Array(count).keys()];

const flipped = (bytes: readonly number[], bit: number): readonly number[] =>
  bytes.map((byte, at) => (at === Math.floor(bit / 8) ? byte ^ (2 ** (bit % 8)) : byte));

/** As many bytes, of those and then of a filling. */
const ofLength = (bytes: readonly number[], length: number, filling: number): readonly number[] =>
  below(length).map((at) => bytes[at] ?? filling);

/** Of no entry to 5, and of parts of one after those. */
const byteCounts = (length: number): readonly number[] =>
  below(6).flatMap((entries) => [0, 1, length - 1].map((more) => entries * length + more));

/** Runs cases, and says which one failed. */
async function each<T>(cases: readonly T[], body: (one: T) => Promise<void>): Promise<void> {
  for (const one of cases) {
    await body(one).catch((cause: unknown) => {
      throw new Error(`${String(one)}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    });
  }
}

/** Makes a domain from bytes, uses it, and does without it again. */
async function handIn(users: Users, bench: Bench, bytes: readonly number[]): Promise<Nested> {
  const nested = await nest(users, bench, bytes);
  await accessTwice(bench, ACCESSES);
  await unnest(bench, nested);
  return nested;
}

/** One scene for all, as its end takes longest: after each no more is held than after valid bytes. */
async function handInEach<T>(users: Users, cases: readonly T[], body: (one: T, bench: Bench) => Promise<unknown>): Promise<void> {
  const bench = await guestOf(users);
  const { resources } = bench.machine;
  await handIn(users, bench, validData(users));
  const held = resources.held();
  await each(cases, async (one) => {
    await body(one, bench);
    assert.deepEqual(resources.held(), held);
  });
  await bench.end();
}

/** Several calls on one valid domain, which d1 uses. */
async function attached(users: Users, body: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = await guestOf(users);
  assert.equal(await nest(users, bench, validData(users)), 'attached');
  await accessTwice(bench, ACCESSES);
  await body(bench);
  await accessTwice(bench, ACCESSES);
  await bench.end();
}

/** How many entries were carried out, and what ended that. */
async function carriedOut(users: Users, bench: Bench, array: Act): Promise<Invalidated> {
  const answer = await performs(users, bench, array);
  return answer.ok ? (answer.value as Invalidated) : { handled: 0, errno: answer.errno };
}

/** What the driver took during a call: bytes of the user at a time, and pages and objects. */
function taken({ machine: { trace } }: Bench, since: number): { readonly copies: readonly number[]; readonly allocations: number } {
  const events = below(trace.length - since).map((n) => trace.event(since + n));
  return {
    copies: events.filter(({ kind }) => kind === 'copy-in').map(({ value }) => Number(value)),
    allocations: events.filter(({ kind }) => kind === 'page-alloc' || kind === 'object-alloc').length,
  };
}

for (const [name, users] of Object.entries(USERS)) {
  const { system, dataBytes } = users;
  const { length } = system.invalidation;
  const valid = system.entry(users.entry);
  const malformed = system.entry(system.entries.malformed);

  suite(`data of a guest’s first stage: ${name}`, () => {
    const data = validData(users);

    for (const filling of [0, 0xff])
      test(`of every length, then bytes ${filling}`, () =>
        handInEach(users, [...below(65), 4096], async (bytes, bench) => {
          const isKnown = bytes >= dataBytes.least && bytes <= dataBytes.most;
          assert.equal(await handIn(users, bench, ofLength(data, bytes, filling)), isKnown ? 'attached' : 'refused');
        }));

    test('with every bit flipped', () =>
      handInEach(users, below(dataBytes.most * 8), (bit, bench) => handIn(users, bench, flipped(data, bit))));
  });

  suite(`arrays of invalidations: ${name}`, () => {
    test('of no entry, one, and more than there are', () =>
      attached(users, (bench) =>
        each(byteCounts(length), async (bytes) => {
          const there = Math.floor(bytes / length);
          const array = ofLength(Array(5).fill(valid).flat(), bytes, 0);
          for (const entries of [0, 1, MOST_ENTRIES]) {
            const since = bench.machine.trace.length;
            const handled = Math.min(entries, there);
            const expected = handled < entries ? { handled, errno: 'EFAULT' } : { handled };
            assert.deepEqual(await carriedOut(users, bench, arrayOf(users, array, { entries })), expected, `${entries} entries`);
            const { copies, allocations } = taken(bench, since);
            assert.deepEqual([allocations, copies.length], [0, Math.min(entries, there + 1)], `${entries} entries`);
            assert.isTrue(
              copies.every((copied) => copied <= length),
              `${entries} entries`,
            );
          }
        }),
      ));

    test('of entries of another length', () =>
      attached(users, (bench) =>
        each([0, length - 1, length, length + 1, length + 8], async (said) => {
          const array = ofLength(valid, 5 * (length + 8), 0);
          const expected = said === length ? { handled: 1 } : { handled: 0, errno: 'EINVAL' };
          assert.deepEqual(await carriedOut(users, bench, arrayOf(users, array, { entries: 1, length: said })), expected);
        }),
      ));

    test('with one that is malformed at every place', () =>
      attached(users, (bench) =>
        each(below(5), async (place) => {
          const array = below(5).flatMap((at) => (at === place ? malformed : valid));
          assert.deepEqual(await carriedOut(users, bench, arrayOf(users, array)), { handled: place, errno: 'EINVAL' });
        }),
      ));

    test('with every bit of an entry flipped', () =>
      attached(users, (bench) =>
        each(below(length * 8), async (bit) => {
          const { handled, errno } = await carriedOut(users, bench, arrayOf(users, [...valid, ...flipped(valid, bit), ...valid]));
          assert.equal(handled, errno === undefined ? 3 : 1);
        }),
      ));
  });
}

suite('what users hand in', () => {
  for (const [what, property] of Object.entries(PROPERTIES)) test(what, () => fc.assert(property, { numRuns: 50 }));
});
