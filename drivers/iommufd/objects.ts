/**
 * The objects of one /dev/iommu by id. An object is counted as used by whoever must not see it go; it can be destroyed while nobody but
 * the table has it. While it is being made its id is taken, and leads nowhere.
 */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';

export type ObjectType = 'ioas' | 'device' | 'hwpt-paging' | 'hwpt-nested' | 'fault' | 'viommu' | 'vdevice' | 'veventq';

/** A place in the table that is taken. */
export interface Seat {
  readonly id: number;
  /** The structure that stands for the object. */
  readonly structure: number;
}

export abstract class IommufdObject {
  abstract readonly type: ObjectType;
  readonly seat: Seat;
  /** The table, and every object, file and device that uses it. */
  users = 1;

  constructor(seat: Seat) {
    this.seat = seat;
  }

  get id(): number {
    return this.seat.id;
  }

  /** Gives back what it holds. Refused, it is as before: what the hardware still uses stays. */
  abstract destroy(): Promise<Result<null>>;
}

type Constructor<T> = abstract new (...args: never[]) => T;

export class ObjectTable {
  readonly #platform: Platform;
  /** An id that is taken and leads nowhere has no object. */
  readonly #objects = new Map<number, IommufdObject | undefined>();
  readonly #structures = new Map<number, number>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  get isEmpty(): boolean {
    return this.#objects.size === 0;
  }

  /** The lowest free id, from 1 on. `ENOMEM`. */
  reserve(type: ObjectType): Result<Seat> {
    const structure = this.#platform.objectAlloc(type);
    if (!structure.ok) return structure;
    let id = 1;
    while (this.#objects.has(id)) id++;
    this.#objects.set(id, undefined);
    this.#structures.set(id, structure.value);
    return ok({ id, structure: structure.value });
  }

  /** The object was made and can be found. */
  finalise(object: IommufdObject): void {
    this.#objects.set(object.id, object);
  }

  /** It was not made after all. */
  abort(seat: Seat): void {
    this.#forget(seat.id);
  }

  /** An object that was made but cannot be told to the user. */
  async abandon(object: IommufdObject): Promise<void> {
    const destroyed = await object.destroy();
    // What cannot be given back now is given back with everything else.
    if (destroyed.ok) this.#forget(object.id);
    else this.finalise(object);
  }

  get(id: number): IommufdObject | undefined {
    return this.#objects.get(id);
  }

  /** `ENOENT`: no such object, or one of another type. */
  find<T extends IommufdObject>(id: number, type: Constructor<T>): Result<T> {
    const object = this.#objects.get(id);
    return object instanceof type ? ok(object) : refuse('ENOENT');
  }

  all<T extends IommufdObject>(type: Constructor<T>): readonly T[] {
    return [...this.#objects.values()].filter((object): object is T => object instanceof type);
  }

  /** `ENOENT`. `EBUSY`: somebody uses it. */
  async remove(id: number): Promise<Result<null>> {
    const object = this.#objects.get(id);
    if (object === undefined) return refuse('ENOENT');
    if (object.users > 1) return refuse('EBUSY');
    const destroyed = await object.destroy();
    if (destroyed.ok) this.#forget(id);
    return destroyed;
  }

  /** As `remove`, but its id is never given again. */
  async bury(object: IommufdObject): Promise<Result<null>> {
    const destroyed = await object.destroy();
    if (!destroyed.ok) return destroyed;
    this.#forget(object.id);
    this.#objects.set(object.id, undefined);
    return done;
  }

  /** Everything goes, what nobody uses first. @returns Whether nothing is left but what the hardware does not let go. */
  async empty(): Promise<boolean> {
    for (let removed = 1; removed > 0;) {
      removed = 0;
      for (const [id, object] of this.#objects) if (object !== undefined && (await this.remove(id)).ok) removed++;
    }
    for (const [id, object] of this.#objects) if (object === undefined) this.#objects.delete(id);
    return this.isEmpty;
  }

  #forget(id: number): void {
    this.#objects.delete(id);
    const structure = this.#structures.get(id);
    this.#structures.delete(id);
    if (structure !== undefined) this.#platform.objectFree(structure);
  }
}
