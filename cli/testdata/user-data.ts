/** What users hand in: whatever a guest says, the driver answers as documented, and the sanitizer has nothing to say. */
import { assert } from 'chai';
import * as fc from 'fast-check';
import { connect } from '#drivers/connect';
import type { Errno } from '#drivers/contract/driver';
import { wordOf } from '#hw-models/core/address';
import type { Outcome } from '#hw-models/core/hardware';
import type { Result } from '#hw-models/core/result';
import { refusalOf } from '#steps/bench/answers';
import type { Arrival } from '#steps/bench/arrival';
import { Bench, type Access } from '#steps/bench/bench';
import { nestParentWithGuest } from '#steps/bench/guest';
import type { Part } from '#steps/bench/machines';
import { littleEndian, type System } from '#steps/bench/systems/system';
import type { GuestArray } from '#steps/bench/user-data';
import { act, say, verbOf, type Act } from '#steps/bench/verbs';
import { GUEST, weighted, word } from './user-data-random';
import { RISCV_USERS } from './user-data-riscv';
import { VTD_USERS } from './user-data-vtd';

/** What users of one driver may hand in, and what that may come to. */
export interface Users {
  readonly driver: string;
  readonly system: System;
  readonly refusals: Readonly<Record<'alloc' | 'attach' | 'invalidate', readonly Errno[]>>;
  /** Bytes of the structure that a nested domain is made from, as few and as many as may be given. */
  readonly dataBytes: { readonly least: number; readonly most: number };
  /** An entry of an array of invalidations that is carried out. */
  readonly entry: readonly string[];
  readonly random: {
    readonly parts: fc.Arbitrary<Part>;
    /** Structures that nested domains are made from. */
    readonly data: fc.Arbitrary<bigint>;
    /** Entries of the guest's tables. */
    readonly tables: fc.Arbitrary<bigint>;
    /** Entries of arrays of invalidations. */
    readonly entries: fc.Arbitrary<bigint>;
  };
}

export const USERS: Readonly<Record<string, Users>> = { riscv: RISCV_USERS, vtd: VTD_USERS };

/** What a device does. */
export interface Tried {
  readonly kind: Access;
  readonly iova: bigint;
}

/** A machine with a nest parent A for d1, and the memory of its guest. */
export async function guestOf({ driver }: Users, part: Part = {}): Promise<Bench> {
  const bench = new Bench(await connect(driver), 'eager');
  bench.configurePart(0, part);
  await nestParentWithGuest(bench, 'A', 1);
  return bench;
}

/** Valid bytes for a nested domain on the tables of that guest. */
export const validData = ({ system }: Users): readonly number[] => system.nestedData(GUEST.gpa, []).bytes;

/** How far a nested domain came. */
export type Nested = 'refused' | 'made' | 'attached';

/** Makes B from bytes and attaches d1 to it, as far as that is accepted. */
export async function nest(users: Users, bench: Bench, bytes: readonly number[]): Promise<Nested> {
  const { type } = users.system.nestedData(GUEST.gpa, []);
  const made = await performs(users, bench, act('alloc', 'B', 1, 'nested', 0, { parent: 'A', data: { type, bytes } }));
  if (!made.ok) return 'refused';
  const attached = await performs(users, bench, act('attach', 1, 'B'));
  return attached.ok ? 'attached' : 'made';
}

/** There is no B any more. */
export async function unnest(bench: Bench, nested: Nested): Promise<void> {
  if (nested === 'attached') await bench.does(undefined, 'detach', 1, 'B');
  if (nested !== 'refused') await bench.does(undefined, 'free', 'B');
}

/** Each access comes to the same a second time, and what is recorded of it is read. */
export async function accessTwice(bench: Bench, accesses: readonly Tried[]): Promise<void> {
  for (const { kind, iova } of accesses) {
    for (const { outcome } of await bench.access({ device: 1 }, kind, iova))
      await bench.expectAccess({ device: 1 }, kind, iova, arrivalOf(outcome));
    await bench.does(undefined, 'irq', 0, 'fault');
  }
}

