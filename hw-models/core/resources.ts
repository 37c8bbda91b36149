/** What a driver holds: frames, private objects, identifiers. Each is counted, given back once, and can be made to run out. */
import { ok, refuse, type Result } from './result';

/** One allocation of `2^order` contiguous frames. */
export interface Allocation {
  readonly page: number;
  readonly order: number;
  readonly kind: string;
  /** The driver's call in which it was made. */
  readonly call: number;
  /** For whom it was made: `domain 3`. */
  readonly owner: string;
}

/** How many of each are held; kinds are prefixed by what they are: `page:queue`, `object:domain`, `id:vmid`. */
export type Holdings = ReadonlyMap<string, number>;

/** A giving back that does not fit what was taken. */
export type Misuse = { readonly what: string } | undefined;

const FIRST_FRAME = 0x1_0000;
/** No allocator has more contiguous frames: 256 MiB. */
const MOST_ORDER = 16;

/** Identifiers of one space. A scenario may take them all. */
class IdSpace {
  readonly #used = new Set<number>();
  /** First of a range → the lowest of it that may be free. */
  readonly #from = new Map<number, number>();

  /** The lowest free one of `[first, last]`. */
  take(first: number, last: number): number | undefined {
    let id = this.#from.get(first) ?? first;
    while (id <= last && this.#used.has(id)) id++;
    this.#from.set(first, id);
    if (id > last) return undefined;
    this.#used.add(id);
    return id;
  }

  /** As `take`, of some. */
  takeOf(some: ReadonlySet<number>, first: number, last: number): number | undefined {
    const id = [...some].find((one) => one >= first && one <= last && !this.#used.has(one));
    if (id !== undefined) this.#used.add(id);
    return id;
  }

  /** @returns Whether it was taken. */
  give(id: number): boolean {
    for (const [first, from] of this.#from) if (first <= id && id < from) this.#from.set(first, id);
    return this.#used.delete(id);
  }
}

export class Resources {
  readonly #frames = new Map<number, Allocation>();
  readonly #objects = new Map<number, string>();
  readonly #ids = new Map<string, IdSpace>();
  readonly #held = new Map<string, number>();
  /** Allocations by owner. */
  readonly #owned = new Map<string, Set<Allocation>>();
  /** A copy for whoever asks, until something changes. */
  #snapshot: Holdings | undefined;
  readonly #everOwned = new Set<number>();
  readonly #free = new Map<number, number[]>();
  /** Kind → event at which one was last taken. */
  readonly #taken = new Map<string, number>();
  readonly #now: () => number;
  #nextFrame = FIRST_FRAME;
  #nextObject = 1;
  /** Identifiers that are left of a space that a scene has used up otherwise. */
  readonly #left = new Map<string, ReadonlySet<number>>();
  /** Counts down to the allocation that fails; 0: none does. */
  #failIn = 0;
  /** Allocations asked for so far. */
  asked = 0;

  /** @param now Number of the current event. */
  constructor(now: () => number = () => 0) {
    this.#now = now;
  }

  /** The `n`th allocation from now on fails once. 0: none does. */
  failNth(n: number): void {
    this.#failIn = n;
  }

  /** Whether the failure that was asked for is still to come. */
  get failurePending(): boolean {
    return this.#failIn > 0;
  }

  /** `ENOMEM`, also where no allocator has so many. */
  takePages(order: number, kind: string, call: number, owner = 'driver'): Result<Allocation> {
    if (this.#fails() || order > MOST_ORDER) return refuse('ENOMEM');
    const page = this.#free.get(order)?.pop() ?? this.#fresh(order);
    const allocation: Allocation = { page, order, kind, call, owner };
    this.#owned.set(owner, (this.#owned.get(owner) ?? new Set()).add(allocation));
    for (let frame = page; frame < page + 2 ** order; frame++) {
      this.#frames.set(frame, allocation);
      this.#everOwned.add(frame);
    }
    this.#count(`page:${kind}`, 2 ** order);
    return ok(allocation);
  }

  /** Why these frames cannot be given back, if they cannot. */
  misuseOfPages(page: number, order: number): Misuse {
    const allocation = this.#frames.get(page);
    if (allocation === undefined) return { what: this.wasGivenBack(page) ? 'it was freed before' : 'the driver never had it' };
    if (allocation.page !== page || allocation.order !== order)
      return { what: `it is part of an allocation of order ${allocation.order}, not ${order}` };
    return undefined;
  }

  /** Call only when `misuseOfPages` found none. */
  givePages(page: number, order: number): void {
    const allocation = this.#frames.get(page);
    if (allocation === undefined) return;
    for (let frame = page; frame < page + 2 ** order; frame++) this.#frames.delete(frame);
    this.#owned.get(allocation.owner)?.delete(allocation);
    this.#count(`page:${allocation.kind}`, -(2 ** order));
    const free = this.#free.get(order);
    // First in, first out would hide a use after free for longest: the last frame freed is the first to be handed out again.
    if (free === undefined) this.#free.set(order, [page]);
    else free.push(page);
  }

  /** What was taken for `owner` and is not given back. */
  heldFor(owner: string): Iterable<Allocation> {
    return this.#owned.get(owner) ?? [];
  }

  owns(page: number): boolean {
    return this.#frames.has(page);
  }

  /** Whether the driver had the frame and gave it back. */
  wasGivenBack(page: number): boolean {
    return this.#everOwned.has(page) && !this.#frames.has(page);
  }

  allocationOf(page: number): Allocation | undefined {
    return this.#frames.get(page);
  }

  takeObject(kind: string): Result<number> {
    if (this.#fails()) return refuse('ENOMEM');
    const object = this.#nextObject++;
    this.#objects.set(object, kind);
    this.#count(`object:${kind}`, 1);
    return ok(object);
  }

  giveObject(object: number): Misuse {
    const kind = this.#objects.get(object);
    if (kind === undefined) return { what: object < this.#nextObject && object > 0 ? 'it was freed before' : 'the driver never had it' };
    this.#objects.delete(object);
    this.#count(`object:${kind}`, -1);
    return undefined;
  }

  /** The lowest free identifier of `[first, last]`. `ENOSPC`. */
  takeId(space: string, first: number, last: number): Result<number> {
    if (this.#fails()) return refuse('ENOSPC');
    let ids = this.#ids.get(space);
    if (ids === undefined) this.#ids.set(space, (ids = new IdSpace()));
    const id = this.#left.has(space) ? ids.takeOf(this.#left.get(space)!, first, last) : ids.take(first, last);
    if (id === undefined) return refuse('ENOSPC');
    this.#count(`id:${space}`, 1);
    return ok(id);
  }

  /** Somebody else has all identifiers of a space but these. */
  leaveIds(space: string, ids: Iterable<number>): void {
    this.#left.set(space, new Set(ids));
  }

  giveId(space: string, id: number): Misuse {
    if (this.#ids.get(space)?.give(id) !== true) return { what: 'it is not taken' };
    this.#count(`id:${space}`, -1);
    return undefined;
  }

  /** Counted by the machine for resources that are not of this allocator (frames donated by a host). */
  count(kind: string, by: number): void {
    this.#count(kind, by);
  }

  /** Event at which one of the kind was last taken: where to look for what is not given back. */
  lastTaken(kind: string): number | undefined {
    return this.#taken.get(kind);
  }

  /** As of now: what is taken or given back later does not show in it. */
  held(): Holdings {
    return (this.#snapshot ??= new Map(this.#held));
  }

  #fails(): boolean {
    this.asked++;
    return this.#failIn > 0 && --this.#failIn === 0;
  }

  #fresh(order: number): number {
    const size = 2 ** order;
    const page = Math.ceil(this.#nextFrame / size) * size;
    this.#nextFrame = page + size;
    return page;
  }

  #count(kind: string, by: number): void {
    this.#snapshot = undefined;
    if (by > 0) this.#taken.set(kind, this.#now());
    const now = (this.#held.get(kind) ?? 0) + by;
    if (now === 0) this.#held.delete(kind);
    else this.#held.set(kind, now);
  }
}

/** What `after` holds beyond `before`, as `2 page:queue`; negative numbers where it holds less. */
export function beyond(before: Holdings, after: Holdings): { readonly kind: string; readonly by: number }[] {
  const kinds = new Set([...before.keys(), ...after.keys()]);
  return [...kinds].map((kind) => ({ kind, by: (after.get(kind) ?? 0) - (before.get(kind) ?? 0) })).filter(({ by }) => by !== 0);
}
