/**
 * Changes a device context under the hardware's eyes. The hardware may read a valid context at any time, word by word, and may go on
 * using what it read until it is told to forget it. So what it does not look at is made ready first, then one store makes the change,
 * and then what has fallen out of use is tidied. Only where one store cannot make it is the context stopped in between.
 *
 * @spec RISCV-IOMMU "Changing device directory table entry" and "Caching invalid entries"
 */
import { done, type Platform, type Result } from '#drivers/contract/driver';
import { BLOCKED, hasFirstStage, hasSecondStage, isValid, uses, WORDS, type DeviceContext, type Word } from './device-context';
import type { Invalidations } from './invalidations';

/** What the hardware has to forget: nothing, the context, or besides it the translations that the context before led to. */
type Forgotten = 'nothing' | 'context' | 'translations';

/** Stores that may be seen in any order, and what is forgotten when all are seen. */
export interface Step {
  readonly stores: readonly Word[];
  /** Where the words of the stores are taken from. */
  readonly from: DeviceContext;
  readonly forget: Forgotten;
  /** The device has arrived: what is left makes no difference to it. */
  readonly tidies?: true;
}

/** The steps from one context to another, in order. */
export function plan(now: DeviceContext, next: DeviceContext): readonly Step[] {
  return stepsOf(now, next).filter(({ stores }) => stores.length > 0);
}

function stepsOf(now: DeviceContext, next: DeviceContext): readonly Step[] {
  const changed = WORDS.filter((word) => now[word] !== next[word]);
  const others = changed.filter((word) => word !== 'tc');
  if (isValid(now) && !isValid(next)) return [STOP, { stores: others, from: next, forget: 'nothing', tidies: true }];
  // What is not valid is not cached.
  const start: readonly Step[] = [
    { stores: others, from: next, forget: 'nothing' },
    { stores: ['tc'], from: next, forget: 'nothing' },
  ];
  if (!isValid(now)) return isValid(next) ? start : [];
  const critical = changed.filter((word) => uses(now, word) && uses(next, word));
  if (critical.length > 1 || isReinterpreted(now, next)) return [STOP, ...start];
  return [
    { stores: changed.filter((word) => !uses(now, word)), from: next, forget: 'context' },
    { stores: critical, from: next, forget: 'translations' },
    { stores: changed.filter((word) => uses(now, word) && !uses(next, word)), from: next, forget: 'context', tidies: true },
  ];
}

const STOP: Step = { stores: ['tc'], from: BLOCKED, forget: 'translations' };

/** The address in `fsc` is physical without a second stage, and guest physical with one: the same word then says something else. */
const isReinterpreted = (now: DeviceContext, next: DeviceContext): boolean =>
  hasFirstStage(now) && hasFirstStage(next) && hasSecondStage(now) !== hasSecondStage(next);

/** A context in memory, and whose it is. */
export interface Slot {
  readonly id: number;
  /** Physical address. */
  readonly at: bigint;
  /** The device keeps translations of its own. */
  readonly ats: boolean;
}

export class Sequencer {
  readonly #platform: Platform;
  readonly #invalidations: Invalidations;

  constructor(platform: Platform, invalidations: Invalidations) {
    this.#platform = platform;
    this.#invalidations = invalidations;
  }

  /** The context as the CPU sees it, which writes it alone. */
  read({ at }: Slot): DeviceContext {
    const [tc, iohgatp, ta, fsc] = WORDS.map((word) => this.#platform.read64(at + offsetOf(word)));
    return { tc: tc!, iohgatp: iohgatp!, ta: ta!, fsc: fsc! };
  }

  /** When it answers, the hardware uses `next` and nothing else. Refused: it uses what it used before, as soon as it answers again. */
  change(slot: Slot, next: DeviceContext): Result<null> {
    const before = this.read(slot);
    for (const step of plan(before, next)) {
      this.#store(slot, step.stores, step.from);
      const forgotten = this.#forget(slot, step.forget, before);
      if (forgotten.ok || step.tidies) continue;
      this.#store(slot, step.stores, before);
      this.#forget(slot, step.forget, next);
      return forgotten;
    }
    return done;
  }

  #store({ at }: Slot, words: readonly Word[], from: DeviceContext): void {
    for (const word of words) this.#platform.write64(at + offsetOf(word), from[word]);
    this.#platform.barrier();
  }

  #forget(slot: Slot, what: Forgotten, before: DeviceContext): Result<null> {
    return what === 'nothing' ? done : this.#invalidations.context(slot, what === 'translations' ? before : BLOCKED);
  }
}

const WORD_BYTES = 8;
const offsetOf = (word: Word): bigint => BigInt(WORDS.indexOf(word) * WORD_BYTES);
