/**
 * Chance that repeats: the same seed gives the same choices on every machine.
 */

/** A generator of 32-bit numbers, the public-domain algorithm mulberry32 of Tommy Ettinger. Not for secrets. */
export class Random {
  #state: number;

  /** @param seed Its lowest 32 bits count. Throws `RangeError` for a number that is not an integer. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`seed ${seed} is not an integer`);
    this.#state = seed >>> 0;
  }

  /** The next number, 0 to 2^32 - 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A number from 0 to `bound` - 1, each as likely. Throws `RangeError` unless `bound` is an integer from 1 to 2^32. */
  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) throw new RangeError(`no number is below ${bound}`);
    // The last, incomplete run of numbers would make small ones likelier.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let value = this.next();
    while (value >= limit) value = this.next();
    return value % bound;
  }

  /** True in half of the cases. */
  flip(): boolean {
    return this.below(2) === 1;
  }

  /** One member of `choices`, each as likely. Throws `RangeError` when there is none. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** The members of `choices` in a random order. */
  shuffled<T>(choices: readonly T[]): T[] {
    const order = [...choices];
    for (let last = order.length - 1; last > 0; last--) {
      const chosen = this.below(last + 1);
      [order[last], order[chosen]] = [order[chosen] as T, order[last] as T];
    }
    return order;
  }
}
