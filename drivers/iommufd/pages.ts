/** A part of user memory that was mapped: areas of it, in one IOAS or several, share what is pinned. */
import { done, ok, type Result } from '#drivers/contract/driver';
import { PAGE, type Frame, type UserMemory } from './user-memory';

interface Pinned {
  readonly frame: Frame;
  count: number;
}

/** A run of physical memory without a gap. */
export interface Run {
  readonly pa: bigint;
  readonly size: bigint;
}

export class Pages {
  /** Start of the first page. */
  readonly start: bigint;
  /** Devices may come to write it. */
  readonly writable: boolean;
  readonly #users: UserMemory;
  /** By number of the page, from the first on. */
  readonly #pinned = new Map<bigint, Pinned>();

  constructor(users: UserMemory, address: bigint, writable: boolean) {
    this.#users = users;
    this.start = address - (address % PAGE);
    this.writable = writable;
  }

  /** Takes hold of pages `[first, last]`; each time counts. `EFAULT`: one cannot be had, and none is held. */
  pin(first: bigint, last: bigint): Result<null> {
    for (let page = first; page <= last; page++) {
      const held = this.#hold(page);
      if (held.ok) continue;
      if (page > first) this.unpin(first, page - 1n);
      return held;
    }
    return done;
  }

  unpin(first: bigint, last: bigint): void {
    for (let page = first; page <= last; page++) {
      const pinned = this.#pinned.get(page);
      if (pinned === undefined || --pinned.count > 0) continue;
      this.#pinned.delete(page);
      this.#users.unpin(pinned.frame);
    }
  }

  /** Where the pages `[first, last]` are, which are pinned. @param joined Neighbours in memory are one run. */
  runs(first: bigint, last: bigint, joined: boolean): readonly Run[] {
    const runs: Run[] = [];
    for (let page = first; page <= last; page++) {
      const { pa } = this.#pinned.get(page)!.frame;
      const before = runs.at(-1);
      if (joined && before !== undefined && before.pa + before.size === pa) runs[runs.length - 1] = { ...before, size: before.size + PAGE };
      else runs.push({ pa, size: PAGE });
    }
    return runs;
  }

  #hold(page: bigint): Result<null> {
    const pinned = this.#pinned.get(page);
    if (pinned !== undefined) {
      pinned.count++;
      return done;
    }
    const frame = this.#users.pin(this.start + page * PAGE, this.writable);
    if (!frame.ok) return frame;
    this.#pinned.set(page, { frame: frame.value, count: 1 });
    return ok(null);
  }
}
