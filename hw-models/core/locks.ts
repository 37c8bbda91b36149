/** Locks by name, held by a CPU. There is no waiting here: a schedule in which a call would have to wait is another schedule. */

/** Thrown into a call that would wait for a lock of the other CPU. Not an error: that schedule is the one in which it runs later. */
export class WouldBlock extends Error {
  override readonly name = 'WouldBlock';
}

const NONE: readonly string[] = [];

export class Locks {
  readonly #holders = new Map<string, number>();

  /** @returns Why it cannot be taken, if the driver is at fault. */
  take(name: string, cpu: number): string | undefined {
    const holder = this.#holders.get(name);
    if (holder !== undefined && holder !== cpu) throw new WouldBlock(`cpu${cpu} would wait for lock "${name}", which cpu${holder} holds`);
    if (holder === cpu) return `lock "${name}" is taken by cpu${cpu}, which holds it already: it would wait for itself`;
    this.#holders.set(name, cpu);
    return undefined;
  }

  /** @returns Why it cannot be released, if the driver is at fault. */
  release(name: string, cpu: number): string | undefined {
    if (this.#holders.get(name) !== cpu) return `lock "${name}" is released by cpu${cpu}, which does not hold it`;
    this.#holders.delete(name);
    return undefined;
  }

  isHeldBy(name: string, cpu: number): boolean {
    return this.#holders.get(name) === cpu;
  }

  heldBy(cpu: number): readonly string[] {
    if (this.#holders.size === 0) return NONE;
    return [...this.#holders].filter(([, holder]) => holder === cpu).map(([name]) => name);
  }
}