const arrivalOf = (outcome: Outcome): Arrival => (outcome.kind === 'translated' || outcome.kind === 'bypassed' ? outcome.pa : 'faults');

/** An array of invalidations for B. @param said What the caller says of it instead of the truth. */
export function arrayOf(
  { system: { invalidation } }: Users,
  bytes: readonly number[],
  { entries = Math.floor(bytes.length / invalidation.length), length = invalidation.length }: Partial<Omit<GuestArray, 'data'>> = {},
): Act {
  return act('invalidate', 'B', { data: { type: invalidation.type, bytes }, entries, length });
}

/** A call that is carried out, or is refused with an error that is documented. */
export async function performs({ refusals }: Users, bench: Bench, done: Act): Promise<Result<unknown>> {
  const answer = await bench.perform(done);
  const refusal = refusalOf(verbOf(done).answers, answer);
  if (refusal !== undefined) assert.include(refusals[done.verb as keyof typeof refusals], refusal, say(done));
  return answer;
}

const store = fc.record({
  table: weighted([2, fc.nat({ max: 4 })], [1, fc.nat({ max: GUEST.frames - 1 })]),
  index: weighted([3, fc.nat({ max: 3 })], [1, fc.nat({ max: 511 })]),
});
const bytes = (most: number): fc.Arbitrary<number[]> => fc.array(fc.nat({ max: 255 }), { maxLength: most });
const access = fc.record({
  kind: fc.constantFrom<Access>('read', 'write', 'execute'),
  iova: weighted(
    [4, fc.bigInt({ min: 0x1000n, max: 0x1fffn })],
    [2, fc.bigInt({ min: 0n, max: 0x3fffn })],
    [1, fc.bigInt({ min: 0n, max: 0x20_ffffn })],
    [1, word],
  ),
});

/** As many as there are, or as the caller says; the same of their length. */
const said = weighted(
  [2, fc.constant({})],
  [1, fc.record({ entries: fc.oneof(fc.nat({ max: 8 }), fc.constant(2 ** 32 - 1)) })],
  [1, fc.record({ length: fc.nat({ max: 64 }) })],
);

const cases = ({ dataBytes, system, random }: Users) =>
  fc.record({
    part: random.parts,
    data: weighted([1, bytes(dataBytes.most + 8)], [6, random.data.map((raw) => littleEndian(raw, dataBytes.most))]),
    stores: fc.array(fc.tuple(store, weighted([1, word], [6, random.tables])), { maxLength: 6 }),
    accesses: fc.array(access, { maxLength: 4 }),
    array: fc.oneof(
      bytes(3 * system.invalidation.length),
      fc.array(random.entries, { maxLength: 4 }).map((all) => all.flatMap((raw) => littleEndian(raw, system.invalidation.length))),
    ),
    said,
  });

const handsIn = (users: Users): fc.IAsyncProperty<[unknown]> =>
  fc.asyncProperty(cases(users), async ({ part, data, stores, accesses, array, said }) => {
    const bench = await guestOf(users, part);
    for (const [{ table, index }, raw] of stores) bench.machine.write(wordOf(GUEST.pa) + table * 512 + index, raw);
    if ((await nest(users, bench, data)) !== 'refused') {
      await accessTwice(bench, accesses);
      await performs(users, bench, arrayOf(users, array, said));
      await accessTwice(bench, accesses);
    }
    await bench.end();
  });

/** By driver, and what is random. For `npm run fuzz`. */
export const PROPERTIES: Readonly<Record<string, fc.IAsyncProperty<[unknown]>>> = Object.fromEntries(
  Object.values(USERS).map((users) => [`${users.driver}: data, tables and invalidations of a guest`, handsIn(users)]),
);
