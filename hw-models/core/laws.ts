/**
 * What must hold for every layout, as properties. Imported by tests only: fast-check is no runtime dependency.
 */

import * as fc from 'fast-check';

import { fromHalves, highHalf, lowHalf, ones } from '#hw-models/core/bits';
import type { AnyLayout } from '#hw-models/core/bits';

/** How often each law is tried, and from which seed. */
export interface LawOptions {
  /** Random words per law; 100 unless told. */
  readonly runs?: number;
  /** Repeats an earlier run. */
  readonly seed?: number;
}

/**
 * Tries every law on a layout and throws with the shortest counterexample: fields round-trip, `with({})` is the identity,
 * fields leave each other alone, a software write obeys the access rules and never leaves a reserved bit, and the halves
 * agree with the whole word. Call it once per layout: `test('PTE', () => layoutLaws(Pte))`.
 */
export function layoutLaws(layout: AnyLayout, options: LawOptions = {}): void {
  const word = wordOf(layout.width);
  const law = <Ts>(name: string, property: fc.IRawProperty<Ts, false>): void => {
    try {
      fc.assert(property, { numRuns: options.runs ?? 100, ...(options.seed !== undefined && { seed: options.seed }) });
    } catch (cause) {
      throw new Error(`${layout.name}: ${name}: ${String((cause as Error).message)}`, { cause });
    }
  };
  law(
    'with({}) is not the identity',
    fc.property(word, (raw) => layout.with(raw, {}) === raw),
  );
  law(
    'a field does not round-trip',
    fc.property(word, (raw) => everyFieldRoundTrips(layout, raw)),
  );
  law(
    'a field disturbs another',
    fc.property(word, word, (raw, other) => everyFieldStaysInPlace(layout, raw, other)),
  );
  law(
    'a software write breaks an access rule',
    fc.property(word, word, (old, written) => accessIsObeyed(layout, old, written)),
  );
  if (layout.width <= 64)
    law(
      'halves differ from the word',
      fc.property(word, (raw) => halvesAgree(layout, raw)),
    );
}

// Uniform words rarely have a field of all zeros or all ones, which is where masks go wrong.
function wordOf(width: number): fc.Arbitrary<bigint> {
  return fc.oneof(
    fc.bigInt({ min: 0n, max: ones(width) }),
    fc.constantFrom(0n, ones(width)),
    fc.array(fc.nat({ max: width - 1 }), { maxLength: 4 }).map((set) => set.reduce((raw, at) => raw | (1n << BigInt(at)), 0n)),
  );
}

// An encoding without a name has no value to write back.
const isNamed = (value: unknown): boolean => value !== 'reserved';

function everyFieldRoundTrips(layout: AnyLayout, raw: bigint): boolean {
  return Object.keys(layout.fields).every((key) => {
    const value = layout.of(raw)[key];
    if (!isNamed(value)) return true;
    const alone = layout.encode({ [key]: value });
    return layout.with(raw, { [key]: value }) === raw && alone === (raw & layout.mask(key)) && layout.of(alone)[key] === value;
  });
}

function everyFieldStaysInPlace(layout: AnyLayout, raw: bigint, other: bigint): boolean {
  return Object.keys(layout.fields).every((key) => {
    const value = layout.of(other)[key];
    const mask = layout.mask(key);
    return !isNamed(value) || layout.with(raw, { [key]: value }) === ((raw & ~mask) | (other & mask));
  });
}

function accessIsObeyed(layout: AnyLayout, old: bigint, written: bigint): boolean {
  const now = layout.afterWrite(old, written);
  return (
    (now & layout.reservedMask) === 0n &&
    now <= ones(layout.width) &&
    Object.entries(layout.fields).every(([key, { access }]) => {
      const of = (raw: bigint): bigint => raw & layout.mask(key);
      switch (access) {
        case 'rw':
          return of(now) === of(written);
        case 'ro':
          return of(now) === of(old);
        case 'w1c':
          return of(now) === of(old & ~written);
        case 'reserved':
          return of(now) === 0n;
      }
    })
  );
}

function halvesAgree(layout: AnyLayout, raw: bigint): boolean {
  const lo = lowHalf(raw);
  const hi = highHalf(raw);
  return (
    fromHalves(lo | 0, hi | 0) === raw &&
    Object.entries(layout.fields).every(([key, { halves }]) => {
      if (halves === undefined) return true;
      const whole = layout.of(raw)[key];
      const expected = typeof whole === 'bigint' ? Number(whole) : whole;
      // Memory gives halves unsigned, bitwise operators give them signed.
      return layout.halves[key]!(lo, hi) === expected && layout.halves[key]!(lo | 0, hi | 0) === expected;
    })
  );
}
