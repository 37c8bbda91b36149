/** What caches hold of the edges of translation tables beyond what walks would find, so that it is found by input frame. */
import { firstOf, framesOf } from '#hw-models/core/walk';
import { framesPer, type Edge, type Source } from './tables';
import type { Space } from './translations';

/** A cached copy of an edge: under which space, and for which first input frame. */
export interface Copy {
  readonly edge: Edge;
  readonly space: Space;
  readonly input: number;
  /** How it may have come there: a command takes the copy that takes all of them. */
  ways: readonly Way[];
}

/** One way on which a walk could meet an edge. */
export interface Way {
  /** Commands fetched until memory did not give it any more: they need not have found what came this way. */
  readonly since: number;
  /** What led to the table then, if that was itself only in caches. */
  readonly via: Source | undefined;
}

/** Both, and of those that are the same the later one. */
export function joined(some: readonly Way[], more: readonly Way[]): readonly Way[] {
  const ways = [...some];
  for (const way of more) {
    const at = ways.findIndex(({ via }) => isSameSource(via, way.via));
    if (at < 0) ways.push(way);
    else if (ways[at]!.since < way.since) ways[at] = way;
  }
  return ways;
}

const isSameSource = (one: Source | undefined, other: Source | undefined): boolean =>
  one?.edge === other?.edge && one?.input === other?.input && one?.ways === other?.ways;

/** Invalidations are mostly about pages and joined pages. */
const BUCKET_FRAMES = 16;

const bucketOf = (frame: number): number => Math.floor(frame / BUCKET_FRAMES);

/** The input frames, first and number, that a copy of the edge may answer for when it is used at `input`. */
export const extentOf = ({ entry, table }: Edge, input: number): readonly [first: number, frames: number] =>
  entry.kind === 'page' ? [firstOf(entry, input), framesOf(entry.sizeLog2)] : [input, framesPer(table.level)];

/** The copies of one space. */
export class Copies {
  /** Those that lie in one bucket. */
  readonly #near = new Map<number, Set<Copy>>();
  readonly #wide = new Set<Copy>();

  add(copy: Copy): void {
    const bucket = nearOf(copy);
    if (bucket === undefined) {
      this.#wide.add(copy);
      return;
    }
    const near = this.#near.get(bucket);
    if (near === undefined) this.#near.set(bucket, new Set([copy]));
    else near.add(copy);
  }

  delete(copy: Copy): void {
    const bucket = nearOf(copy);
    if (bucket === undefined) {
      this.#wide.delete(copy);
      return;
    }
    const near = this.#near.get(bucket);
    near?.delete(copy);
    if (near?.size === 0) this.#near.delete(bucket);
  }

  /** Those that may touch input frames `[first, first + frames)`, and perhaps their neighbours. */
  *near(first = 0, frames = Infinity): Iterable<Copy> {
    yield* this.#wide;
    const last = bucketOf(first + frames - 1);
    if (last - bucketOf(first) >= this.#near.size) {
      for (const copies of this.#near.values()) yield* copies;
      return;
    }
    for (let bucket = bucketOf(first); bucket <= last; bucket++) yield* this.#near.get(bucket) ?? [];
  }
}

function nearOf({ edge, input }: Copy): number | undefined {
  const [first, frames] = extentOf(edge, input);
  const bucket = bucketOf(first);
  return frames <= BUCKET_FRAMES && bucketOf(first + frames - 1) === bucket ? bucket : undefined;
}
