/**
 * Check 4: while a requester goes from one destination to another without an interval, every value that the hardware may see of its
 * configuration sends it to the one or to the other.
 */
import type { Destination, Requester } from './facts';

interface Transition {
  /** Where the requester could be sent before. */
  readonly old: ReadonlySet<string>;
  /** The other place where it was seen to be sent. */
  met: { readonly key: string; readonly at: number } | undefined;
}

export class Hitless {
  readonly #transitions = new Map<Requester, Transition>();

  /** From now on the requester is watched. */
  begin(requester: Requester, now: readonly Destination[]): void {
    this.#transitions.set(requester, { old: new Set(now.map(({ key }) => key)), met: undefined });
  }

  /** The transition is over, or never came to be. */
  end(requester: Requester): void {
    this.#transitions.delete(requester);
  }

  /**
   * The requester may be sent to these from now on.
   * @param at Number of the event.
   * @returns What is wrong with that.
   */
  changed(requester: Requester, now: readonly Destination[], at: number): string | undefined {
    const transition = this.#transitions.get(requester);
    if (transition === undefined) return undefined;
    for (const { key, kind } of now) {
      if (transition.old.has(key) || transition.met?.key === key) continue;
      if (kind === 'stops') return `may be stopped (${key})`;
      if (transition.met !== undefined)
        return `may be sent to ${key}, and since #${transition.met.at} to ${transition.met.key}, besides ${listed(transition.old)}`;
      transition.met = { key, at };
    }
    return undefined;
  }

  /** The call that promised the transition has answered. @returns What is wrong with where the requester is sent now. */
  settled(requester: Requester, current: Destination): string | undefined {
    const transition = this.#transitions.get(requester);
    this.#transitions.delete(requester);
    if (transition === undefined) return undefined;
    const arrived = transition.met === undefined ? !transition.old.has(current.key) : transition.met.key === current.key;
    return arrived ? undefined : `is sent to ${current.key} as before`;
  }
}

const listed = (keys: ReadonlySet<string>): string => [...keys].join(', ');
