/**
 * Hardware that a scene has stop in the middle of its work: a fence is fetched and not completed, and nothing behind it is fetched.
 * Software can only give up waiting.
 */
import type { Silence as Handle, SilenceKind } from '#hw-models/core/hardware';

export class Silence implements Handle {
  readonly #kind: SilenceKind;
  #answered: number;
  #state: 'to come' | 'here' | 'over' = 'to come';
  #hasCome = false;

  /** @param answered Fences that are still completed. */
  constructor(answered: number, kind: SilenceKind) {
    this.#answered = answered;
    this.#kind = kind;
  }

  get hasCome(): boolean {
    return this.#hasCome;
  }

  get isHere(): boolean {
    return this.#state === 'here';
  }

  end(): void {
    this.#state = 'over';
  }

  /** A fence was fetched. */
  fetched(): void {
    if (this.#state !== 'to come' || this.#answered-- > 0) return;
    this.#state = 'here';
    this.#hasCome = true;
  }

  /** Software does not wait for this fence any more. */
  givenUp(): void {
    if (this.#kind === 'late' && this.isHere) this.end();
  }
}
