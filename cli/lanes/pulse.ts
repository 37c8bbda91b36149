/** The lane's side of the watch: a sign of life each time that something else is begun. */
import { BEATS, DOING, DOINGS, RESTING } from './protocol';

export class Pulse {
  readonly #cells: Int32Array;
  #beats = RESTING as number;

  constructor(buffer: SharedArrayBuffer) {
    this.#cells = new Int32Array(buffer);
  }

  /** Code of a driver runs from now on. @param doing Which of the running scenario's doings begins. */
  beat(doing: number): void {
    Atomics.add(this.#cells, DOINGS, 1);
    this.#live(doing);
  }

  #live(doing: number): void {
    this.#beats = this.#beats === MOST ? RESTING + 1 : this.#beats + 1;
    Atomics.store(this.#cells, DOING, doing);
    Atomics.store(this.#cells, BEATS, this.#beats);
  }

  /** The same doing goes on with another call of the driver. */
  again(): void {
    if (Atomics.load(this.#cells, BEATS) !== RESTING) this.#live(Atomics.load(this.#cells, DOING));
  }

  /** While the suite waits for what has a limit of its own: nothing counts. */
  pause(isPaused: boolean): void {
    if (isPaused) this.rest();
    else this.#live(Atomics.load(this.#cells, DOING));
  }

  /** No code of a driver runs until the next beat. */
  rest(): void {
    Atomics.store(this.#cells, BEATS, RESTING);
  }
}

const MOST = 2 ** 31 - 1;
