/** Where what is to be mapped comes to lie in an IOAS. */
import { ok, refuse, type Result } from '#drivers/contract/driver';
import type { Protection } from '#drivers/contract/iommu';
import type { Area, Source } from './areas';
import { chooseIova } from './choose-iova';
import { overflows, overlapping, type IovaRange } from './ranges';
import { PAGE } from './user-memory';

/** An IOAS as it is. */
export interface Space {
  readonly areas: readonly Area[];
  readonly reserved: readonly IovaRange[];
  readonly allowed: readonly IovaRange[];
  readonly alignment: bigint;
}

/**
 * One area for each source, from the IOVA `at` on, or from where there is room. `EINVAL`: alignment, or a range that is reserved.
 * `EOVERFLOW`, `EEXIST`, `ENOSPC`. `EPERM`: to be written, and what it was mapped from before was not.
 * @param structures One for each.
 */
export function plan(
  space: Space,
  sources: readonly Source[],
  at: bigint | undefined,
  prot: Protection,
  structures: readonly number[],
): Result<readonly Area[]> {
  const length = sources.reduce((sum, source) => sum + source.length, 0n);
  if (length === 0n || length % space.alignment !== 0n) return refuse('EINVAL');
  const placed = at === undefined ? choose(space, sources, length) : check(space, at, length);
  if (!placed.ok) return placed;
  const areas: Area[] = [];
  let start = placed.value;
  for (const [index, source] of sources.entries()) {
    if (prot.write && !source.pages.writable) return refuse('EPERM');
    if ((source.startByte % PAGE) % space.alignment !== 0n) return refuse('EINVAL');
    const last = start + source.length - 1n;
    areas.push({ ...source, start, last, prot, structure: structures[index]!, domains: new Set(), locks: 0 });
    start = last + 1n;
  }
  return ok(areas);
}

function choose({ areas, reserved, allowed, alignment }: Space, [first]: readonly Source[], length: bigint): Result<bigint> {
  const { pages, startByte } = first!;
  return chooseIova({ length, address: pages.start + startByte, alignment, allowed, taken: [...reserved, ...areas] });
}

function check({ areas, reserved, alignment }: Space, at: bigint, length: bigint): Result<bigint> {
  const range = { start: at, last: at + length - 1n };
  if (at % alignment !== 0n) return refuse('EINVAL');
  if (overflows(range.last)) return refuse('EOVERFLOW');
  if (overlapping(reserved, range) !== undefined) return refuse('EINVAL');
  return overlapping(areas, range) === undefined ? ok(at) : refuse('EEXIST');
}
