/** Random input for models: words, and what software and devices do with registers. */
import * as fc from 'fast-check';

import type { Port } from '#hw-models/core/port';
import type { Mode } from '#hw-models/core/sight';

const IOMMU = 0;

export type Property = fc.IProperty<[unknown]>;
export const property = <T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => void): Property => fc.property(arbitrary, holds);

/** A value of `width` bits. */
export const bits = (width: number): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max: 2n ** BigInt(width) - 1n });
export const word = bits(64);
export const modes = fc.constantFrom<Mode>('lazy', 'eager', 'seeded:5');

/** A value of `width` bits with a few that are another's. */
export const near = (raw: fc.Arbitrary<bigint>, width = 64): fc.Arbitrary<bigint> =>
  fc
    .tuple(raw, fc.array(fc.nat({ max: width - 1 }), { maxLength: 3 }))
    .map(([from, flips]) => flips.reduce((one, at) => one ^ (2n ** BigInt(at)), from));

type Kind = abstract new (...args: never[]) => Error;

/** Runs what software or a device does. @param leftOpen What may come of it besides an answer. */
export const tolerating =
  (...leftOpen: readonly Kind[]) =>
  (act: () => void): void => {
    try {
      act();
    } catch (error) {
      if (!leftOpen.some((kind) => error instanceof kind)) throw error;
    }
  };

/** Something that software or a device does. */
export type Act<Inbound> =
  | { readonly kind: 'write' | 'read'; readonly at: number; readonly width: 32 | 64; readonly value: bigint }
  | { readonly kind: 'request'; readonly inbound: Inbound }
  | { readonly kind: 'page-request' | 'time' };

/** @param map The registers, which most accesses are to. @param values What is written. */
export function acts<Inbound>(
  map: Readonly<Record<string, { readonly at: number }>>,
  values: fc.Arbitrary<bigint>,
  inbounds: fc.Arbitrary<Inbound>,
): fc.Arbitrary<Act<Inbound>> {
  const offsets = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...Object.values(map).map(({ at }) => at)) },
    { weight: 1, arbitrary: fc.nat({ max: 0x1010 }) },
  );
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constantFrom('write', 'write', 'read'),
        at: offsets,
        width: fc.constantFrom(32, 64),
        value: values,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('request'), inbound: inbounds }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('page-request', 'time') }) },
  );
}

/** What a device does. */
export interface Device<Inbound> {
  request(inbound: Inbound): void;
  requestPage(): void;
}

export function act<Inbound>(port: Port, device: Device<Inbound>, one: Act<Inbound>): void {
  switch (one.kind) {
    case 'read':
      if (one.width === 64) port.mmioRead64(IOMMU, one.at);
      else port.mmioRead32(IOMMU, one.at);
      return;
    case 'write':
      if (one.width === 64) port.mmioWrite64(IOMMU, one.at, one.value);
      else port.mmioWrite32(IOMMU, one.at, Number(one.value % 2n ** 32n));
      return;
    case 'request':
      device.request(one.inbound);
      return;
    case 'page-request':
      device.requestPage();
      return;
    case 'time':
      port.delay(1);
  }
}
