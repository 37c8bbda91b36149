/** How numbers, addresses and sizes are written in features, and read. */
import type { Protection } from '#drivers/contract/iommu';
import { sizeOf } from '#hw-models/core/address';
import type { Range, Sender } from './bench/verb';

export const UNITS: Readonly<Record<string, bigint>> = { B: 1n, KiB: sizeOf(10), MiB: sizeOf(20), GiB: sizeOf(30) };

/** Regular expressions, as text, of one literal each. An address has at most 64 bits. */
export const HEX = '0x[0-9a-f]{1,4}(?:_[0-9a-f]{4}){0,3}';
export const NUMBER = `${HEX}|\\d+`;
export const SIZE = `(\\d+) (${Object.keys(UNITS).join('|')})`;
export const RANGE = `${SIZE} at (${HEX})`;
/** A device, and the PASID of its requests where they have one. */
export const SENDER = '(d\\d+)(?: with PASID (\\d+))?';
export const PROT = 'read-only|write-only|read-write';
/** At the end of a call: which SMMU it is for. */
export const ON_SMMU = `(?: on SMMU (${NUMBER}))?`;

export const address = (text = ''): bigint => BigInt(text.replaceAll('_', ''));
export const number = (text = ''): number => Number(text.replaceAll('_', ''));
export const device = (text = ''): number => Number(text.slice(1));
export const pasidOf = (text?: string): number | undefined => (text === undefined ? undefined : Number(text));
export const sender = (who?: string, pasid?: string): Sender => ({
  device: device(who),
  ...(pasid !== undefined && { pasid: Number(pasid) }),
});
export const size = (count = '', unit = ''): bigint => BigInt(count) * (UNITS[unit] ?? 0n);
export const range = (count = '', unit = '', at = ''): Range => ({ iova: address(at), size: size(count, unit) });
/** Which SMMU a call is for: the first when it does not say. */
export const smmu = (text?: string): number => (text === undefined ? 0 : number(text));
export const protection = (text = ''): Protection => ({
  read: text !== 'write-only',
  write: text !== 'read-only',
  execute: false,
  privileged: false,
  coherent: true,
  mmio: false,
});

interface Refusal {
  readonly what: string;
  /** What its author types instead. */
  readonly next: string;
}

/** What looks like a literal and is none, with how to write it. */
const LOOKALIKES: readonly { readonly word: RegExp; readonly is: string; readonly next: string }[] = [
  { word: /(?<!\w)0x\w*/gi, is: HEX, next: 'write up to 16 small digits, in groups of four from the right: 0x1000 or 0x8000_0000' },
  { word: /(?<![\w_])\d+ ?[KMGTPQ]i?B?\b/gi, is: SIZE, next: `write a number, a space and one of ${Object.keys(UNITS).join(' ')}: 4 KiB` },
  { word: /(?<![\w_-])\d+[a-z_]\w*/gi, is: NUMBER, next: 'write a number by digits alone, or as 0x1000' },
];

/** The first malformed literal of a line that no step says. */
export function malformedIn(line: string): Refusal | undefined {
  for (const { word, is, next } of LOOKALIKES) {
    const wrong = line.match(word)?.find((one) => !new RegExp(`^(?:${is})$`).test(one));
    if (wrong !== undefined) return { what: `malformed literal '${wrong}'`, next };
  }
  return undefined;
}
