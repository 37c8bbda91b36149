/** What random bytes of users of every architecture are made of. */
import * as fc from 'fast-check';

/** Where the guest has its tables, for itself and in memory, and as frames those and its data. */
export const GUEST = { gpa: 0x10_0000n, pa: 0x9010_0000n, tables: 0x100, data: 0x200, frames: 16 } as const;

/** One of several, each as often as its weight says. */
export const weighted = <T>(...rows: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof(...rows.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** Of 64 bits. */
export const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** True three times of four. */
export const often = fc.constantFrom(true, true, true, false);
export const rarely = often.map((is) => !is);

const within = fc.nat({ max: GUEST.frames - 1 });

/** Of the guest: its tables, which lead to themselves then, its data, or anything. */
export const frame = weighted([5, within.map((n) => GUEST.tables + n)], [3, within.map((n) => GUEST.data + n)], [1, fc.nat()]);

/** Of the root of the guest's tables, or of another. */
export const root = weighted([3, fc.constant(GUEST.tables)], [1, frame]);

/** Words, and now and then those with a few bits that are another's. */
export const near = (raw: fc.Arbitrary<bigint>, width: number): fc.Arbitrary<bigint> =>
  weighted(
    [4, raw],
    [
      1,
      fc
        .tuple(raw, fc.array(fc.nat({ max: width - 1 }), { minLength: 1, maxLength: 2 }))
        .map(([from, bits]) => bits.reduce((one, at) => one ^ (2n ** BigInt(at)), from)),
    ],
  );
