/** An area: a part of user memory at an IOVA, and its place in the domains of its IOAS. */
import { done, type Result } from '#drivers/contract/driver';
import type { IommuDriver, Protection } from '#drivers/contract/iommu';
import { MAP_READABLE, MAP_WRITEABLE } from '#drivers/contract/uapi-iommufd-values';
import type { Pages } from './pages';
import type { IovaRange } from './ranges';
import { PAGE } from './user-memory';

/** User memory that is to be mapped, or is. */
export interface Source {
  readonly pages: Pages;
  /** Bytes from the start of the pages. */
  readonly startByte: bigint;
  readonly length: bigint;
}

export interface Area extends IovaRange, Source {
  readonly prot: Protection;
  /** The structure that stands for it. */
  readonly structure: number;
  /** Those that it is mapped in. */
  readonly domains: Set<number>;
  /** A queue of the hardware lies in it: it stays. */
  locks: number;
}

/** What flags of a mapping mean. Devices see what the processors' caches hold: user space could not make them. */
export const protectionOf = (flags: number): Protection => ({
  read: (flags & MAP_READABLE) !== 0,
  write: (flags & MAP_WRITEABLE) !== 0,
  execute: false,
  privileged: false,
  coherent: true,
  mmio: false,
});

export const bytesIn = ({ start, last }: IovaRange): bigint => last - start + 1n;

const pagesOf = ({ startByte, length }: Source): readonly [bigint, bigint] => [startByte / PAGE, (startByte + length - 1n) / PAGE];

/** Pins an area and maps it in one domain. Refused, the domain is as before and nothing more is pinned. @param joined Pages that are neighbours in memory may become one. */
export async function fill(driver: IommuDriver, domain: number, area: Area, joined: boolean): Promise<Result<null>> {
  const [first, last] = pagesOf(area);
  const pinned = area.pages.pin(first, last);
  if (!pinned.ok) return pinned;
  let iova = area.start;
  for (const { pa, size } of area.pages.runs(first, last, joined)) {
    const mapped = await driver.map(domain, { iova, pa, size, prot: area.prot });
    if (!mapped.ok) {
      const undone = iova === area.start || (await driver.unmap(domain, area.start, iova - area.start)).ok;
      if (undone) area.pages.unpin(first, last);
      return mapped;
    }
    iova += size;
  }
  area.domains.add(domain);
  return done;
}

/** Takes an area out of one domain. Refused, devices may still reach it, and its pages stay pinned. */
export async function unfill(driver: IommuDriver, domain: number, area: Area): Promise<Result<null>> {
  if (!area.domains.has(domain)) return done;
  const unmapped = await driver.unmap(domain, area.start, bytesIn(area));
  if (!unmapped.ok) return unmapped;
  area.domains.delete(domain);
  area.pages.unpin(...pagesOf(area));
  return done;
}
